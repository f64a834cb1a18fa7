#!/bin/sh
# SPDX-License-Identifier: MIT
# The example names the attackers of a log, and fails when there is no log.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for i in 1 2 3 4 5 6; do
	echo "2026-08-04T10:00:0$i+00:00 web sshd[4]: Failed password for root" \
		"from 203.0.113.9 port 5 ssh2"
done >"$tmp/auth.log"
"$builddir/examples/bruteforce" "$tmp/auth.log" >"$tmp/out"
grep -q '^203\.0\.113\.9  *6 ' "$tmp/out" || { cat "$tmp/out"; exit 1; }
if "$builddir/examples/bruteforce" "$tmp/none" 2>"$tmp/err"; then
	echo "no error for a log that is not there"
	exit 1
fi
grep -q "none cannot be read: No such file" "$tmp/err" || { cat "$tmp/err"; exit 1; }
