#!/bin/sh
# SPDX-License-Identifier: MIT
# What listens here, without a probe: "scan --listeners".
. "$srcdir/tests/cli/lib.sh"
listen

gives 0 scan --listeners --format ndjson
shows "\"address\":\"127.0.0.1\",\"port\":$port,\"protocol\":\"tcp\",\"state\":\"listening\",\"reason\":\"socket\""
hides '"type":"host"'
for format in table txt csv json; do
	gives 0 scan --listeners --format $format
	shows "$port"
	shows listening
done
gives 0 scan --listeners --format txt
shows 'Listening ports'
shows 'listening port'
hides 'Open ports'
gives 0 report --scan-ports --listeners --format txt
shows 'Listening ports'
hides 'Open ports'
gives 0 scan 127.0.0.1 -p "$port" --format txt
shows 'Open ports'
hides 'Listening ports'
gives 1 scan --listeners --fail-on info
gives 0 scan --listeners --fail-on info --no-checks

refuses 2 'takes no target' scan --listeners localhost
refuses 2 'takes no target' report --listeners --target localhost
refuses 2 'without --scan-ports' report --monitor-processes --listeners
for option in '--ports=1' '--services' '--method=syn' '--show=all' \
	'--targets-file=/dev/null' '--exclude=::1' '--rate=1' '--threads=2' \
	"--resume=$tmp/state"; do
	refuses 2 "${option%%=*} is for a scan" scan --listeners "$option"
done
refuses 2 '--services is for a scan' scan -s --listeners

own='timeout 60 unshare -n -m -p --fork --mount-proc --kill-child'
# shellcheck disable=SC2086
if [ "$(id -u)" = 0 ] && command -v ss ip setpriv >/dev/null &&
	$own true 2>/dev/null; then
	$own python3 "$srcdir/tests/cli/listeners.py" "$SYSMON" \
		"$builddir/tests/lab/ports-nodiag" >"$tmp/out" 2>"$tmp/err"
	got=$?
	true_that 'the listeners are those that ss shows' [ $got -eq 0 ]
fi
finish
