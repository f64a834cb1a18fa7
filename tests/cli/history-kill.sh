#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs that are killed while they write the history leave no half run and no damaged
# file. KILLS says how many; make check-kill has 1000.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'no python3 to read the database with'
chmod 700 "$tmp"
echo x >"$tmp/x.log"
"$SYSMON" logs "$tmp/x.log" --history="$tmp/x.db" 2>&1 | grep -q 'SQLite' && skip 'no SQLite'
python3 "$srcdir/tests/cli/history-kill.py" "$SYSMON" "$tmp" "${KILLS:-25}" || exit 1
