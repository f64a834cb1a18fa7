#!/bin/sh
# SPDX-License-Identifier: MIT
# What it takes to write 100,000 findings, 10,000 processes and 65,535 ports in each
# format: size, seconds, rate, and memory above that of the report.
set -eu
out=$(mktemp)
trap 'rm -f "$out"' EXIT
"$builddir/tests/bench/report-write" >"$out"
cat "$out"
# The aims: 16 MiB for what streams, 200 MB/s for csv and ndjson.
awk '
/^(csv|json|ndjson|ecs)/ && $8 > 16384 { print $1 ": more than 16 MiB"; bad = 1 }
/^(csv|ndjson)/ && $6 < 200 { print $1 ": below 200 MB/s here and now" }
END { exit bad }' "$out"
