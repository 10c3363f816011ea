#!/bin/bash
# metrics-server from the Go module proxy, deployed with the manifests inside its module. Idempotent.
. "$(dirname "$0")/../lib.sh"
need_node
need_binaries metrics-server
image test.local/metrics-server:$METRICS_SERVER metrics-server
src=$(cd / && go mod download -json sigs.k8s.io/metrics-server@v$METRICS_SERVER | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
kubectl kustomize "$src/manifests/base" 2> >(grep -v commonLabels >&2) | sed "s,image: .*/metrics-server:.*,image: test.local/metrics-server:$METRICS_SERVER,
  s,\( *\)- --metric-resolution=.*,\1- --metric-resolution=10s\n\1- --kubelet-request-timeout=5s\n\1- --kubelet-insecure-tls,
  s,initialDelaySeconds: 20,initialDelaySeconds: 5," | kubectl apply -f - >/dev/null   # 10s is the least, and must exceed the timeout; the kubelet's certificate is self-signed
rollout kube-system deployment/metrics-server
until_ok 60 kubectl top node || fail "no node metrics: $(kubectl top node 2>&1)"
step "metrics-server serves"

