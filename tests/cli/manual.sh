#!/bin/sh
# SPDX-License-Identifier: MIT
# Each option is in the manual, and each option of the manual is one.
. "$srcdir/tests/cli/lib.sh"

for c in '' scan ps logs report rules history; do
	gives 0 $c --help
	grep -oE -- '--[a-z][a-z-]*' "$tmp/out"
done | sed '/--report$/d' | sort -u >"$tmp/help"
got=0
sed -n '/^\.Sh DESCRIPTION/,/^\.Sh ENVIRONMENT/p' "$srcdir/man/sysmon.1" |
	grep '^\.It' | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/Fl /-/' |
	sed '/--report$/d' | sort -u >"$tmp/man"
true_that 'the manual has options' [ "$(wc -l <"$tmp/man")" -gt 20 ]
diff "$tmp/help" "$tmp/man" >"$tmp/out" || failed 'help and manual agree'

# The letters too.
grep -hoE '^\.It Fl [a-zA-Z] ' "$srcdir/man/sysmon.1" | cut -d' ' -f3 |
	sort -u >"$tmp/man"
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
	on && !/^\./ { sub(/:.*/, ""); print }' "$srcdir/man/sysmon.1" |
		tr -d ' \n'
}
gives 0 ps --pid $$ --interval 0 --no-checks --fields "$(members process)" \
	--format ndjson
gives 0 rules list --fields "$(members rule)" --format ndjson
echo x >"$tmp/log"
gives 0 logs "$tmp/log" --fields "$(members event)" --format ndjson
gives 0 scan 127.0.0.1 -p 1 --fields "$(members port)" --format ndjson
finish
