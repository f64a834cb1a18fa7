#!/bin/sh
# SPDX-License-Identifier: MIT
# Time zones are those of Python's zoneinfo, which reads the same files.
skip() {
	echo "SKIP: tz-python: $1"
	exit 77
}
[ -f /usr/share/zoneinfo/Pacific/Chatham ] || skip 'no zone files: install tzdata'
python3 -c 'import zoneinfo' 2>/dev/null || skip 'no zoneinfo: install Python 3.9'

expected=$(mktemp) || exit 1
trap 'rm -f "$expected"' EXIT INT TERM
PYTHONTZPATH=/usr/share/zoneinfo python3 "$srcdir/tests/unit/tz-python.py" \
	>"$expected" || exit 1
"$builddir/tests/unit/tz_compare" <"$expected"
