#!/usr/bin/env bash
# Checks registry.pml with Spin: the protocol must be free of errors, every mutant must be caught.
#   ./verify.sh                 everything (about 20 minutes, up to 4 GiB of memory)
#   ./verify.sh NAME …          only these lines of the table (shell patterns)
#   ./verify.sh --trace NAME    the shortest counterexample of a mutant, as a numbered story
# Needs spin and gcc. One line per configuration: kind, name, states, depth, seconds, errors, verdict. Ends with "N passed, N failed".
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
MODEL=$HERE/registry.pml
for tool in spin gcc awk; do command -v $tool >/dev/null || { echo "$tool not found: apt-get install spin gcc gawk"; exit 2; }; done

# kind | name | flags.  Kinds: main: no error.  hole: the first draft, must be caught.  mutant: one thing removed, must be
# caught.  spare: one thing removed that the rest of the protocol makes up for, no error.  witness: a state that must be reached.
TABLE='
main    | blobs-2x2           | -DBLOBS -DTIDY
main    | blobs-1x3           | -DBLOBS -DTIDY -DNCL=1 -DNGC=3
main    | blobs-sweep-1x2     | -DBLOBS -DNCL=1
main    | blobs-shortcut-2x1  | -DBLOBS -DTIDY -DSHORTCUT -DNGC=1
main    | pair-2x1            | -DPAIR -DTIDY -DNGC=1
main    | graph-2x2           | -DGRAPH
main    | graph-3x1           | -DGRAPH -DNCL=3 -DNGC=1
main    | tags-2x2            | -DTAGS
main    | referrer-2x2        | -DREFERRER
main    | clock-2x1           | -DCLOCK -DTIDY -DNGC=1
main    | clock-shortcut-2x1  | -DCLOCK -DTIDY -DSHORTCUT -DNGC=1
main    | mclock-2x2          | -DMCLOCK
main    | sparse-graph-2x2    | -DGRAPH -DSPARSE
main    | sparse-blobs-2x1    | -DBLOBS -DTIDY -DSPARSE -DNGC=1
main    | use-2x2             | -DGRAPH -DUSE
main    | use-1x3             | -DGRAPH -DUSE -DNCL=1 -DNGC=3
main    | reader-1x2          | -DREADER -DNCL=1
main    | damage-1x1          | -DDAMAGE -DNCL=1 -DNGC=1
main    | damage-2x1          | -DDAMAGE -DTIDY -DNGC=1
main    | session             | -DSESSION
main    | session-rename      | -DSESSION -DRENAME
hole    | link-do-nothing     | -DBLOBS -DTIDY -DNCL=1 -DNGC=1 -DMUT_LINK_DO_NOTHING
hole    | manifest-do-nothing | -DGRAPH -DNCL=1 -DMUT_MANIFEST_DO_NOTHING
hole    | put-no-review       | -DGRAPH -DMUT_PUT_NO_REVIEW
hole    | del-tags-first      | -DGRAPH -DMUT_DEL_TAGS_FIRST
hole    | del-tags-first-lock | -DGRAPH -DMUT_DEL_TAGS_FIRST=2
hole    | tag-old-read-before | -DGRAPH -DMUT_TAG_OLD_READ_BEFORE
hole    | referrer-not-kept   | -DREFERRER -DMUT_REFERRER_NOT_KEPT
hole    | subject-no-lock     | -DREFERRER -DMUT_SUBJECT_NO_LOCK
hole    | links-before-manif. | -DREFERRER -DMUT_LINKS_BEFORE_MANIFESTS
hole    | lost-edge-due-now   | -DCLOCK -DTIDY -DNGC=1 -DMUT_LOST_EDGE_DUE_NOW
hole    | lost-child-due-now  | -DMCLOCK -DMUT_LOST_EDGE_DUE_NOW
hole    | head-no-recheck     | -DCLOCK -DTIDY -DNGC=1 -DMUT_HEAD_NO_RECHECK
hole    | reput-no-refresh    | -DMCLOCK -DMUT_REPUT_NO_REFRESH
hole    | fresh-dequeues      | -DBLOBS -DTIDY -DNGC=1 -DMUT_FRESH_DEQUEUES
hole    | older-wins          | -DDAMAGE -DNCL=1 -DNGC=1 -DMUT_OLDER_WINS
hole    | expiry-not-before   | -DBLOBS -DNCL=1 -DNGC=1 -DNOT_BEFORE=2
hole    | sparse-seen         | -DGRAPH -DSPARSE -DMUT_SPARSE_SEEN
hole    | session-no-writer   | -DSESSION -DMUT_NO_WRITER
hole    | rename-unrecorded   | -DSESSION -DRENAME -DMUT_RENAME_UNRECORDED
mutant  | put-no-lock         | -DBLOBS -DTIDY -DNGC=1 -DMUT_PUT_NO_LOCK
mutant  | put-no-lock-no-fk   | -DBLOBS -DTIDY -DNGC=1 -DMUT_PUT_NO_LOCK -DMUT_NO_FK
mutant  | stale-link-check    | -DBLOBS -DTIDY -DNGC=1 -DMUT_STALE_CHECK
mutant  | stale-link-no-fk    | -DBLOBS -DTIDY -DNGC=1 -DMUT_STALE_CHECK -DMUT_NO_FK
mutant  | stale-blob-check    | -DBLOBS -DTIDY -DNGC=1 -DMUT_STALE_BLOB_CHECK
mutant  | stale-manif.-check  | -DGRAPH -DMUT_STALE_MANIFEST_CHECK
mutant  | key-per-digest      | -DBLOBS -DNCL=1 -DMUT_KEY_PER_DIGEST
mutant  | sweep-row-first     | -DBLOBS -DNCL=1 -DNGC=1 -DMUT_ROW_FIRST
mutant  | del-no-review       | -DBLOBS -DTIDY -DNGC=1 -DMUT_DEL_NO_REVIEW
mutant  | replace-no-retry     | -DBLOBS -DTIDY -DNGC=1 -DMUT_NO_RETRY
mutant  | replace-no-lock     | -DBLOBS -DTIDY -DNGC=1 -DMUT_REPLACE_NO_LOCK
mutant  | old-not-trashed     | -DBLOBS -DNCL=1 -DNGC=1 -DMUT_OLD_NOT_TRASHED
mutant  | own-key-trashed     | -DBLOBS -DTIDY -DNCL=1 -DNGC=1 -DMUT_OWN_KEY_TRASHED
mutant  | old-key-due-now     | -DREADER -DNCL=1 -DNGC=1 -DMUT_OLD_KEY_DUE_NOW
mutant  | mark-any-key        | -DDAMAGE -DNCL=1 -DNGC=1 -DMUT_MARK_ANY_KEY
mutant  | clear-any-key       | -DDAMAGE -DNCL=1 -DNGC=1 -DMUT_CLEAR_ANY_KEY
mutant  | session-own-tx      | -DBLOBS -DTIDY -DNGC=1 -DMUT_SESSION_TX
mutant  | trash-own-tx        | -DBLOBS -DNCL=1 -DNGC=1 -DMUT_TRASH_TX
mutant  | mount-no-lock       | -DBLOBS -DTIDY -DNGC=1 -DMUT_MOUNT_NO_LOCK
mutant  | queue-do-nothing    | -DBLOBS -DTIDY -DNGC=1 -DMUT_QUEUE_DO_NOTHING
mutant  | queue-no-claim      | -DBLOBS -DTIDY -DNGC=1 -DMUT_NO_CLAIM
mutant  | held-is-gone        | -DBLOBS -DTIDY -DNGC=1 -DMUT_HELD_IS_GONE
mutant  | reviews-unordered   | -DPAIR -DTIDY -DNGC=1 -DMUT_REVIEWS_UNORDERED
mutant  | tag-move-no-review  | -DGRAPH -DMUT_TAG_MOVE_NO_REVIEW
mutant  | child-no-lock       | -DGRAPH -DMUT_CHILD_NO_LOCK
mutant  | child-no-lock-no-fk | -DGRAPH -DMUT_CHILD_NO_LOCK -DMUT_NO_FK
mutant  | tags-unordered      | -DTAGS -DMUT_TAGS_UNORDERED
mutant  | review-per-tag      | -DTAGS -DMUT_REVIEW_PER_TAG
mutant  | no-fresh-due-now    | -DCLOCK -DTIDY -DNGC=1 -DMUT_NO_FRESH -DMUT_LOST_EDGE_DUE_NOW
mutant  | sparse-no-look      | -DGRAPH -DSPARSE -DMUT_SPARSE_NO_LOOK
mutant  | sparse-no-review    | -DGRAPH -DSPARSE -DMUT_SPARSE_DEL_NO_REVIEW
mutant  | sparse-blob-no-look | -DBLOBS -DTIDY -DSPARSE -DNGC=1 -DMUT_SPARSE_NO_LOOK
mutant  | sparse-blob-no-rev. | -DBLOBS -DTIDY -DSPARSE -DNGC=1 -DMUT_SPARSE_DEL_NO_REVIEW
mutant  | pull-no-lock        | -DGRAPH -DUSE -DMUT_PULL_NO_LOCK
mutant  | pull-no-lock-no-fk  | -DGRAPH -DUSE -DMUT_PULL_NO_LOCK -DMUT_NO_FK
mutant  | stale-use-check     | -DGRAPH -DUSE -DMUT_STALE_USE
mutant  | tagged-on-insert    | -DGRAPH -DUSE -DMUT_TAGGED_ON_INSERT
mutant  | tagged-forgotten    | -DGRAPH -DUSE -DMUT_TAGGED_FORGOTTEN
mutant  | reader-not-before   | -DREADER -DNCL=1 -DNOT_BEFORE=1
mutant  | lease-too-short     | -DSESSION -DMUT_LEASE_TOO_SHORT
mutant  | session-not-before  | -DSESSION -DNOT_BEFORE=0
mutant  | retrash-blind       | -DSESSION -DMUT_RETRASH_BLIND
spare   | no-fk-blobs         | -DBLOBS -DTIDY -DNGC=1 -DMUT_NO_FK
spare   | no-fk-graph         | -DGRAPH -DMUT_NO_FK
spare   | no-fresh            | -DCLOCK -DTIDY -DNGC=1 -DMUT_NO_FRESH
spare   | put-unordered       | -DPAIR -DTIDY -DNGC=1 -DPUT_UNORDERED
witness | retry-then-201      | -DBLOBS -DNCL=1 -DWITNESS=1
witness | repush-of-collected | -DBLOBS -DNCL=1 -DWITNESS=2
'
WORK=$(mktemp -d); trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
line_of() { # of the failed assertion: replay the trail
  spin -t -p $1 -k registry.pml.trail "$MODEL" 2>/dev/null | grep -m1 -o 'registry.pml:[0-9]*, Error: assertion violated' | grep -o '[0-9]*' | head -1; }

if [ "${1:-}" = --trace ]; then
  flags=$(awk -F'|' -v n="${2:?name}" '{gsub(/ /,"",$2)} $2==n {print $3}' <<<"$TABLE")
  [ -n "$flags" ] || { echo "no such line: $2"; exit 2; }
  spin -a -DTRAIL $flags "$MODEL" >/dev/null && gcc -O2 -w -DSAFETY -DBFS -DCOLLAPSE -DNOREDUCE -DMEMLIM=7000 -o pan pan.c || exit 2
  nice -n 10 ./pan -w24 >out 2>&1
  [ -f registry.pml.trail ] || { echo "no counterexample"; exit 1; }
  spin -t -p -DTRAIL $flags -k registry.pml.trail "$MODEL" 2>/dev/null | awk -v model="$MODEL" '
    BEGIN { while ((getline s < model) > 0) { n++
        if (s ~ /^inline /) { split(s, w, /[ (]/); inl = w[2]; depth = (s ~ /}[ ]*(\/\*.*)?$/) ? 0 : 1; where[n] = inl; if (!depth) inl = ""; continue }
        if (inl != "") { where[n] = inl; if (s ~ /^}/) inl = ""; continue }
        if (s ~ /^[a-z_]+:/) blk = 0
        if (s ~ /^ +REQUESTS/) { req[n] = 1 }
        if (s ~ /atomic \{/) { blk = n; c = s; if (match(c, /\/\* .* \*\//)) c = substr(c, RSTART + 3, RLENGTH - 6); else { sub(/^[ :]*atomic \{ */, "", c) } text[n] = c }
        block[n] = blk } }
    match($0, /proc +[0-9]+ \([A-Za-z]+:[0-9]+\) [^ ]*registry.pml:[0-9]+/) {
      who = $0; sub(/^.*proc +/, "", who); pid = who + 0; name = who; sub(/^[0-9]+ \(/, "", name); sub(/:.*/, "", name)
      ln = $0; sub(/^.*registry.pml:/, "", ln); ln = ln + 0; st = $0; sub(/^[^[]*\[/, "", st); sub(/\][^]]*$/, "", st)
      if (name == "init") next
      if (ln in where) { f = where[ln]
        if ((f == "abandon" || f == "stop") && said[pid] != "rb" && said[pid] != "c") { print "       … dies or is refused: rolled back"; said[pid] = "rb" }
        if (f == "block" && said[pid] != "w") { print "       … waits"; said[pid] = "w" }
        if (f == "commit" && said[pid] != "c") { print "       … commits"; said[pid] = "c" }
        next }
      b = block[ln]
      if (ln in req) { if (st ~ /^(l|m|t|l2) = [0-9]+$/) { gsub(/ /, "", st); args[pid] = args[pid] " " st; cur[pid] = "" }; next }
      if (args[pid] != "" && text[b] != "") { name = name " " pid " (" substr(args[pid], 2) ")"; args[pid] = "" } else name = name " " pid
      if (b != cur[pid] || pid != lastpid) { if (text[b] != "") printf "%4d. %s: %s\n", ++k, name, text[b]; cur[pid] = b; said[pid] = "" }
      lastpid = pid }
    /Error: assertion violated/ { match($0, /registry.pml:[0-9]+/); l = substr($0, RSTART + 13, RLENGTH - 13) + 0
      while ((getline s < (model ".")) > 0); close(model); i = 0; while ((getline s < model) > 0) if (++i == l) { gsub(/^ +/, "", s); print "   violated: " s; break }; exit }'
  exit 0
fi

PASS=0; FAIL=0
while IFS='|' read -r kind name flags; do
  kind=${kind// /}; name=${name// /}
  [ -n "$kind" ] || continue
  if [ $# -gt 0 ]; then hit=; for p in "$@"; do [[ $name == $p || $kind == $p ]] && hit=1; done; [ -n "$hit" ] || continue; fi
  rm -f pan* registry.pml.trail
  if ! { spin -a $flags "$MODEL" >spin.out 2>&1 && gcc -O$([ "$kind" = main ] && echo 2 || echo 1) -w -DSAFETY -DCOLLAPSE -DNOREDUCE -DMEMLIM=7500 -o pan pan.c; }; then
    printf '%-8s %-20s does not compile\n' "$kind" "$name"; cat spin.out; FAIL=$((FAIL+1)); continue
  fi
  nice -n 10 ./pan -m25000000 -w25 >out 2>&1 </dev/null
  errors=$(grep -o 'errors: [0-9]*' out | grep -o '[0-9]*'); states=$(awk '/states, stored/ {print $1; exit}' out)
  depth=$(grep -o 'depth reached [0-9]*' out | grep -o '[0-9]*'); secs=$(awk '/elapsed time/ {print $4; exit}' out)
  whole=1; grep -qE 'max search depth too small|out of memory|Search not completed' out && whole=
  why=
  if [ "${errors:-x}" != 0 ] && [ -f registry.pml.trail ]; then
    l=$(line_of "$flags"); why=$(sed -n "${l:-1}p" "$MODEL" | grep -o '/\*.*\*/' | sed 's,/\* *,,; s, *\*/.*,,')
    [ -n "$why" ] || why="assertion in line ${l:-?}"
  fi
  case $kind in
    main|spare) if [ "${errors:-x}" = 0 ] && [ -n "$whole" ]; then v=ok; else v="NOT OK ${why:-search incomplete}"; fi;;
    witness)    if [ "${errors:-0}" != 0 ] && [[ $why == reached* ]]; then v="ok $why"; else v="NOT REACHED $why"; fi;;
    *)          if [ "${errors:-0}" != 0 ]; then v="caught: $why"; else v="NOT CAUGHT"; fi;;
  esac
  case $v in NOT*) FAIL=$((FAIL+1));; *) PASS=$((PASS+1));; esac
  printf '%-8s %-20s %9s states, depth %8s, %6s s, %s errors: %s\n' "$kind" "$name" "${states:-?}" "${depth:-?}" "${secs:-?}" "${errors:-?}" "$v"
done <<<"$TABLE"
echo "$PASS passed, $FAIL failed"
[ $FAIL = 0 ] && [ $PASS -gt 0 ]
