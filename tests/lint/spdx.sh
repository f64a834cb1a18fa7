#!/bin/sh
# SPDX-License-Identifier: MIT
# The licence is in the first line (after #! in the second): CC0-1.0 in examples/,
# MIT elsewhere.
set -eu
cd "$srcdir"
# shellcheck disable=SC2046
LC_ALL=C awk '
FNR == 1 {
	tell()
	file = FILENAME
	right = 0
	want = file ~ /^examples\// && file !~ /\.am$/ ? "CC0-1.0" : "MIT"
}
FNR == 1 && /^#!/ { first = 2; next }
FNR == 1 { first = 1 }
FNR == first {
	right = $0 ~ "SPDX-License-Identifier: " want "( |$)"
	nextfile
}
END { tell(); exit bad }
function tell() {
	if (file == "" || right)
		return
	print file ": the first line has no SPDX-License-Identifier: " want
	bad = 1
}' configure.ac autogen.sh Makefile.am .clang-format $(find include lib cli \
	examples tests scripts m4 man doc .ci -type f ! -path 'm4/lib*' \
	! -path 'm4/lt*' \( \
	-name '*.[chm]' -o -name '*.cc' -o -name '*.sh' -o -name '*.py' -o \
	-name '*.am' -o -name '*.m4' -o -name '*.sym' -o -path 'lib/*.yaml' -o \
	-path 'man/*.[1-8]' -o -path 'scripts/*' -o -path '.ci/*' -o \
	-name '*.h.in' \) -size +0 -print 2>/dev/null | LC_ALL=C sort)
