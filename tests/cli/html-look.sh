#!/bin/sh
# SPDX-License-Identifier: MIT
# The page is readable in a browser: on a phone and a desk, light and dark, and on paper.
. "$srcdir/tests/cli/lib.sh"
command -v chromium >/dev/null || skip 'html-look: no chromium'
cd "$tmp" || exit 99
listen
attack auth.log 203.0.113.9 6
gives 0 report --scan-ports=127.0.0.1 --ports "$port,$known,1" --analyze-logs=auth.log -o before.json
# Names as long and wide as they come, many sources, a silence of days, old and new.
python3 - >many.log <<'P'
names = ("root", "W" * 90, "\u6d4b\u8bd5" * 20, "i" * 60, "a b", "x@example.org" * 6)
for day in (1, 2, 3, 9, 10):
    for i in range(120):
        print("2026-08-%02dT%02d:%02d:00+00:00 web sshd[9]: %s password for %s from %s port 1 ssh2" %
              (day, i // 6, i % 6 * 10, "Failed" if i % 40 else "Accepted", names[i % len(names)],
               "203.0.113.%d" % (i % 19) if i % 5 else
               "2001:db8:1234:5678:9abc:def0:1234:%x" % (i % 7)))
print("2025-01-01T00:00:00+00:00 web useradd[7]: new user: name=mallory, UID=0, GID=0, home=/root, "
      "shell=/bin/sh, from=none")
P
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	attack many.log "198.51.100.$n" 6
done
kill "$listener"
wait "$listener" 2>/dev/null
gone=$port
rm -f port
listen
gives 0 report --scan-ports=127.0.0.1 --ports "$gone,$port,$known,1" --analyze-logs=auth.log \
	--log many.log --monitor-processes --baseline before.json -o a.html -o a.json
for what in 'changes since' 'ports by host' 'ports by number' 'findings by' 'from when to when'; do
	grep -qi "<figcaption>[^<]*$what" a.html || failed "there is a chart: $what"
done
# What the charts of ports and of changes tell is what the documents tell.
python3 - "$gone" "$port" <<'P' || failed 'the charts of ports tell what changed'
import json, re, sys
text = open("a.html").read()
def table(name):
    part = text.split('<figure id="%s">' % name)[1].split("</figure>")[0]
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)', part)[1:]
    return {row: dict(zip(heads, (int(n.replace(",", "")) for n in re.findall(r'"n">([^<]*)', cells))))
            for row, cells in re.findall(r'<th scope="row">([^<]*)</th>(.*)</tr>', part)}
doc = json.load(open("a.json"))
ports = [c for c in doc["changes"] if c["what"] == "port"]
count = lambda word: sum(c["change"] == word for c in ports)
hosts, numbers = table("ports"), table("numbers")
assert count("new") and count("gone"), ports
for rows in hosts, numbers:
    for word in "new", "gone", "changed":
        assert sum(r[word] for r in rows.values()) == count(word), (word, rows)
assert numbers["tcp " + sys.argv[1]]["gone"] == 1, numbers
assert [n for row, n in numbers.items() if row.split()[1] == sys.argv[2]][0]["new"] == 1, numbers
since = table("since")
for row, what in ("Findings", "finding"), ("Open ports", "port"):
    for word in "new", "gone", "changed":
        assert since.get(row, {word: 0})[word] == sum(
            c["what"] == what and c["change"] == word for c in doc["changes"]), (row, word, since)
# all findings are in a column, or said to be left out
when = table("when")
told = sum(sum(row.values()) for row in when.values())
left = sum(int(n) for n in re.findall(r"(?:Left out|Without a time): ([0-9]+)", text))
assert told + left == len(doc["findings"]), (told, left)
assert left and "this run" in when, when
silent = [c for c in doc["coverage"] if c["source"] == "many.log"][0]
assert silent["silent_from"] < silent["silent_to"], silent
P
without=
command -v pdftotext >/dev/null || without=' pdftotext, so nothing was printed'
if [ "$without" ]; then
	set --
else
	# folded on a screen
	set -- 'What changed' "$(python3 -c '
import json
print(json.load(open("a.json"))["findings"][-1]["next_step"])')"
fi
python3 "$srcdir/tests/cli/html-look.py" a.html chromium "$(grep -c '<svg' a.html)" "$@" >look 2>&1
got=$?
[ $got -eq 77 ] && skip "html-look: not $(cat look)"
[ $got -eq 0 ] || {
	cp look err
	failed 'a browser shows it as it should be'
}
[ $failures -eq 0 ] || exit 1
[ -z "$without" ] || skip "html-look: no$without"
finish
