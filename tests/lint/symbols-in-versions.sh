#!/bin/sh
# SPDX-License-Identifier: MIT
# doc/symbols-in-versions has a line for each public function, sorted, and no other.
set -eu
doc=$srcdir/doc/symbols-in-versions
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
LC_ALL=C
export LC_ALL
awk '/^#/ || NF == 0 { next }
NF != 4 || $2 !~ /^[0-9]+\.[0-9]+\.[0-9]+$/ ||
$3 !~ /^(-|[0-9]+\.[0-9]+\.[0-9]+)$/ || $4 !~ /^(-|[0-9]+\.[0-9]+\.[0-9]+)$/ {
	print FILENAME ":" FNR ": want NAME SINCE DEPRECATED GONE: " $0
	bad = 1
} END { exit bad }' "$doc"
awk '!/^#/ && NF { print $1 }' "$doc" >"$tmp/all"
sort -u "$tmp/all" | cmp -s - "$tmp/all" || {
	echo "$doc: not sorted, or a name twice (LC_ALL=C sort):"
	sort -u "$tmp/all" | diff "$tmp/all" - || :
	exit 1
}
awk '!/^#/ && NF && $4 == "-" { print $1 }' "$doc" >"$tmp/doc"
sed -n 's/^[[:space:]]*\(sm_[a-z0-9_]*\);.*/\1/p' "$srcdir/lib/sysmon.sym" |
	sort -u >"$tmp/map"
diff "$tmp/map" "$tmp/doc" >"$tmp/diff" || {
	sed -n 's/^< \(.*\)/doc\/symbols-in-versions: \1 has no line/p
		s/^> \(.*\)/doc\/symbols-in-versions: \1 is not in lib\/sysmon.sym/p' "$tmp/diff"
	exit 1
}
