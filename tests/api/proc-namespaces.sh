#!/bin/sh
# SPDX-License-Identifier: MIT
# What is hidden (mount option hidepid) is told, and a pid namespace of its own is
# listed by its own numbers. Mounts and namespaces end with the commands.
set -u
skip() {
	echo "SKIP: $1"
	exit 77
}
[ "$(id -u)" = 0 ] || skip 'not root'
unshare -m mount -t proc -o hidepid=2 proc /proc 2>/dev/null ||
	skip 'no mounts of its own'
command -v setpriv >/dev/null || skip 'no setpriv: install util-linux'

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
# Where everybody may read them.
cp "$builddir/tests/lab/proc-dump" "$tmp/" || exit 1
[ ! -e "$builddir/.libs/libsysmon.so.0" ] ||
	cp "$builddir/.libs/libsysmon.so.0" "$tmp/" || exit 1
chmod -R a+rX "$tmp"
LD_LIBRARY_PATH=$tmp
export LD_LIBRARY_PATH
bad=0

# as_nobody HIDEPID FIELDS
as_nobody() {
	unshare -m sh -c "mount -t proc -o hidepid=$1 proc /proc &&
		exec setpriv --reuid=65534 --regid=65534 --clear-groups \
		env LD_LIBRARY_PATH='$tmp' '$tmp/proc-dump' $2"
}

# has TEXT WHAT
has() {
	grep -q -- "$1" "$tmp/out" && return
	echo "FAIL: $2"
	head -n 3 "$tmp/out" | cut -c 1-300
	bad=1
}

as_nobody 2 pid,name >"$tmp/out"
has '"name":"proc-dump"' 'a process sees itself where others are hidden'
has 'hidepid' 'hidden processes are told in a notice'
grep -q '"pid":1,' "$tmp/out" && {
	echo 'FAIL: the test hides nothing'
	bad=1
}

as_nobody 1 pid,name,cpu_percent,unreadable >"$tmp/out"
has '"pid":1,"unreadable":\["name"\]' \
	'a process that may not be read has its row, and says what is missing'
has 'could not be read whole' 'a row that is not whole is told in a notice'

unshare -pf --mount-proc "$tmp/proc-dump" pid,name >"$tmp/out"
has '"pid":1,"name":"proc-dump"' 'in a pid namespace the numbers are its own'
[ "$(grep -c '"type":"process"' "$tmp/out")" = 1 ] || {
	echo 'FAIL: a pid namespace shows processes outside of it'
	bad=1
}

# Not its own /proc: the numbers of the process clocks would be others.
unshare -pf "$tmp/proc-dump" pid,name,cpu_percent_lifetime >"$tmp/out"
has '"name":"proc-dump","cpu_percent_lifetime":' \
	'the CPU time is right where /proc is of another namespace'
exit $bad
