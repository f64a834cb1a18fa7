#!/bin/sh
# SPDX-License-Identifier: MIT
# The shared library needs libc, PCRE2 and libyaml and nothing else (libm at most),
# and library and command are hardened as configure was told.
set -eu
so=$builddir/.libs/libsysmon.so
[ -e "$so" ] || { echo "SKIP: needed: built without the shared library"; exit 77; }
grep -q '^SANITIZE_CFLAGS = *$' "$builddir/Makefile" &&
	grep -q '^COVERAGE_CFLAGS = *$' "$builddir/Makefile" || {
	echo "SKIP: needed: sanitizers and coverage bring libraries of their own"
	exit 77
}
bad=0
say() {
	echo "$1"
	bad=1
}
for lib in $("$READELF" -dW "$so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
	case $lib in
	libc.so.* | libc.musl-* | ld-linux* | ld-musl* | libm.so.*) ;;
	libpcre2-8.so.* | libyaml-0.so.*) ;;
	*) say "libsysmon.so needs $lib" ;;
	esac
done
"$READELF" -dW "$so" | grep -q '(SONAME).*\[libsysmon\.so\.0\]' ||
	say "libsysmon.so: the soname is not libsysmon.so.0"
hardened() {
	file=$1 dyn=$("$READELF" -dW "$1") seg=$("$READELF" -lW "$1")
	case $dyn in *TEXTREL*) say "$file: text relocations" ;; esac
	case $dyn in *RUNPATH* | *RPATH*) [ "$2" = prog ] || say "$file: has a run path" ;; esac
	echo "$seg" | grep 'GNU_STACK' | grep -q 'RWE' && say "$file: executable stack"
	grep -q '^HARDEN_CFLAGS = ..*' "$builddir/Makefile" || return 0
	case $dyn in *BIND_NOW* | *"Flags: NOW"*) ;; *) say "$file: not bound at start" ;; esac
	case $seg in *GNU_RELRO*) ;; *) say "$file: no RELRO" ;; esac
	if [ "$2" = prog ]; then
		"$READELF" -hW "$file" | grep -q 'Type:.*DYN' || say "$file: no PIE"
	fi
}
hardened "$so" lib
prog=$builddir/tests/cli/sysmon
[ ! -e "$prog" ] || hardened "$prog" prog
exit $bad
