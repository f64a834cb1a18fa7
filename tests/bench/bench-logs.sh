#!/bin/sh
# SPDX-License-Identifier: MIT
# The log scan beside its peers, one table: bench-logs.py
set -eu
command -v python3 >/dev/null || { echo "bench-logs: no python3"; exit 77; }
exec python3 "$srcdir/tests/bench/bench-logs.py"
