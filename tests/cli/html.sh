#!/bin/sh
# SPDX-License-Identifier: MIT
# The page for a browser has all that was found, fetches nothing and runs nothing.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
without=
has()
{
	command -v "$1" >/dev/null || without="$without $1"
	command -v "$1" >/dev/null
}
read_page()
{
	echo 0 0 0 0 >count
	python3 "$srcdir/tests/cli/html-page.py" "$1" "$2" >count ||
		failed "$1 has what $2 has"
}

listen
attack auth.log 203.0.113.9 6
echo '2026-08-04T10:00:09+00:00 web sshd[9]: Accepted password for root from 203.0.113.9 port 1 ssh2' \
	>>auth.log
gives 0 report --target 127.0.0.1 --ports "$port,$known,1" --log auth.log \
	-o a.html -o a.json
read_page a.html a.json
read -r charts _ <count
true_that 'each chart is there' [ "$charts" -ge 9 ]
for what in 'failed logins by day' 'accepted logins by day' 'findings by hour' \
	'top sources' 'by user and source' 'tactics' 'ports by host' 'what was read' \
	'from when to when'; do
	grep -qi "<figcaption>[^<]*$what" a.html || failed "there is a chart: $what"
done
# On a quiet machine no process has a share worth a bar.
for what in 'processor by/cpu_percent' 'memory by/memory_percent'; do
	python3 - "${what#*/}" <<'P' || continue
import json, sys
doc = json.load(open("a.json"))
sys.exit(not any(p.get(sys.argv[1], 0) >= 1 for p in doc["processes"]))
P
	grep -qi "<figcaption>[^<]*${what%/*}" a.html || failed "there is a chart: ${what%/*}"
done

# Ten thousand findings.
python3 - >many.log <<'P'
for i in range(10000):
    for n in range(5):
        s = i // 4 + n
        print("2026-08-04T%02d:%02d:%02d+00:00 web sshd[9]: Failed password for root from "
              "10.%d.%d.%d port 1 ssh2" % (s // 3600, s // 60 % 60, s % 60, i >> 16, i >> 8 & 255,
                                           i & 255))
P
gives 0 logs many.log -o many.html -o many.json
read_page many.html many.json
read -r _ whole rows left <count
true_that 'ten thousand are told' [ $((whole + rows + left)) -ge 10000 ]
true_that 'a few whole' [ "$whole" -lt 100 ]
true_that 'in a page that a browser opens at once' [ "$(wc -c <many.html)" -lt 1000000 ]

if command -v chromium >/dev/null; then
	python3 "$srcdir/tests/cli/html-look.py" many.html chromium \
		"$(grep -c '<svg' many.html)" >look 2>&1
	got=$?
	[ $got -eq 0 ] || [ $got -eq 77 ] || {
		cp look err
		failed 'ten thousand findings are shown as they should be'
	}
fi

gives 0 logs --no-events auth.log -o b.html
true_that 'without events findings name the sources' grep -q 'figure id="sources"' b.html
: >empty.log
gives 0 logs empty.log -o c.html -o c.json
read_page c.html c.json

# What a browser makes of it.
if has chromium; then
	python3 - >evil.log <<'P'
import sys
port = open("port").read().split()[0]
for i, text in enumerate((
        "<script>document.title='ran'</script>", "\"><img/src=http://127.0.0.1:%s/x>" % port,
        "' onload='document.title=1", "</style><style>@import'http://127.0.0.1:%s/'" % port,
        "<svg/onload=document.title='ran'>", "</title><script>document.title='ran'</script>")):
    for n in range(6):
        print("2026-08-04T10:%02d:%02d+00:00 web sshd[9]: Failed password for %s from 203.0.113.%d "
              "port 1 ssh2" % (i, n, text, i + 1))
P
	kill "$listener"
	wait "$listener" 2>/dev/null
	listener=
	python3 -c '
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
s.settimeout(90)
s.accept()
print("asked", flush=True)' "$port" >asked &
	listener=$!
	gives 0 report --analyze-logs=evil.log -o evil.html \
		--title '</title><script>1</script>'
	HOME=$tmp timeout 60 chromium --headless --no-sandbox --disable-gpu \
		--no-first-run --user-data-dir="$tmp/browser" --dump-dom \
		"file://$tmp/evil.html" >dom 2>browser.err
	if [ -s dom ]; then
		true_that 'no element came of a text' sh -c \
			'! grep -qiE "<(script|img|iframe|link)|<[^>]* on[a-z]+=" dom'
		true_that 'the title is the text' grep -q \
			'<title>&lt;/title&gt;&lt;script&gt;1' dom
		true_that 'all charts are shown' [ "$(grep -c '<svg' dom)" -eq \
			"$(grep -c '<svg' evil.html)" ]
		true_that 'nobody was asked for anything' sh -c '! grep -q asked asked'
	else
		without="$without a chromium that runs"
	fi
fi
if has xmllint; then
	# it knows the elements of HTML 4
	xmllint --html --noout a.html many.html 2>&1 | grep -a 'error :' |
		grep -av 'Tag [a-z]* invalid' >lint
	true_that 'libxml2 has nothing against it' [ ! -s lint ]
fi
[ $failures -eq 0 ] || exit 1
[ -z "$without" ] || skip "html: without$without"
finish
