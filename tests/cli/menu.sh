#!/bin/sh
# SPDX-License-Identifier: MIT
# The menu, on a pseudo-terminal and without.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'needs python3'
cd "$tmp" || exit 99
listen
attack auth.log 203.0.113.9 7
menu_test="PORT=$port python3 $srcdir/tests/cli/menu.py"
if [ "$(id -u)" -ne 0 ]; then
	XDG_STATE_HOME=$tmp/state sh -c "$menu_test" || exit 1
elif unshare -m mount -t tmpfs none /var/lib 2>/dev/null; then
	XDG_STATE_HOME=/var/lib unshare -m \
		sh -c "mount -t tmpfs none /var/lib && $menu_test" || exit 1
else
	echo 'SKIP: the menu: its history: no mounts of its own'
	sh -c "unset XDG_STATE_HOME; $menu_test" || exit 1
fi

# Without a terminal, on request.
printf '6\n%s\n1\nx\nq\n' "$port" |
	"$SYSMON" --interactive >out 2>err
got=$?
true_that 'it leaves with 0' [ $got -eq 0 ]
shows 'Scan ports'
shows "$port"
says "'x' is no choice"
printf '' | "$SYSMON" --interactive >out 2>err
got=$?
true_that 'the end of input leaves it' [ $got -eq 0 ]
"$SYSMON" --interactive <&- >out 2>err
got=$?
true_that 'a closed input leaves it' [ $got -eq 0 ]
finish
