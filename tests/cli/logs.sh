#!/bin/sh
# SPDX-License-Identifier: MIT
# Attacks in logs, as the command shows them.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
attack auth.log 203.0.113.9 7
attack auth.log 2001:db8::7 3

gives 0 logs auth.log --format ndjson
shows '"kind":"brute_force"'
shows '"source_ip":"203.0.113.9"'
true_that 'each failed login is an event' \
	[ "$(grep -c '^{"type":"event".*login_failed' out)" -eq 10 ]
gives 0 logs auth.log --no-events --format ndjson
true_that '--no-events makes none' \
	[ "$(grep -c '^{"type":"event"' out)" -eq 0 ]
shows '"kind":"brute_force"'
gives 1 logs auth.log --fail-on high -q
gives 0 logs auth.log --fail-on critical -q
gives 0 logs auth.log --ignore 203.0.113.0/24 --fail-on low --format ndjson
hides '"kind":"brute_force"'
gives 0 logs auth.log --threshold brute_force=8/600 --format ndjson
hides '"kind":"brute_force"'
gives 0 logs auth.log --min-severity critical --format ndjson
hides '"kind":"brute_force"'
gives 1 logs auth.log --min-severity critical --fail-on high -q
gives 0 logs auth.log --until 2026-08-04T10:00:02Z --format ndjson
hides '"kind":"brute_force"'
gives 0 logs auth.log
shows 203.0.113.9

# What nobody has seen is no clean end, and is told.
{ head -c 65537 /dev/zero | tr '\0' x; echo; cat auth.log; } >long.log
gives 3 logs long.log --format ndjson
shows '"kind":"brute_force"'
shows '"text":"1 lines of long.log were left out: longer than 64 KiB"'
shows '"skipped":1'

# Standard input.
"$SYSMON" logs - --format ndjson <auth.log >out 2>err
got=$?
true_that 'standard input is a source' [ $got -eq 0 ]
shows '"kind":"brute_force"'

# And so is a pipe that has a name, such as that of <(...).
mkfifo fifo
cat auth.log >fifo &
gives 0 logs fifo --format ndjson
shows '"kind":"brute_force"'

# TZ is the zone of stamps that have none.
echo 'Aug  4 10:00:01 web sshd[411]: Failed password for root from 192.0.2.1 port 1 ssh2' >old.log
TZ=America/New_York
gives 0 logs old.log --now 2026-11-01T00:00:00Z --format ndjson
TZ=UTC
shows '2026-08-04T1'
true_that 'ten in New York is 14:00 UTC' \
	grep -qE '2026-08-04T(14:00:01(\.0+)?Z|10:00:01(\.0+)?-04:00)' out

# What no rule takes is shown by its form; a rule's lines are not.
cat >app.log <<'L'
Aug  4 10:00:01 web app[1]: worker 17 for bob@example.com took 33 ms
Aug  4 10:00:02 web app[1]: worker 18 for eve@example.org took 2150 ms
Aug  4 10:00:03 web sshd[411]: Failed password for root from 203.0.113.9 port 51515 ssh2
Aug  4 10:00:04 web sshd[411]: Accepted publickey for bob from 192.0.2.9 port 51516 ssh2
no header here 192.0.2.7
L
gives 0 logs app.log --coverage --no-keywords --no-events --format ndjson
shows '"program":"app","state":"program","count":2,"matched":0,"harmless":0}'
shows '"program":"sshd","state":"program","count":2,"matched":2,"harmless":1}'
shows '"program":"app","state":"unmatched","count":2,"template":"worker '
shows '"state":"unparsed","count":1,"template":"no header here '
shows 'took \u003cn> ms'
true_that 'a line that a rule takes has no form' \
	[ "$(grep -c '"template":"Failed' out)" -eq 0 ]
gives 0 logs app.log --no-keywords --no-events --format ndjson
hides '"type":"template"'

# A report never takes the place of the log that it is about.
cp auth.log own.json
refuses 2 'logs that are read' logs own.json -o ./own.json
true_that 'the log stays' cmp auth.log own.json

# What was named and cannot be read.
for f in none /dev/zero /dev/mem /; do
	gives 3 logs $f
	says "$f"
	gives 3 logs auth.log $f --format ndjson
	says "$f"
	shows '"kind":"brute_force"'
done
if [ "$(id -u)" -ne 0 ]; then
	cp auth.log shut.log
	chmod 000 shut.log
	gives 3 logs shut.log
	says shut.log
fi
finish
