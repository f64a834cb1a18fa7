#!/bin/sh
# SPDX-License-Identifier: MIT
# Files are old or new, never half, and are where they were asked for.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99

refuses 2 "names no format" ps -o report
refuses 2 "report.doc" ps -o report.doc
refuses 2 "named twice" ps -o a.json -o a.json
refuses 2 "directory does not exist" ps -o none/a.json
refuses 2 "a directory" ps --format json -o .
refuses 2 "no regular file" ps --format json -o /dev/full
echo old >target.json
ln -s target.json link.json
refuses 2 "symbolic link" ps -o link.json
true_that 'the target of a link stays' [ "$(cat target.json)" = old ]
refuses 2 "'none/b.json'" ps -o a.json -o none/b.json
true_that 'one bad output stops all' [ ! -e a.json ]
if [ "$(id -u)" -ne 0 ]; then
	mkdir closed
	chmod 500 closed
	refuses 2 "cannot be written" ps -o closed/a.json
fi

gives 0 ps --pid $$ --interval 0 --no-checks -o a.txt -o a.csv -o a.json \
	-o a.ndjson
true_that 'results go to the files only' [ ! -s "$tmp/out" ]
says 'wrote a.txt'
for f in a.txt a.csv a.json a.ndjson; do
	true_that "$f has the process" grep -q "$$" $f
	true_that "$f is its owner's" \
		[ "$(ls -l $f | cut -c1-10)" = -rw------- ]
done
true_that 'nothing is left beside them' \
	[ "$(ls -A | grep -c '^[.]')" -eq 0 ]

gives 0 ps --pid $$ --interval 0 --no-checks -q -o a.txt
true_that '-q is quiet' [ ! -s "$tmp/err" ]
gives 0 ps --pid $$ --interval 0 --no-checks --report b.json -o -
shows "$$"
true_that '--report is another -o' [ -s b.json ]
gives 0 ps --pid $$ --interval 0 --no-checks --format csv -o c.txt
true_that '--format goes before the suffix' grep -q ',' c.txt

# Over the limit of a file's size.
echo old >d.json
got=$(
	ulimit -f 1
	"$SYSMON" ps --interval 0 --no-checks -q -o d.json >/dev/null 2>"$tmp/err"
	echo $?
)
true_that 'a file that may not be so large is told' [ "$got" -eq 3 ]
says "'d.json': File too large"
true_that 'the old file stays' [ "$(cat d.json)" = old ]
true_that 'nothing is left of the new one' [ "$(ls -A | grep -c '^[.]')" -eq 0 ]
finish
