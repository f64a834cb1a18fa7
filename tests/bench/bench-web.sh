#!/bin/sh
# SPDX-License-Identifier: MIT
# Scan of access logs with all built-in rules: bench-web.py
set -eu
command -v python3 >/dev/null || { echo "bench-web: no python3"; exit 77; }
exec python3 "$srcdir/tests/bench/bench-web.py"
