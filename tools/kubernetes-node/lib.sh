# Sourced by the scripts beside it: where things are, which versions, and a few helpers.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STATE=${LONGSHORE_KUBERNETES_HOME:-/var/tmp/longshore-kubernetes}
RUN=$STATE/run BIN=$STATE/bin
K8S=1.34.4 COREDNS=1.12.4 TRAEFIK=3.7.13 METRICS_SERVER=0.9.0   # CoreDNS 1.12.4 is the one that requires client-go 0.34
NODE_IP=10.250.0.2
export KUBECONFIG=$RUN/admin.kubeconfig PATH=$BIN:$PATH

t0=$(date +%s.%N)
step() { printf '[%6.1fs] %s\n' "$(echo "$(date +%s.%N) - $t0" | bc)" "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
need_binaries() { for b in "$@"; do [ -x "$BIN/$b" ] || fail "$BIN/$b is missing: run $ROOT/build.sh first"; done; }
need_node() { kubectl get --raw /readyz >/dev/null 2>&1 || fail "no healthy node: run $ROOT/up.sh first"; }
image() { # name:tag binary
  "$ROOT/mkimage.sh" "$1" "$BIN/$2" | "$ROOT/load.sh" >/dev/null || fail "loading image $1"
  step "image $1 loaded"
}
rollout() { kubectl -n "$1" rollout status "$2" --timeout=120s >/dev/null || { kubectl -n "$1" describe "$2"; kubectl -n "$1" logs "$2" --tail=20; fail "$2 in $1 does not get ready"; }; }
until_ok() { # seconds command...: until it succeeds
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.3; done
}
# Of a module, at the version that a go.mod names.
module_dir() { # go.mod module
  local v; v=$(sed -n "s,^\t$2 \(v[^ ]*\).*,\1,p" "$1" | head -1)
  (cd / && go mod download -json "$2@$v" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
}
