#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: check.py SRCDIR FILE.po...

Says what is wrong with translations: sentences of the program that are missing in the
template or a language, that are of no use any more, not translated, or unsure; and those
that lost a {name}, a directive of printf(3), or a line's end. 1 when there is something.
"""
import ast
import collections
import io
import os
import re
import sys

import extract

NAME = re.compile(r"\{\{|\}\}|\{[\w.]+\}")
DIRECTIVE = re.compile(r"%(?:%|<\w+>|[-+#0-9.*]*(?:ll|[hlzjt])?[a-zA-Z])")


def read(text):
    """The entries of a PO file: msgid to its other members, and its flags."""
    out, entry, member = {}, {"flags": ""}, None
    for line in text.split("\n") + [""]:
        if not line:
            if "msgid" in entry:
                out[entry["msgid"]] = entry
            entry, member = {"flags": ""}, None
        elif line.startswith("#,"):
            entry["flags"] += line
        elif not line.startswith("#"):
            m = re.match(r'(msg\S+) (".*)', line)
            if m:
                member, line = m.groups()
                entry[member] = ""
            entry[member] += ast.literal_eval(line)
    out.pop("", None)
    return out


def compare(msgid, msgstr):
    """What was lost, or None."""
    count = collections.Counter
    if count(NAME.findall(msgid)) != count(NAME.findall(msgstr)):
        return "other {names}"
    if DIRECTIVE.findall(msgid) != DIRECTIVE.findall(msgstr):
        return "other directives"
    if [s.strip(" \u00a0") == s for s in (msgid[:1], msgid[-1:])] != [
            s.strip(" \u00a0") == s for s in (msgstr[:1], msgstr[-1:])]:
        if not re.match(r"[;:] ?", msgid):
            return "other blanks at an end"
    if msgid.startswith("\n") != msgstr.startswith("\n"):
        return "another begin of a line"
    if msgid.endswith("\n") != msgstr.endswith("\n"):
        return "another end of a line"
    return None


def check(template, path):
    with open(path, encoding="utf-8") as f:
        words = read(f.read())
    for msgid in words.keys() - template.keys():
        yield "no sentence any more: %r" % msgid
    for msgid, wanted in template.items():
        entry = words.get(msgid)
        if not entry:
            yield "missing: %r" % msgid
            continue
        if "fuzzy" in entry["flags"]:
            yield "unsure: %r" % msgid
        if wanted.get("msgid_plural") != entry.get("msgid_plural"):
            yield "another plural: %r" % msgid
        for member in entry:
            if not member.startswith("msgstr"):
                continue
            if not entry[member]:
                yield "not translated: %r" % msgid
                continue
            lost = compare(msgid, entry[member])
            if lost:
                yield "%s: %r" % (lost, msgid)
            if path.endswith("fr.po") and re.search(r" [:;?!](\s|$)|\u2019", entry[member]):
                yield "a plain space before a sign, or a curly apostrophe: %r" % msgid


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__.split("\n", 1)[0])
    bad, out = 0, io.StringIO()
    extract.catalogue(sys.argv[1]).write(out)
    with open(os.path.join(sys.argv[1], "po/libsysmon.pot"), encoding="utf-8") as f:
        if f.read() != out.getvalue():
            print("po/libsysmon.pot is not what the sources say: make update-po")
            bad = 1
    template = read(out.getvalue())
    for path in sys.argv[2:]:
        for problem in check(template, path):
            print("%s: %s" % (os.path.basename(path), problem))
            bad = 1
    sys.exit(bad)


if __name__ == "__main__":
    main()
