#!/bin/sh
# SPDX-License-Identifier: MIT
# A database that was brought here is input: whatever it holds, and whatever lies beside
# it, it is read for what it is, or refused, and touches nothing else.
. "$srcdir/tests/cli/lib.sh"
command -v python3 >/dev/null || skip 'no python3 to make databases with'
cd "$tmp" || exit 99
chmod 700 .
attack auth.log 203.0.113.9 6
run logs auth.log --history="$tmp/good.db" -q
case $(cat err) in *'without SQLite'* | *'not here'*) skip 'no SQLite' ;; esac
true_that 'a run is kept' [ "$got" -eq 0 ]

# bad NAME SQL: a copy in which that was done.
bad()
{
	cp good.db "$1.db"
	python3 -c '
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.executescript(sys.argv[2])
c.commit()' "$1.db" "$2"
}
# refused NAME SENTENCE: by who reads it, and by a run, which is told all the same.
refused()
{
	refuses 3 "$2" history --history="$tmp/$1.db"
	gives 3 logs auth.log --history="$tmp/$1.db" -q
	shows '6 failed logins from 203.0.113.9'
	says "$2"
}

# A journal that names another one would have that removed.
echo precious >victim
cp good.db journal.db
python3 - "$tmp/victim" <<'P'
import struct, sys
name = sys.argv[1].encode()
magic = bytes.fromhex("d9d505f920a163d7")
head = magic + struct.pack(">IIIII", 0, 0x12345678, 24, 512, 4096)
tail = struct.pack(">I", (1 << 30) // 4096 + 1) + name + struct.pack(">II", len(name), sum(name)) + magic
open("journal.db-journal", "wb").write(head.ljust(512, b"\0") + tail)
P
chmod 600 journal.db-journal
refused journal 'no journal of a history'
true_that 'what it names stays' grep -q precious victim
if [ "$(id -u)" -eq 0 ]; then
	cp good.db wal.db
	: >wal.db-wal
	chown 65534 wal.db-wal
	refused wal 'beside it is no regular file, belongs to another user'
fi

# A run whose summary is something else.
bad kind "UPDATE run SET doc = '{\"type\":\"coverage\",\"source\":\"x\",\"lines\":1094795585}'"
refuses 3 'a run has no summary' history --history="$tmp/kind.db"
refuses 3 'a run has no summary' history 1 --history="$tmp/kind.db"

# Tables that are not ours.
bad index 'DROP INDEX record_id'
refused index 'not those that sysmon makes'
bad view 'CREATE VIEW v AS SELECT 1'
refused view 'not those that sysmon makes'
bad trigger "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM record; END"
refused trigger 'not those that sysmon makes'

# A number of a run that is none ends, whatever has to go.
bad real "INSERT INTO record(run, kind, id, doc) VALUES(1.5, 3, 'z', '{\"type\":\"line\"}');
WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 30)
INSERT INTO record(run, kind, doc) SELECT 1, 2, '{\"type\":\"process\",\"name\":\"' || hex(zeroblob(40000)) || '\"}' FROM c"
gives 0 logs auth.log --history="$tmp/real.db" --history-size 1 -q

# Who may read it.
cp good.db seen.db
chmod 604 seen.db
gives 3 logs auth.log --history="$tmp/seen.db" -q
says 'mode 0600'
(
	umask 0777
	run logs auth.log --history="$tmp/mask.db" -q 2>/dev/null
)
true_that 'its owner may, whatever the umask is' [ "$(stat -c %a mask.db)" = 600 ]
finish
