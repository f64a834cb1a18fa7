#!/bin/sh
# SPDX-License-Identifier: MIT
# The programs of examples/ run, and say what is wrong when they are used wrongly.
set -u
fail=0

expect() { # status, then the command
	want=$1
	shift
	"$@" >"$out" 2>&1
	got=$?
	[ "$got" -eq "$want" ] && return
	echo "$*: status $got, not $want"
	cat "$out"
	fail=1
}

out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
expect 0 "$builddir/examples/scan" 127.0.0.1 1-100
expect 2 "$builddir/examples/scan"
expect 3 "$builddir/examples/scan" 127.0.0.1 70000
exit $fail
