#!/bin/sh
# SPDX-License-Identifier: MIT
# The user's three flags: one run, one report, in as many formats as asked for.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
listen
attack auth.log 203.0.113.9 7

gives 0 --scan-ports --monitor-processes --analyze-logs=auth.log \
	--interval 50 -o r.txt -o r.csv -o r.json
for f in r.txt r.csv r.json; do
	says "wrote $f"
	true_that "$f has the port" grep -q "$port" $f
	true_that "$f has the listener's pid" grep -q "$listener" $f
	true_that "$f has the attack" grep -q 203.0.113.9 $f
done
python3 - "$port" "$listener" <<'P' >out 2>&1 || failed 'r.json is whole and true'
import json, sys
r = json.load(open("r.json"))
assert r["schema"] == "sysmon/1"
assert [p for p in r["ports"] if p["port"] == int(sys.argv[1])
        and p["pid"] == int(sys.argv[2])], r["ports"]
assert [p for p in r["processes"] if p["pid"] == int(sys.argv[2])]
f = [f for f in r["findings"] if f["kind"] == "brute_force"]
assert len(f) == 1 and f[0]["count"] == 7, f
P

# Two of the three; none of them is all.
gives 0 --scan-ports=127.0.0.1 --ports "$port" --monitor-processes \
	--interval 0 --format ndjson
shows '"type":"port"'
shows '"type":"process"'
hides '"type":"event"'
gives 0 report --target 127.0.0.1 --ports "$port" --log auth.log --interval 0 \
	--title 'A title' -o a.txt
true_that 'the title is above the report' grep -q 'A title' a.txt
true_that 'a report has the attack' grep -q 203.0.113.9 a.txt

# What ended the guessing is on the page of a person, and no failure is lost.
attack in.log 203.0.113.9 20
printf '2026-08-04T10:01:00+00:00 web sshd[411]: %s\n' \
	'Accepted password for root from 203.0.113.9 port 51515 ssh2' >>in.log
gives 0 logs in.log -o in.txt
true_that 'the accepted login is shown' grep -q 'Accepted password' in.txt
true_that 'what is not shown is counted' \
	grep -q '14 of 20 events are not shown' in.txt

# The same bytes for the same input.
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
gives 0 --analyze-logs=auth.log -o r.json
true_that 'the time of the report is given' grep -q 2023-11-14T22:13:20 r.json
unset SOURCE_DATE_EPOCH

gives 1 --analyze-logs=auth.log --fail-on high -q -o r.json
gives 3 --analyze-logs=none.log --monitor-processes --interval 0 --fail-on info \
	-o r.json
says none.log
true_that 'the other section is there' grep -q '"pid"' r.json
# What matters comes first, and whole, on lines of a terminal.
attack before.log 203.0.113.9 6
for n in 1 2 3 4 5 6 7; do
	attack after.log "2001:db8:$n:5678:9abc:def0:1234:7" $((n + 5))
done
cat before.log >>after.log
attack after.log 203.0.113.9 2
gives 0 report --analyze-logs=before.log -o before.json
gives 0 report --analyze-logs=after.log --baseline before.json -o f.txt -o f.md -o f.json
python3 - <<'P' || failed 'a report begins with what to do, then what changed'
import json, re
doc = json.load(open("f.json"))
for name, mark in ("f.txt", "^"), ("f.md", "^## "):
    text = open(name).read()
    at = [re.search(mark + heading, text, re.M).start()
          for heading in ("What to do next", "Changes", "Findings")]
    assert at == sorted(at), (name, at)
    flat = re.sub(r"\s+", " ", re.sub(r"\\(.)", r"\1", text[:at[2]]))
    worst = doc["findings"][0]
    first = flat.index(worst["title"])
    assert first < flat.index(worst["next_step"].split(".")[0], first), name
    more = sum((f["severity"], f["kind"]) == (worst["severity"], worst["kind"])
               for f in doc["findings"]) - 1
    assert f"(and {more} more of this kind)" in flat and more > 2, (name, more)
    for change in doc["changes"]:
        assert change["subject"] in flat, (name, change)
        assert change.get("after", "") in flat and change.get("before", "") in flat, change
assert doc["changes"] and max(map(len, open("f.txt").read().split("\n"))) <= 80
P
finish
