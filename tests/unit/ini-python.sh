#!/bin/sh
# SPDX-License-Identifier: MIT
# INI text means what Python's configparser, which fail2ban has, makes of it.
skip() {
	echo "SKIP: ini-python: $1"
	exit 77
}
python3 -c 'import configparser' 2>/dev/null || skip 'no Python 3'
python3 "$srcdir/tests/unit/ini-python.py" "$builddir/tests/unit/ini_dump"
