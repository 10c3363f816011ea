#!/bin/bash
# Compiles what the node and its add-ons run, from the Go module proxy: 20 minutes on 2 cores the first time, seconds afterwards.
#   build.sh            all
#   build.sh PART ...   test-kube (Kubernetes, etcd and CoreDNS as one static binary), pause, network-policy, metrics-server, traefik
. "$(dirname "$0")/lib.sh"
export CGO_ENABLED=0
mkdir -p "$BIN"

build_test-kube() { # go.mod and go.sum are made by gen-gomod.sh, when a version changes
  local ld="-s -w" p
  for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    ld="$ld -X $p.gitVersion=v$K8S -X $p.gitMajor=${K8S%%.*} -X $p.gitMinor=$(echo $K8S | cut -d. -f2) -X $p.gitCommit=test -X $p.gitTreeState=clean -X $p.buildDate=1970-01-01T00:00:00Z"
  done
  go build -C "$ROOT/build" -tags grpcnotrace -ldflags "$ld" -o "$BIN/test-kube" .
  local c
  for c in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl coredns; do ln -sf test-kube "$BIN/$c"; done
}
build_pause() { go build -C "$ROOT/pause" -ldflags '-s -w' -o "$BIN/pause" .; }
build_network-policy() { go build -C "$ROOT/addons/network-policy" -ldflags '-s -w' -o "$BIN/network-policy" .; }
build_metrics-server() { # no replace directives in its go.mod, so `go install` takes it
  (cd / && GOBIN="$BIN" go install -ldflags '-s -w' sigs.k8s.io/metrics-server/cmd/metrics-server@v$METRICS_SERVER)
}
build_traefik() { # in a copy beside a lego without DNS providers, and so without their SDKs (Go refuses an -overlay of files in its module cache)
  local src=$STATE/src lego; lego=$(module_dir "$ROOT/addons/ingress/go.mod" github.com/go-acme/lego/v5)
  rm -rf "$src"; mkdir -p "$src"; cp -r "$ROOT/addons/ingress" "$src/ingress"; cp -r "$lego" "$src/lego"; chmod -R u+w "$src"
  mv "$src/ingress/dns/dns.go" "$src/lego/providers/dns/zz_gen_dns_providers.go"
  go build -C "$src/ingress" -ldflags "-s -w -X github.com/traefik/traefik/v3/pkg/version.Version=$TRAEFIK" \
    -o "$BIN/traefik" github.com/traefik/traefik/v3/cmd/traefik
}

# Traefik first: the suite of proxies wants it long before a node is wanted.
[ $# -gt 0 ] || set -- traefik test-kube pause network-policy metrics-server
for part in "$@"; do
  "build_$part" || fail "building $part"
  step "$part"
done
