#!/bin/sh
# SPDX-License-Identifier: MIT
# Questions and answers of UDP are those that Python builds by itself.
skip() {
	echo "SKIP: udp-python: $1"
	exit 77
}
python3 -c 'import struct' 2>/dev/null || skip 'no Python 3'
python3 "$srcdir/tests/unit/udp-python.py" "$builddir/tests/unit/udp_dump"
