#!/bin/sh
# SPDX-License-Identifier: MIT
# Standard output: pipes that close, disks that are full, colours, hostile text.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
esc=$(printf '\033')

# A reader that goes away is no error.
{
	"$SYSMON" ps --interval 0 --no-checks --format ndjson 2>err
	echo $? >status
} | head -n 1 >out
got=$(cat status)
true_that 'a closed pipe ends quietly' [ ! -s err ]
true_that 'a closed pipe is no failure' [ "$got" -eq 0 ]

full()
{
	"$SYSMON" "$@" >/dev/full 2>err
	got=$?
	true_that "'$*' on a full disk is incomplete" [ $got -eq 3 ]
	says 'No space left on device'
	true_that 'says so in one sentence' [ "$(wc -l <err)" -eq 1 ]
}
shut()
{
	"$SYSMON" "$@" >&- 2>err
	got=$?
	true_that "'$*' on a closed stream is incomplete" [ $got -eq 3 ]
	says 'output'
	true_that 'says so in one sentence' [ "$(wc -l <err)" -eq 1 ]
}
: >out
for f in table txt csv json ndjson html nmap-xml ecs md prom; do
	full ps --pid $$ --interval 0 --no-checks --format $f
	shut ps --pid $$ --interval 0 --no-checks --format $f
done
full --help
shut --version
# A file does not get the descriptor that was closed.
"$SYSMON" ps --pid $$ --interval 0 --no-checks -o r.json >&- 2>err
got=$?
true_that 'a file needs no standard output' [ $got -eq 0 ]
true_that 'and is whole' [ "$(head -c 1 r.json)" = '{' ]

# No escape sequence from us where there is no terminal, or colour is off.
gives 0 ps --pid $$ --interval 0 --no-checks
hides "$esc"
NO_COLOR=1 CLICOLOR_FORCE=1 "$SYSMON" logs "$srcdir/man/sysmon.1" >out 2>&1
hides "$esc"

# And none of an attacker's anywhere.
attack auth.log 203.0.113.9 6
evil=$(printf '\033]0;owned\007\033[31m=cmd()\302\233')
for n in 1 2 3 4 5 6; do
	printf '2026-08-04T10:09:0%d+00:00 web sshd[1]: Failed password for %s from 198.51.100.7 port 1 ssh2\n' \
		$n "$evil"
done >>auth.log
for f in table txt csv json ndjson html nmap-xml ecs md; do
	gives 0 logs auth.log --format $f
	shows 198.51.100.7
	hides "$esc"
	hides "$(printf '\302\233')"
done
printf 'x' >"$(printf 'a\033[31mb.log')"
gives 3 logs "$(printf 'a\033[31mb')"
! grep -qF "$esc" err || failed 'a file name is shown escaped'
finish
