#!/bin/sh
# SPDX-License-Identifier: MIT
# How many of the labelled attacks of tests/data/web the built-in rules find, and how
# many of the honest requests they accuse. A case is found when its client has a
# finding of a kind that its label names; a false alarm is a web_attack event on an
# honest request, or a finding of a storm by an honest client.
. "$srcdir/tests/cli/lib.sh"
cd "$tmp" || exit 99
data=$srcdir/tests/data/web

# facts FILE.tsv: "event LINE RULE" and "finding IP KIND" of its lines.
facts()
{
	grep -v '^#' "$1" >rows
	cut -f 4- rows >log
	"$SYSMON" logs log --no-keywords --format ndjson >out 2>err
	got=$?
	true_that "$1 is read whole" [ $got -eq 0 ]
	sed -n '/^{"type":"event"/{
		/"action":"web_attack"/s/.*"line":\([0-9]*\),.*"rule":"\([^"]*\)".*/event \1 \2/p
	}
	/^{"type":"finding"/{
		s/,"evidence":.*//
		s/.*"kind":"\([^"]*\)".*"source_ip":"\([^"]*\)".*/finding \2 \1/p
	}' out >facts
}

# recall HALF MINIMUM: the table, the misses, and whether the share is enough.
recall()
{
	facts "$data/$1-attacks.tsv"
	awk -F '\t' -v half="$1" -v min="$2" '
	FILENAME == "facts" {
		split($0, f, " ")
		if (f[1] == "finding")
			kinds[f[2]] = kinds[f[2]] " " f[3]
		next
	}
	seen[$3]++ { next }
	{
		split($4, words, " ")
		n = split($2, want, ",")
		found = 0
		for (i = 1; i <= n; i++)
			found += index(kinds[words[1]] " ", " " want[i] " ") > 0
		cases++
		total[$1]++
		if (found) {
			hits++
			hit[$1]++
		} else
			print "missed " $3 " (found:" kinds[words[1]] "): " $4
	}
	END {
		for (name in total)
			print half, name ":", hit[name] + 0, "of", total[name]
		printf "%s: %d of %d attacks found, %.1f %%\n", half, hits,
			cases, 100 * hits / cases
		exit cases == 0 || 100 * hits < min * cases
	}' facts rows >report
	true_that "$2 % of the $1 attacks are found" [ $? -eq 0 ]
	LC_ALL=C sort report
}

# honest HALF MAXIMUM: the false alarms, and whether they are few enough.
honest()
{
	facts "$data/$1-benign.tsv"
	awk -F '\t' -v half="$1" -v max="$2" '
	FILENAME == "facts" {
		split($0, f, " ")
		if (f[1] == "event")
			rule[f[2]] = f[3]
		else if (f[3] == "web_scan" || f[3] == "credential_stuffing")
			storm[f[2]] = f[3]
		next
	}
	{
		lines++
		split($4, words, " ")
		if (lines in rule)
			why = rule[lines]
		else if (words[1] in storm) {
			why = storm[words[1]]
			delete storm[words[1]]
		} else
			next
		alarms++
		print "false alarm " why ": " $4
	}
	END {
		printf "%s: %d false alarms in %d honest requests, %.2f %%\n",
			half, alarms, lines, 100 * alarms / lines
		exit lines == 0 || 100 * alarms >= max * lines
	}' facts rows >report
	true_that "under $2 % of the honest $1 requests are accused" [ $? -eq 0 ]
	cat report
}

for half in blind open; do
	recall $half 85
	honest $half 1
done
finish
