# SPDX-License-Identifier: MIT
"""The readers of hostile.py: each asserts that a document is of its format and that nothing
in it is more than text."""
import csv
import html.parser
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as tree

# Default-ignorable characters that are in no category of controls: they show nothing.
HIDDEN = {0x34f, 0x115f, 0x1160, 0x3164, 0xffa0, 0x17b4, 0x17b5, *range(0x180b, 0x1810), *range(0xfe00, 0xfe10),
          *range(0xe0100, 0xe01f0)}
ACTIVE = {chr(c) for c in range(0x110000)
          if c != 10 and (unicodedata.category(chr(c)) in ("Cc", "Cf", "Zl", "Zp", "Cs") or c in HIDDEN)}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# What we ourselves switch on: bold, dim and the colours of severities.
COLOURS = {"", "0", "1", "2", "1;31", "31", "32", "33", "34", "35", "36"}

_spec = importlib.util.spec_from_file_location("syslog_server", os.path.join(os.path.dirname(__file__), "syslog.py"))
_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_server)


def inert(sink, data):
    text = data.decode("utf-8")
    if "colour" in sink:
        codes = {m[2:-1] for m in COLOUR.findall(text)}
        assert codes <= COLOURS, codes - COLOURS
        text = COLOUR.sub("", text)
    if sink.startswith("syslog"):
        text = text.replace("] \ufeff", "] ", 1)  # says that the message is UTF-8
    if sink.endswith("csv"):
        text = text.replace("\r\n", "\n")
    for bad in set(text) & ACTIVE:
        at = text.index(bad)
        raise AssertionError(f"{ord(bad):x}: {text[max(at - 40, 0):at + 40]}")


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen, self.values = set(), set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.seen |= {(tag, name) for name, _ in attrs}
        self.values |= {(name, v) for name, v in attrs if name in ("href", "src", "style", "http-equiv", "content")}

    def handle_comment(self, data):
        self.seen.add("<!-- " + data.strip())

    def handle_decl(self, decl):
        self.seen.add("<!" + decl)

    def handle_pi(self, data):
        self.seen.add("<?" + data)

    def unknown_decl(self, data):
        self.seen.add("<![" + data)


def read_html(data, plain):
    got, want = Tags(data.decode()), Tags(plain.decode())
    assert got.seen <= want.seen, got.seen - want.seen
    for name, value in got.values - want.values:
        assert name == "href" and value.startswith("#"), (name, value)


def xml_names(data):
    root = tree.fromstring(data)
    return {(e.tag, a) for e in root.iter() for a in e.keys()} | {e.tag for e in root.iter()}


def read_xml(data, plain):
    assert xml_names(data) <= xml_names(plain), xml_names(data) - xml_names(plain)
    if shutil.which("xmllint"):
        p = subprocess.run(["xmllint", "--noout", "--nonet", "--huge", "-"], input=data, capture_output=True, check=False)
        assert p.returncode == 0, p.stderr[:300]


def read_md(data, plain):
    if not shutil.which("cmark-gfm"):
        return
    pages = [subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"],
                            input=d, capture_output=True, check=True).stdout.decode() for d in (data, plain)]
    got, want = Tags(pages[0]), Tags(pages[1])
    assert got.seen - want.seen <= {"<!-- "}, got.seen - want.seen
    assert got.values <= want.values, got.values - want.values


LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"([a-z_]+)(\{{{LABEL}(?:,{LABEL})*\}})? -?[0-9.e+]+")


def prom_names(data):
    names, seen = set(), set()
    for line in data.decode().splitlines():
        if line.startswith("# "):
            assert re.fullmatch(r"# (HELP|TYPE) [a-z_]+ .*", line), line
            continue
        m = SAMPLE.fullmatch(line)
        assert m, line
        assert (m[1], m[2]) not in seen, line
        seen.add((m[1], m[2]))
        names.add(m[1])
    return names


def read_prom(data, plain):
    assert prom_names(data) <= prom_names(plain), prom_names(data) - prom_names(plain)
    if shutil.which("promtool"):
        p = subprocess.run(["promtool", "check", "metrics"], input=data, capture_output=True, check=False)
        assert p.returncode == 0, p.stdout + p.stderr


def read_csv(data):
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1, {len(row) for row in rows}
    for row in rows:
        for cell in row:
            assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell) or cell[:1] not in tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"), cell
            assert "\r" not in cell and "\n" not in cell, cell
    return rows


def read_json(data):
    assert ("<" if isinstance(data, str) else b"<") not in data
    return json.loads(data)


def read_lines(data):
    return [read_json(line) for line in data.decode().split("\n") if line]


csv.field_size_limit(1 << 24)
READERS = {"r.html": read_html, "r.xml": read_xml, "r.md": read_md, "r.prom": read_prom}
ALONE = {"csv": read_csv, "r.json": read_json, "r.ndjson": read_lines, "r.ecs": read_lines, "syslog": _server.read_message}

BYTES = re.compile(r"\\x([0-9a-f]{2})|\\u\{([0-9a-f]+)\}|(.)", re.S)
BYTE = re.compile(r"\\x([0-9a-f]{2})|(.)", re.S)


def back(text, csv_cell):
    """The bytes that a member was made of: sysmon-formats(5), Text from outside."""
    if not csv_cell:
        return b"".join(bytes([int(m[1], 16)]) if m[1] else m[2].encode() for m in BYTE.finditer(text))
    text = text[1:] if text.startswith("'") else text
    return b"".join(bytes([int(m[1], 16)]) if m[1] else chr(int(m[2], 16)).encode() if m[2] else m[3].encode()
                    for m in BYTES.finditer(text))


def values(sink, data, section, member, ecs):
    """All bytes of the member of the section's records."""
    kind = section if section == "coverage" else "process" if section == "processes" else section[:-1]
    if sink.endswith("csv"):
        rows = read_csv(data)
        at = rows[0].index(member)
        return {back(row[at], True) for row in rows[1:] if sink != "r.csv" or row[0] == kind}
    if sink == "r.json":
        records, name = read_json(data)[section], member
    elif sink == "r.ndjson":
        records, name = [r for r in read_lines(data) if r["type"] == kind], member
    else:
        records, name = read_lines(data), ecs
    found = set()
    for r in records:
        value = r
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is None and name in r:
            value = r[name]
        if isinstance(value, str):
            found.add(back(value, False))
    return found
