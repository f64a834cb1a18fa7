#!/bin/sh
# SPDX-License-Identifier: MIT
# -o DIRECTORY/: a csv file of each section.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'sections: python3 is missing'
cd "$tmp" || exit 99
attack auth.log 203.0.113.9 7
printf '2026-08-04T10:09:00+00:00 web sshd[1]: Failed password for %s from 198.51.100.7 port 1 ssh2\n' \
	"=cmd() a,\"b\";c" >>auth.log

same()
{
	true_that "$1 has what $2 has" \
		python3 "$srcdir/tests/cli/sections.py" "$@"
}

gives 0 report --target 127.0.0.1 --ports 1 --log auth.log --interval 0 -q \
	--history=h.db -o a/ -o a.json -o a.ndjson -o a.csv
same a a.json a.csv
true_that 'results go to the files only' [ ! -s "$tmp/out" ]
true_that 'the directory is its owner'"'"'s' \
	[ "$(ls -ld a | cut -c1-10)" = drwx------ ]
true_that 'and so is each file' \
	[ "$(ls -lA a | grep -vc '^-rw-------')" -eq 1 ]

# Again into the same place: what this run has not is there without a row.
gives 0 ps --pid $$ --interval 0 --no-checks -o a// -o p.json
same a p.json
says 'wrote a//'
true_that 'an older run has left nothing' [ "$(wc -l <a/events.csv)" -eq 1 ]
gives 0 ps --pid $$ --interval 0 --no-checks --fields pid,tty --format csv -o a/
true_that 'chosen members are the columns' \
	[ "$(cat a/processes.csv | tr -d '\r' | head -n 1)" = pid,tty ]
gives 0 ps --pid $$ --interval 0 --no-checks --fields container -o a/
true_that 'a row of one empty cell is no empty line' \
	[ "$(sed -n 2p a/processes.csv | tr -d '\r')" = '""' ]

# What is kept and what is saved can be written so, too.
gives 0 report --from a.ndjson -q -o b/ -o b.json
same b b.json
true_that 'a saved run has its findings' grep -q 203.0.113.9 b/findings.csv
gives 0 history --history=h.db -q -o c/ -o c.json
same c c.json
true_that 'the runs are listed' [ "$(wc -l <c/runs.csv)" -eq 2 ]
gives 0 history last --history=h.db -q -o c/ -o c.json
same c c.json

# Only csv, and only a directory.
for f in table txt json ndjson html nmap-xml ecs md prom; do
	refuses 2 'only csv' ps --format $f -o a/
done
ln -s a link
refuses 2 'symbolic link' ps -o link/
refuses 2 'symbolic link' ps -o link/./
if [ "$(id -u)" -eq 0 ]; then
	mkdir -m 777 open
	refuses 2 'others than its owner may write the directory' ps -o open/
	chmod 1777 open
	refuses 2 'others than its owner may write the directory' ps -o open/./
fi
refuses 2 'directory does not exist' ps -o none/a/
echo old >file
refuses 2 'no directory' ps -o file/
refuses 2 'add a slash' ps --format csv -o a
refuses 2 'one look after the other' ps --watch 1 -o a/
refuses 2 'named twice' ps -o a/ -o a/
cp auth.log a/log.csv
refuses 2 'logs that are read' logs a/log.csv -o ./a/
gives 0 logs a/log.csv -q -o b/
rm a/log.csv

# One file that cannot be replaced stops all of them, and the old ones stay.
cp -r a before
rm a/findings.csv
ln -s ../file a/findings.csv
rm before/findings.csv
gives 3 ps --pid 1 --interval 0 --no-checks -q -o a/
says "'a/findings.csv': it is a symbolic link"
rm a/findings.csv
true_that 'the old files stay' diff -r before a
true_that 'a link is not followed' [ "$(cat file)" = old ]
mkdir a/findings.csv
gives 3 ps --pid 1 --interval 0 --no-checks -q -o a/
says "'a/findings.csv': it is a directory"
finish
