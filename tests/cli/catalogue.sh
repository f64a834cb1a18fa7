#!/bin/sh
# SPDX-License-Identifier: MIT
# A wrong or hostile catalogue changes words, and breaks no terminal, page or format.
. "$srcdir/tests/cli/lib.sh"
[ -e "$builddir/po/fr/LC_MESSAGES/libsysmon.mo" ] || skip 'built without translations'
command -v python3 >/dev/null || skip 'the catalogue is written by python3'
case $(ldd --version 2>&1) in
*musl*) skip 'the C library does not know LANGUAGE' ;;
esac
unset LC_ALL LC_MESSAGES LANG
SOURCE_DATE_EPOCH=1785837600
export SOURCE_DATE_EPOCH
# The command reads no other place.
mkdir -p "$builddir/po/zz/LC_MESSAGES" "$builddir/po/zy/LC_MESSAGES"
trap 'rm -rf "$builddir/po/zz" "$builddir/po/zy"; cleanup' EXIT

# Each sentence becomes what is to be escaped; of zy it is no UTF-8, or has directives
# that the original has not.
PYTHONPATH=$srcdir/po python3 - "$srcdir/po/libsysmon.pot" "$builddir/po" <<'P' ||
import struct, sys
import check
words = check.read(open(sys.argv[1], encoding="utf-8").read())
bad = "\033[31m<script>|`\a\u202e&\"'{{} "
def write(path, change):
    pairs = sorted({b"": b"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n>1;\n"}.items()) + sorted(change(k, e) for k, e in words.items())
    n, at = len(pairs), 28 + 16 * len(pairs)
    table, text = b"", b""
    for i in 0, 1:
        for pair in pairs:
            table += struct.pack("<2I", len(pair[i]), at + len(text))
            text += pair[i] + b"\0"
    open(path, "wb").write(struct.pack("<7I", 0x950412de, 0, n, 28, 28 + 8 * n, 0, 0)
                           + table + text)
def key(msgid, e):
    plural = e.get("msgid_plural")
    return (msgid + ("\0" + plural if plural else "")).replace("%<PRIu64>", "%lu").encode()
def hostile(msgid, e):
    said = bad + msgid if "c-format" in e["flags"] else bad + " ".join(check.NAME.findall(msgid))
    return key(msgid, e), "\0".join([said] * (2 if "msgid_plural" in e else 1)).encode()
def wrong(msgid, e):
    fmt = "c-format" in e["flags"].replace("no-c-format", "")
    return key(msgid, e), b"%n%n%s%s%s%s%n%1$s" if fmt and b"sysmon" not in key(msgid, e) else b"caf\xe9 \xff\xc0\x80"
write(sys.argv[2] + "/zz/LC_MESSAGES/libsysmon.mo", hostile)
write(sys.argv[2] + "/zy/LC_MESSAGES/libsysmon.mo", wrong)
P
	failed 'the catalogues are written'

attack "$tmp/auth.log" 203.0.113.9 12
echo 'no header here' >>"$tmp/auth.log"
"$SYSMON" logs "$tmp/auth.log" --format ndjson >"$tmp/saved.ndjson"
echo '{"type":"notice","text":"not enough memory"}
{"type":"summary"}' >>"$tmp/saved.ndjson"
for format in table txt md html json csv prom nmap-xml; do
	for what in "logs $tmp/auth.log" "report --from $tmp/saved.ndjson" \
		'scan 127.0.0.1 -p 1-3 --timeout 200' 'ps --top 3'; do
		# shellcheck disable=SC2086 # words
		LANGUAGE=zz run $what --format $format
		true_that "nothing of '$what --format $format' reaches a terminal or browser" \
			python3 -c '
import sys
text = open(sys.argv[1], encoding="utf-8").read()
sys.exit("\033" in text or "\a" in text or "\u202e" in text or
         sys.argv[2] == "html" and "<script" in text or
         sys.argv[2] == "md" and any(c in text.replace("\\<", "") for c in ("<script", "\n<")))' \
			"$tmp/out" $format
	done
done
LANGUAGE=zz run logs "$tmp/auth.log" --format txt
shows '<script>'
LANGUAGE=zz run logs /nonexistent
says 'x1b'

for format in table txt md html; do
	"$SYSMON" logs "$tmp/auth.log" --format $format >"$tmp/english"
	LANGUAGE=zy run logs "$tmp/auth.log" --format $format
	true_that "what is no UTF-8 is not taken for $format" \
		cmp -s "$tmp/english" "$tmp/out"
done
finish
