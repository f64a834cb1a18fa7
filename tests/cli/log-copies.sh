#!/bin/sh
# SPDX-License-Identifier: MIT
# The same log gives the same events, findings and ids from a plain file, packed,
# rotated, from a pipe, followed while it is written and rotated, and from the journal;
# with one thread and with four, with and without machine code of PCRE2.
. "$srcdir/tests/cli/lib.sh"

cd "$tmp" || exit 99
awk 'BEGIN {
	for (i = 0; i < 400; i++) {
		at = sprintf("Aug  4 10:%02d:%02d web sshd[%d]: ", i / 60, i % 60, 400 + i)
		if (i % 3)
			print at "Failed password for root from 203.0.113." i % 4 " port 5 ssh2"
		if (i % 5 == 0)
			print at "Accepted password for eve from 198.51.100.1 port 5 ssh2"
		if (i % 7 == 0) # equal lines of one second
			for (k = 0; k < 3; k++)
				print at "Invalid user a from 203.0.113.9 port 5"
		if (i % 50 == 0) {
			sub("sshd", "sudo", at)
			print at "  bob : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh"
			sub("sudo", "nginx", at)
			print at "192.0.2.7 - - [04/Aug/2026:10:00:00 +0000] \"GET /?q=1+UNION+SELECT+2,3-- HTTP/1.1\" 200 5 \"-\" \"x\""
		}
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

for kind in brute_force sudo_failures sql_injection; do
	grep -q "\"kind\":\"$kind\"" want || failed "$kind is found"
done

same "4 threads" auth.log --threads 4
# The tests of the interface have it; under a sanitizer it does not come first.
nojit=$builddir/tests/api/.libs/nojit.so
if [ -e "$nojit" ]; then
	(
		LD_PRELOAD=$nojit
		ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
		export LD_PRELOAD ASAN_OPTIONS
		same "no machine code" auth.log
		exit $failures
	) || failures=1
else
	echo "SKIP: log-copies: tests/api/nojit is not built"
fi

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
	[ $pack != xz ] || same "$pack with 4 threads" packed.$pack --threads 4
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
same "a rotated family with 4 threads" rotated/auth.log* --threads 4
gzip -k rotated/auth.log.1
same "a family with a twin" rotated/auth.log*

# From the journal a line has the stamp that stands here, and from a file of it, and
# from what it exports.
remote=/lib/systemd/systemd-journal-remote
sed 's/^Aug  4 \(..:..:..\)/2026-08-04T\1Z/' auth.log >iso.log
awk '{
	split($1, t, /[-T:Z]/)
	us = ((t[4] * 60 + t[5]) * 60 + t[6] + 1785801600) "000000"
	match($3, /[0-9]+/)
	print "__CURSOR=s=0f;i=" NR ";b=0e;m=" NR ";t=3;x=4"
	print "__REALTIME_TIMESTAMP=" us
	print "__MONOTONIC_TIMESTAMP=" NR + 1000
	print "_BOOT_ID=0123456789abcdef0123456789abcdef"
	print "_HOSTNAME=" $2
	print "SYSLOG_IDENTIFIER=" substr($3, 1, RSTART - 2)
	print "_PID=" substr($3, RSTART, RLENGTH)
	print "MESSAGE=" substr($0, index($0, "]: ") + 3) "\n"
}' iso.log >export.log
mv want want.syslog
"$SYSMON" logs --format ndjson iso.log >out 2>err
essence out >want
same "a journal export" export.log
if [ ! -x $remote ]; then
	echo "SKIP: log-copies: no $remote"
elif ! $remote --output=x.journal export.log >remote 2>&1; then
	echo "SKIP: log-copies: $remote failed: $(tail -n 1 remote)"
else
	"$SYSMON" logs x.journal >out 2>err
	if grep -q 'needs libsystemd' err; then
		echo "SKIP: log-copies: no libsystemd"
	else
		same "the journal" x.journal
		same "the journal with 4 threads" x.journal --threads 4
	fi
fi
mv want.syslog want

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
