#!/bin/sh
# SPDX-License-Identifier: MIT
# --history keeps runs, sysmon history shows them, --baseline tells what changed; whatever
# is wrong with the database, the findings are printed.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'no python3 to read the database with'
cd "$tmp" || exit 99
chmod 700 .
db=$tmp/h.db
h=--history=$db
attack auth.log 203.0.113.9 6
evil="x'); DROP TABLE run; --"
printf '2026-08-04T10:09:01+00:00 web sshd[1]: Failed password for %s from 198.51.100.7 port 1 ssh2\n' "$evil" >>auth.log
run logs auth.log "$h"
case $(cat err) in *'without SQLite'* | *'not here'*) skip 'no SQLite' ;; esac
true_that 'a run is kept' [ "$got" -eq 0 ]
gives 0 logs auth.log "$h" -q

# sql TEXT: what another reader of SQLite sees.
sql()
{
	python3 -c '
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]):
    print(*row)' "$db" "$1"
}
true_that 'the database is whole' [ "$(sql 'PRAGMA integrity_check')" = ok ]
true_that 'no event is there twice' [ "$(sql 'SELECT count(*), count(DISTINCT id) FROM record WHERE kind = 4')" = '7 7' ]
true_that 'each run is there' [ "$(sql 'SELECT count(*) FROM run')" -eq 2 ]
true_that 'a hostile name is a value' [ "$(sql "SELECT user FROM record WHERE address = '198.51.100.7'")" = "$evil" ]
true_that 'nobody else may read it' [ "$(stat -c %a h.db)" = 600 ]

gives 0 history "$h" --format ndjson
python3 -c '
import json
runs = [r for r in map(json.loads, open("out")) if r["type"] == "run"]
assert [r["run"] for r in runs] == [1, 2], runs
assert all(r["sections"] == "logs" and r["findings"] == 1 and r["events"] == 7 for r in runs)' ||
	failed 'runs are listed'
for f in table txt csv json ndjson html nmap-xml ecs md prom; do
	gives 0 history "$h" --format $f
	gives 0 history 1 "$h" --format $f
	gives 0 history 2 "$h" --baseline 1 --format $f
done
gives 1 history 1 "$h" --format txt --fail-on high
shows '6 failed logins from 203.0.113.9'
shows 'login_failed'
gives 0 history "$h" --user "$evil"
shows 198.51.100.7
hides 203.0.113.9
gives 0 history "$h" --user "' OR 1=1 --"
hides 198.51.100.7
gives 0 history "$h" --address 203.0.113.9 --kind finding --format ndjson
true_that 'a finding of two runs is found once' [ "$(grep -c '"type":"finding"' out)" -eq 1 ]
gives 0 history "$h" --rule brute_force --since 2026-08-05T00:00:00Z
hides 203.0.113.9

# What changed: a new attacker, and one that went on.
attack auth.log 192.0.2.66 7
attack auth.log 203.0.113.9 2
gives 1 report --analyze-logs=auth.log "$h" --baseline last --fail-on new:high --format json -o now.json
says 'wrote now.json'
python3 -c '
import json
d = json.load(open("now.json"))
got = {(c["change"], c["what"], c["severity"]): c for c in d["changes"]}
assert set(got) == {("new", "finding", "high"), ("changed", "finding", "high")}, got
assert "192.0.2.66" in got["new", "finding", "high"]["subject"]
c = got["changed", "finding", "high"]
assert c["before"] == "high, 6 events" and c["after"] == "high, 8 events", c
assert d["summary"]["changes"] == 2 and d["summary"]["baseline"]
f = {x["key"] for x in d["findings"]}
assert {x["key"] for x in d["changes"]} <= f' || failed 'changes are told'
python3 -c '
import json
print(json.load(open("now.json"))["summary"]["id"])' >id
true_that 'a run has the same id in its outputs and in the history' [ \
	"$(sql 'SELECT id FROM run ORDER BY n DESC LIMIT 1')" = "$(cat id)" ]
gives 0 history "$(cat id)" "$h"
gives 0 report --analyze-logs=auth.log -o 1.json -o 2.ndjson -o 3.md "$h"
true_that 'of all formats the same' python3 -c '
import json
lines = [json.loads(line) for line in open("2.ndjson")]
one, two = json.load(open("1.json"))["summary"], [x for x in lines if x["type"] == "summary"][0]
assert (one["id"], one["start"]) == (two["id"], two["start"]), (one, two)'
gives 0 report --analyze-logs=auth.log --baseline now.json --fail-on new:low --format txt
shows 'no change'
gives 0 report --analyze-logs=auth.log --baseline 3 "$h" --fail-on new:critical
gives 0 history 3 "$h" --baseline 1 --format txt
shows '1 new, 1 changed'
gives 0 history 1 "$h" --baseline 3 --format txt
shows '1 gone, 1 changed'
for f in table txt csv json ndjson html ecs md; do
	gives 0 history 3 "$h" --baseline 1 --format $f
	shows '7 failed logins from 192.0.2.66'
	grep -q 'new' out || failed "$f tells what is new"
done
gives 0 history 3 "$h" --baseline 1 --format prom
shows 'sysmon_changes{change="new",what="finding"} 1'
gives 0 history 3 "$h" --baseline 1 --format nmap-xml
shows '1 new, 1 changed'

# Ports, listeners, processes and users, by saved runs.
cat >before.ndjson <<'J'
{"type":"host","address":"192.0.2.1","open":2,"closed":8}
{"type":"port","address":"192.0.2.1","protocol":"tcp","port":22,"state":"open","service":"ssh","product":"OpenSSH","version":"9.1"}
{"type":"port","address":"192.0.2.1","protocol":"tcp","port":80,"state":"open","service":"http"}
{"type":"port","address":"0.0.0.0","protocol":"tcp","port":25,"state":"listening","process":"exim","user":"mail"}
{"type":"process","pid":1,"name":"init","exe":"/sbin/init","user":"root","uid":0}
{"type":"process","pid":9,"name":"old","exe":"/usr/bin/old","user":"daemon","uid":1}
{"type":"summary"}
J
cat >after.ndjson <<'J'
{"type":"host","address":"192.0.2.1","open":2,"closed":8}
{"type":"host","address":"192.0.2.2","open":1}
{"type":"port","address":"192.0.2.1","protocol":"tcp","port":22,"state":"open","service":"ssh","product":"OpenSSH","version":"9.9"}
{"type":"port","address":"192.0.2.1","protocol":"tcp","port":4444,"state":"open"}
{"type":"port","address":"192.0.2.2","protocol":"tcp","port":5555,"state":"open"}
{"type":"port","address":"0.0.0.0","protocol":"tcp","port":25,"state":"listening","process":"nc","user":"eve"}
{"type":"process","pid":1,"name":"init","exe":"/sbin/init","user":"root","uid":0}
{"type":"process","pid":8,"name":"x","exe":"/tmp/x","user":"eve","uid":1000,"euid":0}
{"type":"process","pid":2,"name":"kworker","kernel_thread":true,"user":"root","uid":0}
{"type":"summary"}
J
gives 0 report --from after.ndjson --baseline before.ndjson --format json
python3 -c '
import json
d = json.load(open("out"))
got = sorted((c["what"], c["change"], c["subject"], c.get("before", ""), c.get("after", "")) for c in d["changes"])
assert got == [
    ("listener", "changed", "tcp 25 on 0.0.0.0", "exim of mail", "nc of eve"),
    ("port", "changed", "tcp 22 of 192.0.2.1", "ssh OpenSSH 9.1", "ssh OpenSSH 9.9"),
    ("port", "gone", "tcp 80 of 192.0.2.1", "http", ""),
    ("port", "new", "tcp 4444 of 192.0.2.1", "", ""),
    ("process", "new", "/tmp/x as root", "", ""),
    ("user", "gone", "daemon", "", ""),
    ("user", "new", "eve", "", "")], got
assert any("1 open ports are not compared" in n["text"] for n in d["notices"]), d["notices"]' ||
	failed 'each thing is compared'
grep -E '"type":"(process|summary)"' before.ndjson >ps.ndjson
gives 0 report --from after.ndjson --baseline ps.ndjson --format json
python3 -c '
import json
d = json.load(open("out"))
assert not [c for c in d["changes"] if c["what"] in ("port", "listener")]
assert any("listening ports are not compared: only this run" in n["text"] for n in d["notices"])' ||
	failed 'what one run did not look at is no change'

# The first run of a job has nothing before it: all is new.
gives 1 report --analyze-logs=auth.log --history="$tmp/first.db" --baseline last --fail-on new:high
says 'no run before'
shows '192.0.2.66'

umask 077
# The database fails: the findings are there, and the status says so.
fails()
{
	gives 3 logs auth.log --history="$1" -q
	shows '7 failed logins from 192.0.2.66'
	says "$2"
	true_that 'says so in one sentence' [ "$(wc -l <err)" -eq 1 ]
}
mkfifo pipe.db
fails pipe.db 'no regular file'
ln -s h.db link.db
fails link.db 'symbolic link'
fails none/x.db 'No such file'
fails . 'names no file'
head -c 3000 /dev/urandom >junk.db
fails junk.db 'no database'
cp h.db cut.db
python3 -c '
f = open("cut.db", "r+b")
f.seek(4096)
f.write(b"\xff" * 40000)'
fails cut.db 'damaged'
python3 - <<'P'
import sqlite3, shutil
shutil.copy("h.db", "newer.db")
sqlite3.connect("newer.db").execute("PRAGMA user_version = 9")
c = sqlite3.connect("other.db")
c.execute("CREATE TABLE run(n)")
c.commit()
P
fails newer.db 'later version'
fails other.db 'none of sysmon'
mkdir open
chmod 777 open
fails open/x.db 'others may write the directory'
if [ "$(id -u)" -eq 0 ]; then
	mkdir theirs
	chown 65534 theirs
	fails theirs/x.db 'belongs to another user'
fi
(
	ulimit -f 40
	trap '' XFSZ
	"$SYSMON" logs auth.log --history="$tmp/full.db" -q >out 2>err
	echo $? >status
)
got=$(cat status)
true_that 'a full disk is incomplete' [ "$got" -eq 3 ]
shows '7 failed logins from 192.0.2.66'
says 'full.db'

# A copy that cannot be written can be read.
gives 0 history --history="$db" --format csv
refuses 3 'No such file' history --history=nowhere.db
refuses 3 "no run '99'" history 99 "$h"
refuses 2 "one run at a time" history 1 2
refuses 2 "no kind of record" history --kind ship
refuses 2 'lists runs' history "$h" --kind run --address 203.0.113.9
refuses 2 'not of a saved run' history 1 "$h" --syslog=unix:/dev/null
refuses 2 'runs that end' ps --watch 1 "$h"
refuses 2 'without --history' logs auth.log --history-days 3
refuses 2 'needs --baseline' report --analyze-logs=auth.log --fail-on new:high
refuses 2 'no severity' logs auth.log --fail-on new:loud

# A search by port.
gives 0 scan 127.0.0.1 -p 1 --show all "$h" -q
gives 0 history "$h" --port 1 --format ndjson
shows '"address":"127.0.0.1","port":1,'
gives 0 history "$h" --port 2 --format ndjson
hides '"type":"port"'

# Old runs go, small ones stay.
gives 0 logs auth.log "$h" --history-size 1 --history-days 1 -q
true_that 'small ones stay' [ "$(sql 'SELECT count(*) > 3 FROM run')" -eq 1 ]
python3 -c '
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute("UPDATE run SET start = start - 2 * 86400000000000 WHERE n = 1")
c.commit()' "$db"
gives 0 logs auth.log "$h" --history-days 3 -q
true_that 'a run of two days ago stays three' [ "$(sql 'SELECT count(*) FROM run WHERE n = 1')" -eq 1 ]
gives 0 logs auth.log "$h" --history-days 1 -q
true_that 'a run of two days ago does not stay one' [ "$(sql 'SELECT count(*) FROM run WHERE n = 1')" -eq 0 ]
true_that 'nothing of it does' [ "$(sql 'SELECT count(*) FROM record WHERE run = 1')" -eq 0 ]

# By default it is below the home directory, for its owner alone.
if [ "$(id -u)" -ne 0 ]; then
	HOME=$tmp/home XDG_STATE_HOME='' gives 0 logs auth.log --history
	true_that 'below the home directory' [ -s home/.local/state/libsysmon/history.db ]
	for c in history 'report --analyze-logs=auth.log --baseline last'; do
		HOME='' XDG_STATE_HOME='' refuses 3 'name --history=FILE' $c
	done
fi
finish
