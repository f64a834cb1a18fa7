#!/bin/sh
# SPDX-License-Identifier: MIT
# The verdicts of fail2ban's filters are those that its own sample logs ask for.
skip() {
	echo "SKIP: fail2ban: $1"
	exit 77
}
samples=/usr/lib/python3/dist-packages/fail2ban/tests
[ -d "$samples/files/logs" ] || skip 'no sample logs: install fail2ban'
[ -d /etc/fail2ban/filter.d ] || skip 'no filters in /etc/fail2ban'
command -v python3 >/dev/null || skip 'no python3'

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
python3 "$srcdir/tests/conformance/fail2ban.py" /etc/fail2ban "$samples" \
	"$work" "$builddir/tests/conformance/f2b_events"
