#!/bin/sh
# SPDX-License-Identifier: MIT
# A journal file that systemd wrote gives the same events and findings as the text
# log with the same lines.
set -eu
remote=/lib/systemd/systemd-journal-remote
[ -x $remote ] || { echo "SKIP: log-journal: no $remote"; exit 77; }
command -v python3 >/dev/null || { echo "SKIP: log-journal: no python3"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "SEED=$seed"
"$builddir/tests/lab/gen-auth" 300000 30 "$seed" iso >"$tmp/log"
python3 "$srcdir/tests/lab/log-export.py" "$tmp/log" >"$tmp/export"
$remote --output="$tmp/x.journal" "$tmp/export" >"$tmp/remote" 2>&1 || {
	cat "$tmp/remote"
	exit 1
}
"$builddir/tests/lab/log-dump" "$tmp/log" >"$tmp/text.all"
"$builddir/tests/lab/log-dump" "$tmp/x.journal" >"$tmp/journal.all" 2>"$tmp/err" || {
	grep -q libsystemd "$tmp/err" && { echo "SKIP: log-journal: no libsystemd"; exit 77; }
	cat "$tmp/err"
	exit 1
}
for f in text journal; do
	grep -v '^coverage' "$tmp/$f.all" >"$tmp/$f"
done
grep -c . "$tmp/text"
grep -q '^finding	brute_force' "$tmp/text"
cmp "$tmp/text" "$tmp/journal"
