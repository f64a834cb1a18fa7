# SPDX-License-Identifier: MIT
# usage: history-kill.py SYSMON DIRECTORY N
# Ends runs with SIGKILL at any moment while they keep what they saw, and reads the
# database with another reader: every run that is there is whole, and so is the file.
import os, random, signal, sqlite3, subprocess, sys, time

sysmon, where, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
log, db = os.path.join(where, "kill.log"), os.path.join(where, "kill.db")
LINES = 4000
seed = random.randrange(1 << 30)
print("seed", seed)
rng = random.Random(seed)


def write_log(n):
    with open(log, "w") as f:
        for i in range(LINES):
            f.write("2026-08-04T%02d:%02d:%02d+00:00 web sshd[%d]: Failed password for root from 203.0.%d.%d port 5 ssh2\n"
                    % (i // 3600, i // 60 % 60, i % 60, n, i % 100, i % 7))


def start():
    return subprocess.Popen([sysmon, "logs", log, "--history=" + db, "--history-size", "8", "-q", "--format", "ndjson"],
                            stdout=subprocess.DEVNULL)


def check():
    """How many runs there are; a half one or a damaged file ends the program."""
    c = sqlite3.connect(db, timeout=60)
    if c.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
        sys.exit("the database is damaged")
    tables = c.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not tables:
        c.close()
        return 0
    if not c.execute("PRAGMA user_version").fetchone()[0]:
        sys.exit("half a set of tables")
    half = c.execute("SELECT count(*) FROM run WHERE doc = '' OR json_extract(doc, '$.lines') <> ?", (LINES,)).fetchone()[0]
    lost = c.execute("SELECT count(*) FROM record WHERE run NOT IN (SELECT n FROM run)").fetchone()[0]
    uncovered = c.execute("SELECT count(*) FROM run WHERE n NOT IN (SELECT run FROM record WHERE kind = 7)").fetchone()[0]
    fewer = c.execute("SELECT count(*) FROM run WHERE json_extract(doc, '$.findings') <>"
                      " (SELECT count(*) FROM record WHERE kind = 5 AND record.run = run.n)").fetchone()[0]
    runs = c.execute("SELECT coalesce(max(n), 0) FROM run").fetchone()[0]
    c.close()
    if half or lost or uncovered or fewer:
        sys.exit("half a run: %d %d %d %d" % (half, lost, uncovered, fewer))
    return runs


write_log(0)
if start().wait() != 0:
    sys.exit("a run that nobody ends fails")
write_log(1)
took = time.monotonic()
if start().wait() != 0:
    sys.exit("a run that nobody ends fails")
took = time.monotonic() - took
killed = 0
check()
runs = 0
while killed < kills and runs < 4 * kills:
    runs = n = runs + 1
    if n % 10 == 1:
        write_log(n)
    if n % 50 == 2:
        for end in "", "-wal", "-shm":
            if os.path.exists(db + end):
                os.unlink(db + end)
    p = start()
    time.sleep(rng.uniform(0, took))
    p.send_signal(signal.SIGKILL)
    killed += p.wait() == -signal.SIGKILL
    if os.path.exists(db):
        check()
print("%d of %d runs were killed: no half run, no damaged file" % (killed, runs))
if killed < kills:
    sys.exit("too few were killed in time")
