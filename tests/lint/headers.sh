#!/bin/sh
# SPDX-License-Identifier: MIT
# The public headers compile alone, twice, and without a warning, in every C since
# C99 and every C++ since C++11; a chapter on its own says what to include.
set -eu
inc="-I$srcdir/include -I$builddir/include -fsyntax-only"
warn="-pedantic -Wall -Wextra -Wshadow -Wundef -Werror"
bad=0
for std in c99 c11 c17; do
	$CC -std=$std $warn -Wstrict-prototypes $inc "$srcdir/tests/build/pedantic.c" || bad=1
done
if [ "$CXX_FOR_TESTS" ]; then
	for std in c++11 c++17 c++20; do
		$CXX_FOR_TESTS -std=$std $warn $inc "$srcdir/tests/build/cxx.cc" || bad=1
	done
else
	echo "SKIP: headers in C++: no C++ compiler"
fi
for h in "$srcdir"/include/sysmon/*.h; do
	[ "${h##*/}" != sysmon.h ] || continue
	if echo "#include <sysmon/${h##*/}>" | $CC $inc -x c - 2>/dev/null; then
		echo "${h##*/}: does not refuse to be included alone"
		bad=1
	fi
done
exit $bad
