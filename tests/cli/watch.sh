#!/bin/sh
# SPDX-License-Identifier: MIT
# Lists that are made again and again.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99

# In a stream each list follows the other, until it is interrupted.
: >"$tmp/out"
"$SYSMON" ps --watch 0.1 --pid $$ --fields pid,time --format ndjson \
	>"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
until [ "$(grep -c "\"pid\":$$" "$tmp/out")" -ge 3 ]; do
	sleep 0.1
done
kill -INT $pid
wait $pid
got=$?
true_that 'an interrupted watch is incomplete' [ "$got" -eq 3 ]
true_that 'each list has its own time' \
	[ "$(grep "\"pid\":$$" "$tmp/out" | sort -u | wc -l)" -ge 3 ]

refuses 2 '0.1 to 3600' ps --watch 0
refuses 2 'ndjson, ecs or csv' ps --watch 1 -o x.json
refuses 2 "'-': one look" ps --watch 1 --format table
refuses 2 "unknown option '--watch'" report --watch 1
refuses 2 'not together with --follow' ps --follow --watch 1
refuses 2 'not together with --watch' ps --watch 1 --follow

# On a terminal the last list takes the place of the one before.
if command -v python3 >/dev/null; then
	python3 "$srcdir/tests/cli/watch.py" || failures=$((failures + 1))
fi
finish
