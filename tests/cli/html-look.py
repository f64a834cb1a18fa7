#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a browser shows of the page: FILE.html CHROMIUM CHARTS [TEXT-ON-PAPER]...

Measures it at the width of a phone and of a desk, light and dark, and on paper; says what is
not as it should be.
"""
import html
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

WIDTHS = 390, 1280
# Runs in a page around the report, which itself can run nothing.
MEASURE = """
function seen(e) { return e.checkVisibility ? e.checkVisibility() : true; }
function parts(colour) { return colour.match(/[\\d.]+/g).map(Number); }
function light(rgb) {
  const p = rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2];
}
// Of a text with what is below it, as WCAG 2 has it.
function contrast(e, w) {
  const style = w.getComputedStyle(e);
  let ink = parts(e.closest("svg") ? style.fill : style.color), paper = null, opacity = 1;
  for (let up = e; up; up = up.parentElement) {
    const below = parts(w.getComputedStyle(up).backgroundColor);
    if (!paper && (below.length < 4 || below[3] == 1)) paper = below;
    opacity *= +w.getComputedStyle(up).opacity;
  }
  ink = ink.slice(0, 3).map((c, i) => c * opacity + paper[i] * (1 - opacity));
  const a = light(ink), b = light(paper.slice(0, 3));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
function measure(frame) {
  const w = frame.contentWindow, d = frame.contentDocument, bad = [], width = frame.clientWidth;
  const all = [...d.querySelectorAll("body *")];
  for (const e of all) {
    const r = e.getBoundingClientRect();
    if (seen(e) && !e.closest(".scroll,svg,.vh") && (r.right > width + 1 || r.left < -1))
      bad.push("beyond the page: " + e.tagName + " " + e.textContent.slice(0, 40));
  }
  for (const t of d.querySelectorAll("svg text")) {
    const r = t.getBoundingClientRect(), s = t.ownerSVGElement.getBoundingClientRect();
    if (r.left < s.left - 2 || r.right > s.right + 2 || r.top < s.top - 2 || r.bottom > s.bottom + 2)
      bad.push("beyond its chart: " + t.textContent);
  }
  for (const e of all) {
    const own = [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim());
    if (!own || !seen(e) || e.closest(".vh") || e.tagName == "title") continue;
    const c = contrast(e, w);
    if (c < 4.5) bad.push("hard to read (" + c.toFixed(1) + "): " + e.textContent.slice(0, 40));
  }
  let level = 0;
  for (const h of d.querySelectorAll("h1,h2,h3,h4")) {
    const n = +h.tagName[1];
    if (n > level + 1) bad.push("heading after a gap: " + h.textContent);
    level = n;
  }
  for (const t of d.querySelectorAll("figure table"))
    if (!t.caption) bad.push("a table without a caption");
  for (const h of d.querySelectorAll("th"))
    if (!h.scope) bad.push("a heading of nothing: " + h.textContent);
  return { width: width, scroll: d.documentElement.scrollWidth, bad: bad,
           fetched: w.performance.getEntriesByType("resource").length,
           scripts: d.scripts.length, charts: d.querySelectorAll("figure svg").length };
}
window.onload = () => {
  document.getElementById("result").textContent =
    JSON.stringify([...document.querySelectorAll("iframe")].map(measure));
};
"""


def browse(chromium, home, *args):
    env = dict(os.environ, HOME=str(home))
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--hide-scrollbars", "--allow-file-access-from-files", f"--user-data-dir={home}/browser",
         *args], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=False)
    return done.stdout.decode(errors="replace")


def pixels(path):
    """Width, height, and rows of the samples of an 8 bit PNG without interlace."""
    data, at, packed = path.read_bytes(), 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert (depth, interlace) == (8, 0) and colour in (2, 6), body
        if kind == b"IDAT":
            packed += body
        at += 12 + size
    raw, n = zlib.decompress(packed), 3 if colour == 2 else 4
    rows, before = [], bytearray(width * n)
    for y in range(height):
        begin = y * (width * n + 1)
        way, row = raw[begin], bytearray(raw[begin + 1:begin + 1 + width * n])
        for i in range(len(row)):
            left = row[i - n] if i >= n else 0
            up, corner = before[i], before[i - n] if i >= n else 0
            if way == 1:
                row[i] = row[i] + left & 255
            elif way == 2:
                row[i] = row[i] + up & 255
            elif way == 3:
                row[i] = row[i] + (left + up) // 2 & 255
            elif way == 4:
                p = left + up - corner
                near = min((abs(p - left), 0, left), (abs(p - up), 1, up),
                           (abs(p - corner), 2, corner))
                row[i] = row[i] + near[2] & 255
        rows.append(row)
        before = row
    return width, height, [[tuple(r[i:i + 3]) for i in range(0, len(r), n)] for r in rows]


def scheme(dark):
    return f"--blink-settings=preferredColorScheme={0 if dark else 1}"


def shown(chromium, home, page, width, dark):
    name = f"{width} {'dark' if dark else 'light'}"
    shot = home / "shot.png"
    shot.unlink(missing_ok=True)
    browse(chromium, home, scheme(dark),
           f"--window-size={width},600", f"--screenshot={shot}", page.as_uri())
    wide, high, rows = pixels(shot)
    assert (wide, high) == (width, 600), (name, wide, high)
    paper = rows[2][2]
    assert (sum(paper) < 200) == dark, (name, paper)
    inked = sum(c != paper for row in rows for c in row)
    assert inked > wide * high / 50, (name, inked)


def on_paper(chromium, home, page):
    out = home / "page.pdf"
    browse(chromium, home, scheme(True), "--no-pdf-header-footer",
           f"--print-to-pdf={out}", page.as_uri())
    text = out.read_bytes()
    assert text.startswith(b"%PDF-") and b"%%EOF" in text[-64:], len(text)
    found = subprocess.run(["pdftotext", out, "-"], stdout=subprocess.PIPE, check=True)
    return re.sub(r"\s+", " ", found.stdout.decode())


def check(dom):
    result = re.search(r'<pre id="result">(.*?)</pre>', dom, re.S)
    if not dom.strip():
        print("a chromium that runs")
        sys.exit(77)
    for told in json.loads(html.unescape(result[1])):
        assert not told["bad"], (told["width"], told["bad"][:8], len(told["bad"]))
        assert told["scroll"] <= told["width"], told
        assert told["fetched"] == told["scripts"] == 0, told
        assert told["charts"] == int(sys.argv[3]), told


def main():
    page, chromium = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)
        around = home / "around.html"
        around.write_text(
            "<!DOCTYPE html><body style='margin:0'><pre id=result></pre>" +
            "".join(f"<iframe src='{page.as_uri()}' style='border:0;width:{w}px;height:900px'>"
                    "</iframe>" for w in WIDTHS) + f"<script>{MEASURE}</script>")
        for dark in False, True:
            check(browse(chromium, home, scheme(dark), "--window-size=1400,1000",
                         "--virtual-time-budget=10000", "--dump-dom", around.as_uri()))
        for width in WIDTHS:
            for dark in False, True:
                shown(chromium, home, page, width, dark)
        if len(sys.argv) > 4:
            text = on_paper(chromium, home, page)
            for part in sys.argv[4:]:
                assert part in text, f"paper has no '{part}'"


main()
