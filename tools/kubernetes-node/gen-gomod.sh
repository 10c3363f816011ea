#!/bin/bash
# gen-gomod.sh DIR: (re)makes DIR/go.mod and go.sum for DIR/main.go. Needed only when the version changes; commit the result.
# k8s.io/kubernetes requires its staging modules at v0.0.0 and replaces them with ./staging/..., which a dependent
# module must do itself: k8s.io/X v0.0.0 => k8s.io/X v0.<minor>.<patch>, from the proxy.
. "$(dirname "$0")/lib.sh"
cd "$1"; rm -f go.mod go.sum
printf 'module k8stest\n\ngo 1.26\n\ngodebug default=go1.24\n' >go.mod
go mod download -json k8s.io/kubernetes@v$K8S >/dev/null
go mod edit -require k8s.io/kubernetes@v$K8S -require github.com/coredns/coredns@v$COREDNS
sed -n 's,^\t\(k8s.io/[a-z-]*\) => ./staging/.*,\1,p' "$(go env GOMODCACHE)/cache/download/k8s.io/kubernetes/@v/v$K8S.mod" |
  while read -r m; do go mod edit -replace "$m=$m@v0.${K8S#1.}"; done
go mod tidy
