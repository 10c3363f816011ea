#!/bin/bash
# load.sh < docker-archive-or-OCI-archive : same as `docker save IMAGE | load.sh`
. "$(dirname "$0")/lib.sh"
exec ctr -a "$RUN/containerd.sock" -n k8s.io images import --snapshotter overlayfs -
