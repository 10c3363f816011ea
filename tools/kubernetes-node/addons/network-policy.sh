#!/bin/bash
# NetworkPolicy enforcement: network-policy/ (own code on client-go and nft(8)), a process in the sandbox, where it ends
# with the node, and a CNI plugin, so that no pod starts before its rules are in force. Idempotent; wants Debian's nftables.
. "$(dirname "$0")/../lib.sh"
need_node
command -v nft >/dev/null || fail "nft is missing (apt-get install nftables)"
[ -d "$RUN/cni-bin" ] || fail "the node was started by an older up.sh: $ROOT/down.sh and $ROOT/up.sh first"

need_binaries network-policy
node=$(cat "$RUN/node.pid")
running() { nsenter -t "$node" -p -m sh -c 'read -r p <"$0" && grep -q network-policy "/proc/$p/cmdline"' "$RUN/pids/network-policy.nspid" 2>/dev/null; }
if ! running; then
  nsenter -t "$node" -a setsid sh -c 'echo $$ >"$0/pids/network-policy.nspid"; exec "$1" -kubeconfig "$2" -socket "$0/network-policy.sock" -dns "$3"' \
    "$RUN" "$BIN/network-policy" "$KUBECONFIG" $NODE_IP >"$RUN/log/network-policy.log" 2>&1 </dev/null &
fi
started() { running && grep -q applied: "$RUN/log/network-policy.log"; }
until_ok 20 started || { cat "$RUN/log/network-policy.log"; fail "network-policy does not run"; }
ln -sf "$BIN/network-policy" "$RUN/cni-bin/"
grep -q network-policy "$RUN/cni/10-bridge.conflist" ||       # containerd sees the change by itself
  sed -i 's,{"type": "portmap",{"type": "network-policy"\, "socket": "'"$RUN"'/network-policy.sock"}\,\n  &,' "$RUN/cni/10-bridge.conflist"
step "enforcing"
