#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Is each key of the lines in ECS, or ours, and of its type? Do they have what JSON has?

ecs.py FIELDS FILE.ecs [FILE.json]
"""
import collections
import ipaddress
import json
import re
import sys

# What the schema allows as values of these, of what we use.
KINDS = {"alert", "event", "metric", "state", "pipeline_error"}
CATEGORIES = {"authentication", "configuration", "driver", "email", "host", "iam",
              "intrusion_detection", "network", "process", "session", "web"}
TYPES = {"allowed", "change", "creation", "deletion", "denied", "end", "info", "start", "user"}


def is_date(v):
    return isinstance(v, str) and re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", v)


def is_text(v):
    return isinstance(v, str) and v


def is_long(v):
    return isinstance(v, int) and not isinstance(v, bool) and abs(v) < 2 ** 63


IS = {"date": is_date, "ip": ipaddress.ip_address, "keyword": is_text, "wildcard": is_text,
      "match_only_text": is_text, "long": is_long}


def unique(pairs):
    members = dict(pairs)
    assert len(members) == len(pairs), "a key comes twice: %r" % pairs
    return members


def check_line(o, fields):
    for key, value in o.items():
        assert key in fields or key.startswith("sysmon."), key
        for v in value if isinstance(value, list) else [value]:
            assert v is not None and v != "", key
            assert key not in fields or IS[fields[key]](v), (key, fields[key], v)
    assert {"@timestamp", "ecs.version", "event.kind", "event.dataset"} <= o.keys(), o
    assert o["event.kind"] in KINDS, o["event.kind"]
    assert set(o.get("event.category", [])) <= CATEGORIES, o
    assert set(o.get("event.type", [])) <= TYPES, o
    for key in ("related.ip", "related.user", "related.hosts", "threat.technique.id"):
        assert len(set(o.get(key, []))) == len(o.get(key, [])), (key, o[key])


def check_same(lines, doc):
    got = collections.Counter(o["event.dataset"] for o in lines)
    for kind, member in (("port", "ports"), ("process", "processes"), ("event", "events"),
                         ("finding", "findings"), ("notice", "notices"),
                         ("coverage", "coverage")):
        assert got["sysmon." + kind] == len(doc.get(member, [])), (kind, got)
    alerts = {o["event.id"]: o for o in lines if o["event.kind"] == "alert"}
    for f in doc["findings"]:
        o = alerts[f["id"]]
        assert (o["message"], o["rule.id"]) == (f["title"], f["rule"]), o
        assert "source_ip" not in f or f["source_ip"] in o["related.ip"], o
        assert "user" not in f or f["user"] in o["related.user"], o
    events = {o["event.id"]: o for o in lines if o["event.dataset"] == "sysmon.event"}
    for e in doc["events"]:
        o = events[e["id"]]
        assert o["event.action"] == e["action"], o
        login = e["action"] in ("login_failed", "login_ok")
        assert not login or o["event.category"] == ["authentication"], o
    assert alerts and events


def main():
    with open(sys.argv[1]) as f:
        fields = dict(line.split() for line in f if line[0] != "#")
    with open(sys.argv[2]) as f:
        lines = [json.loads(line, object_pairs_hook=unique) for line in f]
    assert lines
    for o in lines:
        check_line(o, fields)
    if len(sys.argv) > 3:
        with open(sys.argv[3]) as f:
            check_same(lines, json.load(f))


main()
