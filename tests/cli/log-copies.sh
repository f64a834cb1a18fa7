#!/bin/sh
# SPDX-License-Identifier: MIT
# The same log gives the same events, findings and ids from a plain file, packed,
# rotated, from a pipe, and followed while it is written and rotated.
. "$srcdir/tests/cli/lib.sh"

cd "$tmp" || exit 99
awk 'BEGIN {
	for (i = 0; i < 900; i++) {
		at = sprintf("Aug  4 10:%02d:%02d web sshd[%d]: ", i / 60, i % 60, 400 + i)
		if (i % 3)
			print at "Failed password for root from 203.0.113." i % 4 " port 5 ssh2"
		if (i % 5 == 0)
			print at "Accepted password for eve from 198.51.100.1 port 5 ssh2"
		if (i % 7 == 0) # equal lines of one second
			for (k = 0; k < 3; k++)
				print at "Invalid user a from 203.0.113.9 port 5"
	}
}' >auth.log
lines=$(wc -l <auth.log)

# essence FILE: what must not depend on where the lines came from.
essence()
{
	sed -n '/^{"type":"event"/p; /^{"type":"finding"/p' "$1" |
		sed 's/"file":"[^"]*",//g; s/"line":[0-9]*,//g; s/"offset":[0-9]*,//g'
}

# same WHAT ARG...: the run gives the essence of the first.
same()
{
	what=$1
	shift
	"$SYSMON" logs --now 2026-08-04T12:00:00Z --format ndjson "$@" >"$tmp/out" 2>"$tmp/err" <in
	got=$?
	[ $got -eq 0 ] || failed "$what: status 0"
	essence out >essence
	cmp -s want essence || failed "$what gives the same"
}

: >in
"$SYSMON" logs --now 2026-08-04T12:00:00Z --format ndjson auth.log >out 2>err
got=$?
essence out >want
[ $got -eq 0 ] && grep -q '"type":"finding"' want ||
	failed "the plain file has events and findings"

for pack in gzip xz zstd bzip2; do
	if ! command -v $pack >/dev/null; then
		echo "SKIP: log-copies: no $pack"
		continue
	fi
	$pack -c <auth.log >packed.$pack
	"$SYSMON" logs packed.$pack >out 2>err
	if grep -q 'cannot be unpacked' err; then
		echo "SKIP: log-copies: built without $pack"
		continue
	fi
	same "$pack" packed.$pack
	cat packed.$pack >in
	same "$pack on standard input" -
	: >in
done

cp auth.log in
same "standard input" -
: >in

mkdir rotated
third=$((lines / 3))
head -n $third auth.log | gzip >rotated/auth.log.2.gz
tail -n +$((third + 1)) auth.log | head -n $third >rotated/auth.log.1
tail -n +$((2 * third + 1)) auth.log >rotated/auth.log
same "a rotated family" rotated/auth.log*
gzip -k rotated/auth.log.1
same "a family with a twin" rotated/auth.log*

# Followed, with three rotations; the last line tells that all has been seen.
mkdir live
: >live/auth.log
mkfifo seen
timeout --foreground -s INT 120 "$SYSMON" logs --now 2026-08-04T12:00:00Z --follow \
	live/auth.log >seen 2>err &
follower=$!
n=0
while IFS= read -r line; do
	printf '%s\n' "$line" >>live/auth.log
	n=$((n + 1))
	# What is rotated before the follower is there, it does not see.
	[ $n -gt 1 ] || until [ -e ready ]; do sleep 0.1; done
	if [ $((n % third)) -eq 0 ]; then
		[ ! -e live/auth.log.1 ] || mv live/auth.log.1 live/auth.log.2
		mv live/auth.log live/auth.log.1
	fi
done <auth.log &
writer=$!
last=$(grep '"type":"event"' want | tail -n 1 | sed 's/.*"id":"\([^"]*\)".*/\1/')
while IFS= read -r line; do
	printf '%s\n' "$line"
	: >ready
	# The last finding has the event as evidence, and a second interrupt kills.
	case $line in *"\"id\":\"$last\""*)
		[ -e told ] || kill -INT $follower 2>/dev/null
		: >told
		;;
	esac
done <seen >out
wait $follower
got=$?
wait $writer
[ $got -eq 3 ] || failed "an interrupted follower has status 3"
# A finding comes when it opens and again at the end: the later one counts.
essence out | sed 's/"state":"open"/"state":"closed"/' | awk '
	/^{"type":"event"/ { print; next }
	match($0, /"id":"[0-9a-f]*"/) { last[substr($0, RSTART, RLENGTH)] = $0 }
	END { for (id in last) print last[id] }' | sort >essence.s
sort want >want.s
cmp -s want.s essence.s || failed "a followed log gives the same"
finish
