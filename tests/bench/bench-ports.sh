#!/bin/sh
# SPDX-License-Identifier: MIT
# Port scans beside nmap in the lab's network, each against its bar.
#	BENCH_RUNS=5 BENCH_ROWS="local veth narrow" make bench-ports
set -u
for tool in nmap python3; do
	command -v $tool >/dev/null 2>&1 || {
		echo "ports: left out: $tool is not installed"
		exit 0
	}
done
PYTHONPATH=$srcdir/tests/lab PYTHONDONTWRITEBYTECODE=1 \
	python3 "$srcdir/tests/bench/bench-ports.py" "$SYSMON" \
	"$builddir/tests/lab"
