# SPDX-License-Identifier: MIT
"""What Python's zoneinfo knows of some zones, for tz_compare: Z name; O time
offset; L local-time how-often first last."""
import datetime
import random
import zoneinfo

# One of each sort: half hours, DST below standard time, Ramadan, footers with
# odd times, two hours of DST, a skipped day, the southern half, none at all.
ZONES = """
Africa/Casablanca Africa/Monrovia America/Caracas America/New_York
America/Nuuk America/Santiago America/Sao_Paulo America/St_Johns
Antarctica/Troll Asia/Gaza Asia/Kathmandu Asia/Pyongyang Asia/Tehran
Australia/Lord_Howe Australia/Sydney EST5EDT Etc/GMT+12 Europe/Berlin
Europe/Dublin Europe/London Pacific/Apia Pacific/Chatham Pacific/Kiritimati
""".split()
EPOCH = datetime.datetime(1970, 1, 1)
UTC = datetime.timezone.utc
DAY = 86400


def offset(zone, t):
    when = (EPOCH + datetime.timedelta(seconds=t)).replace(tzinfo=UTC)
    return int(when.astimezone(zone).utcoffset().total_seconds())


def changes(zone, first, last, step):
    for t in range(first, last, step):
        before, after = offset(zone, t), offset(zone, t + step)
        if before == after:
            continue
        low, high = t, t + step
        while high - low > 1:
            middle = (low + high) // 2
            if offset(zone, middle) == before:
                low = middle
            else:
                high = middle
        yield high, before, offset(zone, high)


def local(zone, t, before):
    naive = EPOCH + datetime.timedelta(seconds=t)
    found = set()
    for fold in (0, 1):
        shown = naive.replace(tzinfo=zone, fold=fold)
        utc = t - int(shown.utcoffset().total_seconds())
        if utc + offset(zone, utc) == t:
            found.add(utc)
    found = sorted(found) or [t - before]
    return found, t - found[0] == offset(zone, found[0])


def main():
    random.seed(1)
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        print("Z", name)
        for _ in range(150):
            t = random.randrange(-6 * 10**9, 30 * 10**9)
            print("O", t, offset(zone, t))
        for t, before, after in changes(zone, -10 * DAY, 40000 * DAY,
                                        20 * DAY):
            if random.random() < 0.7:
                continue
            print("O", t - 1, before)
            print("O", t, after)
            for at in (t + before - 1, t + before, t + after - 1, t + after,
                       t + (before + after) // 2):
                found, exists = local(zone, at, before)
                print("L", at, len(found) if exists else 0, found[0],
                      found[-1])


main()
