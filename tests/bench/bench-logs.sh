#!/bin/sh
# SPDX-License-Identifier: MIT
# Log scan beside fail2ban-regex and sshg-parser: bench-logs.py
set -eu
command -v python3 >/dev/null || { echo "bench-logs: no python3"; exit 77; }
exec python3 "$srcdir/tests/bench/bench-logs.py"
