#!/bin/sh
# SPDX-License-Identifier: MIT
# Who reads is told in French, and machines read what they always do.
. "$srcdir/tests/cli/lib.sh"
words=$builddir/po/fr/LC_MESSAGES
[ -e "$words/libsysmon.mo" ] || skip 'built without translations'
command -v python3 >/dev/null || skip 'columns are measured by python3'
case $(ldd --version 2>&1) in
*musl*) skip 'the C library does not know LANGUAGE' ;;
esac
unset LC_ALL LC_MESSAGES LANG
SOURCE_DATE_EPOCH=1785837600
export SOURCE_DATE_EPOCH
english() { LANGUAGE=en run "$@"; }
# No-break spaces stand before colons: here they are plain ones.
plain() { sed 's/\xc2\xa0/ /g' "$1" >"$1.plain" && mv "$1.plain" "$1"; }
french()
{
	LANGUAGE=fr run "$@"
	plain "$tmp/out"
	plain "$tmp/err"
}

# The same rows in both languages, on one screen.
for command in '' scan ps logs report rules history doctor; do
	# shellcheck disable=SC2086 # none or one
	english $command --help
	sed -n 's/^\(  *\(-., \)*--[a-z-]*\).*/\1/p' "$tmp/out" >"$tmp/rows"
	# shellcheck disable=SC2086
	french $command --help
	shows Utilisation
	shows Exemples
	sed -n 's/^\(  *\(-., \)*--[a-z-]*\).*/\1/p' "$tmp/out" >"$tmp/french-rows"
	true_that "help of '$command' has the options of the English one" \
		cmp -s "$tmp/rows" "$tmp/french-rows"
	true_that "help of '$command' fits on a screen" python3 -c '
import sys
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")[:-1]
sys.exit(len(lines) > 40 or max(map(len, lines)) > 80)' "$tmp/out"
done

french doctor
shows ' règles intégrées peuvent servir.'
hides '?'

attack "$tmp/auth.log" 203.0.113.9 12
: >"$tmp/state"
french logs "$tmp/auth.log" --format txt
for word in 'Constats' 'ÉLEVÉE  12 échecs de connexion depuis 203.0.113.9' '  pourquoi  ' \
	'  à faire   Bloquez 203.0.113.9' 'Journaux' 'événements sur 12 ne sont pas' \
	'  résultat  1 constat : élevée 1.'; do
	shows "$word"
done
french logs "$tmp/auth.log" --format md
shows '## Constats'
shows '- **Pourquoi:**'
french logs "$tmp/auth.log" --format html
for word in '<html lang="fr">' '<h1>Rapport sur ' '<dt>Pourquoi</dt>' '<h2 id="findings">Constats</h2>' \
	'<span class="sev high">élevée</span>' 'Échecs de connexion par jour et heure'; do
	shows "$word"
done
hides '>Findings'
french logs "$tmp/auth.log" --no-events
shows 'GRAVITÉ  TITRE'
shows '12 lignes de journal'
true_that 'columns stand below their headings' python3 -c '
import re, sys
blocks = open(sys.argv[1], encoding="utf-8").read().split("\n\n")[:-1]
for header, *rows in (b.split("\n") for b in blocks):
    ends = [m.start() for m in re.finditer("  (?=[^ ])", header)]
    for row in rows:
        assert all(row[e:e + 1] == " " for e in ends), (header, row)
assert len(blocks) == 2' "$tmp/out"

# Machines, and what was saved.
english logs "$tmp/auth.log" --format ndjson
cp "$tmp/out" "$tmp/saved.ndjson"
cat >>"$tmp/saved.ndjson" <<'E'
{"type":"finding","id":"1","rule":"r","kind":"k","title":"t","severity":"high","severity_code":40,"evidence":[{"type":"process","pid":7,"name":"sh","user":"root","memory_percent":1.5},{"type":"port","address":"127.0.0.1","port":22,"protocol":"tcp","state":"open"}]}
{"type":"summary"}
E
french report --from "$tmp/saved.ndjson" --format txt
shows 'pid 7 sh de root, mémoire 1.5 %'
shows '127.0.0.1 tcp 22 ouvert'
for format in csv json ndjson ecs prom nmap-xml; do
	for what in "logs $tmp/auth.log" "report --from $tmp/saved.ndjson" 'rules list'; do
		# shellcheck disable=SC2086 # words
		english $what --format $format
		cp "$tmp/out" "$tmp/english"
		# shellcheck disable=SC2086
		LANGUAGE=fr run $what --format $format
		true_that "$format of '$what' has no language" \
			cmp -s "$tmp/english" "$tmp/out"
	done
done
for language in en fr; do
	python3 -c '
import socket, subprocess, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
server.settimeout(30)
subprocess.run(sys.argv[3:], stdout=subprocess.DEVNULL)
open(sys.argv[2], "wb").write(b" ".join(w for w in server.recv(65536).split(b" ")
                                        if not w.isdigit()))' \
		"$tmp/socket-$language" "$tmp/message-$language" env LANGUAGE=$language \
		"$SYSMON" logs "$tmp/auth.log" --syslog="unix:$tmp/socket-$language" ||
		failed "a message arrives with LANGUAGE=$language"
done
true_that 'messages to syslog have no language' cmp -s "$tmp/message-en" "$tmp/message-fr"

# Errors, the menu, rules, the history.
french logs --frob
says "sysmon: option inconnue '--frob' (voir 'sysmon logs --help')"
french logs "$tmp/none.log"
says 'ne peut pas être lu : Aucun fichier ou répertoire de ce nom'
french scan 127.0.0.1 -p 70000
says 'les ports vont de 1 à 65535'
french ps --pid 4194304
says "Le processus 4194304 n'existe pas."
printf '5\nnowhere/99\nq\n' | LANGUAGE=fr "$SYSMON" --interactive \
	>"$tmp/out" 2>"$tmp/err"
plain "$tmp/out"
shows '  1  Balayer les ports'
shows 'Cible : localhost'
says "rien n'a été modifié"
french rules list
shows "élevée    ok      {count} échecs de connexion depuis {source_ip}"
french rules explain "$(head -n 1 "$tmp/auth.log")"
shows 'sshd-login-failed : motif 1 prend la ligne : action login_failed'
french logs "$tmp/auth.log" --history="$tmp/history.db" -q
french history --history="$tmp/history.db"
shows 'CONSTATS'
french history last --history="$tmp/history.db" --format txt
shows 'Constats'

# What changed is told in French too, and kept as it was for machines.
attack "$tmp/more.log" 203.0.113.9 12
attack "$tmp/more.log" 192.0.2.66 7
for format in txt html md; do
	french report --analyze-logs="$tmp/more.log" --baseline last --history="$tmp/history.db" \
		--format $format
	sed -n '/[Cc]hang/,$p' "$tmp/out" >"$tmp/changes"
	true_that "$format: what is new is French" \
		grep -q '7 échecs de connexion depuis 192.0.2.66.*7 événements' "$tmp/changes"
	python3 -c '
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute("DELETE FROM record WHERE run > 1")
c.execute("DELETE FROM run WHERE n > 1")
c.commit()' "$tmp/history.db"
done
french report --analyze-logs="$tmp/more.log" --baseline last --history="$tmp/history.db" \
	--format ndjson
shows '"what":"finding","subject":"7 failed logins from 192.0.2.66"'
shows '"after":"high, 7 events"'

# Which language that is.
speaks()
{
	want=$1
	shift
	env "$@" "$SYSMON" --frob >"$tmp/out" 2>"$tmp/err"
	got=$?
	says "$want"
}
speaks option\ inconnue LANGUAGE=fr
speaks option\ inconnue LANGUAGE=fr LANG=C
speaks option\ inconnue LANG=fr_FR.UTF-8
speaks option\ inconnue LANG=C.UTF-8 LANGUAGE=de:fr
speaks option\ inconnue LC_ALL=fr_CA
speaks unknown\ option LANGUAGE=fr LC_ALL=C
speaks unknown\ option LANGUAGE=fr LC_MESSAGES=POSIX
speaks unknown\ option LANG=xx_XX.UTF-8
speaks unknown\ option A=b
mkdir -p "$tmp/evil/LC_MESSAGES"
cp "$words/libsysmon.mo" "$tmp/evil/LC_MESSAGES/"
evil=$(python3 -c 'import os, sys; print(os.path.relpath(sys.argv[1], sys.argv[2]))' \
	"$tmp/evil" "$builddir/po")
speaks unknown\ option "LANGUAGE=$evil"
speaks unknown\ option LANG=C.UTF-8 "LANGUAGE=$evil"
speaks unknown\ option "LANG=$evil"
finish
