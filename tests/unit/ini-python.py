#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ini-python.py PROGRAM: what ini_dump reads is what configparser reads."""
import configparser
import glob
import io
import random
import subprocess
import sys

PIECES = ("[a]", "[b]", "[DEFAULT]", "[a] x", "[", "]", "x", "y", "Z", "=", ":",
          " ", "  ", "\t", "\n", "\n", "\n\n", "\r\n", "\r", "#", ";", " ;", "1",
          "two", "\u00e9", "%", "x = 1", "y: 2", "\n  ", "z=", "\x1f", "\f")


def texts():
    for path in sorted(glob.glob("/etc/fail2ban/**/*.conf", recursive=True)):
        with open(path, "rb") as f:
            yield f.read()
    rng = random.Random(20051)
    for _ in range(4000):
        body = "".join(rng.choices(PIECES, k=rng.randrange(1, 40)))
        start = "[s]\n" if rng.random() < 0.8 else ""
        yield (start + body).encode()


def expected(text):
    p = configparser.ConfigParser(interpolation=None,
                                  inline_comment_prefixes=(";",))
    try:
        # As a file is read: CR and CR LF are line ends too.
        p.read_file(io.TextIOWrapper(io.BytesIO(text), encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError):
        return None
    own = dict(p._sections)
    own["DEFAULT"] = p._defaults
    return {(s, k): v for s, options in own.items() for k, v in options.items()}


def answers(lines):
    found = {}
    for line in lines:
        if line in (".", "!"):
            yield None if line == "!" else found
            found = {}
            continue
        s, k, v = (bytes.fromhex(w[1:]).decode() for w in line.split(" "))
        found[s, k] = v


def main():
    all_texts = list(texts())
    order = b"".join(b"%d\n%s" % (len(t), t) for t in all_texts)
    out = subprocess.run([sys.argv[1]], input=order, stdout=subprocess.PIPE,
                         check=True).stdout.decode().split("\n")
    got = list(answers(line for line in out if line))
    bad = 0
    for text, one in zip(all_texts, got):
        want = expected(text)
        if one != want:
            bad += 1
            if bad < 5:
                print(repr(text[:300]), "\n  is", one, "\n  not", want)
    print("%d texts, %d differ" % (len(all_texts), bad))
    return 1 if bad or len(got) != len(all_texts) else 0


if __name__ == "__main__":
    sys.exit(main())
