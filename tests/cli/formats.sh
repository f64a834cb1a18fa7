#!/bin/sh
# SPDX-License-Identifier: MIT
# What is written for other people's programs is what they read.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
without=
has()
{
	command -v "$1" >/dev/null || without="$without $1"
	command -v "$1" >/dev/null
}

listen
attack auth.log 203.0.113.9 6
gives 0 report --target 127.0.0.1 --ports "$port,$known,1" --log auth.log \
	-o a.xml -o a.json
grep -q '<table key="finding">' a.xml || failed 'a finding stands at its port'
true_that 'ports, findings and notices are those of json' python3 - a.xml a.json <<'P'
import json, sys
import xml.etree.ElementTree as tree
run = tree.parse(sys.argv[1]).getroot()
doc = json.load(open(sys.argv[2]))
got = {(h.find("address").get("addr"), p.get("protocol"), int(p.get("portid"))): p
       for h in run.findall("host") for p in h.findall("ports/port")}
want = {(p["address"], p["protocol"], p["port"]): p for p in doc["ports"]}
assert got.keys() == want.keys() and len(got) >= 2, (got.keys(), want.keys())
for key, p in want.items():
    x = got[key]
    assert x.find("state").get("state") == p["state"], key
    assert x.find("state").get("reason") == p["reason"], key
    assert (x.find("owner") is None) == ("user" not in p), key
    if "service" in p:
        assert x.find("service").get("name") == p["service"], key
    if "pid" in p:
        assert int(x.find("script/elem[@key='pid']").text) == p["pid"], key
ids = [e.text for s in run.findall("postscript/script") for e in s.findall("elem[@key='id']")]
for p in run.findall("host/ports/port"):
    assert len(p.findall("script")) <= 1, "ndiff takes one script a port"
    ids += [e.text for e in p.findall("script/table[@key='finding']/elem[@key='id']")]
assert sorted(ids) == sorted(f["id"] for f in doc["findings"]) and ids, ids
texts = [s.get("output") for s in run.iter("script") if s.get("id") == "sysmon-notice"]
assert texts == [n["text"] for n in doc["notices"]], texts
left = open(sys.argv[1]).read().split("<!-- ")[1]
assert "%d log events" % len(doc["events"]) in left, left
P

dtd=/usr/share/nmap/nmap.dtd
if has xmllint && [ -f $dtd ]; then
	for f in a.xml "$srcdir/tests/data/golden/all.nmap-xml"; do
		true_that "$f is of nmap's document type" \
			xmllint --noout --nonet --dtdvalid $dtd "$f"
	done
fi
if has xsltproc && [ -f ${dtd%dtd}xsl ]; then
	true_that "nmap's style sheet shows the port" sh -c \
		'xsltproc --nonet "$1" a.xml | grep -qw "$2"' - ${dtd%dtd}xsl "$port"
fi
[ -f $dtd ] || without="$without nmap"
if has ndiff; then
	gives 0 scan 127.0.0.1 -p "$port,1" -o b.xml
	gives 0 scan 127.0.0.1 -p "$port,1" -o c.xml
	gives 0 scan 127.0.0.1 -p "$port,$known,1" -o d.xml
	true_that 'ndiff finds the same in two scans' ndiff b.xml c.xml
	ndiff c.xml d.xml >diff
	got=$?
	true_that 'and in a third what is new' [ $got -eq 1 ]
	true_that 'by its port' grep -q "^+$known/tcp *open" diff
fi
cp auth.log b.log
echo 'Aug  4 10:05:00 web sshd[9]: Accepted password for root from fe80::1%eth0 port 1 ssh2' >>b.log
gives 0 report --target 127.0.0.1 --ports "$port,$known,1" --log b.log \
	-o a.ecs -o b.json
gives 0 rules list --format ecs -o rules.ecs
gives 0 ps --pid $$ --interval 0 --no-checks -o ps.ecs --fields \
	user,euser,tty,unit,gid,egid,cwd,capabilities,listening,package,session
ecs="$srcdir/tests/data/ecs-fields.txt"
for f in rules.ecs ps.ecs "$srcdir/tests/data/golden/all.ecs"; do
	true_that "each key of $f is of ECS or ours, and of its type" \
		python3 "$srcdir/tests/cli/ecs.py" "$ecs" "$f"
done
true_that 'ecs has what json has' \
	python3 "$srcdir/tests/cli/ecs.py" "$ecs" a.ecs b.json
gives 0 report --target 127.0.0.1 --ports "$port,$known,1" --log auth.log \
	-o a.prom
true_that 'failed logins are counted' grep -qx 'sysmon_failed_logins 6' a.prom
true_that 'lines are counted' grep -qx 'sysmon_log_lines{result="read"} 6' a.prom
true_that 'a closed port is counted' grep -qxF \
	'sysmon_ports{address="127.0.0.1",protocol="tcp",state="closed"} 1' a.prom
gives 0 logs --no-events auth.log --format prom
hides sysmon_failed_logins
if has promtool; then
	for f in a.prom "$srcdir"/tests/data/golden/*.prom; do
		true_that "promtool takes $f" sh -c 'promtool check metrics <"$1"' - "$f"
	done
fi
[ $failures -eq 0 ] || exit 1
[ -z "$without" ] || skip "formats: without$without"
finish
