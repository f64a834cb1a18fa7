#!/bin/sh
# SPDX-License-Identifier: MIT
# What the doctor says of this machine is so, and what it does leaves no trace.
. "$srcdir/tests/cli/lib.sh"
umask 022
SYSMON_TEST_ETC=$tmp/etc
export SYSMON_TEST_ETC
cd "$tmp" || exit 99
mkdir -p etc/conf.d etc/rules.d config/libsysmon home
HOME=$tmp/home
export HOME

# A machine without logs cannot do what logs does by default.
want=0
gives_either()
{
	run "$@"
	[ "$got" -eq 0 ] || [ "$got" -eq 3 ] || failed "'sysmon $*' has status 0 or 3"
}
gives_either doctor --format ndjson
missing=$(grep -c '"type":"ability".*"status":"missing"' "$tmp/out")
[ "$got" -eq 0 ] || want=3
true_that 'status 3 is for what is missing' \
	[ "$([ "$missing" -gt 0 ] && echo 3 || echo 0)" -eq $want ]
for name in raw-sockets own-sockets proc process-events journal found-logs gzip \
	time-zone builtin-rules settings accepted history-file output language; do
	[ "$(grep -c "\"name\":\"$name\"" "$tmp/out")" -eq 1 ] ||
		failed "one row says $name"
done
! grep '"status":"ok"' "$tmp/out" | grep -q next_step ||
	failed 'what is whole needs nothing'
if [ "$(id -u)" -eq 0 ]; then
	shows '"name":"other-users","part":"processes","status":"ok"'
else
	shows '"name":"other-users","part":"processes","status":"limited"'
fi
if command -v python3 >/dev/null; then
	python3 - "$tmp/out" <<'P' || failed 'the kernel has as many listeners and limits'
import json, os, resource, sys
rows = {r["name"]: r for r in map(json.loads, open(sys.argv[1]))
        if r["type"] == "ability"}
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
assert rows["descriptors"]["text"].startswith(str(limit)), rows["descriptors"]
raw = True
try:
    import socket
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW).close()
except PermissionError:
    raw = False
assert (rows["raw-sockets"]["status"] == "ok") == raw, rows["raw-sockets"]
for r in rows.values():
    assert r["status"] in ("ok", "limited", "missing"), r
    assert r["text"][-1] in ".)" and "{" not in r["text"], r
P
fi

# Every format that has a place for them.
for f in table txt html md csv json ecs; do
	gives_either doctor --format $f
	shows 'builtin-rules'
done
gives_either doctor --fields name,status --format csv
shows 'builtin-rules,ok'
gives_either doctor
grep -q '^ok        rules, builtin-rules: [0-9]' "$tmp/out" ||
	failed 'a line begins with the status'
COLUMNS=60 gives_either doctor
refuses 2 "unexpected argument 'x'" doctor x

# What is configured, and what of it is refused: that is told here, too.
gives_either doctor
shows 'There are no settings'
echo 'quiet = no' >etc/sysmon.conf
echo '[ps]' >etc/conf.d/a.conf
gives_either doctor
shows "Settings are read from $tmp/etc/sysmon.conf, $tmp/etc/conf.d/a.conf."
printf 'id: x\nkind: allow\nkey: %s\nreason: r\n' \
	3f6c0f1e9a7b42d58c1d2e3f40516273 >etc/rules.d/a.yaml
gives_either doctor
shows 'Files with accepted findings: 1.'
chmod 666 etc/rules.d/a.yaml
gives 3 doctor
shows 'The list of accepted findings is refused'
says 'can be written by its group or others'
chmod 644 etc/rules.d/a.yaml
echo 'nonsense' >>etc/sysmon.conf
gives 3 doctor
shows 'The configuration is refused'
says "$tmp/etc/sysmon.conf:2: no '='"
gives 2 ps
gives_either doctor --no-config
shows 'There are no settings, or none are to be read'

# It looks, and makes nothing.
gives_either doctor --no-config --history="$tmp/none/history.db"
[ ! -e "$tmp/none" ] && [ -z "$(ls -A home)" ] || failed 'nothing is made'
shows "A history would be $tmp/none/history.db."
gives_either doctor --no-config --history="$tmp/etc/sysmon.conf/history.db"
shows "The history $tmp/etc/sysmon.conf/history.db cannot be written."
if command -v strace >/dev/null && strace -o "$tmp/trace" true 2>/dev/null; then
	strace -f -o "$tmp/trace" -e trace=connect,sendto,sendmsg,unlink,mkdir,rename \
		"$SYSMON" doctor --no-config >"$tmp/out" 2>"$tmp/err"
	! grep -v AF_NETLINK "$tmp/trace" | grep -E 'AF_INET6?,|unlink\(|mkdir\(|rename\(' >"$tmp/out" ||
		failed 'nothing is sent to a network, nothing changes'
fi
finish
