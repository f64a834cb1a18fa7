#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has the page what the JSON document has, a table for each chart, and nothing from elsewhere?

html-page.py FILE.html FILE.json
"""
import html.parser
import json
import re
import sys


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.figures, self.findings, self.rows = [], [], 0, 0
        self.policy, self.ids, self.links = None, [], []
        self.tiles, self.number = {}, None
        self.lists, self.changes = [], 0

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy":
            assert self.policy is None and "style" not in self.open
            self.policy = a["content"]
        if "id" in a:
            self.ids.append(a["id"])
        self.links += [a["href"]] if "href" in a else []
        if tag == "figure":
            self.figures.append({})
        if tag in ("svg", "table") and "figure" in self.open:
            self.figures[-1][tag] = a.get("role"), a.get("aria-label")
        if tag == "ul":
            self.lists.append(a.get("class"))
        self.changes += tag == "li" and self.lists[-1:] == ["changes"]
        self.findings += a.get("class") == "finding"
        self.rows += tag == "tr" and self.in_more()
        if tag not in ("meta", "br"):
            self.open.append(tag if a.get("class") != "more" else "more")

    def in_more(self):
        return "more" in self.open and self.open[-1] == "tbody"

    def handle_endtag(self, tag):
        if tag == "ul":
            self.lists.pop()
        top = self.open.pop()
        assert top == tag or (top == "more" and tag == "details"), (top, tag)

    def handle_data(self, data):
        if self.open[-3:] == ["ul", "li", "b"]:
            self.number = int(data.replace(",", ""))
        elif self.number is not None:
            self.tiles[data], self.number = self.number, None


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    doc = json.load(open(sys.argv[2]))
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, page.open
    assert page.policy.startswith("default-src 'none'; style-src 'unsafe-inline'"), page.policy
    low = text.lower()
    for bad in ("<script", "<iframe", "<img", "<link", "@import", "url(", "javascript:", "src="):
        assert bad not in low, bad
    assert not re.search(r"<[^>]*\s(on[a-z]+|style)\s*=", low)
    assert not re.search(r"(href|src|action|content)=\"[a-z]+:", low)
    assert all(link[0] == "#" and link[1:] in page.ids for link in page.links), page.links
    assert len(set(page.ids)) == len(page.ids), page.ids
    for figure in page.figures:
        assert set(figure) == {"svg", "table"}, figure
        assert figure["svg"][0] == "img" and figure["svg"][1], figure
    for name, n in page.tiles.items():
        assert n == doc["summary"][name], (name, n)
    assert len(page.tiles) == 5, page.tiles
    left = sum(int(n.replace(",", "")) for n in
               re.findall(r"And ([0-9,]+) more, which the other formats have", text))
    assert page.findings + page.rows + left == len(doc["findings"]), (page.findings, page.rows)
    changes = doc.get("changes", [])
    rest = sum(int(n.replace(",", "")) for n in
               re.findall(r"And ([0-9,]+) more changes, which", text))
    assert page.changes + rest == len(changes), (page.changes, len(changes))
    told = re.findall(r"<strong>([0-9,]+)</strong> (?:<a href=\"#changes\">)?(\w+)<", text)
    for n, word in told:
        assert int(n.replace(",", "")) == sum(c["change"] == word for c in changes), (word, n)
    assert len(told) == (3 if changes else 0), told
    print(len(page.figures), page.findings, page.rows, left)


main()
