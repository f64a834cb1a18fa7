#!/bin/sh
# SPDX-License-Identifier: MIT
# Suspicious processes of which root has the evidence, made for real in directories, a
# mount namespace and a control group of this test, and beside each the closest that
# is innocent.
if [ "${1-}" != inside ] && unshare -m true 2>/dev/null; then
	exec unshare -m sh "$0" inside
fi
. "$srcdir/tests/cli/lib.sh"
[ "${1-}" = inside ] || skip 'no mounts of its own (it takes root)'

group=
pids=
got=0
end_all()
{
	# shellcheck disable=SC2086
	# unshare(1) that has forked ignores what asks it to end.
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null
	wait
	[ -z "$group" ] || rmdir "$group" "${group%/*}" 2>/dev/null
	# Not rm -r below a mount of what is not ours.
	! [ -d "$tmp/cgroup" ] || umount -l "$tmp/cgroup" 2>/dev/null
	cleanup
}
trap end_all EXIT

# start NAME COMMAND...: in the background; its pid is $NAME, and its output in a file
# of that name.
start()
{
	name=$1
	shift
	"$@" </dev/null >"$tmp/$name" 2>"$tmp/err" &
	eval "$name=$!"
	pids="$pids $!"
}

# ready TEXT FILE: waits until it is there.
ready()
{
	n=0
	until grep -qF -- "$1" "$2" 2>/dev/null; do
		n=$((n + 1))
		[ $n -lt 200 ] || return
		sleep 0.05
	done
}

# found KIND PID SEVERITY, unfound KIND PID
of()
{
	grep '"type":"finding"' "$tmp/all" | grep -F "\"kind\":\"$1\"" |
		grep -E "\"pid\":$2[,}]" >"$tmp/out"
}
found()
{
	of "$1" "$2"
	shows "\"severity\":\"$3\""
}
unfound()
{
	of "$1" "$2"
	true_that "$1 is not found of its neighbour" [ ! -s "$tmp/out" ]
}

# Where no temporary files are, and nobody else sees it.
mount -t tmpfs -o mode=755 tmpfs /srv || skip 'no tmpfs'
sleep=$(command -v sleep)
mkdir -p /srv/lib/.x '/srv/lib/.. ' /srv/lib/x.d
for to in .x '.. ' x.d; do
	cp "$sleep" "/srv/lib/$to/service"
done
for to in changed same upgraded removed; do
	cp "$sleep" /srv/$to
done

start hidden /srv/lib/.x/service 60
start dots '/srv/lib/.. /service' 60
start dotted /srv/lib/x.d/service 60
start changed /srv/changed 60
start same /srv/same 60
start upgraded /srv/upgraded 60
start removed /srv/removed 60

math=$(ldconfig -p | sed -n 's/.*libm\.so\.6 .*=> //p' | head -n 1)
cp "$math" /srv/lib/libgone.so
cp "$math" /srv/lib/libkept.so
start old env LD_PRELOAD=/srv/lib/libgone.so "$sleep" 60
start new env LD_PRELOAD=/srv/lib/libkept.so "$sleep" 60

# Where programs of packages lie, one of none; and in a root of its own another file in the
# place of a program.
package=
if [ -d /usr/libexec ] && [ -e /var/lib/dpkg/info/coreutils.list ] &&
	mount -t tmpfs -o mode=755 tmpfs /usr/libexec; then
	cp "$sleep" /usr/libexec/service
	start package /usr/libexec/service 60
fi
# shellcheck disable=SC2016
start masked unshare -m sh -c 'mount --bind /srv/same "$0" && exec "$0" 60' "$sleep"

# As the kernel has it of a container; the namespaces make the difference.
id=$(printf '%064d' 7)
mkdir "$tmp/cgroup"
if mount -t cgroup2 none "$tmp/cgroup" 2>"$tmp/err" &&
	mkdir -p "$tmp/cgroup/sysmon-test-$$/docker-$id.scope" 2>"$tmp/err"; then
	group="$tmp/cgroup/sysmon-test-$$/docker-$id.scope"
	# shellcheck disable=SC2016
	start escaped sh -c 'echo $$ >"$0/cgroup.procs" && exec sleep 60' "$group"
	# shellcheck disable=SC2016
	start kept sh -c 'echo $$ >"$0/cgroup.procs" &&
		exec unshare -m -p --fork --kill-child sleep 60' "$group"
fi

# 425 is io_uring_setup(2), on all architectures but alpha.
start ring python3 -c '
import ctypes, sys, time
if ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(120)) < 0:
    print("ready no", flush=True)
    sys.exit()
print("ready", flush=True)
time.sleep(60)'
start noring python3 -c '
import select, time
poll = select.epoll()
print("ready", flush=True)
time.sleep(60)'

for name in hidden dots dotted changed same upgraded removed; do
	eval "pid=\$$name"
	ready /srv/ "/proc/$pid/maps"
done
[ -z "$package" ] || ready /usr/libexec/ "/proc/$package/maps"
ready "${sleep##*/}" "/proc/$masked/comm"
ready libgone.so "/proc/$old/maps"
ready libkept.so "/proc/$new/maps"
ready ready "$tmp/ring"
ready ready "$tmp/noring"
if [ -n "$group" ]; then
	ready sleep "/proc/$escaped/comm"
	ready ' ' "/proc/$kept/task/$kept/children"
	inner=$(cat "/proc/$kept/task/$kept/children")
	inner=${inner% }
	ready sleep "/proc/$inner/comm"
fi
# The clock of starts has a slack of two seconds.
sleep 2.2
chmod 700 /srv/changed
rm /srv/lib/libgone.so /srv/removed
cp "$sleep" /srv/upgraded.new && mv /srv/upgraded.new /srv/upgraded

look()
{
	ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0" \
		"$SYSMON" ps --interval 0 --hidden off --format ndjson >"$tmp/all" 2>"$tmp/err" ||
		failed 'a list has status 0'
}
look

found exe_hidden "$hidden" medium
found exe_hidden "$dots" high
unfound exe_hidden "$dotted"
found exe_changed "$changed" low
unfound exe_changed "$same"
# The path has a file again: that is an upgrade, and no loss.
found exe_deleted "$removed" medium
found exe_deleted "$upgraded" low
unfound exe_deleted "$same"
found deleted_library "$old" low
unfound deleted_library "$new"
if [ -n "$package" ]; then
	found exe_unpackaged "$package" low
	unfound exe_unpackaged "$new"
else
	echo 'SKIP: exe-unpackaged: no packages of dpkg'
fi
found exe_elsewhere "$masked" low
unfound exe_elsewhere "$new"
unfound exe_elsewhere "$upgraded"

if [ -n "$group" ]; then
	found container_escape "$escaped" medium
	unfound container_escape "$inner"
else
	echo 'SKIP: container-escape: no control groups of its own'
fi
if [ "$(cat "$tmp/ring")" = ready ]; then
	found io_uring "$ring" info
else
	echo 'SKIP: io-uring: refused here'
fi
unfound io_uring "$noring"

# Of the whole machine, so it is told with process 1.
unfound preload_file 1
mkdir /srv/etc
cp /etc/passwd /etc/ld.so.cache /srv/etc/
echo "$math" >/srv/etc/ld.so.preload
mount --bind /srv/etc /etc
look
found preload_file 1 high
umount /etc
finish
