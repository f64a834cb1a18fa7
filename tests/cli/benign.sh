#!/bin/sh
# SPDX-License-Identifier: MIT
# Logs of honest days make no finding above info, each alone and all together.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
quiet()
{
	gives 0 logs --now 2026-08-05T00:00:00Z --fail-on low --format ndjson "$@"
	grep '"type":"finding"' out | grep -v '"severity":"info"'
	true_that 'events are found' grep -q '"type":"event"' out
}
for f in "$srcdir"/tests/data/benign/*.log; do
	quiet "$f"
done
quiet "$srcdir"/tests/data/benign/*.log
finish
