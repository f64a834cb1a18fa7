#!/bin/sh
# SPDX-License-Identifier: MIT
# What a program finds after "make install": the README's example builds with what
# pkg-config says, dynamically and statically; a program prefix renames the command
# and its page together.
set -eu
PKG_CONFIG=${PKG_CONFIG:-pkg-config}
command -v "$PKG_CONFIG" >/dev/null || { echo "SKIP: installed tree: no pkg-config"; exit 77; }
if grep -q '^SANITIZE_CFLAGS = ..*\|^COVERAGE_CFLAGS = ..*' "$builddir/Makefile"; then
	echo "SKIP: installed tree: not with sanitizers or coverage"
	exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL TESTS
make -s -C "$builddir" install DESTDIR="$tmp/root" \
	program_transform_name='s,^,my-,' >"$tmp/log" 2>&1 || {
	tail -n 20 "$tmp/log"
	exit 1
}
root=$tmp/root
var() {
	sed -n "s,^$1 = ,,p" "$builddir/Makefile" | head -n 1
}
prefix=$(var prefix)
libdir=$(find "$root" -name sysmon.pc)
[ "$libdir" ] || { echo "sysmon.pc is not installed"; exit 1; }
libdir=${libdir%/pkgconfig/sysmon.pc}
if [ -e "$builddir/sysmon" ]; then
	[ -x "$root$prefix/bin/my-sysmon" ] || { echo "no my-sysmon in bin"; exit 1; }
	find "$root" -name my-sysmon.1 | grep -q . || { echo "no man page my-sysmon.1"; exit 1; }
fi

# The first block of C in the README.
awk '/^```c$/ { on = 1; next } /^```$/ { if (on) exit } on' \
	"$srcdir/README.md" >"$tmp/app.c"
grep -q '<sysmon/sysmon.h>' "$tmp/app.c" || { echo "README.md has no example"; exit 1; }
PKG_CONFIG_PATH=$libdir/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
# The files lie below DESTDIR, not where sysmon.pc says.
flags() {
	"$PKG_CONFIG" "$@" sysmon | sed "s,\(-[IL]\)$prefix,\1$root$prefix,g"
}
[ "$("$PKG_CONFIG" --modversion sysmon)" = "$(var PACKAGE_VERSION)" ] ||
	{ echo "sysmon.pc has another version"; exit 1; }
case $("$PKG_CONFIG" --libs sysmon) in
*pcre2* | *yaml*) echo "sysmon.pc: Libs names the library's own libraries"; exit 1 ;;
esac
build_and_run() {
	what=$1
	shift
	$CC -Wall -Wextra -Werror -o "$tmp/app" "$tmp/app.c" "$@" ||
		{ echo "$what: does not build"; exit 1; }
	LD_LIBRARY_PATH=$libdir "$tmp/app" "$srcdir/data/sample-auth.log" >"$tmp/out" ||
		{ echo "$what: does not run"; exit 1; }
	grep -q '198\.51\.100\.23 logged in as bob' "$tmp/out" || {
		echo "$what: the example does not find the break-in of the sample log:"
		cat "$tmp/out"
		exit 1
	}
}
# shellcheck disable=SC2046 # lists
if [ -e "$libdir/libsysmon.so" ]; then
	build_and_run dynamic $(flags --cflags --libs)
	"$READELF" -dW "$tmp/app" | grep -q '\[libsysmon\.so\.0\]' ||
		{ echo "dynamic: not linked with libsysmon.so.0"; exit 1; }
	rm -f "$libdir"/libsysmon.so*
fi
# shellcheck disable=SC2046
if [ -e "$libdir/libsysmon.a" ]; then
	build_and_run static $(flags --static --cflags --libs)
fi
