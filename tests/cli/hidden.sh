#!/bin/sh
# SPDX-License-Identifier: MIT
# Hidden processes, by tests/api/hide.c in the place of a rootkit, and mounts over the
# directory of a process.
. "$srcdir/tests/cli/lib.sh"

hide=$builddir/tests/api/.libs/hide.so
[ -e "$hide" ] || skip 'tests/api/hide is not built'
sleep 60 &
listener=$!
victim=$listener

# look FROM ARG...: the findings where the victim is hidden from that; by /proc however
# many processes there are: BPF would still read it.
look()
{
	from=$1
	shift
	got=0
	env LD_PRELOAD="$hide" HIDE_PID="$victim" HIDE_FROM="$from" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0" \
		"$SYSMON" ps --backend procfs --interval 0 --cpu-threshold 0 \
		--fields pid,name,hidden_from,seen_by,mounted_over \
		--format ndjson "$@" >"$tmp/all" 2>"$tmp/err" </dev/null || got=$?
	grep '"type":"finding"' "$tmp/all" |
		grep -e '"kind":"hidden_process"' -e '"kind":"proc_mount_over"' \
		>"$tmp/out"
	[ "$got" -eq 0 ] || failed "a list with '$from' has status 0"
}

one_finding()
{
	[ "$(wc -l <"$tmp/out")" -eq 1 ] || failed "one finding: hidden from $from"
	shows "\"pid\":$victim,"
	shows '"severity":"critical"'
}

look nothing
true_that 'nothing is hidden where nothing hides' [ ! -s "$tmp/out" ]

# What a preloaded library does: the kernel's own list still has the process.
for name in readdir64,readdir readdir64 readdir; do
	look "$name"
	one_finding
	shows '"attack":["T1014","T1564"]'
	shows '"hidden_from":["readdir"],"seen_by":["getdents64"]'
	true_that 'the process is in the list' \
		grep -q "\"type\":\"process\",\"pid\":$victim,\"name\":\"sleep\"" \
		"$tmp/all"
done

# What a rootkit in the kernel does: some system calls forget it.
look getdents
one_finding
shows '"hidden_from":["getdents64","readdir"],"seen_by":["open /proc/PID","tgkill"'
true_that 'what is hidden is listed with its members' \
	grep -q "\"type\":\"process\",\"pid\":$victim,\"name\":\"sleep\"" "$tmp/all"
look getdents,open
one_finding
true_that 'what cannot be read is listed by its number' \
	grep -q "\"type\":\"process\",\"pid\":$victim,\"hidden_from\":" "$tmp/all"
look getdents,signal --hidden all
one_finding
shows '"hidden_from":["getdents64","readdir","tgkill"'
look getdents,signal,open --hidden all
one_finding
# What walks through the processes in the kernel makes none of the calls.
"$SYSMON" ps --backend bpf --interval 0 --no-checks >"$tmp/out" 2>&1
if grep -q 'could not be listed by bpf' "$tmp/out"; then
	echo 'SKIP: hidden from all calls: no bpf here'
else
	look getdents,signal,sched,pidfd,open --hidden all
	one_finding
	shows '"hidden_from":["getdents64","readdir","open /proc/PID","tgkill","sched","pidfd_open"]'
	shows '"bpf"]}]'
fi
look getdents --no-checks
true_that 'without checks nobody looks' [ ! -s "$tmp/out" ]
look getdents --hidden off
true_that '--hidden off is not to look' [ ! -s "$tmp/out" ]
look getdents --user root
true_that 'one user is not all' [ ! -s "$tmp/out" ]
refuses 2 sometimes ps --hidden sometimes
for option in --no-checks --user=root --pid=1 --filter=pid; do
	"$SYSMON" ps --interval 0 --format ndjson --hidden all "$option" \
		>"$tmp/out" 2>"$tmp/err"
	shows '"text":"Hidden processes were not looked for: that takes a list of all'
done
"$SYSMON" ps --interval 0 --format ndjson --hidden auto --no-checks \
	>"$tmp/out" 2>"$tmp/err"
hides 'not looked for'

# Threads answer system calls and are not listed; what begins and ends meanwhile is
# there and then not.
mkfifo "$tmp/fifo" || exit 99
"$builddir/tests/lab/zoo" threads5 <"$tmp/fifo" >"$tmp/zoo" 2>&1 &
exec 3>"$tmp/fifo"
"$builddir/tests/lab/storm" 100000 >/dev/null 2>&1 &
storm=$!
for how in auto auto all; do
	look nothing --hidden $how
	true_that 'threads and a storm are not hidden' [ ! -s "$tmp/out" ]
	true_that 'five threads are there' grep -q ready "$tmp/zoo"
done
kill $storm
exec 3>&-

if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
	echo 'SKIP: mounts over a process: no mounts of its own'
	finish
fi

# over SOURCE COMMAND...: with that mounted over the victim's directory, for the
# command alone.
over()
{
	where=$1
	shift
	unshare -m sh -c 'mount --bind "$0" "/proc/$1" && shift && exec "$@"' \
		"$where" "$victim" "$@"
}
mkdir "$tmp/empty"
for where in "$tmp/empty" "/proc/$$"; do
	over "$where" "$SYSMON" ps --interval 0 --format ndjson \
		--fields pid,name,cmdline,mounted_over >"$tmp/all" 2>"$tmp/err"
	grep '"kind":"proc_mount_over"' "$tmp/all" >"$tmp/out"
	from="a mount of $where"
	one_finding
	shows '"attack":["T1564.013"]'
	true_that 'the process is seen through what lies on it' \
		grep -q "\"pid\":$victim,\"name\":\"sleep\",\"cmdline\":\"sleep 60\",\"mounted_over\":\"" \
		"$tmp/all"
	true_that 'a mount hides nothing from the sweep' \
		[ "$(grep -c '"kind":"hidden_process"' "$tmp/all")" -eq 0 ]
done

unshare -pf --mount-proc "$SYSMON" ps --interval 0 --format ndjson \
	>"$tmp/out" 2>"$tmp/err"
hides hidden_process
shows '"type":"process"'
# The numbers of another namespace say nothing.
unshare -pf "$SYSMON" ps --interval 0 --format ndjson >"$tmp/out" 2>"$tmp/err"
hides hidden_process
shows '"text":"Hidden processes were not looked for: /proc is of another pid namespace'
finish
