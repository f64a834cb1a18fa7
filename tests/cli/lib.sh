# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
# Shared by the scripts of this directory: runs the command, compares, counts.
set -u
unset COLUMNS NO_COLOR CLICOLOR_FORCE SOURCE_DATE_EPOCH
PYTHONDONTWRITEBYTECODE=1
TZ=UTC
tmp=$(mktemp -d) || exit 99
# Nobody's own settings.
XDG_CONFIG_HOME=$tmp/config
export PYTHONDONTWRITEBYTECODE TZ XDG_CONFIG_HOME
listener=
cleanup()
{
	[ -z "$listener" ] || kill "$listener" 2>/dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 99' HUP INT TERM
failures=0

skip()
{
	echo "SKIP: $*"
	exit 77
}

failed()
{
	echo "FAILED: $*"
	echo "  status $got"
	sed 's/^/  out: /' "$tmp/out" | head -n 20
	sed 's/^/  err: /' "$tmp/err" | head -n 20
	failures=$((failures + 1))
}

# run ARG...: the command; its status is $got, its streams $tmp/out and $tmp/err.
run()
{
	"$SYSMON" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
}

# gives STATUS ARG...
gives()
{
	want=$1
	shift
	run "$@"
	[ "$got" -eq "$want" ] || failed "'sysmon $*' has status $want"
}

# refuses STATUS TEXT ARG...: one sentence with TEXT, and nothing on stdout.
refuses()
{
	want=$1
	text=$2
	shift 2
	gives "$want" "$@"
	grep -qF -- "$text" "$tmp/err" ||
		failed "'sysmon $*' says '$text'"
	[ "$(wc -l <"$tmp/err")" -eq 1 ] ||
		failed "'sysmon $*' says one sentence"
	[ ! -s "$tmp/out" ] || failed "'sysmon $*' prints nothing"
}

# shows TEXT, says TEXT: what the last command printed has it.
shows()
{
	grep -qF -- "$1" "$tmp/out" || failed "output has '$1'"
}
says()
{
	grep -qF -- "$1" "$tmp/err" || failed "standard error has '$1'"
}
hides()
{
	! grep -qF -- "$1" "$tmp/out" || failed "output is without '$1'"
}

# true_that WHAT COMMAND...
true_that()
{
	what=$1
	shift
	"$@" || failed "$what"
}

# A listener on a free port of 127.0.0.1, and one of all addresses that has the number of
# a service: $port and $known.
listen()
{
	command -v python3 >/dev/null || skip 'a listener needs python3'
	python3 -c '
import socket, time
s = socket.create_server(("127.0.0.1", 0))
for known in 6005, 6004, 6003, 6002, 27019, 27018:
    try:
        t = socket.create_server(("", known))
        break
    except OSError:
        pass
print(s.getsockname()[1], known, flush=True)
time.sleep(60)' >"$tmp/port" &
	listener=$!
	n=0
	while [ ! -s "$tmp/port" ] && [ $n -lt 100 ]; do
		n=$((n + 1))
		sleep 0.05
	done
	read -r port known <"$tmp/port"
}

# attack FILE ADDRESS N: N failed logins of one address, a minute apart at most.
attack()
{
	n=0
	while [ $n -lt "$3" ]; do
		printf '2026-08-04T10:%02d:%02d+00:00 web sshd[411]: %s\n' \
			$((n / 60)) $((n % 60)) \
			"Failed password for root from $2 port 51515 ssh2"
		n=$((n + 1))
	done >>"$1"
}

finish()
{
	[ $failures -eq 0 ] || exit 1
	exit 0
}
