#!/bin/sh
# SPDX-License-Identifier: MIT
# The sample log has one attack of every kind that the built-in rules know, each by the
# one who is meant; what user names pretend is believed nowhere.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
TZ=UTC "$SYSMON" logs --no-events --no-keywords --now 2026-03-12T00:00:00Z \
	--format ndjson "$srcdir/data/sample-auth.log" >out 2>err
got=$?
true_that 'it is read whole' [ $got -eq 0 ]
sed -n '/"type":"finding"/{
	s/,"evidence":.*//
	s/.*"kind":"\([^"]*\)".*"severity":"\([^"]*\)","subject":"\([^"]*\)".*"count":\([0-9]*\).*/\1 \2 \3 \4/
	p
}' out | LC_ALL=C sort >found
# Counted by hand: by kind, severity, whose, how many.
cat >want <<'W'
brute_force high 198.51.100.23 6
brute_force high 198.51.100.77 10
brute_force high 2001:db8:5:7::/64 8
brute_force high 203.0.113.44 10
brute_force high 203.0.113.7 12
brute_force high 203.0.113.99 6
distributed_brute_force high deploy 24
password_spraying high 198.51.100.77 10
slow_brute_force medium 203.0.113.150 24
success_after_failures critical 198.51.100.23 6
sudo_failures medium bob 4
user_enumeration medium 203.0.113.44 10
W
true_that 'the findings are these and no other' diff want found
finish
