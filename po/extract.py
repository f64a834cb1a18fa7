#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: extract.py SRCDIR >libsysmon.pot

Writes what a person reads: the sentences that functions are given, the members of
tables, their headings, and the texts of the built-in rules. xgettext(1) knows neither
tables nor rules, and takes each format for a sentence.
"""
import glob
import os
import re
import sys

# Which arguments (from 1) of these functions are sentences; "f": for printf(3), "p":
# the next one is the form for many.
CALLS = {
    "add_heading": "2", "add_item": "2", "add_labelled": "2", "add_number": "3p", "add_part": "3p",
    "add_plural": "4p", "add_quoted": "2", "add_remark": "2", "add_rest": "4",
    "add_sentence": "3",
    "add_told": "2", "ask": "2", "bad": "4", "begin_section": "2", "draw_hog": "5",
    "fail": "3", "in": "2", "note": "3", "note_count": "3", "opt_refuse": "3",
    "refuse": "4f", "refuse_dir": "234", "run_why": "2f", "run_why_of": "3",
    "say": "1f", "show": "1f", "smi_chart_note": "2", "smi_chart_start": "34",
    "smi_fail": "3f", "smi_html_plural": "3p", "smi_html_say": "2",
    "smi_html_tr": "2", "smi_layout_plural": "3p", "smi_opts_fail": "3f",
    "smi_out_notice": "4", "smi_out_notice_count": "4", "smi_people_say": "2",
    "smi_report_notice": "3", "tell_row": "56",
    "smi_tr": "1", "smi_trf": "1f", "smi_trn": "1p", "tr": "1",
}
# What these are given is a sentence even where it has no letter: ": ".
BARE = ("in", "smi_html_tr", "smi_people_say", "smi_tr", "smi_trf", "tr")
# Members of tables and objects, in their initializers and where they are set.
MEMBERS = {
    "detail", "innocent", "more", "next_step", "note", "sentence", "summary", "title",
    "unit", "unswept", "why",
}
# Tables: which member of a row (from 0), or all that is text.
TABLES = {"opt": 3, "section": None, "smi_people_section": None}
# The same by the names of the tables.
NAMED = {
    "changes": 1, "choices": 1, "codes": None, "columns": (0, 1), "days": None,
    "headings": 1, "heads": None, "labels": None, "losses": None, "members": None,
    "order_words": 1, "sections": None, "smi_people_sections": None, "severities": None, "tactics": 1,
    "things": 1, "words": None,
}
NAMED_IN = ("cli/menu.c", "lib/process/left-out.c", "lib/report/", "lib/store/store.c")
# What fields and arguments have for words, where lib/record/told.c knows of it.
WORDS = ("up", "unknown", "processes", "listener", "user", "Other", "open", "closed",
         "filtered", "open|filtered", "listening", "critical", "high", "medium", "low",
         "info", "new", "gone", "changed", "ok", "limited", "missing",
         "a hidden program", "a program as it is fetched", "ports that were scanned",
         "listening ports", "logs")
# What the kernel says, by errno(3).
ERRORS = (
    "Address already in use", "Address family not supported by protocol",
    "Argument list too long", "Bad file descriptor", "Broken pipe",
    "Cannot allocate memory", "Cannot assign requested address", "Connection refused",
    "Connection reset by peer", "Connection timed out", "Device or resource busy",
    "File exists", "File name too long", "File too large", "Function not implemented",
    "Input/output error", "Interrupted system call", "Invalid argument",
    "Is a directory", "Network is down", "Network is unreachable",
    "No buffer space available",
    "No data available", "No route to host", "No space left on device", "No such device",
    "No such device or address", "No such file or directory", "No such process",
    "Not a directory", "Operation canceled", "Operation not permitted",
    "Operation not supported", "Permission denied", "Protocol not supported",
    "Read-only file system", "Resource temporarily unavailable", "Stale file handle",
    "Too many levels of symbolic links", "Too many open files",
    "Too many open files in system", "unknown error")
# Any text with such a name in it is a sentence.
TEMPLATE = re.compile(r"(?<!\{)\{[a-z]+[a-z_.]*\}")
# So begins what stands behind a colon.
REASON = re.compile(r"its? \w+ [^%]+$")
DEFINE = re.compile(r'^#define \w+[ \t\\\n]+("(?:\\\n|[^\n])*)', re.M)
TOKEN = re.compile(
    r'(?P<skip>/\*.*?\*/|//[^\n]*|\s+)|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<char>'(?:[^'\\]|\\.)+')|(?P<name>\w+)|(?P<other>->|.)", re.S)
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "'": "'"}
CLOSES = {"(": ")", "[": "]", "{": "}"}


class Catalogue:
    """Sentences in the order of their files, each once."""

    def __init__(self):
        self.all = {}

    def add(self, text, place, plural=None, fmt=False, bare=False):
        rest = re.sub(r"%[-+ #0-9.*]*[hlzjt]*[a-zA-Z%]|\{\w+\}", "", text)
        if not bare and not re.search(r"[A-Za-z]{2}", rest):
            return
        entry = self.all.setdefault(text, {"places": [], "plural": None, "fmt": False})
        if place not in entry["places"]:
            entry["places"].append(place)
        entry["plural"] = entry["plural"] or plural
        entry["fmt"] |= fmt and "%" in text

    def write(self, out):
        out.write('# SPDX-License-Identifier: MIT\nmsgid ""\nmsgstr ""\n'
                  '"Project-Id-Version: libsysmon\\n"\n'
                  '"Content-Type: text/plain; charset=UTF-8\\n"\n'
                  '"Content-Transfer-Encoding: 8bit\\n"\n')
        for text, entry in self.all.items():
            out.write("\n#: " + " ".join(entry["places"]) + "\n")
            if entry["fmt"]:
                out.write("#, c-format\n")
            elif "%" in text:
                out.write("#, no-c-format\n")
            out.write("msgid " + quoted(text) + "\n")
            if entry["plural"]:
                out.write("msgid_plural " + quoted(entry["plural"]) + "\n"
                          'msgstr[0] ""\nmsgstr[1] ""\n')
            else:
                out.write('msgstr ""\n')


def quoted(text):
    """As msgcat --no-wrap writes it: a line of the text is a line."""
    lines = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    parts = [p for p in re.split(r"(?<=\n)", lines) if p]
    parts = ['"' + p.replace("\n", "\\n") + '"' for p in parts]
    return parts[0] if len(parts) == 1 else '""\n' + "\n".join(parts)


def tokens(text):
    """Pairs of kind and text, without directives; strings side by side are one."""
    text = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", text, flags=re.M)
    out = []
    for m in TOKEN.finditer(text):
        kind, s = m.lastgroup, m.group()
        if kind == "skip":
            continue
        if kind == "string":
            s = re.sub(r"\\(x[0-9a-f]{2}|0\d\d|.)", unescaped, s[1:-1])
        if kind == "name" and s in ("PRId64", "PRIu32", "PRIu64"):
            kind, s = "string", "<" + s + ">"
        if kind == "string" and out and out[-1][0] == "string":
            out[-1] = (kind, out[-1][1] + s)
        else:
            out.append((kind, s))
    return out


def unescaped(m):
    if m[1] in ESCAPES:
        return ESCAPES[m[1]]
    if len(m[1]) != 3:
        return m[0]
    return bytes([int(m[1][1:], 16 if m[1][0] == "x" else 8)]).decode("latin-1")


def group(toks, i):
    """The parts between commas of what the bracket at i opens, and where it ends."""
    parts, depth, end = [[]], 0, CLOSES[toks[i][1]]
    for j in range(i + 1, len(toks)):
        kind, s = toks[j]
        if kind == "other" and depth == 0 and s == end:
            return [p for p in parts if p], j
        if kind == "other" and depth == 0 and s == ",":
            parts.append([])
            continue
        if kind == "other" and s in CLOSES:
            depth += 1
        if kind == "other" and s in CLOSES.values():
            depth -= 1
        parts[-1].append(toks[j])
    raise SystemExit("a bracket is not closed")


def expression(toks, i):
    """What stands from i to the next comma, semicolon or end of the bracket."""
    depth = 0
    for end in range(i, len(toks)):
        s = toks[end][1] if toks[end][0] == "other" else ""
        if depth == 0 and s in (",", ";", "}"):
            return toks[i:end]
        depth += (s in CLOSES) - (s in CLOSES.values())
    return toks[i:]


def strings(toks):
    """What an expression may be: "a", x ? "a" : "b". What is compared is not."""
    out = []
    for i, (kind, s) in enumerate(toks):
        if kind == "name" and s.startswith("str") and toks[i + 1:i + 2] == [("other", "(")]:
            return out + strings(toks[group(toks, i + 1)[1] + 1:])
        if kind == "string":
            out.append(s)
    return out


def read_call(cat, place, name, args):
    how, bare = CALLS[name], name in BARE
    for at in (int(n) - 1 for n in how if n.isdigit() and int(n) <= len(args)):
        found = strings(args[at])
        if "p" in how and found:
            cat.add(found[0], place, plural=strings(args[at + 1])[0])
            continue
        for s in found:
            cat.add(s, place, fmt="f" in how,
                    bare=bare and s != "" or "'%" in s and ": %" in s)


def read_table(cat, place, member, rows):
    for row in rows:
        if row[0] != ("other", "{"):
            continue
        cells = group(row, 0)[0]
        if cells[0][0] == ("other", "."):
            continue
        if isinstance(member, int):
            member = (member,)
        for cell in cells if member is None else [cells[m] for m in member
                                                  if m < len(cells)]:
            for s in strings(cell):
                cat.add(s, place)


def read_source(cat, srcdir, place):
    with open(os.path.join(srcdir, place), encoding="utf-8") as f:
        text = f.read()
    toks = tokens(text)
    # Macros that are sentences: such have blanks.
    for define in DEFINE.findall(text) if place.startswith("lib/") else ():
        for kind, s in tokens(define.replace("\\\n", "\n")):
            if kind == "string" and s.count(" ") > 4 and s == s.strip():
                cat.add(s, place)
    for i, (kind, s) in enumerate(toks):
        after = toks[i + 1:i + 2] or [("", "")]
        if place.startswith("cli/") and s == "return" and " " in after[0][1]:
            cat.add(after[0][1], place)
        if kind == "string" and place.startswith("lib/") and REASON.match(s):
            cat.add(s, place)
        if kind == "string" and TEMPLATE.search(s) and s == s.strip():
            cat.add(s, place)
        if kind != "name":
            continue
        if s in CALLS and after == [("other", "(")]:
            read_call(cat, place, s, group(toks, i + 1)[0])
        if (s in MEMBERS and after == [("other", "=")] and
                toks[i - 1][1] in (".", "->", "*")):
            for text in strings(expression(toks, i + 2)):
                if not text.endswith(" "):  # else a part of one
                    cat.add(text, place)
        if s in TABLES and toks[i - 1] == ("name", "struct"):
            read_rows(cat, place, toks, i, TABLES[s])
        if s in NAMED and after == [("other", "[")] and place.startswith(NAMED_IN):
            read_rows(cat, place, toks, i - 1, NAMED[s])


def read_rows(cat, place, toks, i, member):
    """struct TYPE NAME[] = { ... }, or one without [], where that stands at i."""
    if i + 4 >= len(toks):
        return
    if toks[i + 2:i + 4] == [("other", "="), ("other", "{")]:
        read_table(cat, place, member, [toks[i + 3:]])
    if toks[i + 2] != ("other", "["):
        return
    start = group(toks, i + 2)[1] + 1
    if toks[start:start + 2] == [("other", "="), ("other", "{")]:
        rows = group(toks, start + 1)[0]
        read_table(cat, place, member, rows)
        for row in rows:
            if len(row) == 1 and row[0][0] == "string":
                cat.add(row[0][1], place)


def read_headings(cat, srcdir, place):
    """The names of the columns that a table has by itself, in capitals."""
    with open(os.path.join(srcdir, place), encoding="utf-8") as f:
        text = f.read()
    views, other = (re.search(r"\} %s\[\] = \{(.*?)\n\};" % name, text, re.S)[1]
                    for name in ("views", "headings"))
    other = re.findall(r'\{ "(\w+)"', other)
    for kind, s in tokens(views):
        for name in s.split(",") if kind == "string" else ():
            if name not in other:
                cat.add(name.upper(), place)


def read_rules(cat, srcdir, place):
    with open(os.path.join(srcdir, place), encoding="utf-8") as f:
        text = f.read()
    for m in re.finditer(r"^(?:title|why|next_step): (.*(?:\n  .*)*)$", text, re.M):
        s = re.sub(r"\s*\n\s+", " ", m[1]).strip()
        if s[0] == "'":
            s = s[1:-1].replace("''", "'")
        elif s[0] == '"':
            s = re.sub(r"\\(.)", unescaped, s[1:-1])
        cat.add(s, place)


def catalogue(srcdir):
    cat = Catalogue()
    for word in WORDS:
        cat.add(word, "lib/record/told.c")
    for error in ERRORS:
        cat.add(error, "lib/core/fail.c")
    for pattern, read in (("cli/*.c", read_source), ("lib/*/*.c", read_source),
                          ("lib/report/table.c", read_headings),
                          ("lib/detect/rules/*.yaml", read_rules)):
        for path in sorted(glob.glob(os.path.join(srcdir, pattern))):
            if path.endswith("/builtin-rules.c"):  # made of the rules
                continue
            read(cat, srcdir, os.path.relpath(path, srcdir))
    return cat


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__.split("\n", 1)[0])
    catalogue(sys.argv[1]).write(sys.stdout)


if __name__ == "__main__":
    main()
