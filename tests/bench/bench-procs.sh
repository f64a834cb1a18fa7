#!/bin/sh
# SPDX-License-Identifier: MIT
# The process list beside libproc2, ps and psutil, which it needs; then watching,
# sweeps and events.
list=
if ${PKG_CONFIG:-pkg-config} --exists libproc2 2>/dev/null; then
	list=$builddir/tests/bench/libproc2-list
	# shellcheck disable=SC2046 # flags
	${CC:-cc} -O2 -D_GNU_SOURCE -o "$list" \
		"$srcdir/tests/bench/libproc2-list.c" \
		$(${PKG_CONFIG:-pkg-config} --cflags --libs libproc2) || list=
	trap 'rm -f "$list"' EXIT
else
	echo 'processes: libproc2 is left out: install libproc2-dev'
fi
for python in python3 /usr/bin/python3; do
	"$python" -c 'import psutil' 2>/dev/null || continue
	"$python" "$srcdir/tests/bench/bench-procs.py" "$SYSMON" \
		"$builddir/tests/lab" "$list" || exit
	"$python" "$srcdir/tests/bench/bench-procs-live.py" "$SYSMON" \
		"$builddir/tests/lab"
	exit
done
echo 'processes: left out: install python3-psutil'
