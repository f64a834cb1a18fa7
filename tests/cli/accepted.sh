#!/bin/sh
# SPDX-License-Identifier: MIT
# What is accepted makes no finding, in any way of looking, and is never silent.
. "$srcdir/tests/cli/lib.sh"
umask 022
SYSMON_TEST_ETC=$tmp/etc
export SYSMON_TEST_ETC
mkdir -p "$tmp/etc/rules.d"
cd "$tmp" || exit 99
attack log 192.0.2.77 6
attack log 192.0.2.78 6
gives 0 logs log --no-events --format ndjson
key=$(sed -n 's/.*"key":"\([^"]*\)".*"subject":"192.0.2.77".*/\1/p' "$tmp/out")
true_that 'the finding has a key' [ ${#key} -eq 32 ]

entry()
{
	printf -- '---\nid: %s\nkind: allow\nkey: %s\nreason: %s\nexpires: %s\n' "$@"
}
entry office-scanner "$key" 'The scanner of the office' 2199-01-01 \
	>etc/rules.d/10-office.yaml
entry old-one 3f6c0f1e9a7b42d58c1d2e3f40516273 'Long gone' 2001-01-01 \
	>etc/rules.d/20-old.yaml
echo 'what is no rule: [' >etc/rules.d/30-not.yaml.orig

# accepts WHAT ARG...: one finding is left, and one is said to be accepted.
accepts()
{
	what=$1
	shift
	gives 0 logs log --no-events --no-keywords "$@" --format ndjson
	[ "$(grep -c '"type":"finding"' "$tmp/out")" -eq 1 ] ||
		failed "one finding is left: $what"
	shows '"subject":"192.0.2.78"'
	shows '"allowed":1'
}
accepts 'without options'
accepts 'with rules of its own' --rules builtin
accepts 'of one file' --rules builtin:sshd
accepts 'with threads' --threads 2
gives 0 logs log --no-events --no-config --format ndjson
[ "$(grep -c '"type":"finding"' "$tmp/out")" -eq 2 ] ||
	failed 'without configuration nothing is accepted'
mkdir -p other/rules.d
: >other/my.conf
entry my "$key" 'My own' 2199-01-01 >other/rules.d/my.yaml
SYSMON_TEST_ETC=/nonexistent accepts 'beside the file' --config other/my.conf
gives 1 logs log --fail-on high
accepts 'of all' --ignore 192.0.2.79

# Each format counts what was accepted, and says what has expired.
for f in table txt html md; do
	gives 0 logs log --no-events --no-keywords --format $f
	shows '1 more accepted by allow entries'
	shows 'the allow entry old-one expired at 2001-01-01T23:59:59Z'
done
gives 0 logs log --no-events --no-keywords --format nmap-xml
shows '1 more accepted by allow entries'
gives 0 logs log --no-events --no-keywords --format prom
shows 'sysmon_findings_allowed 1'
gives 0 logs log --no-events --no-keywords --format json
shows '"allowed":1}}'
gives 0 logs log --no-events --no-keywords --format ecs
shows '"sysmon.summary.allowed":1'
if command -v python3 >/dev/null; then
	rm -f all.csv
	gives 0 logs log --no-events --no-keywords -o all.csv
	python3 -c '
import csv, glob
n = 0
for name in glob.glob("all*.csv"):
    for row in csv.DictReader(open(name)):
        n += int(row.get("allowed") or 0)
assert n == 1, n' || failed 'csv counts what was accepted'
	rm -f a.json
	python3 "$srcdir/tests/cli/syslog.py" unix "$tmp/s" a.json -- \
		"$SYSMON" logs log --no-events -o a.json --syslog=SERVER \
		>out 2>err && grep -q '"allowed":1' a.json || failed 'syslog says how many were accepted'
fi
gives 0 logs log --no-events -v
says 'the entry office-scanner accepted 1: The scanner of the office'

# A report of several parts says once what has expired.
gives 0 report --log log --pid $$ --ports 1 --format ndjson
[ "$(grep -c 'old-one expired' "$tmp/out")" -eq 1 ] ||
	failed 'a report says once what has expired'
shows '"allowed":1'

# Processes and ports.
gives 0 ps --important no-such-program --no-important-defaults \
	--pid $$ --format ndjson
pkey=$(sed -n 's/.*"key":"\([^"]*\)".*no-such-program.*/\1/p' "$tmp/out" | head -n 1)
true_that 'the missing program has a key' [ ${#pkey} -eq 32 ]
entry not-here "$pkey" 'Runs on Sundays' 2199-01-01 >etc/rules.d/40-ps.yaml
gives 0 ps --important no-such-program --no-important-defaults --pid $$ \
	--format ndjson -v
hides 'no-such-program'
shows '"allowed":1'
says 'the entry not-here accepted 1: Runs on Sundays'

# The entries are rules to list and to check.
gives 0 rules list --format ndjson
shows '"id":"office-scanner"'
shows '"id":"old-one","title":"Long gone","severity":"info","status":"ok","reason":"it has expired and has no effect"'
shows '"id":"sshd-login-failed"'
gives 0 rules check --format ndjson
shows '"id":"office-scanner"'
hides '"id":"sshd-login-failed"'
printf -- 'id: x\nkind: allow\nkey: %s\n' "$key" >etc/rules.d/50-bad.yaml
refuses 2 'etc/rules.d/50-bad.yaml:' logs log
gives 2 rules check --format ndjson
says 'the reason is missing'
gives 0 rules check etc/rules.d/10-office.yaml
gives 0 logs log --no-config
rm etc/rules.d/50-bad.yaml

# Whoever may write the list could accept their own doings.
chmod 666 etc/rules.d/10-office.yaml
refuses 2 "10-office.yaml' can be written by its group or others" logs log
chmod 644 etc/rules.d/10-office.yaml
chmod 777 etc/rules.d
refuses 2 "rules.d' can be written by its group or others" logs log
chmod 755 etc/rules.d
gives 0 logs log --no-events
finish
