#!/bin/sh
# SPDX-License-Identifier: MIT
# What a syslog server gets is what was found.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
attack auth.log 203.0.113.9 6
attack auth.log 203.0.113.77 30
# Names that would end a value, a message or a line, or turn a terminal around.
user='a"][x@1\\"\033[2J\342\200\256\303\251\a'
attack auth.log 203.0.113.8 12
for said in 'Failed password' 'Accepted password'; do
	printf '2026-08-04T10:01:00+00:00 web sshd[9]: %s for %b from 203.0.113.8 port 1 ssh2\n' \
		"$said" "$user"
done >>auth.log

# gets WAY [hangs-up] ARG...: the findings, by that way.
gets()
{
	rm -f a.json s
	python3 "$srcdir/tests/cli/syslog.py" "$1" "$tmp/s" a.json "${2-}" -- \
		"$SYSMON" logs auth.log -o a.json --syslog=SERVER >out 2>err
	got=$?
	[ $got -eq 0 ] || failed "a server by $* gets what was found"
}
gets unix
true_that 'the user is one of them' grep -q '"user":"a..\]\[x@1' a.json
gets udp
gets tcp
gets tcp hangs-up
if command -v openssl >/dev/null && grep -q '^#define SMI_WITH_OPENSSL 1' "$builddir/config.h"; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj /CN=test -addext subjectAltName=IP:127.0.0.1 \
		-keyout key.pem -out cert.pem 2>/dev/null || failed 'a certificate is made'
	SSL_CERT_FILE=$tmp/cert.pem
	export SSL_CERT_FILE
	gets tls
	gets tls hangs-up
	# distrusts HOST FILE SENTENCE: the server there gets nothing.
	distrusts()
	{
		SSL_CERT_FILE=$2 python3 "$srcdir/tests/cli/syslog.py" tls s a.json nothing -- \
			sh -c '"$0" logs auth.log -o a.json "--syslog=tls:$2:${1##*:}"' \
			"$SYSMON" SERVER "$1" >out 2>err
		got=$?
		true_that "a server at $1 that is not trusted gives status 3" [ $got -eq 3 ]
		says "$3"
	}
	distrusts 127.0.0.1 /dev/null 'self-signed certificate'
	distrusts localhost "$tmp/cert.pem" 'hostname mismatch'
	unset SSL_CERT_FILE
	# One that accepts and says nothing holds nobody up for good.
	python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(600)' >mute &
	listener=$!
	until [ -s mute ]; do sleep 0.1; done
	run logs auth.log "--syslog=tls:127.0.0.1:$(cat mute)"
	true_that 'a server that says nothing gives status 3' [ $got -eq 3 ]
	says 'timed out'
	shows 203.0.113.9
	kill "$listener"
	listener=
fi

run logs auth.log --syslog=tcp:127.0.0.1:1
true_that 'a server that is not there gives status 3' [ $got -eq 3 ]
says "syslog server 'tcp:127.0.0.1:1': Connection refused"
shows 203.0.113.9
run logs auth.log --syslog=unix:/nowhere/log -o b.json
true_that 'a socket that is not there gives status 3' [ $got -eq 3 ]
says "'unix:/nowhere/log': No such file or directory"
true_that 'and the file is written' grep -q 203.0.113.9 b.json

refuses 2 "'ftp:x': none of unix:/dev/log" logs auth.log --syslog=ftp:x
refuses 2 "'unix:log': behind unix: there is the path" logs auth.log --syslog=unix:log
for host in 'tcp:' 'udp:a:0' 'udp:a:65536' 'tcp:[::1' 'tcp:[::1]5' 'tcp:::1' 'udp:a:b'; do
	refuses 2 "'$host': no host and port" logs auth.log "--syslog=$host"
done
refuses 2 'one server is enough' logs auth.log --syslog --syslog=udp:a
gives 0 logs auth.log -o c.ndjson
refuses 2 'not of a saved run' report --from c.ndjson --syslog=udp:127.0.0.1

# A real server keeps each member; syslog-ng.sh has another.
without=
[ "$(id -u)" -eq 0 ] || without=' root'
PATH=$PATH:/usr/sbin command -v rsyslogd >/dev/null || without="$without rsyslogd"
if PATH=$PATH:/usr/sbin command -v rsyslogd >/dev/null; then
	cat >rsyslog.conf <<-C
	module(load="imtcp" maxSessions="10") input(type="imtcp" port="0" listenPortFileName="$tmp/port")
	template(name="all" type="list") { property(name="msgid") constant(value=" ")
		property(name="app-name") constant(value=" ") property(name="structured-data") constant(value="\n") }
	*.* action(type="omfile" file="$tmp/rsyslog.out" template="all")
	C
	PATH=$PATH:/usr/sbin rsyslogd -n -f "$tmp/rsyslog.conf" -i "$tmp/rsyslog.pid" 2>rsyslog.err &
	server=$!
	i=0
	until [ -s port ] || [ $i -ge 100 ]; do sleep 0.1 && i=$((i + 1)); done
	gives 0 logs auth.log -o a.json "--syslog=tcp:127.0.0.1:$(cat port)"
	n=$(python3 -c 'import json; print(len(json.load(open("a.json"))["findings"]))')
	i=0
	until [ "$(sort -u rsyslog.out 2>/dev/null | wc -l)" -ge "$n" ] || [ $i -ge 100 ]; do
		sleep 0.1 && i=$((i + 1))
	done
	kill $server
	wait $server 2>/dev/null
	for id in $(python3 -c 'import json; print(*[f["id"] for f in json.load(open("a.json"))["findings"]])'); do
		true_that "rsyslog keeps finding $id" \
			grep -qF "libsysmon [sysmon@32473 id=\"$id\"" rsyslog.out
	done
fi
[ $failures -eq 0 ] || exit 1
case $without in *rsyslogd*) skip "syslog: without$without" ;; esac
finish
