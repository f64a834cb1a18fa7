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

# What the run reads or keeps, there or not yet, by whatever name.
attack auth.log 192.0.2.7 6
gives 0 logs auth.log -q -o saved.ndjson
mkdir d
for db in new.db kept.db; do
	for end in '' -wal -shm -journal; do
		refuses 2 'a file of the history' logs auth.log -q --format json \
			--history="$tmp/$db" -o "./$db$end"
		refuses 2 'a file of the history' history --history="$tmp/$db" \
			--format json -o "d/../$db$end"
	done
	run logs auth.log -q --history="$tmp/kept.db"
done
refuses 2 'a file of the history' report --format json --history=new.db \
	--analyze-logs=auth.log --baseline last -o "$tmp/new.db"
refuses 2 '--from' report --from saved.ndjson -o ./saved.ndjson
refuses 2 '--baseline' report --analyze-logs=auth.log --baseline ./saved.ndjson \
	-o saved.ndjson
refuses 2 'the next run' logs auth.log --state s.json -o ./s.json
refuses 2 'the next run' scan localhost -p 1 --resume s.json -o "$tmp/s.json"
echo 'quiet = yes' >own.json
chmod 600 own.json
refuses 2 'the configuration' logs auth.log --config "$tmp/own.json" -o own.json
true_that 'the configuration stays' [ "$(cat own.json)" = 'quiet = yes' ]
true_that 'what would be made is not' [ ! -e new.db ]
true_that 'what would be made is not' [ ! -e s.json ]
gives 0 logs auth.log -q -o other.ndjson --state s.json

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
