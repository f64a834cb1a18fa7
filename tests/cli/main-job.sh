#!/bin/sh
# SPDX-License-Identifier: MIT
# Three sections, three reports, one run, against a count by another program.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'needs python3'
exec python3 "$srcdir/tests/cli/main_job.py"
