#!/bin/sh
# SPDX-License-Identifier: MIT
# Every kind of output where it cannot be written: one sentence, the old file whole,
# nothing left beside it, and what was found is shown.
. "$srcdir/tests/cli/lib.sh"
without=
cd "$tmp" || exit 99
formats='txt csv json ndjson html xml ecs md prom'
attack auth.log 203.0.113.9 7
export TMPDIR="$tmp"

# one_line: what was said is one sentence.
one_line()
{
	[ "$(wc -l <"$tmp/err")" -eq 1 ] || failed "'$*' is told in one sentence"
}

# A disk that is full, and one that is read-only: in mounts of our own.
if [ "${1-}" = disk ]; then
	mkdir disk closed
	mount -t tmpfs -o size=64k,mode=755 none disk
	for f in $formats; do
		echo old >"disk/r.$f"
	done
	mkdir disk/set
	echo old >disk/set/summary.csv
	cat /dev/zero >disk/filler 2>/dev/null
	# More than a format can leave out.
	n=0
	while [ $n -lt 400 ]; do
		n=$((n + 1))
		printf '2026-08-04T10:00:%02d+00:00 web sshd[411]: Failed password for root from 203.0.113.9 port %d ssh2\n' \
			$((n / 10)) $n
	done >many.log
	for f in $formats; do
		gives 3 logs many.log -q -o "disk/r.$f"
		says "disk/r.$f"
		says 'No space left on device'
		one_line "a full disk, $f"
		true_that "the old $f stays" [ "$(cat "disk/r.$f")" = old ]
		case $f in
		ndjson | ecs) ;;
		*) shows 'failed logins from 203.0.113.9' ;;
		esac
		gives 3 logs many.log -q -o "disk/r.$f" -o "good.$f" -o -
		shows 'failed logins from 203.0.113.9'
		true_that "the other $f is there" [ -s "good.$f" ]
		rm -f "good.$f"
	done
	gives 3 logs many.log -q -o disk/set/
	says 'No space left on device'
	one_line 'a full disk, a directory'
	shows 'failed logins from 203.0.113.9'
	true_that 'the old directory stays' [ "$(cat disk/set/*)" = old ]
	gives 3 logs many.log -q -o disk/new/
	true_that 'no new directory is left' [ ! -e disk/new ]
	gives 3 logs many.log -q --history=disk/h.db
	one_line 'a full disk, the history'
	shows 'failed logins from 203.0.113.9'
	true_that 'nothing else is on the full disk' \
		[ "$(ls -A disk | grep -cv '^r\.\|^set$\|^filler$\|^h\.db')" -eq 0 ]
	umount disk
	mount -t tmpfs -o ro,mode=755 none closed
	for f in $formats; do
		refuses 2 'cannot be written' logs auth.log -o "closed/r.$f"
	done
	refuses 2 'cannot be written' logs auth.log -o closed/
	refuses 2 'cannot be written' logs auth.log -o closed/new/
	gives 3 logs auth.log -q --history=closed/h.db
	one_line 'a read-only disk, the history'
	shows 'failed logins from 203.0.113.9'
	umount closed
	finish
fi
how=-rm
[ "$(id -u)" -ne 0 ] || how=-m
if unshare $how mount -t tmpfs none /mnt 2>/dev/null; then
	unshare $how sh "$srcdir/tests/cli/bad-outputs.sh" disk || failures=$((failures + 1))
else
	without="$without mounts-of-its-own"
fi

# What can be seen before the work is refused before it, whatever the format.
echo old >old
make_link() { ln -s "$tmp/old" "$1"; }
make_dangling() { ln -s "$tmp/nothing" "$1"; }
make_pipe() { mkfifo "$1"; }
make_directory() { mkdir "$1"; }
make_socket()
{
	command -v python3 >/dev/null || return 1
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1"
}
while read -r sort text; do
	for f in $formats; do
		"make_$sort" "bad.$f" || continue
		ls -ld "bad.$f" >before
		refuses 2 "$text" logs auth.log -o "bad.$f"
		refuses 2 "$text" logs auth.log -o good.json -o "bad.$f"
		ls -ld "bad.$f" | cmp -s - before || failed "a $sort is as it was"
		rm -rf "bad.$f"
	done
	[ "$sort" != directory ] || continue
	"make_$sort" bad || continue
	refuses 2 "directory" logs auth.log -o bad/
	rm -f bad
done <<'T'
link a symbolic link; name the file itself
dangling a symbolic link; name the file itself
pipe no regular file; -o - writes to standard output
socket no regular file; -o - writes to standard output
directory a directory; name a file in it
T
true_that 'one bad output of two stops both' [ ! -e good.json ]
true_that 'what a link leads to is as it was' [ "$(cat old)" = old ]
true_that 'what a dangling one leads to is not made' [ ! -e nothing ]

# A history that is none, or not ours to write.
if command -v python3 >/dev/null; then
	gives 0 logs auth.log -q --history=good.db
	history_text() { echo 'this is no database' >h.db; }
	history_zeros() { head -c 8192 /dev/zero >h.db; }
	history_cut() { head -c 5000 good.db >h.db; }
	history_spoiled()
	{
		cp good.db h.db
		python3 -c 'f = open("h.db", "r+b"); f.seek(2000); f.write(b"\xff" * 6000)'
	}
	history_newer()
	{
		cp good.db h.db
		python3 -c 'import sqlite3; c = sqlite3.connect("h.db"); c.execute("PRAGMA user_version = 99"); c.close()'
	}
	history_foreign()
	{
		python3 -c 'import sqlite3; c = sqlite3.connect("h.db"); c.execute("CREATE TABLE run (a)"); c.commit()'
	}
	history_link() { ln -s good.db h.db; }
	history_dangling() { ln -s nothing h.db; }
	history_pipe() { mkfifo h.db; }
	history_directory() { mkdir h.db; }
	history_device() { ln -s /dev/full h.db; }
	# now: what h.db is, without a look into what never ends
	now()
	{
		ls -ld h.db
		[ -L h.db ] || [ ! -f h.db ] || cksum <h.db
	}
	for sort in text zeros cut spoiled newer foreign link dangling pipe directory device; do
		"history_$sort"
		now >before
		ls -A >names
		gives 3 logs auth.log -q --history=h.db
		says h.db
		one_line "a history that is $sort"
		shows 'failed logins from 203.0.113.9'
		now | cmp -s - before || failed "a history that is $sort stays as it was"
		ls -A | cmp -s - names || failed "nothing lies beside a history that is $sort: $(ls -A)"
		rm -rf h.db
	done
	true_that 'nothing is made where a link leads' [ ! -e nothing ]
else
	without="$without python3"
fi
gives 3 logs auth.log -q --history=none/h.db
one_line 'a history in no directory'
shows 'failed logins from 203.0.113.9'

# A server that is not there.
for server in "unix:$tmp/none" "unix:$tmp/old" tcp:127.0.0.1:1 tls:127.0.0.1:1; do
	gives 3 logs auth.log -q "--syslog=$server"
	says "$server"
	# that it is not there, and what it has missed
	[ "$(grep -vcF "$server" "$tmp/err")" -eq 0 ] || failed "all that is said is about $server"
	[ "$(wc -l <"$tmp/err")" -le 2 ] || failed "$server is told in two sentences"
	shows 'failed logins from 203.0.113.9'
done

# Ended at any moment: old or new, each whole.
if command -v python3 >/dev/null; then
	true_that 'what a kill leaves is whole' \
		python3 "$srcdir/tests/cli/output-kill.py" "$SYSMON" "$tmp" "${KILLS:-40}"
fi
[ $failures -eq 0 ] || exit 1
[ -z "$without" ] || skip "outputs:$without"
finish
