# SPDX-License-Identifier: MIT
"""Stamps as Python's strftime() writes them, and what time they are: "NS STAMP"."""
import datetime
import random
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = datetime.timedelta(minutes=1)

# In the zone of the machine, with microseconds or without.
LOCAL = [
    "%b %e %H:%M:%S", "%b %d %H:%M:%S", "%b %e %H:%M:%S.%f",
    "%b %e %Y %H:%M:%S", "%a %b %e %H:%M:%S %Y",
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S,%f",
    "%Y/%m/%d %H:%M:%S", "%Y%m%dT%H%M%S", "%Y%m%d %H:%M:%S",
    "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M:%S.%f", "%e %b %Y %H:%M:%S",
    "%d %B %Y %H:%M:%S.%f", "%b %d, %Y %I:%M:%S %p", "%B %d, %Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S", "%a %Y-%m-%d %H:%M:%S",
]
# In any zone, which they tell.
ZONED = [
    "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M:%S,%f%z", "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S.%f %z", "%Y%m%dT%H%M%S%z", "%Y%m%dT%H%M%S.%f%z",
    "%a, %d %b %Y %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z",
]


def say(when, text):
    delta = when - EPOCH
    ns = (delta.days * 86400 + delta.seconds) * 10**9
    if "%f" in text:
        ns += delta.microseconds * 1000
    print(ns, when.strftime(text).lstrip())


def is_plain(when):
    """A local time that comes once."""
    return when.utcoffset() == when.replace(fold=1).utcoffset()


def main():
    random.seed(8601)
    now = datetime.datetime(2026, 11, 4, 12, tzinfo=UTC)
    for _ in range(300):
        # Those without a year are of the one before now.
        when = now - datetime.timedelta(microseconds=random.randrange(
            364 * 86400 * 10**6))
        local = when.astimezone(ZONE)
        if not is_plain(local):
            continue
        for text in LOCAL:
            say(local, text)
        offset = random.randrange(-23 * 60, 23 * 60)
        other = when.astimezone(datetime.timezone(offset * MINUTE))
        for text in ZONED:
            say(other, text)
        print(f"{int(when.timestamp()) * 10**9} {int(when.timestamp())} x")


main()
