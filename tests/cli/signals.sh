#!/bin/sh
# SPDX-License-Identifier: MIT
# SIGINT and SIGTERM stop the work; what was seen is still written.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'needs python3'
python3 "$srcdir/tests/cli/signals.py" "$tmp"
