#!/bin/sh
# SPDX-License-Identifier: MIT
# syslog-ng keeps each member of each finding, whichever way it comes.
# SYSLOG_NG_ROOT is where its package was unpacked when it is not installed.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'syslog-ng: no python3 to read with'
PATH=$PATH:/usr/sbin
root=${SYSLOG_NG_ROOT-/var/cache/libsysmon-peers/syslog-ng}
if [ -x "$root/usr/sbin/syslog-ng" ]; then
	ng()
	{
		LD_LIBRARY_PATH=$root/usr/lib/syslog-ng exec "$root/usr/sbin/syslog-ng" \
			--module-path="$(echo "$root"/usr/lib/syslog-ng/[0-9]*)" "$@"
	}
elif command -v syslog-ng >/dev/null; then
	ng()
	{
		exec syslog-ng "$@"
	}
else
	skip 'syslog-ng: no syslog-ng'
fi
cd "$tmp" || exit 99
attack auth.log 203.0.113.9 6
attack auth.log 203.0.113.77 30
# What would end a value, a message or a line, or turn a terminal around.
attack auth.log 203.0.113.8 12
printf '2026-08-04T10:01:00+00:00 web sshd[9]: Accepted password for %b from 203.0.113.8 port 1 ssh2\n' \
	'a"][x@1\\"\033[2J\342\200\256\303\251\a' >>auth.log
attack auth.log 203.0.113.7 12
printf '2026-08-04T10:01:00+00:00 web sshd[9]: Accepted password for \303\251t\303\251 from 203.0.113.7 port 1 ssh2\n' >>auth.log

ways='unix udp tcp'
SSL_CERT_FILE=
if command -v openssl >/dev/null && grep -q '^#define SMI_WITH_OPENSSL 1' "$builddir/config.h"; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj /CN=test -addext subjectAltName=IP:127.0.0.1 \
		-keyout key.pem -out cert.pem 2>/dev/null || failed 'a certificate is made'
	ways="$ways tls"
	SSL_CERT_FILE=$tmp/cert.pem
	export SSL_CERT_FILE
fi
python3 -c '
import socket
tcp = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in tcp + [udp]])' >ports
read -r tcp tls udp <ports
{
	echo "@version: $(ng --version 2>/dev/null | sed -n 's/^Config version: //p')"
	echo 'options { keep-hostname(yes); };'
	for way in $ways; do
		echo "source s_$way {"
		case $way in
		unix) echo "unix-dgram(\"$tmp/s\" flags(syslog-protocol));" ;;
		udp) echo "syslog(ip(127.0.0.1) port($udp) transport(\"udp\"));" ;;
		tcp) echo "syslog(ip(127.0.0.1) port($tcp) transport(\"tcp\"));" ;;
		tls) echo "syslog(ip(127.0.0.1) port($tls) transport(\"tls\")" \
			"tls(key-file(\"$tmp/key.pem\") cert-file(\"$tmp/cert.pem\") peer-verify(optional-untrusted)));" ;;
		esac
		cat <<-C
		};
		log { source(s_$way); destination { file("$tmp/$way.out" template(
			"\$(format-json pri=\$PRI program=\$PROGRAM msgid=\$MSGID msg=\$MESSAGE --key .SDATA.*)\n")); }; };
		C
	done
} >ng.conf
ng -F -f "$tmp/ng.conf" --persist-file="$tmp/persist" --pidfile="$tmp/pid" --control="$tmp/ctl" \
	--no-caps 2>ng.err &
listener=$!
i=0
until [ -S ctl ] && [ -S s ] || [ $i -ge 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
[ -S s ] || {
	cp ng.err err
	failed 'syslog-ng starts'
	exit 1
}

for way in $ways; do
	case $way in
	unix) to=unix:$tmp/s ;;
	udp) to=udp:127.0.0.1:$udp ;;
	tcp) to=tcp:127.0.0.1:$tcp ;;
	tls) to=tls:127.0.0.1:$tls ;;
	esac
	gives 0 logs auth.log -o $way.json "--syslog=$to"
	python3 - $way >read.out 2>err <<'P' || failed "syslog-ng has all findings that came by $way"
import json, re, sys, time
way = sys.argv[1]
doc = json.load(open(way + ".json"))
findings = {f["id"]: f for f in doc["findings"]}
assert findings
for _ in range(100):
    try:
        lines = open(way + ".out", encoding="utf-8").read()
    except FileNotFoundError:
        lines = ""
    got = {}
    for line in lines.split("\n")[:-1]:
        m = json.loads(line)
        got[m["_SDATA"]["sysmon@32473"].get("id")] = m
    if findings.keys() <= got.keys():
        break
    time.sleep(0.1)
assert findings.keys() <= got.keys(), (way, findings.keys() - got.keys())
severity = {"info": 6, "low": 5, "medium": 4, "high": 3, "critical": 2}
shown = lambda v: re.sub("[\u202a-\u202e]", lambda m: "\\u{%x}" % ord(m[0]),
                         ",".join(v) if isinstance(v, list) else str(v))
for key, f in findings.items():
    m = got[key]
    assert m["program"] == "libsysmon" and m["msgid"] == f["kind"], m
    assert int(m["pri"]) == 80 + severity[f["severity"]], m
    assert m["msg"].lstrip("\ufeff")[:80] == shown(f["title"])[:80], (m["msg"], f["title"])
    members = m["_SDATA"]["sysmon@32473"]
    assert {"id", "rule", "kind", "severity", "count"} <= members.keys(), members
    for name, value in members.items():
        assert value == shown(f[name]) or len(value) >= 150, (name, value, f[name])
    for name in "user", "source_ip", "attack":
        assert (name in members) == bool(f.get(name)), (name, members)
P
done
[ $failures -eq 0 ] || exit 1
[ "$SSL_CERT_FILE" ] || skip 'syslog-ng: no openssl, so not by TLS'
finish
