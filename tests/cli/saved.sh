#!/bin/sh
# SPDX-License-Identifier: MIT
# report --from: what a run saved gives the report that the run itself would have given,
# in every format.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'no python3 to compare with'
cd "$tmp" || exit 99
SOURCE_DATE_EPOCH=1785880800
export SOURCE_DATE_EPOCH
attack auth.log 203.0.113.9 6
attack auth.log 2001:db8::7 3
evil=$(printf '\033]0;owned\007\302\233<b>"=cmd()')
printf '2026-08-04T10:09:01+00:00 web sshd[1]: Failed password for %s from 198.51.100.7 port 1 ssh2\n' \
	"$evil" >>auth.log
echo 'no stamp at all' >>auth.log

gives 0 report --analyze-logs=auth.log --monitor-processes --pid $$ --interval 0 --no-checks \
	-o run.ndjson -o run.json -o run.txt -o run.md -o run.csv -o run.prom -o run.xml -o run.ecs -o run.html
for f in ndjson json; do
	gives 0 report --from run.$f -o of.txt -o of.md -o of.csv -o of.json -o of.ndjson -o of.prom -o of.xml -o of.ecs -o of.html
	for o in txt md csv json ndjson prom xml ecs html; do
		cmp -s run.$o of.$o || failed "$o of saved $f is the same as of the run: $(diff run.$o of.$o | head -n 5)"
		rm of.$o
	done
done
gives 1 report --from run.ndjson --fail-on high
shows '6 failed logins from 203.0.113.9'

# The run of another machine is told as that machine's.
python3 - run.json <<'P' >other.ndjson
import json, sys
d = json.load(open(sys.argv[1]))
for f in d["findings"]:
    f["of_a_later_version"] = {"a": [1, None]}
    print(json.dumps(f))
print(json.dumps({"type": "of_a_later_version", "x": 1}))
d["summary"].update(id="1" * 32, host_id="2" * 32, hostname="elsewhere", start="2026-01-02T03:04:05Z")
print(json.dumps(d["summary"]))
P
unset SOURCE_DATE_EPOCH
gives 0 report --from other.ndjson --format txt
shows 'Report on elsewhere'
hides kernel
gives 0 report --from other.ndjson --format json
python3 -c '
import json, sys
d = json.load(open("out"))
assert d["host"] == {"hostname": "elsewhere", "id": "2" * 32}, d["host"]
assert d["summary"]["start"] == "2026-01-02T03:04:05Z"
assert d["summary"]["findings"] == 1' || failed 'the document tells the run'

# What is no saved run is refused whole, and says where.
refuses 3 "'none': No such file" report --from none
refuses 3 'no regular file' report --from .
mkfifo pipe
refuses 3 'no regular file' report --from pipe
printf '' >empty
refuses 3 'no record' report --from empty
{ head -n 1 run.ndjson; echo '{"type":"port","port":"x"}'; } >bad.ndjson
refuses 3 'line 2' report --from bad.ndjson
head -c 3000 run.json >cut.json
refuses 3 'no whole JSON document' report --from cut.json
# What is small here may be large in memory, or slow, or no time at all.
python3 - <<'P'
import json
deep = {"type": "finding", "id": "1" * 32, "title": "x", "severity": "low",
        "evidence": [{"type": "process"}] * 20000}
open("records.ndjson", "w").write(json.dumps(deep) + "\n")
wide = {"type": "finding", "id": "2" * 32, "title": "y", "severity": "low",
        "attack": [f"a{i}" for i in range(300000)]}
times = [{"type": "finding", "id": str(i) * 32, "title": "z", "severity": "low",
          "last": t} for i, t in enumerate(
    ("1677-09-21T00:12:44Z", "1969-06-01T00:00:00Z", "2262-04-11T23:47:16Z"), 3)]
with open("wide.ndjson", "w") as f:
    for line in [wide, *times]:
        print(json.dumps(line), file=f)
    print('{"type":"summary"}', file=f)
P
refuses 3 '10,000 records' report --from records.ndjson
gives 0 report --from wide.ndjson -o wide.ecs -o wide.html -o wide.json
true_that 'all findings are there' [ "$(grep -c '"event.kind":"alert"' wide.ecs)" -eq 4 ]

# Fifty times its size in memory: told where it ends, not taken.
python3 - <<'P'
with open("many.ndjson", "w") as f:
    f.write('{"type":"process"}\n' * 1000000)
empty = ",".join(['""'] * 1000001)
open("texts.ndjson", "w").write('{"type":"process","args":[' + empty + "]}\n")
long = "x" * (16 << 20)
open("long.json", "w").write('{"schema":"sysmon/1","notices":[{"type":"notice","text":"' + long + '"}]}')
P
refuses 3 '512 MiB' report --from many.ndjson
refuses 3 '1,000,000 texts' report --from texts.ndjson
refuses 3 'a record longer than 16 MiB' report --from long.json
rm many.ndjson texts.ndjson long.json
# A finding that comes again counts once.
python3 - <<'P'
import json
line = json.dumps({"type": "finding", "id": "1" * 32, "title": "x", "severity": "low",
                   "evidence": [{"type": "process"}] * 9000})
with open("again.ndjson", "w") as f:
    for i in range(70):
        print(line, file=f)
    print('{"type":"summary"}', file=f)
P
gives 0 report --from again.ndjson --format prom

# Cut at the end of a line, it is read and told to be cut: the summary was the last.
n=$(wc -l <run.ndjson)
for left in 1 $((n / 2)) $((n - 1)); do
	head -n "$left" run.ndjson >cut.ndjson
	gives 3 report --from cut.ndjson --format json
	says "'cut.ndjson': it has no summary at its end"
	shows 'saved report cut.ndjson has no summary at its end: it is not whole'
	gives 3 report --from run.ndjson --baseline ./cut.ndjson --format json
	says "'./cut.ndjson': it has no summary at its end"
	shows 'the run before has no summary at its end: it is not whole'
done
cat run.ndjson run.ndjson >twice.ndjson
gives 0 report --from twice.ndjson --format json
hides 'it is not whole'
cat run.ndjson cut.ndjson >twice.ndjson
gives 3 report --from twice.ndjson --format json

# What is no number of ports, events or anything is added up to the largest that there is.
cat >large.ndjson <<'J'
{"type":"host","address":"192.0.2.1","state":"up","open":9223372036854775807,"closed":80,"filtered":9223372036854775807}
{"type":"port","address":"192.0.2.1","protocol":"tcp","port":9223372036854775807,"state":"open"}
{"type":"port","address":"192.0.2.1","protocol":"tcp","port":-9223372036854775807,"state":"open"}
{"type":"summary"}
J
gives 0 report --from large.ndjson --format nmap-xml
shows 'numservices="9223372036854775807"'

echo '{"schema":"sysmon/9","findings":[]}' >newer.json
refuses 3 'sysmon/1' report --from newer.json
refuses 2 '--monitor-processes is for a new run' report --from run.json --monitor-processes
refuses 2 '--log is for a new run' report --from run.json --log auth.log
refuses 2 'one saved run' report --from run.json --from run.json
finish
