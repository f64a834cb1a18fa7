# SPDX-License-Identifier: MIT
# usage: sections.py DIRECTORY JSON [CSV]
# Each csv file of the directory, read by Python's reader, is what the document of the
# same run has in the array of that name; CSV, of the same run, has no column but these.
import csv
import json
import os
import sys

where, document = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
NOT_IN_CSV = {"type"}
# What the two outputs of one run measure one after the other.
MEASURED = {"wall_seconds", "cpu_seconds", "peak_memory"}


def flat(record, before=""):
    for name, value in record.items():
        if isinstance(value, dict):
            yield from flat(value, before + name + ".")
        elif before + name not in NOT_IN_CSV:
            yield before + name, value


def bare(cell):
    """Without what stands before a formula."""
    return cell[1:] if cell.startswith("'") else cell


def is_same(cell, value):
    if isinstance(value, bool):
        return cell == ("true" if value else "false")
    if isinstance(value, (int, float)):
        return float(cell) == value
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return cell.count(";") == len(value) - 1
        return bare(cell).split(";") == [v.replace(";", "\\x3b") for v in value]
    return bare(cell) == value


names = {"changes", "runs", "hosts", "ports", "processes", "lines", "events", "rules", "findings", "notices",
         "coverage", "templates", "summary"}
files = {n[:-4] for n in os.listdir(where) if n.endswith(".csv")}
assert names <= files and len(files) == len(os.listdir(where)), os.listdir(where)
assert {n for n, v in document.items() if isinstance(v, list)} <= files
headers, columns, rows_seen = set(), set(), 0
for name in sorted(files):
    with open(os.path.join(where, name + ".csv"), encoding="utf-8", newline="") as f:
        rows = list(csv.reader(f, strict=True))
    header, rows = rows[0], rows[1:]
    assert "section" not in header and len(set(header)) == len(header), (name, header)
    assert tuple(header) not in headers, name
    headers.add(tuple(header))
    columns.update(header)
    records = [document["summary"]] if name == "summary" else document.get(name, [])
    assert len(rows) == len(records), (name, len(rows), len(records))
    for row, record in zip(rows, records):
        assert len(row) == len(header), (name, row)
        cells = {h: c for h, c in zip(header, row) if c}
        for key, value in flat(record):
            if key in MEASURED or value in ([], ""):
                continue
            assert is_same(cells.pop(key), value), (name, key, value, dict(zip(header, row))[key])
        for key in MEASURED:
            cells.pop(key, None)
        assert not cells, (name, cells)
        rows_seen += 1
assert rows_seen
if len(sys.argv) > 3:
    with open(sys.argv[3], encoding="utf-8", newline="") as f:
        one = set(next(csv.reader(f)))
    assert one - columns == {"section"}, one - columns
