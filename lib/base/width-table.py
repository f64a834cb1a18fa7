#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes width-table.h from Python's copy of the Unicode Character Database."""
import sys
import unicodedata


def columns(cp):
    c = chr(cp)
    # A soft hyphen is shown; Hangul medial vowels and finals join the first.
    if cp == 0xAD:
        return 1
    if 0x1160 <= cp <= 0x11FF or 0xD7B0 <= cp <= 0xD7FF:
        return 0
    if unicodedata.category(c) in ("Mn", "Me", "Cf", "Zl", "Zp"):
        return 0
    # The planes that are set aside for ideographs count as wide throughout.
    if 0x20000 <= cp <= 0x2FFFD or 0x30000 <= cp <= 0x3FFFD:
        return 2
    # Python answers "F" for what is not assigned.
    if unicodedata.category(c) == "Cn":
        return 1
    return 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1


def main():
    rows = []
    for cp in range(0xA0, 0x110000):
        w = columns(cp)
        if w == 1:
            continue
        if rows and rows[-1][1] == cp - 1 and rows[-1][2] == w:
            rows[-1][1] = cp
        else:
            rows.append([cp, cp, w])
    print("/* SPDX-License" "-Identifier: MIT */")
    print("/* Made by width-table.py from Unicode %s. */" %
          unicodedata.unidata_version)
    cells = ["{ 0x%x, 0x%x, %d }," % tuple(row) for row in rows]
    for i in range(0, len(cells), 3):
        print(" ".join(cells[i:i + 3]))


sys.exit(main())
