#!/bin/sh
# SPDX-License-Identifier: MIT
# The rows of processes that do not change are those of psutil.
for python in python3 /usr/bin/python3; do
	"$python" -c 'import psutil' 2>/dev/null || continue
	exec "$python" "$srcdir/tests/api/psutil-compare.py" "$builddir/tests/lab"
done
echo 'SKIP: psutil: not installed: install python3-psutil'
exit 77
