#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hostile text through every format, read back by Python's own readers.

report-python.py REPORT_FEED
"""
import csv
import html.parser
import io
import json
import re
import shutil
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree

HOSTILE = [
    b"plain", b"a b  c", "gr\u00fc\u00df \u20ac \U0001f600 \u6f22".encode(),
    b"nul\0inside", b"\x1b[31mred\x1b[0m", b"\x1b]0;title\x07", b"\x1b]8;;http://x\x1b\\l",
    b"\xc2\x9b31m", b"\x9b31m", b"\x90q\x9c", b"\x7f\x08\x08",
    b"two\nlines", b"cr\rback", b"crlf\r\nHeader: x", b"tab\tx", b"\x0b\x0c",
    b"\"", b"'", b"\"\"\"", b"a,b;c", b"\\", b"\\x41", b"\\u0041", b"\\n",
    b"</script><script>alert(1)</script>", b"<!--", b"]]>", b"&amp;",
    b"=cmd()", b"=1+1", b"+1", b"-1+1", b"-5", b"@SUM(1)", b"\t=1", b"\r=1",
    b"'=1", b"\"=1", "\uff1d1".encode(), b" =1", b"=HYPERLINK(\"http://x\",\"y\")",
    b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xe2",
    b"ok\xe2\x28\xa1", b"\xf8\x88\x80\x80\x80",
    "a\u202eb\u202c".encode(), "\u2066x\u2069".encode(), "\u200f\u061c".encode(),
    "zero\u200bwidth\ufeff".encode(), "\u2028\u2029".encode(), "\u00ad".encode(),
    "\U000e0041".encode(), "\uffff".encode(), b"%s%n%s", b"{title}{{", b"-", b"--", b" ",
    b"x" * 1500, b"\xff" * 400,
]
HOSTILE += [bytes([c]) + b"x" for c in range(256)]


def chars(raw):
    """Each well-formed character, or a single byte that begins none."""
    while raw:
        for n in (1, 2, 3, 4):
            try:
                yield raw[:n].decode(), raw[:n]
                raw = raw[n:]
                break
            except UnicodeDecodeError:
                pass
        else:
            yield None, raw[:1]
            raw = raw[1:]


def clean(raw):
    """What a record holds: bad bytes and control characters as \\xHH."""
    out = ""
    for c, b in chars(raw):
        if c is None or unicodedata.category(c) == "Cc":
            out += "".join("\\x%02x" % x for x in b)
        else:
            out += c
        raw = raw[len(b):]
        if c == "\\" and re.match(rb"x[0-9a-fA-F]{2}", raw):
            out = out[:-1] + "\\x5c"
    return out


def inert(c):
    noncharacter = ord(c) & 0xFFFE == 0xFFFE
    return unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs") and not noncharacter


def shown(text):
    return "".join(c if inert(c) else "\\u{%x}" % ord(c) for c in text)


def run(feed, fmt):
    lines = "".join(raw.hex() + "\n" for raw in HOSTILE)
    out = subprocess.run([feed, fmt], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    text = out.stdout.decode("utf-8", "strict")
    ends = text.replace("\r\n", "\n") if fmt == "csv" else text
    bad = {c for c in ends if c != "\n" and not inert(c)}
    assert not bad, "%s: %r" % (fmt, bad)
    return text


def same(got, want, what):
    assert got == want, "%s: %r is not %r" % (what, got, want)


def check_objects(objects, what):
    by_type = {}
    for o in objects:
        by_type.setdefault(o["type"], []).append(o)
    assert not any(v is None or v == "" for o in objects for v in o.values()), what
    for i, raw in enumerate(HOSTILE):
        want = clean(raw)
        same(by_type["process"][i]["name"], want, what)
        same(by_type["process"][i]["args"], [want], what)
        same(by_type["event"][i]["message"], want, what)
        same(by_type["notice"][i]["text"], want, what)
    titles = {o["id"]: o["title"] for o in by_type["finding"]}
    for i, raw in enumerate(HOSTILE):
        same(titles["f%d" % (i + 1)], clean(raw), what)


def check_json(feed):
    text = run(feed, "json")
    assert "</" not in text and "<!" not in text
    doc = json.loads(text)
    same(doc["schema"], "sysmon/1", "json")
    same(doc["title"], "\x1b]0;title\x07\n=1", "json title")
    check_objects(doc["processes"] + doc["events"] + doc["findings"] + doc["notices"], "json")
    same(doc["summary"]["findings"], len(HOSTILE), "json summary")


def check_ndjson(feed):
    lines = run(feed, "ndjson").split("\n")
    same(lines.pop(), "", "ndjson end")
    check_objects([json.loads(line) for line in lines], "ndjson")


def check_ecs(feed):
    by_set = {}
    for line in run(feed, "ecs").splitlines():
        o = json.loads(line)
        by_set.setdefault(o["event.dataset"], []).append(o)
    findings = {o["event.id"]: o for o in by_set["sysmon.finding"]}
    for i, raw in enumerate(HOSTILE):
        want = clean(raw)
        same(by_set["sysmon.process"][i]["process.name"], want, "ecs")
        same(by_set["sysmon.process"][i]["process.args"], [want], "ecs")
        same(by_set["sysmon.event"][i]["message"], want, "ecs")
        same(by_set["sysmon.notice"][i]["error.message"], want, "ecs")
        same(findings["f%d" % (i + 1)]["message"], want, "ecs")


def is_number(cell):
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)


def check_csv(feed):
    text = run(feed, "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    for row in rows:
        assert None not in row and None not in row.values(), "csv: a row of another length"
        for cell in row.values():
            assert is_number(cell) or cell[:1] not in tuple("=+-@\t\r\n\uff1d") or not cell, cell
    for section, column in (("process", "name"), ("event", "message"), ("notice", "text")):
        cells = [row[column] for row in rows if row["section"] == section]
        for cell, raw in zip(cells, HOSTILE):
            same(cell[1:] if cell.startswith("'") else cell, shown(clean(raw)), "csv " + column)
        same(len(cells), len(HOSTILE), "csv rows")


def in_xml(text):
    return "".join("\\u{%x}" % ord(c) if c in "\ufffe\uffff" else c for c in text)


def check_nmap_xml(feed):
    root = xml.etree.ElementTree.fromstring(run(feed, "nmap-xml"))
    same(root.get("profile_name"), "\\x1b]0;title\\x07\n=1", "nmap-xml title")
    scripts = root.findall("postscript/script")
    notices = [s.get("output") for s in scripts if s.get("id") == "sysmon-notice"]
    same(notices, [in_xml(clean(raw)) for raw in HOSTILE], "nmap-xml notices")
    found = {s.find("elem[@key='id']").text: s for s in scripts
             if s.get("id") == "sysmon-brute_force"}
    same(len(found), len(HOSTILE), "nmap-xml findings")
    for i, raw in enumerate(HOSTILE):
        script = found["f%d" % (i + 1)]
        same(script.get("output"), in_xml(clean(raw)), "nmap-xml output")
        same(script.find("elem[@key='why']").text, in_xml(clean(raw)), "nmap-xml why")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.headings, self.heading = set(), [], None

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag in ("h1", "h3"):
            self.heading = ""

    def handle_endtag(self, tag):
        if self.heading is not None and tag in ("h1", "h3"):
            self.headings.append(self.heading)
            self.heading = None

    def handle_data(self, data):
        if self.heading is not None:
            self.heading += data


def check_md(feed):
    text = run(feed, "md")
    if not shutil.which("cmark-gfm"):
        return "cmark-gfm is not installed"
    words = ["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"]
    page = Page()
    page.feed(subprocess.run(words, input=text.encode(), stdout=subprocess.PIPE,
                             check=True).stdout.decode())
    known = {"h1", "h2", "h3", "ul", "li", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.tags <= known, "md: %r" % (page.tags - known)
    same(page.headings[0], "\\x1b]0;title\\x07\\x0a=1", "md title")
    want = sorted("low: " + shown(clean(raw)) for raw in HOSTILE)
    same(sorted(page.headings[1:]), want, "md findings")
    return None


class Inert(html.parser.HTMLParser):
    """Only the elements and attributes that the writer knows, all of them closed."""
    VOID = {"meta", "br"}
    TAGS = set("html head title style body header main h1 h2 h3 p ul ol li b a span figure "
               "figcaption svg rect text path i details summary div table caption thead tbody tr th td "
               "section dl dt dd samp meta br".split())
    ATTRS = set("lang charset http-equiv content name id class role aria-label viewbox tabindex "
                "scope open x y width height text-anchor transform d href".split())

    def __init__(self):
        super().__init__()
        self.open, self.text, self.title = [], [], ""

    def handle_starttag(self, tag, attrs):
        assert tag in self.TAGS, "html: <%s>" % tag
        for name, value in attrs:
            assert name in self.ATTRS, "html: %s" % name
            assert name != "href" or value.startswith("#"), "html: %s" % value
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        same(tag, self.open.pop() if self.open else None, "html end")

    def handle_data(self, data):
        self.text.append(data)
        if self.open[-1:] == ["title"]:
            self.title += data


def check_html(feed):
    page = Inert()
    page.feed(run(feed, "html"))
    page.close()
    same(page.open, [], "html: not closed")
    same(page.title, "\\x1b]0;title\\x07\\x0a=1", "html title")
    texts = set(page.text)
    for raw in HOSTILE:
        assert shown(clean(raw)) in texts or not clean(raw), "html: %r" % raw


def check_prom(feed):
    for line in run(feed, "prom").splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) sysmon_[a-z_]+ [^\\\\]+|'
                            r'sysmon_[a-z_]+(\{[a-z]+="[a-z0-9_.:|]+"(,[a-z]+="[a-z0-9_|]+")*\})?'
                            r' [0-9.]+', line), "prom: %r" % line


def check_people(feed):
    run(feed, "txt")
    text = run(feed, "table")
    for raw in HOSTILE:
        assert shown(clean(raw)).strip() in text, "table: %r" % raw


def main():
    feed = sys.argv[1]
    left = [check(feed) for check in (check_json, check_ndjson, check_ecs, check_csv,
                                      check_nmap_xml, check_html, check_md, check_prom, check_people)]
    for why in filter(None, left):
        print("SKIP: report-python: md: " + why)
        sys.exit(77)


main()
