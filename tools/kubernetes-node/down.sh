#!/bin/bash
# Stops what up.sh started, by pid, and removes run/ (cluster state), the veth and the cgroups.
. "$(dirname "$0")/lib.sh"
set +e
if [ -s "$RUN/node.pid" ] && n=$(cat "$RUN/node.pid") && grep -q "$STATE" "/proc/$n/cmdline" 2>/dev/null; then
  kill -KILL "$n"                                  # PID 1 of the pid namespace: the kernel ends the rest
  for i in $(seq 100); do kill -0 "$(cat "$RUN/unshare.pid")" 2>/dev/null || break; sleep 0.1; done
fi
ip link del k8s0 2>/dev/null
for h in /sys/fs/cgroup/*/k8s-test /sys/fs/cgroup/k8s-test; do
  [ -d "$h" ] && find "$h" -depth -type d -exec rmdir {} \; 2>/dev/null
done
[ -n "${KEEP_RUN:-}" ] || rm -rf --one-file-system "$RUN"
exit 0
