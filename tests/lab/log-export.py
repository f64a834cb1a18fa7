#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""log-export.py LOG: the lines of an ISO log of gen-auth in the journal's export
format (systemd.io/JOURNAL_EXPORT_FORMATS)."""
import calendar
import re
import sys

LINE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})\+00:00 "
                  r"(\S+) ([^\s\[]+)\[(\d+)\]: (.*)")

with open(sys.argv[1], encoding="utf-8") as log:
    for line in log:
        *date, us, host, program, pid, text = LINE.match(line).groups()
        time = calendar.timegm(tuple(map(int, date))) * 10**6 + int(us)
        print(f"__REALTIME_TIMESTAMP={time}\n"
              f"__MONOTONIC_TIMESTAMP={time - 1767225600000000 + 1000}\n"
              "_BOOT_ID=0123456789abcdef0123456789abcdef\n"
              f"_HOSTNAME={host}\nSYSLOG_IDENTIFIER={program}\n"
              f"_PID={pid}\nMESSAGE={text}\n")
