#!/bin/sh
# SPDX-License-Identifier: MIT
# The sockets of each process are those that ss(8) shows.
if ! command -v ss >/dev/null 2>&1; then
	echo 'SKIP: ss: not installed: install iproute2'
	exit 77
fi
if ! ss -Hnptl >/dev/null 2>&1; then
	echo 'SKIP: ss: cannot ask the kernel here'
	exit 77
fi
exec python3 "$srcdir/tests/api/ss-compare.py" "$builddir/tests/lab"
