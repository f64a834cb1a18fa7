#!/bin/sh
# SPDX-License-Identifier: MIT
# The tree is formatted by clang-format; other versions than this one differ in
# small things.
set -eu
want=14
tool=
for t in clang-format-$want clang-format; do
	if command -v $t >/dev/null && $t --version | grep -q "version $want\\."; then
		tool=$t
		break
	fi
done
[ "$tool" ] || { echo "SKIP: format: no clang-format $want"; exit 77; }
cd "$srcdir"
# What is generated says "Made by" at its top.
find include lib cli examples tests -name '*.[ch]' -o -name '*.cc' | LC_ALL=C sort |
	xargs awk 'FNR <= 3 && /Made by/ { made[FILENAME] }
	FNR == 3 { if (!(FILENAME in made)) print FILENAME; nextfile }' |
	xargs -P 2 -n 40 "$tool" --dry-run -Werror --ferror-limit=1
