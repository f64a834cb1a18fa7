#!/bin/sh
# SPDX-License-Identifier: MIT
# Hostile text in every format comes back, from Python's readers, as it was and inert.
command -v python3 >/dev/null || { echo "SKIP: report-python: no python3"; exit 77; }
exec python3 "$srcdir/tests/unit/report-python.py" "$builddir/tests/unit/report_feed"
