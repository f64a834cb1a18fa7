#!/bin/sh
# SPDX-License-Identifier: MIT
# A host is guessed at, entered, and made to listen by a program that is deleted then:
# one joined finding tells it. Then the same with less of it.
. "$srcdir/tests/cli/lib.sh"

[ "$(id -u)" -eq 0 ] || skip 'a network namespace and another user need root'
for tool in unshare setpriv ip python3; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
# As whom nothing else runs meanwhile, where there is one.
for who in games uucp nobody; do
	id $who >/dev/null 2>&1 && break
done
id $who >/dev/null 2>&1 || skip "there is no user $who"
export who
unshare -n true 2>/dev/null || skip 'network namespaces are not allowed'
listen=$builddir/tests/lab/ports-listen
[ -x "$listen" ] || skip 'tests/lab/ports-listen is not built'

chmod 755 "$tmp"
cd "$tmp" || exit 99
mkfifo hold
cp "$listen" sshd
echo '0.0.0.0 22' >ssh-port
echo '0.0.0.0 4444' >impl-port

# lines N LAST: as sshd writes them, of the last half minute.
lines()
{
	python3 - "$@" <<'P'
import os, sys, time
who = os.environ["who"]
now = int(time.time()) - 30
def line(second, pid, text):
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now + second))
    print(f"{stamp} web sshd[{pid}]: {text} for {who} from 203.0.113.9 "
          f"port {40000 + pid} ssh2")
for i in range(int(sys.argv[1])):
    line(i, 900 + i, "Failed password")
if sys.argv[2] == "enters":
    line(12, 990, "Accepted password")
P
}

# What runs in the namespace: listeners, then the report. sshd=no: it does not run.
cat >host.sh <<'S'
ip link set lo up || exit 77
exec 9<>hold
[ "$1" = no ] || ./sshd ssh-port <&9 >sshd.out &
setpriv --reuid "$who" --regid "$(id -g "$who")" --clear-groups \
	./impl impl-port <&9 >impl.out &
impl=$!
n=0
until [ -s impl.out ] && { [ "$1" = no ] || [ -s sshd.out ]; }; do
	n=$((n + 1))
	[ $n -lt 200 ] || exit 99
	sleep 0.05
done
rm impl
shift
"$SYSMON" report --target localhost --log auth.log --interval 50 "$@"
status=$?
echo $impl >impl.pid
kill $! $(cat /proc/$$/task/$$/children) 2>/dev/null
exit $status
S

# happens STATUS SSHD ARG...
happens()
{
	want=$1
	shift
	cp "$listen" impl && chmod 755 impl
	rm -f ./*.out r.*
	unshare -n sh host.sh "$@" >out 2>err </dev/null
	got=$?
	[ $got -ne 77 ] || skip 'a network namespace without a loopback device'
	[ $got -eq "$want" ] || failed "the report has status $want"
}

lines 6 enters >auth.log
happens 1 yes --fail-on critical -o r.txt -o r.json -o r.html
cat >story.py <<'P'
import json, os, sys
r = json.load(open("r.json"))
kinds = ("break_in", "deleted_listener", "attacked_service", "attacked_closed")
joined = [f for f in r["findings"] if f["kind"] in kinds
          and ("pid" not in f or f["pid"] == int(open("impl.pid").read())
               or f["kind"] == "attacked_service")]
def of(f, kind):
    return [e for e in f["evidence"] if e["type"] == kind]
want = sys.argv[1:]
assert sorted(f["kind"] for f in joined) == sorted(want), joined
if want == ["break_in"]:
    f = joined[0]
    assert f["severity"] == "critical", f
    assert f["source_ip"] == "203.0.113.9" and f["user"] == os.environ["who"], f
    assert f["port"] == 4444, f
    assert f["attack"] == ["T1110", "T1078"], f
    lines = [e["message"] for e in of(f, "event")]
    assert "Accepted password" in lines[-1], lines
    assert all("Failed password" in l for l in lines[:-1]) and len(lines) > 3
    assert [p["exe"] for p in of(f, "process")][0].endswith("/impl (deleted)")
    assert [p["port"] for p in of(f, "port")] == [4444], f
P
python3 story.py break_in >out 2>&1 || failed 'r.json tells it in one finding'
tr -s ' \n' ' ' <r.txt >flat
for text in "CRITICAL 203.0.113.9 broke in as $who, and impl of that user came after" \
	'evidence' "Accepted password for $who" '/impl (deleted)' \
	'127.0.0.1 tcp 4444 open'; do
	true_that "r.txt has '$text'" grep -qF "$text" flat
done

true_that 'r.html tells it' grep -qF "broke in as $who, and impl of that" r.html

# Nobody is let in: the service that is open to who guesses, and the odd listener.
lines 6 fails >auth.log
happens 0 yes --fail-on critical -o r.json
python3 story.py attacked_service deleted_listener >out 2>&1 ||
	failed 'who was not let in did not break in'

# sshd does not run: what it served is closed.
happens 0 no -o r.json
python3 story.py attacked_closed deleted_listener >out 2>&1 ||
	failed 'an attack on a closed port is told as that'

# One section alone joins nothing.
gives 0 logs auth.log --format ndjson
hides attacked_
finish
