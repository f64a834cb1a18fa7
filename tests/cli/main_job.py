#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main job on a machine that this script has prepared: a listener on a random
port, a process that burns one core, a log with random attacks. One run of the
command writes three reports; each must name all of it. What must be found in the
log is counted here, by the definitions of sysmon-rules(5), not by the library."""
import csv
import datetime
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time

SYSMON = os.environ["SYSMON"]
# On a busy machine nobody gets a whole core: only where the caller knows that one is
# idle is the burner held to it.
IDLE = bool(os.environ.get("MAIN_JOB_IDLE"))
DAY = datetime.datetime(2026, 3, 4, tzinfo=datetime.timezone.utc)
WINDOW = 600


class Log:
    """Lines with their times, and what they mean."""

    def __init__(self, rng):
        self.rng, self.lines, self.events = rng, [], []

    def add(self, t, program, text, **event):
        stamp = t.strftime("%b %e %H:%M:%S")
        pid = self.rng.randrange(300, 60000)
        self.lines.append((t, f"{stamp} web01 {program}[{pid}]: {text}"))
        if event:
            self.events.append(dict(event, time=t))

    def failed(self, t, ip, user, known=True):
        port = self.rng.randrange(1024, 65536)
        if not known:
            self.add(t, "sshd", f"Invalid user {user} from {ip} port {port}",
                     action="invalid_user", ip=ip, user=user)
        who = user if known else f"invalid user {user}"
        program = self.rng.choice(["sshd", "sshd-session"])
        self.add(t, program, f"Failed password for {who} from {ip} port {port} ssh2",
                 action="login_failed", ip=ip, user=user, known=known)

    def accepted(self, t, ip, user):
        port = self.rng.randrange(1024, 65536)
        self.add(t, "sshd", f"Accepted password for {user} from {ip} port {port} ssh2",
                 action="login_ok", ip=ip, user=user)

    def noise(self, t):
        n = self.rng.randrange(1000)
        program, text = self.rng.choice([
            ("CRON", "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"),
            ("systemd-logind", f"New session {n} of user deploy."),
            ("app", f"job {n} finished: 0 errors, 0 failed, {n} rows"),
            ("postfix/smtpd", f"connect from mail-{n}.example.com[192.0.2.7]"),
        ])
        self.add(t, program, text)

    def text(self):
        return "".join(line + "\n" for _, line in sorted(self.lines, key=lambda x: x[0]))


def seconds(n):
    return datetime.timedelta(seconds=n)


def make_log(rng):
    log = Log(rng)
    hosts = iter(rng.sample([f"198.51.100.{i}" for i in range(1, 255)] +
                            [f"203.0.113.{i}" for i in range(1, 255)], 40))
    users = iter(rng.sample([f"{a}{i}" for a in ("anna", "ben", "carl", "dora")
                             for i in range(100)], 200))
    start = DAY

    def burst(n, span, make):
        """n tries at random moments of a span; an hour of quiet behind it."""
        nonlocal start
        at = sorted(rng.sample(range(span), n))
        for i, offset in enumerate(at):
            make(i, start + seconds(offset))
        start += seconds(span + 3600)

    for _ in range(rng.randrange(2, 5)):         # brute force on one name
        ip, user = next(hosts), next(users)
        burst(rng.randrange(5, 60), 580, lambda i, t: log.failed(t, ip, user))
    ip, user = f"2001:db8:{rng.randrange(1, 0xffff):x}::{rng.randrange(1, 0xffff):x}", next(users)
    burst(7, 300, lambda i, t: log.failed(t, ip, user))
    ip, user = next(hosts), next(users)          # one try too few
    burst(4, 400, lambda i, t: log.failed(t, ip, user))
    ip, user = next(hosts), next(users)          # failures, then he is in
    burst(6, 300, lambda i, t: log.failed(t, ip, user) if i < 5 else log.accepted(t, ip, user))
    ip = next(hosts)                             # names that nobody has
    burst(rng.randrange(8, 15), 500, lambda i, t: log.failed(t, ip, next(users), known=False))
    ip = next(hosts)                             # one password for all
    burst(rng.randrange(8, 12), 500, lambda i, t: log.failed(t, ip, next(users)))
    user, many = next(users), [next(hosts) for _ in range(10)]
    burst(20, 550, lambda i, t: log.failed(t, many[i % 10], user))
    user = next(users)                           # sudo
    burst(rng.randrange(3, 6), 300, lambda i, t: log.add(
        t, "sudo", f"{user} : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=/bin/sh",
        action="sudo_failed", user=user))
    ip, user = next(hosts), next(users)          # slowly, below every short window
    for i in range(22):
        log.failed(start + seconds(i * 3600 + rng.randrange(100)), ip, user)
    end = start + seconds(24 * 3600)
    t = DAY
    while t < end:
        log.noise(t)
        t += seconds(rng.randrange(1, 120))
    return log


def episodes(events, window, met):
    """Sliding windows, inclusive, in plain quadratic form: an episode begins when
    the events of the last window meet the condition, and ends when one window passes
    without a further event."""
    events = sorted(events, key=lambda e: e["time"])
    found, current = [], None
    for i, e in enumerate(events):
        if current and e["time"] - current[-1]["time"] > seconds(window):
            found.append(current)
            current = None
        if current:
            current.append(e)
            continue
        recent = [x for x in events[:i + 1] if e["time"] - x["time"] <= seconds(window)]
        if met(recent):
            current = recent
    return found + ([current] if current else [])


def expected(log):
    """{(kind, key, count, first, last)} of the log."""
    want = set()
    failed = [e for e in log.events if e["action"] == "login_failed"]

    def say(kind, key, episode):
        want.add((kind, key, len(episode), episode[0]["time"], episode[-1]["time"]))

    def of(events, key, value):
        return [e for e in events if e.get(key) == value]

    for ip in {e["ip"] for e in failed}:
        mine = of(failed, "ip", ip)
        brute = episodes(mine, WINDOW, lambda w: len(w) >= 5)
        for ep in brute:
            say("brute_force", ip, ep)
        if not brute:
            for ep in episodes(mine, 48 * 3600, lambda w: len(w) >= 20):
                say("slow_brute_force", ip, ep)
        unknown = of([e for e in log.events if e["action"] == "invalid_user"], "ip", ip)
        for ep in episodes(unknown, WINDOW, lambda w: len({e["user"] for e in w}) >= 8):
            say("user_enumeration", ip, ep)
    return want, failed


def expected_kinds_with_key(log, failed):
    """The kinds of which only the key is compared: what counts as their events is
    told by more than one action."""
    want = set()
    for ip in {e["ip"] for e in failed}:
        mine = [e for e in failed if e["ip"] == ip]
        known = [e for e in mine if e["known"]]
        for e in known:
            w = [x for x in known if seconds(0) <= x["time"] - e["time"] <= seconds(WINDOW)]
            tries = {}
            for x in w:
                tries[x["user"]] = tries.get(x["user"], 0) + 1
            if sum(n <= 2 for n in tries.values()) >= 8:
                want.add(("password_spraying", ip))
        for ok in (e for e in log.events if e["action"] == "login_ok" and e["ip"] == ip):
            before = [e for e in mine if seconds(0) <= ok["time"] - e["time"] <= seconds(2 * WINDOW)]
            for e in before:
                if sum(seconds(0) <= e["time"] - x["time"] <= seconds(WINDOW) for x in mine) >= 5 \
                        and ok["time"] - e["time"] <= seconds(WINDOW):
                    want.add(("success_after_failures", ip))
    for user in {e["user"] for e in failed}:
        for ep in episodes([e for e in failed if e["user"] == user], WINDOW,
                           lambda w: len(w) >= 20 and len({e["ip"] for e in w}) >= 10):
            want.add(("distributed_brute_force", user))
    sudo = [e for e in log.events if e["action"] == "sudo_failed"]
    for user in {e["user"] for e in sudo}:
        if episodes([e for e in sudo if e["user"] == user], WINDOW, lambda w: len(w) >= 3):
            want.add(("sudo_failures", user))
    return want


def rfc3339(t):
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


def check(condition, text):
    if not condition:
        print(f"FAIL: {text}")
        sys.exit(1)


LOG_KINDS = {"brute_force", "slow_brute_force", "distributed_brute_force", "user_enumeration",
             "password_spraying", "success_after_failures", "sudo_failures"}


def check_log(doc, rows, txt, log):
    want, failed = expected(log)
    want_keys = expected_kinds_with_key(log, failed)
    found = [f for f in doc["findings"] if f["kind"] in LOG_KINDS]
    got, got_keys = set(), set()
    for f in found:
        key = f.get("source_ip") or f.get("user")
        if f["kind"] in {"brute_force", "slow_brute_force", "user_enumeration"}:
            got.add((f["kind"], key, f["count"],
                     datetime.datetime.fromisoformat(f["first"].replace("Z", "+00:00")),
                     datetime.datetime.fromisoformat(f["last"].replace("Z", "+00:00"))))
        else:
            got_keys.add((f["kind"], f["user"] if f["kind"] in
                          {"distributed_brute_force", "sudo_failures"} else key))
    check(got == want, f"findings differ:\n missing {sorted(map(str, want - got))}\n"
                       f" too many {sorted(map(str, got - want))}")
    check(got_keys == want_keys, f"findings differ:\n missing {want_keys - got_keys}\n"
                                 f" too many {got_keys - want_keys}")
    events = [e for e in doc["events"] if e["action"] == "login_failed"]
    check(sorted((e["source_ip"], e["user"], e["time"]) for e in events) ==
          sorted((e["ip"], e["user"], rfc3339(e["time"])) for e in failed),
          "failed logins differ from those that were written")
    in_csv = {(r["kind"], r["source_ip"] or r["user"], r["count"], r["first"], r["last"])
              for r in rows if r["section"] == "finding"}
    for kind, key, count, first, last in want:
        check((kind, key, str(count), rfc3339(first), rfc3339(last)) in in_csv,
              f"csv lacks {kind} of {key}")
    for kind, key, *_ in list(want) + list(want_keys):
        check(key in txt, f"txt lacks {kind} of {key}")


# A process can have arguments of any length.
csv.field_size_limit(1 << 30)


def main():
    seed = int(os.environ.get("MAIN_JOB_SEED", random.randrange(1 << 30)))
    rng = random.Random(seed)
    print(f"seed {seed}")
    log = make_log(rng)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(5)
    port = listener.getsockname()[1]
    burner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        with tempfile.TemporaryDirectory() as tmp:
            path = os.path.join(tmp, "auth.log")
            with open(path, "w", encoding="ascii") as f:
                f.write(log.text())
            out = {s: os.path.join(tmp, "r." + s) for s in ("txt", "csv", "json")}
            time.sleep(0.3)
            run = subprocess.run(
                [SYSMON, "--scan-ports", "--monitor-processes", f"--analyze-logs={path}",
                 "--ports", str(port), "--cpu-threshold", "80" if IDLE else "1", "--now", "2026-03-20T00:00:00Z",
                 "-o", out["txt"], "-o", out["csv"], "-o", out["json"]],
                env=dict(os.environ, TZ="UTC"), capture_output=True, text=True, timeout=120)
            check(run.returncode == 0, f"status {run.returncode}: {run.stderr}")
            with open(out["json"], encoding="utf-8") as f:
                doc = json.load(f)
            with open(out["csv"], encoding="utf-8", newline="") as f:
                rows = list(csv.DictReader(f))
            with open(out["txt"], encoding="utf-8") as f:
                txt = f.read()
    finally:
        burner.kill()
        burner.wait()
        listener.close()

    open_port = [p for p in doc["ports"] if p["port"] == port]
    check(len(open_port) == 1 and open_port[0]["state"] == "open" and
          open_port[0]["pid"] == os.getpid(), f"json: port {port} is {open_port}")
    check(any(r["section"] == "port" and r["port"] == str(port) and r["pid"] == str(os.getpid())
              for r in rows), f"csv lacks port {port}")
    check(any(str(port) in line and str(os.getpid()) in line for line in txt.splitlines()),
          f"txt lacks port {port}")

    hog = [f for f in doc["findings"] if f["kind"] == "cpu_hog" and f.get("pid") == burner.pid]
    check(len(hog) == 1, "json lacks the finding of the burner")
    cpu = [p["cpu_percent"] for p in doc["processes"] if p["pid"] == burner.pid]
    print(f"burner at {cpu} %")
    check(len(cpu) == 1 and (not IDLE or 95 <= cpu[0] <= 105), f"the burner is at {cpu} %")
    check(any(r["section"] == "finding" and r["kind"] == "cpu_hog" and r["pid"] == str(burner.pid)
              for r in rows), "csv lacks the finding of the burner")
    check(str(burner.pid) in txt, "txt lacks the burner")
    check_log(doc, rows, txt, log)
    print(f"{len(log.lines)} lines, {len(doc['findings'])} findings: all as counted here")


if __name__ == "__main__":
    main()
