#!/bin/sh
# SPDX-License-Identifier: MIT
# Logs of attacks on each service have the findings that a script counts, and no
# others; the address that user names, HELO and requests hold is never accused.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'attacks: no python3'
cd "$tmp" || exit 99
for f in "$srcdir"/tests/data/attacks/*.log; do
	gives 0 logs --no-keywords --now 2026-08-05T00:00:00Z --format ndjson "$f"
	mv out "${f##*/}.out"
done
python3 -c '
import json, sys
for name in sys.argv[1:]:
    for line in open(name + ".out", encoding="utf-8"):
        r = json.loads(line)
        if r["type"] == "finding":
            print(name, r["kind"], r["subject"], r["count"])
        if r["type"] == "coverage" and r["matched"] != r["lines"]:
            print(name, "lines that no rule took:", r["lines"] - r["matched"])
        if r.get("source_ip") == "203.0.113.66" and name != "audit.log":
            print(name, "accused:", line)
' $(cd "$srcdir/tests/data/attacks" && echo *.log) | sort >found
python3 "$srcdir/tests/cli/attacks.py" "$srcdir"/tests/data/attacks/*.log |
	sort >expected
cmp -s found expected || {
	echo "FAILED: the findings"
	diff expected found
	failures=$((failures + 1))
}
finish
