#!/bin/sh
# SPDX-License-Identifier: MIT
# The programs of examples/ run, and say what is wrong when they are used wrongly.
set -u
fail=0

expect() { # status, then the command
	want=$1
	shift
	"$@" >"$out" 2>&1
	got=$?
	[ "$got" -eq "$want" ] && return
	echo "$*: status $got, not $want"
	cat "$out"
	fail=1
}

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out left=
expect 0 "$builddir/examples/scan" 127.0.0.1 1-100
expect 2 "$builddir/examples/scan"
expect 3 "$builddir/examples/scan" 127.0.0.1 70000

# prints TEXT: the last command.
prints() {
	grep -q -- "$1" "$out" && return
	echo "it does not print '$1':"
	cat "$out"
	fail=1
}
leave() {
	left="$left${left:+, }$1"
}

# build COMPILER FILE MODULE...: $tmp/program, beside what pkg-config knows.
build() {
	compiler=$1 source=$srcdir/examples/$2
	shift 2
	# shellcheck disable=SC2046,SC2086 # several words
	$compiler -Wall -Wextra -Werror -I"$srcdir/include" -I"$builddir/include" \
		-o "$tmp/program" "$source" "$lib" -Wl,-rpath,"${lib%/*}" \
		$([ $# -eq 0 ] || $PKG_CONFIG --cflags --libs "$@") >"$out" 2>&1 && return
	echo "$source is not built:"
	cat "$out"
	fail=1
	return 1
}

lib=$builddir/.libs/libsysmon.so
sample=$srcdir/data/sample-auth.log
if [ ! -e "$lib" ]; then
	leave 'other languages and loops: built without the shared library'
elif ! grep -q '^SANITIZE_CFLAGS = *$' "$builddir/Makefile" ||
	! grep -q '^COVERAGE_CFLAGS = *$' "$builddir/Makefile"; then
	leave 'other languages and loops: the library needs what these do not load'
else
	port=
	if command -v python3 >/dev/null; then
		python3 -c 'import socket, sys, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(600)' >"$tmp/port" &
		listener=$!
		trap 'kill $listener; rm -rf "$tmp"' EXIT
		until [ -s "$tmp/port" ]; do sleep 0.1; done
		port=$(cat "$tmp/port")
		expect 0 env LIBSYSMON="$lib" python3 "$srcdir/examples/scan.py" 127.0.0.1 "$port,1"
		prints "^127.0.0.1 $port"
		expect 3 env LIBSYSMON="$lib" python3 "$srcdir/examples/scan.py" 127.0.0.1 70000
		prints '70000'
	else
		leave python3
	fi
	if command -v luajit >/dev/null; then
		expect 0 env LIBSYSMON="$lib" luajit "$srcdir/examples/processes.lua"
		prints "^$$	"
	else
		leave luajit
	fi
	if [ -n "$CXX_FOR_TESTS" ]; then
		build "$CXX_FOR_TESTS" processes.cc && expect 0 "$tmp/program" 3 &&
			[ "$(wc -l <"$out")" -eq 3 ] || fail=1
		sort -k2,2nr "$out" | cmp -s - "$out" || {
			echo 'processes.cc: the largest do not come first'
			fail=1
		}
	else
		leave 'a C++ compiler'
	fi
	if $PKG_CONFIG --exists glib-2.0; then
		build "$CC" glib.c glib-2.0 && expect 0 "$tmp/program" 127.0.0.1
		prints '^[0-9]* open ports$'
		expect 3 "$tmp/program" 'no target'
	else
		leave glib-2.0
	fi
	if $PKG_CONFIG --exists libuv; then
		build "$CC" libuv.c libuv && expect 0 "$tmp/program" "$sample"
		prints '^high: .* failed logins from '
		expect 2 "$tmp/program"
	else
		leave libuv
	fi
fi
[ $fail -eq 0 ] || exit 1
[ -z "$left" ] || {
	echo "SKIP: examples: not here: $left"
	exit 77
}
