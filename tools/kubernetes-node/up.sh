#!/bin/bash
# One real Kubernetes node, for tests where no image of a node can be pulled. Root, and Debian's packages:
#   containerd runc containernetworking-plugins iptables conntrack iproute2 util-linux openssl curl bc
# Idempotent: a second call with a healthy API server returns at once. ./down.sh stops and removes it.
. "$(dirname "$0")/lib.sh"
PKI=$RUN/pki PROXY_MODE=${PROXY_MODE:-iptables}
NODE=test HOST_IP=10.250.0.1
SVC_CIDR=10.96.0.0/16 API_SVC=10.96.0.1 DNS_SVC=10.96.0.10 POD_CIDR=10.244.0.0/24

[ "$(id -u)" = 0 ] || fail "needs root"
for c in containerd runc iptables conntrack unshare nsenter openssl ip curl bc; do command -v $c >/dev/null || miss="${miss:-} $c"; done
[ -x /usr/lib/cni/bridge ] || miss="${miss:-} containernetworking-plugins"
[ -z "${miss:-}" ] || fail "missing:$miss (apt-get install containerd runc containernetworking-plugins iptables conntrack iproute2 util-linux openssl curl bc)"
need_binaries test-kube pause

if [ -e "$RUN/node.pid" ] && kill -0 "$(cat "$RUN/node.pid")" 2>/dev/null; then
  "$BIN/kubectl" get --raw /readyz >/dev/null && { step "already up: export KUBECONFIG=$KUBECONFIG"; exit 0; }
  echo "a node is running but not healthy: $ROOT/down.sh first"; exit 1
fi
"$ROOT/down.sh" >/dev/null 2>&1 || true
mkdir -p "$STATE" "$PKI" "$RUN"/{log,pids,cni,kubelet,pod-logs,etcd,containerd-root,containerd-state}; chmod 700 "$PKI" "$RUN/etcd"
cat >"$RUN/env" <<E
NODE=$NODE NODE_IP=$NODE_IP SVC_CIDR=$SVC_CIDR
E

# ---- 1. certificates and kubeconfigs -------------------------------------------------------------
(cd "$PKI"
 key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key" 2>/dev/null; }
 key ca; openssl req -x509 -new -key ca.key -subj /CN=test-ca -days 30 -out ca.crt
 openssl genrsa -out sa.key 2048 2>/dev/null
 cert() { # name subject usage [san]
   key "$1"; openssl req -new -key "$1.key" -subj "$2" | openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out "$1.crt" \
     -extfile <(printf 'keyUsage=digitalSignature\nextendedKeyUsage=%s\n' "$3"; [ -z "${4:-}" ] || printf 'subjectAltName=%s\n' "$4") 2>/dev/null; }
 kc() { # file user
   cat >"$1" <<E
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://$NODE_IP:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: u, user: {client-certificate-data: $(base64 -w0 "$2.crt"), client-key-data: $(base64 -w0 "$2.key")}}]
contexts: [{name: test, context: {cluster: test, user: u}}]
current-context: test
E
 }
 cert apiserver /CN=kube-apiserver serverAuth "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:$NODE_IP,IP:$API_SVC"
 cert admin /O=system:masters/CN=admin clientAuth;                       kc ../admin.kubeconfig admin
 cert kcm /CN=system:kube-controller-manager clientAuth;                 kc kcm.kubeconfig kcm
 cert scheduler /CN=system:kube-scheduler clientAuth;                    kc scheduler.kubeconfig scheduler
 cert kubelet "/O=system:nodes/CN=system:node:$NODE" clientAuth;         kc kubelet.kubeconfig kubelet
 cert proxy /CN=system:kube-proxy clientAuth;                            kc proxy.kubeconfig proxy
 cert coredns /O=system:masters/CN=coredns clientAuth;                   kc coredns.kubeconfig coredns
 cert apiserver-kubelet /O=system:masters/CN=apiserver-kubelet clientAuth
 cert front-proxy /CN=front-proxy clientAuth)

# ---- 2. configuration files ----------------------------------------------------------------------
cat >"$RUN/containerd.toml" <<E
version = 2
root = "$RUN/containerd-root"
state = "$RUN/containerd-state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = "$RUN/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "test.local/pause:1"
  restrict_oom_score_adj = true        # no CAP_SYS_RESOURCE here: runc may not lower oom_score_adj
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$RUN/cni-bin"
    conf_dir = "$RUN/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
E
mkdir -p "$RUN/cni-bin"; ln -sf /usr/lib/cni/* "$RUN/cni-bin/"     # a folder of its own: addons/network-policy.sh adds a plugin
cat >"$RUN/cni/10-bridge.conflist" <<E
{"cniVersion": "0.4.0", "name": "test", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipMasq": false,
   "ipam": {"type": "host-local", "dataDir": "/run/cni-ipam", "ranges": [[{"subnet": "$POD_CIDR"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
E
cat >"$RUN/kubelet.yaml" <<E
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://$RUN/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /k8s-test
failSwapOn: false
failCgroupV1: false
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
clusterDNS: [$DNS_SVC]
clusterDomain: cluster.local
resolvConf: $RUN/resolv.conf
podLogsDir: $RUN/pod-logs
maxOpenFiles: $(ulimit -Hn | sed 's/unlimited/1000000/')
imageGCHighThresholdPercent: 100       # never collect the local images
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
nodeStatusUpdateFrequency: 2s
E
: >"$RUN/resolv.conf"
# The kubelet's plug-in for service account tokens (docs/runbooks/workload-identity.md), if this clone is built: for a registry at NodePort 30500.
if [ -f "$ROOT/../../apps/cli/dist/credential-provider.js" ]; then
  install -D -m 755 "$ROOT/../../apps/cli/dist/credential-provider.js" "$RUN/credential-providers/longshore-credential-provider"
  cat >"$RUN/credential-providers.yaml" <<E
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: longshore-credential-provider
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["localhost:30500"]
    defaultCacheDuration: 0s
    tokenAttributes: {serviceAccountTokenAudience: https://registry.test, cacheType: Token, requireServiceAccount: true}
E
fi
cat >"$RUN/kube-proxy.yaml" <<E
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: $PROXY_MODE
clientConnection: {kubeconfig: $PKI/proxy.kubeconfig}
clusterCIDR: $POD_CIDR
bindAddress: 0.0.0.0
conntrack: {maxPerCore: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
iptables: {minSyncPeriod: 100ms, syncPeriod: 10s}
nftables: {minSyncPeriod: 100ms, syncPeriod: 10s}
E
cat >"$RUN/Corefile" <<E
.:53 {
  bind $NODE_IP
  errors
  ready 127.0.0.1:8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig $PKI/coredns.kubeconfig
    pods insecure
    ttl 1
  }
}
E

# ---- 3. the sandbox: namespaces, cgroup, veth pair -------------------------------------------------
if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
  for c in cpu cpuset memory pids io hugetlb; do echo +$c >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true; done
  mkdir -p /sys/fs/cgroup/k8s-test
else
  for h in /sys/fs/cgroup/*/; do h=${h%/}; [ -L "$h" ] || [ "${h##*/}" = unified ] || mkdir -p "$h/k8s-test"; done
  for f in cpuset.cpus cpuset.mems; do cat /sys/fs/cgroup/cpuset/$f >/sys/fs/cgroup/cpuset/k8s-test/$f; done
fi
# All pods together would otherwise weigh as much as one process outside, and starve on a busy machine.
for f in /sys/fs/cgroup/cpu/k8s-test/cpu.shares=8192 /sys/fs/cgroup/k8s-test/cpu.weight=800; do [ ! -e "${f%=*}" ] || echo "${f#*=}" >"${f%=*}"; done
setsid unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc -- \
  /bin/bash -c 'until ip link show k8s1 >/dev/null 2>&1; do sleep 0.05; done
    ip link set lo up; ip addr add '"$NODE_IP"'/30 dev k8s1; ip link set k8s1 up
    ip route add '"$SVC_CIDR"' via '"$HOST_IP"'    # only so that a lookup succeeds; kube-proxy rewrites it
    exec '"$ROOT"'/node.sh '"$STATE" >"$RUN/log/node.log" 2>&1 </dev/null &
up=$!
for i in $(seq 50); do n=$(pgrep -P $up || true); [ -n "$n" ] && break; sleep 0.05; done
echo "$up" >"$RUN/unshare.pid"; echo "$n" >"$RUN/node.pid"
ip link add k8s0 type veth peer name k8s1 netns "$n"
ip addr add $HOST_IP/30 dev k8s0; ip link set k8s0 up
ip route replace $SVC_CIDR via $NODE_IP; ip route replace $POD_CIDR via $NODE_IP
step "sandbox started (pid $n)"

# ---- 4. pause image ---------------------------------------------------------------------------------
for i in $(seq 100); do ctr -a "$RUN/containerd.sock" version >/dev/null 2>&1 && break; sleep 0.1; done
"$ROOT/mkimage.sh" test.local/pause:1 "$BIN/pause" | "$ROOT/load.sh"
step "pause image imported"

# ---- 5. cluster objects -------------------------------------------------------------------------------
for i in $(seq 300); do "$BIN/kubectl" get --raw /readyz >/dev/null 2>&1 && break; sleep 0.2; done
step "API server ready"
"$BIN/kubectl" apply -f - >/dev/null <<E
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: $DNS_SVC, ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kube-dns-test, namespace: kube-system, labels: {kubernetes.io/service-name: kube-dns}}
addressType: IPv4
endpoints: [{addresses: [$NODE_IP], conditions: {ready: true}}]
ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: hostpath, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: kubernetes.io/host-path
E
for i in $(seq 300); do "$BIN/kubectl" get node $NODE >/dev/null 2>&1 && break; sleep 0.2; done
"$BIN/kubectl" wait --for=condition=Ready node/$NODE --timeout=120s
for i in $(seq 100); do "$BIN/kubectl" get sa default >/dev/null 2>&1 && break; sleep 0.2; done
step "node Ready: export KUBECONFIG=$KUBECONFIG"
