#!/bin/sh
# SPDX-License-Identifier: MIT
# Failed logins, addresses, users and brute force of random logs in three stamp
# formats equal a count in Python.
set -eu
command -v python3 >/dev/null || { echo "SKIP: log-truth: no python3"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "SEED=$seed"
for format in rfc3164 iso rfc5424; do
	"$builddir/tests/lab/gen-auth" 1500000 30 "$seed" $format >"$tmp/log"
	"$builddir/tests/lab/log-dump" -z UTC0 -n 2026-12-30T00:00:00Z \
		"$tmp/log" >"$tmp/dump"
	python3 "$srcdir/tests/lab/log-truth.py" "$tmp/log" "$tmp/dump"
done
