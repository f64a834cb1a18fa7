#!/bin/sh
# SPDX-License-Identifier: MIT
# Stamps have the times that Python's strftime() wrote them for.
skip() {
	echo "SKIP: stamp-python: $1"
	exit 77
}
[ -f /usr/share/zoneinfo/Europe/Berlin ] || skip 'no zone files: install tzdata'
python3 -c 'import zoneinfo' 2>/dev/null || skip 'no zoneinfo: install Python 3.9'

expected=$(mktemp) || exit 1
trap 'rm -f "$expected"' EXIT INT TERM
PYTHONTZPATH=/usr/share/zoneinfo LC_ALL=C python3 \
	"$srcdir/tests/unit/stamp-python.py" >"$expected" || exit 1
"$builddir/tests/unit/stamp_compare" <"$expected"
