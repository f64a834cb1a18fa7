#!/bin/sh
# SPDX-License-Identifier: MIT
# The licence is in the first line (after #! in the second): CC0-1.0 in examples/,
# MIT elsewhere. What has no such line is named in .reuse/dep5, as the REUSE
# specification (3.0) wants it, and each licence has its text in LICENSES/.
set -eu
cd "$srcdir"
# REUSE-IgnoreStart
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
# REUSE-IgnoreEnd

for licence in MIT CC0-1.0; do
	[ -s LICENSES/$licence.txt ] || {
		echo "LICENSES/$licence.txt is missing"
		exit 1
	}
done
cmp LICENSE LICENSES/MIT.txt
git rev-parse --is-inside-work-tree >/dev/null 2>&1 && [ -e .git ] || {
	echo 'SKIP: spdx: files without a line: this is no tree of git'
	exit 0
}
# The first paragraph is of all files and says whose they are; the others name files.
named=$(sed -n 's/^Files: //p' .reuse/dep5 | grep -vx '[*]')
set -f
bad=0
for file in $(git grep -L 'SPDX-License-Identifier' -- \
	':!LICENSES' ':!.reuse'); do
	known=no
	for pattern in $named; do
		# shellcheck disable=SC2254
		case $file in
		$pattern) known=yes ;;
		esac
	done
	[ $known = yes ] || {
		echo "$file: neither a line of its licence nor a name in .reuse/dep5"
		bad=1
	}
done
[ $bad -eq 0 ] || exit 1
command -v reuse >/dev/null || {
	echo 'SKIP: spdx: reuse: not installed'
	exit 0
}
reuse lint >/dev/null 2>&1 || reuse lint
