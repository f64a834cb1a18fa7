#!/bin/sh
# SPDX-License-Identifier: MIT
# What is longer than a terminal goes through a pager.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'pager: python3 is missing'
cd "$tmp" || exit 99
for last in 1 2 3 4 5 6 7 8 9; do
	for tens in 1 2 3 4; do
		attack auth.log 203.0.113.$tens$last 5
	done
done
python3 "$srcdir/tests/cli/pager.py" "$SYSMON" "$tmp/auth.log"
