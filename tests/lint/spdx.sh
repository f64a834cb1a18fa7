#!/bin/sh
# SPDX-License-Identifier: MIT
# The licence is in the first line (after #! in the second): CC0-1.0 in examples/,
# MIT elsewhere.
set -eu
cd "$srcdir"
bad=0
for f in configure.ac autogen.sh Makefile.am .clang-format $(find include lib cli \
	examples tests scripts m4 man doc .ci -type f \( \
	-name '*.[chm]' -o -name '*.cc' -o -name '*.sh' -o -name '*.py' -o \
	-name '*.am' -o -name '*.m4' -o -name '*.sym' -o -path 'lib/*.yaml' -o \
	-path 'man/*.[1-8]' -o -path 'scripts/*' -o -path '.ci/*' -o \
	-name '*.h.in' \) -print 2>/dev/null | LC_ALL=C sort); do
	want=MIT
	case $f in
	m4/lib* | m4/lt*) continue ;;
	examples/*.am) ;;
	examples/*) want=CC0-1.0 ;;
	esac
	head -n 2 "$f" | sed '/^#!/d' | head -n 1 |
		grep -q "SPDX-License-Identifier: $want\\( \\|\$\\)" && continue
	echo "$f: the first line has no SPDX-License-Identifier: $want"
	bad=1
done
exit $bad
