#!/bin/sh
# SPDX-License-Identifier: MIT
# Ports, as the command shows them.
. "$srcdir/tests/cli/lib.sh"
listen

gives 0 scan 127.0.0.1 -p "$port" --format ndjson
shows '"type":"port"'
shows "\"port\":$port"
shows '"state":"open"'
gives 0 scan -p "$port" --show all --format json -- 127.0.0.1
shows "$port"
gives 0 scan 127.0.0.1 -p "$port"
shows "$port"
gives 0 scan 127.0.0.1 -p "$port" -p 1 --show all --format ndjson
shows "\"port\":$port"
shows '"port":1,'
gives 0 scan 127.0.0.1-2 -p "$port" --exclude 127.0.0.1 --format ndjson
hides '"type":"port"'
echo "127.0.0.1 # here" >"$tmp/targets"
gives 0 scan --targets-file "$tmp/targets" -p "$port" --fields port,state \
	--format ndjson
true_that 'the members are those chosen' \
	grep -qF "{\"type\":\"port\",\"port\":$port,\"state\":\"open\"}" \
	"$tmp/out"

printf '127.0.0.1-3\n' >"$tmp/three"
printf '# spared\n127.0.0.1\n' >"$tmp/spared"
gives 0 scan --targets-file "$tmp/three" --exclude-file "$tmp/spared" \
	-p "$port" --show all --format ndjson
hides '"address":"127.0.0.1"'
shows '"address":"127.0.0.2"'
shows '"address":"127.0.0.3"'
printf '127.0.0.3\n' | "$SYSMON" scan 127.0.0.2-3 --exclude-file - -p 1 \
	--show all --format ndjson >"$tmp/out" 2>"$tmp/err"
shows '"address":"127.0.0.2"'
hides '"address":"127.0.0.3"'
printf '127.0.0.4\n10.0.0.0/33\n' | "$SYSMON" scan --targets-file - \
	>"$tmp/out" 2>"$tmp/err"
says "standard input:2: target '10.0.0.0/33'"

# A host that was named and is none is not "clean".
# (The label is too long for the name system: nobody is asked.)
host=$(printf 'h%063d.invalid' 0)
gives 3 scan "$host" -p 1
says "$host"
gives 3 scan 127.0.0.1 "$host" -p "$port" --format ndjson

if command -v python3 >/dev/null; then
	python3 "$srcdir/tests/cli/progress.py" >"$tmp/out" 2>"$tmp/err" ||
		failed 'a terminal sees the progress'
	grep '^SKIP' "$tmp/out"
fi

# What is interrupted goes on: all is told, and after SIGTERM once.
resume()
{
	exec "$SYSMON" scan 127.0.0.1 -p 1-4000 --show all --resume "$tmp/state" \
		--format ndjson --fields port "$@" >>"$tmp/all" 2>"$tmp/err"
}
for signal in TERM KILL; do
	: >"$tmp/all"
	resume --rate 2000 &
	until [ "$(wc -l <"$tmp/all")" -gt 100 ]; do
		sleep 0.05
	done
	kill -$signal $!
	wait $!
	true_that "a scan that gets SIG$signal leaves its state" \
		[ -f "$tmp/state" ]
	(resume)
	got=$?
	true_that 'the scan that goes on is whole' [ "$got" -eq 0 ]
	true_that 'a whole scan leaves no state' [ ! -e "$tmp/state" ]
	grep -o '"port":[0-9]*' "$tmp/all" | sort >"$tmp/out"
	true_that "SIG$signal loses nothing" \
		[ "$(uniq "$tmp/out" | wc -l)" -eq 4000 ]
	[ $signal = KILL ] || true_that 'nothing is told twice' \
		[ "$(wc -l <"$tmp/out")" -eq 4000 ]
done

# Why it goes by connect is told to root, and to others that want to know.
notice='goes by connect'
if [ "$(id -u)" = 0 ] && setpriv --bounding-set -net_raw true 2>/dev/null; then
	setpriv --bounding-set -net_raw "$SYSMON" scan 127.0.0.1 -p "$port" \
		>"$tmp/out" 2>"$tmp/err"
	got=$?
	true_that 'a scan without raw sockets is whole' [ $got -eq 0 ]
	shows "$notice"
fi
nobody="setpriv --reuid 65534 --clear-groups"
if [ "$(id -u)" = 0 ] && $nobody "$SYSMON" --version >/dev/null 2>&1; then
	for verbose in '' -v; do
		# shellcheck disable=SC2086
		$nobody "$SYSMON" scan 127.0.0.1 -p "$port" --format txt \
			$verbose >"$tmp/out" 2>"$tmp/err"
		got=$?
		true_that 'nor does another user miss something' [ $got -eq 0 ]
		shows '1 port of 1 host (1 open) by connect'
		if [ -n "$verbose" ]; then shows "$notice"; else hides "$notice"; fi
	done
fi
gives 0 scan 127.0.0.1 -p "$port" --method connect --format txt
hides "$notice"

# What is open and should not be is judged; --ignore and --no-checks end that.
gives 1 scan 127.0.0.1 -p "$known" --fail-on info --format ndjson
shows '"type":"finding"'
shows '"rule":"exposed-'
gives 0 scan 127.0.0.1 -p "$known" --fail-on info --ignore 127.0.0.0/8
gives 0 scan 127.0.0.1 -p "$known" --fail-on info --no-checks
gives 0 scan 127.0.0.1 -p "$known" --min-severity critical --format ndjson
hides '"type":"finding"'
gives 2 scan 127.0.0.1 --ignore 10.0.0.0/33
says 10.0.0.0/33
finish
