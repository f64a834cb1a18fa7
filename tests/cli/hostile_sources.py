# SPDX-License-Identifier: MIT
"""The places that text comes from, for hostile.py. Each is a context that brings texts to
where they come from and gives a command (words before and after its outputs), more for
its run, and the bytes that have to come back."""
import contextlib
import ctypes
import json
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import threading
import time


class Missing(Exception):
    pass


def of_names(texts, most):
    """What a file can be called."""
    short = [t[:most] for t in texts]
    return list(dict.fromkeys(t for t in short if t.strip(b".") and b"/" not in t and b"\0" not in t))


def is_line(text):
    return b"\n" not in text and b"\0" not in text and len(text) < 30000


def line(second, text):
    return b"2026-08-04T10:%02d:%02d+00:00 web %s\n" % (second // 60 % 60, second % 60, text)


@contextlib.contextmanager
def logs(texts):
    """Users, programs and requests; an accepted login after five failures is a finding."""
    with open("auth.log", "wb") as f:
        for i, t in enumerate(texts):
            ip = b"198.51.%d.%d" % (i // 200, i % 200 + 1)
            for n in range(6):
                said = b"Failed" if n < 5 else b"Accepted"
                f.write(line(i * 6 + n, b"sshd[1]: %s password for %s from %s port 1 ssh2" % (said, t, ip)))
            f.write(line(i * 6 + 5, t[:200] + b"[2]: error: " + t))
            f.write(line(i * 6 + 5, b"app[3]: error: failed for " + t))
    with open("access.log", "wb") as f:
        for i, t in enumerate(texts):
            f.write(b"198.51.100.7 - %s [04/Aug/2026:10:00:00 +0000] \"GET /?q=%s&id=1'%%20OR%%20'1'='1 HTTP/1.1\" 404 1 \"%s\" \"%s\"\n"
                    % (t.replace(b" ", b"")[:200], t, t, t))
    want = [t for t in texts if is_line(t) and t == t.strip()]
    yield (["logs"], ["auth.log", "access.log"]), {}, want


@contextlib.contextmanager
def file_names(texts):
    names = of_names(texts, 80)
    os.mkdir("names")
    try:
        for i, name in enumerate(names):
            with open(b"names/" + name, "wb") as f:
                for n in range(5):
                    f.write(line(n, b"sshd[1]: Failed password for root from 198.51.100.%d port 1 ssh2" % (i + 1)))
        yield (["logs"], ["--", *(b"names/" + n for n in names)]), {}, [b"names/" + n for n in names]
    finally:
        shutil.rmtree("names")


@contextlib.contextmanager
def processes(texts):
    """A program of that name, with that argument."""
    os.mkdir("bin")
    running, want = [], []
    try:
        for i, name in enumerate(of_names(texts, 100)):
            path = os.fsencode(os.getcwd()) + b"/bin/" + name
            shutil.copy(shutil.which("sleep"), path)
            first = texts[i % len(texts)].replace(b"\0", b"")[:60000]
            running.append(subprocess.Popen([first, b"300"], executable=path, stdin=subprocess.DEVNULL))
            want.append(path)
        for p, path in zip(running, want):
            while os.readlink(b"/proc/%d/exe" % p.pid) != path:
                time.sleep(0.01)
        yield (["ps", "--interval", "0", "--filter", f"ppid = {os.getpid()}"], []), {}, want
    finally:
        for p in running:
            p.kill()
            p.wait()
        shutil.rmtree("bin")


class Servers:
    """One on 127.0.0.1 for each text, which is what it says first, or in a page's title."""

    def __init__(self, texts, tls):
        self.tls, self.over, self.socks = tls, threading.Event(), []
        for t in texts:
            s = socket.create_server(("127.0.0.1", 0))
            s.settimeout(0.2)
            self.socks.append((s, t))
        self.ports = [s.getsockname()[1] for s, _ in self.socks]
        self.threads = [threading.Thread(target=self.serve, args=st) for st in self.socks]
        for t in self.threads:
            t.start()

    def serve(self, sock, text):
        while not self.over.is_set():
            try:
                peer = sock.accept()[0]
            except TimeoutError:
                continue
            with contextlib.suppress(OSError), contextlib.closing(peer):
                peer.settimeout(2)
                self.say(peer, text)
        sock.close()

    def say(self, peer, text):
        if self.tls:
            with self.tls.wrap_socket(peer, server_side=True) as s:
                s.recv(4096)
                s.sendall(b"HTTP/1.0 200 OK\r\nServer: %s/1\r\n\r\n<html><title>%s</title>" % (text, text))
        else:
            peer.sendall(text)

    def end(self):
        self.over.set()
        for t in self.threads:
            t.join()


@contextlib.contextmanager
def banners(texts):
    texts = [t[:200] for t in texts]
    servers = Servers(texts, None)
    ports = ",".join(map(str, servers.ports))
    try:
        yield (["scan", "-s", "--service-timeout", "500", "-p", ports], ["127.0.0.1"]), {}, [t for t in texts if t]
    finally:
        servers.end()


@contextlib.contextmanager
def certificates(texts):
    """One certificate with all of them as its subject, and pages with their titles."""
    if not shutil.which("openssl"):
        raise Missing("openssl is not installed")
    subject = b"/CN=x"
    for t in texts:
        with contextlib.suppress(UnicodeDecodeError):
            t[:60].decode()
            if b"\0" not in t:
                subject += b"/OU=" + t[:60].replace(b"\\", b"\\\\").replace(b"/", b"\\/").replace(b"+", b"\\+")
    made = subprocess.run(["openssl", "req", "-x509", "-utf8", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out",
                           "cert.pem", "-days", "2", "-subj", subject], capture_output=True, check=False)
    if made.returncode:
        raise Missing(f"openssl: {made.stderr[-200:]}")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain("cert.pem", "key.pem")
    servers = Servers([t[:300] for t in texts if b"\n" not in t], tls)
    try:
        yield (["scan", "-s", "-p", ",".join(map(str, servers.ports))], ["127.0.0.1"]), {}, []
    finally:
        servers.end()


def quoted(text):
    return b'"' + b"".join(b"\\x%02x" % c if c < 32 or c in b'"\\' or 126 < c < 160 else bytes([c]) for c in text) + b'"'


@contextlib.contextmanager
def rule_files(texts):
    """Files of rules, some of them with mistakes, by hostile names."""
    os.mkdir("rules")
    try:
        for i, name in enumerate(of_names(texts, 60)):
            with open(b"rules/" + name + b".yaml", "wb") as f:
                t = texts[i % len(texts)][:2000]
                f.write(b"id: r%d\ntitle: %s\nprogram: [%s]\naction: %s\npatterns: [%s]\n---\nid: %s\n---\n%s: x\n---\nid: [\n"
                        % (i, quoted(t), quoted(t), quoted(t), quoted(t), quoted(t), quoted(t)))
        yield (["rules", "check", "rules"], []), {}, []
    finally:
        shutil.rmtree("rules")


@contextlib.contextmanager
def title(texts):
    joined = b" ".join(t.replace(b"\0", b"")[:1000] for t in texts)
    yield (["report", "--monitor-processes", "--pid", str(os.getpid()), "--interval", "0", "--title", joined], []), {}, []


@contextlib.contextmanager
def host_names(texts):
    """The name of this machine, which has 64 bytes: in a namespace of names."""
    libc = ctypes.CDLL(None, use_errno=True)
    texts = [t[:60].replace(b"\0", b"") for t in texts]
    name = texts[0] if texts[0] == b"plain" else b"\x1b[31m\x9b=<b>\"'&\\|`]\xe2\x80\xae\xff\r\x08%n{{}}"

    def enter():
        if libc.unshare(0x04000000) or libc.sethostname(name, len(name)):
            os._exit(98)

    if os.geteuid() or subprocess.run(["true"], preexec_fn=enter, check=False).returncode:
        raise Missing("no namespace of host names")
    yield (["report", "--monitor-processes", "--pid", str(os.getpid()), "--interval", "0"], []), {"preexec_fn": enter}, []


FIXED = {"type", "id", "key", "time", "start", "first", "last", "severity", "state", "action", "outcome", "protocol", "address",
         "source_ip", "not_after", "not_before", "host_id", "since", "change", "what", "run"}


def spoil(value, text, name=""):
    """Each text in it becomes the other, but for those that have a form."""
    if isinstance(value, str):
        return value if name in FIXED else text
    if isinstance(value, list):
        return [spoil(v, text, name) for v in value]
    if isinstance(value, dict):
        return {k: spoil(v, text, k) for k, v in value.items()}
    return value


def samples():
    """A record of each kind, as of an earlier run."""
    with open(os.path.join(os.environ["srcdir"], "tests/data/golden/all.ndjson"), encoding="utf-8") as f:
        records = [json.loads(x) for x in f]
    records += [{"type": "line", "id": "1" * 32, "file": "f", "line": 1, "host": "h", "program": "p", "message": "m"},
                {"type": "rule", "file": "f", "line": 1, "id": "r", "status": "error", "reason": "x"},
                {"type": "template", "source": "s", "program": "p", "state": "new", "count": 1, "template": "t", "sample": "s"},
                {"type": "host", "address": "192.0.2.1", "hostname": "h", "state": "up", "method": "connect"},
                {"type": "change", "change": "new", "what": "listener", "subject": "s", "before": "b", "after": "a"}]
    return {r["type"]: r for r in records if r["type"] != "summary"}.values(), next(r for r in records if r["type"] == "summary")


def spoiled(texts):
    """Records of every kind with the texts. What is no UTF-8 is written as sysmon writes it."""
    kinds, summary = samples()
    for i, t in enumerate(texts):
        text = t.decode("utf-8", "backslashreplace")
        for j, r in enumerate(kinds):
            r = dict(spoil(r, text))
            if "id" in r:
                r["id"] = f"{i:016x}{j:016x}"
            yield r
    yield spoil(summary, texts[0].decode("utf-8", "backslashreplace") if texts[0] == b"plain" else "\x1b[31m<b>\"'&\x9b\u202e|`=")


@contextlib.contextmanager
def saved(texts):
    long = json.dumps({"type": "notice", "text": texts[0].decode() if texts[0] == b"plain" else "\x1b[" * (1 << 19)})
    texts = [t[:4000] for t in texts]
    with open("saved.ndjson", "w", encoding="utf-8") as f:
        f.write(long + "\n")
        for r in spoiled(texts):
            f.write(json.dumps(r, ensure_ascii=False) + "\n")
    yield (["report", "--from", "saved.ndjson"], []), {}, [t for t in texts if is_whole(t)]


def is_whole(text):
    """Neither bad UTF-8 nor what looks like sysmon's own escape."""
    with contextlib.suppress(UnicodeDecodeError):
        text.decode()
        return b"\\x" not in text
    return False


@contextlib.contextmanager
def history(texts):
    """A database that somebody else has changed."""
    for name in ("h.db", "h.db-wal", "h.db-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    texts = [t[:5000] for t in texts]
    with open("few.log", "wb") as f:
        for n in range(len(texts)):
            f.write(line(n, b"sshd[1]: Failed password for root from 198.51.100.7 port %d ssh2" % (n + 1)))
    subprocess.run([os.environ["SYSMON"], "logs", "few.log", "--history=h.db", "-q"], stdout=subprocess.DEVNULL, check=True)
    with contextlib.closing(sqlite3.connect("h.db")) as c:
        rows = c.execute("SELECT rowid, doc FROM record").fetchall()
        for i, (rowid, doc) in enumerate(rows):
            doc = spoil(json.loads(doc), texts[i % len(texts)].decode("utf-8", "backslashreplace"))
            c.execute("UPDATE record SET doc = ? WHERE rowid = ?", (json.dumps(doc, ensure_ascii=False), rowid))
        text = "plain" if texts[0] == b"plain" else "\x1b[31m<b>\"'&\x9b\u202e|`="
        for n, doc in c.execute("SELECT n, doc FROM run").fetchall():
            c.execute("UPDATE run SET doc = ? WHERE n = ?", (json.dumps(spoil(json.loads(doc), text), ensure_ascii=False), n))
        c.commit()
    yield (["history", "--history=h.db"], ["last"]), {}, []


@contextlib.contextmanager
def runs(texts):
    with history(texts) as (command, more, want):
        yield (command[0], []), more, want


# Name, context, the members that give all texts back, whether findings go to syslog too.
SOURCES = [
    ("log lines", logs, [("events", "user", "user.name")], True),
    ("names of logs", file_names, [("events", "file", "log.file.path")], True),
    ("processes", processes, [("processes", "exe", "process.executable")], True),
    ("banners", banners, [("ports", "banner", "sysmon.port.banner")], True),
    ("certificates and titles", certificates, [], True),
    ("rule files", rule_files, [], False),
    ("a title", title, [], False),
    ("host names", host_names, [], False),
    ("a saved run", saved, [("notices", "text", "message"), ("lines", "message", "message"),
                            ("processes", "cmdline", "process.command_line")], False),
    ("one run of a history", history, [], False),
    ("the runs of a history", runs, [], False),
]
