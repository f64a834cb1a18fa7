#!/bin/sh
# SPDX-License-Identifier: MIT
# Filters of fail2ban see the entries of a journal that their journalmatch names:
# those that journalctl shows for it.
set -eu
skip() {
	echo "SKIP: journalmatch: $1"
	exit 77
}
remote=/lib/systemd/systemd-journal-remote
[ -x $remote ] || skip "no $remote"
command -v journalctl >/dev/null || skip 'no journalctl'
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work"

id=0123456789abcdef0123456789abcdef
entry() { # number, fields
	printf '__REALTIME_TIMESTAMP=17858376%02d500000\n' "$1"
	printf '__MONOTONIC_TIMESTAMP=%d000000\n_BOOT_ID=%s\n' "$1" $id
	printf '_HOSTNAME=web\nSYSLOG_IDENTIFIER=p\n'
	printf '%s\n' $2
	printf 'MESSAGE=no 192.0.2.%d\n\n' "$1"
}
{
	entry 1 '_SYSTEMD_UNIT=a.service PRIORITY=5'
	entry 2 '_SYSTEMD_UNIT=b.service PRIORITY=5'
	entry 3 '_SYSTEMD_UNIT=b.service PRIORITY=6'
	entry 4 '_COMM=c'
	entry 5 '_SYSTEMD_UNIT=x.service PRIORITY=5 _COMM=d'
	entry 6 'PRIORITY=5'
	entry 7 '_SYSTEMD_UNIT=a.service _COMM=c PRIORITY=4'
} >export
$remote --output=x.journal export >/dev/null 2>&1 || skip 'no journal made'

mkdir -p f2b/filter.d
bad=0
check() { # expression
	printf '[Definition]\nfailregex = ^ web \\S+: no <HOST>$\n' \
		>f2b/filter.d/j.conf
	printf 'journalmatch = %s\n' "$1" >>f2b/filter.d/j.conf
	journalctl --file x.journal -o cat $1 2>/dev/null | sed 's/no //' >want
	for threads in 1 3; do
		"$SYSMON" logs --threads $threads --fail2ban-dir f2b \
			--rules fail2ban:j x.journal --format ndjson >out || bad=1
		sed -n 's/.*"source_ip":"\([^"]*\)".*/\1/p' out >got
		cmp want got || {
			echo "journalmatch: $1"
			bad=1
		}
	done
}
check '_SYSTEMD_UNIT=a.service _SYSTEMD_UNIT=b.service PRIORITY=5 + _COMM=c'
check '_SYSTEMD_UNIT=a.service + _COMM=c'
check '_SYSTEMD_UNIT=b.service PRIORITY=6'
check 'PRIORITY=5'
check '_COMM=c + _COMM=d + PRIORITY=4'
[ "$(wc -l <want)" -eq 3 ] || {
	echo 'journalctl shows something else'
	bad=1
}

# A field that no entry has, and none at all.
printf '[Definition]\nfailregex = ^ web \\S+: no <HOST>$\n%s\n' \
	'journalmatch = CONTAINER_NAME=c' >f2b/filter.d/j.conf
"$SYSMON" logs --fail2ban-dir f2b --rules fail2ban:j x.journal \
	--format ndjson >out
! grep -q source_ip out || bad=1
# What is no match is told with its file.
sed -i 's/CONTAINER_NAME=c/PRIORITY/' f2b/filter.d/j.conf
"$SYSMON" logs --fail2ban-dir f2b --rules fail2ban:j x.journal >out 2>err && bad=1
grep -q 'j.conf:3: .*"PRIORITY"' err || {
	cat err
	bad=1
}
exit $bad
