#!/bin/sh
# SPDX-License-Identifier: MIT
# Hostile text of 31 classes from every source is inert in every format.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'hostile: python3 is missing'
cd "$tmp" || exit 99
python3 "$srcdir/tests/cli/hostile.py" "$SYSMON" || exit 1
without=
for p in xmllint cmark-gfm promtool openssl; do
	command -v $p >/dev/null || without="$without $p"
done
[ -z "$without" ] || skip "hostile: without$without"
