#!/bin/sh
# SPDX-License-Identifier: MIT
# Each option is in the manual, and each option of the manual is one.
. "$srcdir/tests/cli/lib.sh"

for c in '' scan ps logs report rules history doctor; do
	gives 0 $c --help
	grep -oE -- '--[a-z][a-z-]*' "$tmp/out"
done | sed '/--report$/d' | sort -u >"$tmp/help"
got=0
# What a page says about options: its items.
items()
{
	sed '/^\.Sh ENVIRONMENT/,$d' "$@" | grep '^\.It'
}
long_names()
{
	items "$@" | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/Fl /-/' | sort -u
}
pages="$srcdir/man/sysmon.1"
for c in scan ps logs report history; do
	pages="$pages $srcdir/man/sysmon-$c.1"
done
for p in $pages; do
	long_names "$p"
done | sed '/--report$/d' | sort -u >"$tmp/man"
true_that 'the manual has options' [ "$(wc -l <"$tmp/man")" -gt 20 ]
diff "$tmp/help" "$tmp/man" >"$tmp/out" || failed 'help and manual agree'

# And in the page of the command.
for c in scan ps logs history; do
	gives 0 $c --help
	grep -oE '^  (-.,|) *--[a-z][a-z-]*' "$tmp/out" | grep -oE -- '--.*' |
		sort -u >"$tmp/help"
	long_names "$srcdir/man/sysmon.1" >"$tmp/man"
	long_names "$srcdir/man/sysmon-$c.1" >>"$tmp/man"
	sort -u -o "$tmp/man" "$tmp/man"
	comm -23 "$tmp/help" "$tmp/man" >"$tmp/out"
	true_that "sysmon-$c(1) has the options of its help" [ ! -s "$tmp/out" ]
done

# The letters too.
for p in $pages; do
	items "$p" | grep -oE '^\.It Fl [a-zA-Z] ' | cut -d' ' -f3
done | sort -u >"$tmp/man"
for c in '' scan; do
	gives 0 $c --help
	grep -oE '^  -[a-zA-Z],' "$tmp/out" | tr -d ' ,-'
done | sort -u >"$tmp/help"
diff "$tmp/help" "$tmp/man" >"$tmp/out" || failed 'the letters agree'


# The members that the manual names are those that the command knows.
members()
{
	awk -v kind="$1" '
	$0 == ".It Cm " kind { on = 1; next }
	/^\.(It|El)/ { on = 0 }
	on && !/^\./ { sub(/:.*/, ""); print }' "$srcdir/man/sysmon-formats.5" |
		tr -d ' \n'
}
gives 0 ps --pid $$ --interval 0 --no-checks --fields "$(members process)" \
	--format ndjson
gives 0 rules list --fields "$(members rule)" --format ndjson
echo x >"$tmp/log"
gives 0 logs "$tmp/log" --fields "$(members event)" --format ndjson
gives 0 scan 127.0.0.1 -p 1 --fields "$(members port)" --format ndjson
finish
