#!/bin/sh
# SPDX-License-Identifier: MIT
# The process list beside ps and psutil; needs both.
for python in python3 /usr/bin/python3; do
	"$python" -c 'import psutil' 2>/dev/null || continue
	exec "$python" "$srcdir/tests/bench/bench-procs.py" "$SYSMON" \
		"$builddir/tests/lab"
done
echo 'processes: left out: install python3-psutil'
