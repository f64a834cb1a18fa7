#!/bin/sh
# SPDX-License-Identifier: MIT
# The snapshot of processes.
. "$srcdir/tests/cli/lib.sh"

gives 0 ps --pid $$ --interval 0 --no-checks --format ndjson
shows '"type":"process"'
shows "\"pid\":$$"
hides 'null'
hides 'cpu_percent"'
gives 0 ps --pid $$ --fields pid,name --interval 0 --no-checks --format ndjson
shows "\"pid\":$$"
hides '"cmdline"'
gives 0 ps --interval 0 --no-checks
shows "$$"

# One that does not run is a finding; --fail-on asks for its severity.
gives 0 ps --interval 0 --important no-such-process --format ndjson
shows '"type":"finding"'
shows 'no-such-process'
gives 1 ps --interval 0 --important no-such-process --fail-on info -q
gives 0 ps --pid $$ --interval 0 --no-checks --fail-on info -q
gives 0 ps --interval 0 --sort name --top 1 --no-checks --format ndjson
true_that '--top 1 shows one' \
	[ "$(grep -c '"type":"process"' "$tmp/out")" -eq 1 ]

# Conditions choose among the processes, by members that need not be shown.
gives 0 ps --filter "pid = $$ and not kernel_thread" --fields ppid \
	--interval 0 --no-checks --format ndjson
shows "\"ppid\":$PPID"
true_that '--filter leaves the others out' \
	[ "$(grep -c '"type":"process"' "$tmp/out")" -eq 1 ]
gives 0 ps --filter 'pid = 0' --interval 0
shows '0 processes (listed'
gives 0 ps --filter "pid != $$" --important sh --interval 0 --format ndjson
hides '"important_missing"'
hides "\"pid\":$$,"

# In a tree each process is below its parent.
gives 0 ps --tree --interval 0 --no-checks --fields pid,name --format table
true_that 'a child is indented below its parent' awk -v "me=$$" '
	$1 == me { least = index($0, $2) + 2 * ($2 == "\\_"); next }
	least { exit !(index($0, "\\_") >= least) }' "$tmp/out"

# What was in force is a part of the result.
for backend in procfs kept; do
	gives 0 ps --pid $$ --important sh --backend "$backend" --interval 0 \
		--no-checks --format ndjson
	shows "\"process_backend\":\"$backend\""
done
gives 0 ps --backend kept --interval 0 --no-checks --format txt
shows '(listed by kept)'

# A report for people says in which order its table is, and what was not looked for.
for order in 'cpu the busiest first' 'mem the largest first' 'name by name' \
	'tree each behind its parent'; do
	gives 0 ps --sort "${order%% *}" --interval 0 --no-checks --format txt
	true_that "--sort $order" grep -qx "Processes, ${order#* }" "$tmp/out"
done
gives 0 ps --sort name --user root --interval 0 --no-checks --format txt
# But for names that are shown escaped: the order is by their bytes.
true_that 'the table is in that order' sh -c 'sed -n "/PID  *USER/,\$ p" "$1" |
	grep -vF "\\" | awk "NR > 1 && /^ *[0-9]/ { print \$7 }" >"$1.names" &&
	[ -s "$1.names" ] && LC_ALL=C sort -c "$1.names"' - "$tmp/out"
gives 0 ps --interval 0 --no-checks --format txt
true_that 'without CPU use memory counts' \
	grep -qx 'Processes, the largest first' "$tmp/out"
gives 0 ps --interval 0 --pid $$ --fields pid,name --no-checks --format txt
true_that 'without either nothing does' grep -qx Processes "$tmp/out"
for format in txt table; do
	gives 0 ps --pid $$ --interval 0 --no-checks --format $format
	shows 'No findings; the processes were not checked.'
done

# The memory of who starts it is not its own.
if command -v python3 >/dev/null; then
	python3 -c '
import json, subprocess, sys
big = bytearray(b"x") * (200 << 20)
out = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE).stdout
peak = json.loads(out.splitlines()[-1])["peak_memory"]
sys.exit(not 1 << 20 < peak < 150 << 20)' \
		"$SYSMON" ps --pid $$ --interval 0 --no-checks --format ndjson
	got=$?
	true_that 'peak_memory is that of the command' [ "$got" -eq 0 ]
fi

# A script that names columns gets these columns.
gives 0 ps --pid $$ --fields name,pid --interval 0 --format csv
true_that 'the columns of csv are those chosen' \
	grep -q "^section,name,pid$(printf '\r')\$" "$tmp/out"
true_that 'a row has no other cells' \
	grep -q "^process,[^,]*,$$$(printf '\r')\$" "$tmp/out"
hides summary

# Until it is interrupted.
"$SYSMON" ps --follow --interval 0 --no-checks --fields pid,event \
	>"$tmp/out" 2>"$tmp/err" </dev/null &
listener=$!
n=0
while ! grep -q '"source":"[bcp][a-z]*"' "$tmp/out" && [ $n -lt 200 ]; do
	n=$((n + 1))
	sleep 0.05
done
kill -INT $listener
wait $listener
got=$?
true_that 'to follow processes ends with an interrupt' [ $got -eq 3 ]
true_that 'the list comes before the events' \
	grep -q "\"pid\":$listener" "$tmp/out"
listener=

# Where nothing could be looked at, nothing says that all is well.
gives 3 ps --user no-such-user -o "$tmp/r.json"
says no-such-user
true_that 'no report is made of nothing' [ ! -e "$tmp/r.json" ]
gives 3 ps --pid 4194304
says 'no process 4194304'
gives 3 ps --user no-such-user
true_that 'nothing is printed of nothing' [ ! -s "$tmp/out" ]
finish
