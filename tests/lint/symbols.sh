#!/bin/sh
# SPDX-License-Identifier: MIT
# The symbol map, what libsysmon.so exports and the prototypes of the public
# headers are the same names.
set -eu
so=$builddir/.libs/libsysmon.so
[ -e "$so" ] || { echo "SKIP: symbols: built without the shared library"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
LC_ALL=C
export LC_ALL

sed -n 's/^[[:space:]]*\(sm_[a-z0-9_]*\);.*/\1/p' "$srcdir/lib/sysmon.sym" >"$tmp/listed"
sort -u "$tmp/listed" >"$tmp/map"
cmp -s "$tmp/listed" "$tmp/map" || {
	echo "lib/sysmon.sym: not sorted, or a name twice (LC_ALL=C sort):"
	diff "$tmp/listed" "$tmp/map" || :
	exit 1
}
"$NM" -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
	sort -u >"$tmp/exports"
echo '#include <sysmon/sysmon.h>' >"$tmp/x.c"
$CC -E -P -I"$srcdir/include" -I"$builddir/include" "$tmp/x.c" |
	grep -o '\bsm_[a-z0-9_]* *(' | tr -d ' (' | sort -u >"$tmp/headers"

bad=0
compare() {
	diff "$tmp/$1" "$tmp/$2" >"$tmp/diff" && return
	sed -n "s/^< /only in the $3: /p; s/^> /only in the $4: /p" "$tmp/diff"
	bad=1
}
compare map exports "map lib/sysmon.sym" "library"
compare map headers "map lib/sysmon.sym" "headers"
exit $bad
