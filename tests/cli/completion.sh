#!/bin/sh
# SPDX-License-Identifier: MIT
# The shells complete commands, all options of each, and the words they take.
. "$srcdir/tests/cli/lib.sh"
command -v bash >/dev/null 2>&1 || skip "bash is not installed"

# completes WORD...: what bash offers for the last of them, in $tmp/out.
completes()
{
	command=$SYSMON bash -c '
		. "$srcdir/completions/sysmon" || exit
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_sysmon "$command" "${COMP_WORDS[COMP_CWORD]}" \
			"${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" |
		sort -u >"$tmp/out" 2>"$tmp/err"
	got=$?
}

# offers "WANTED..." WORD...
offers()
{
	# shellcheck disable=SC2086
	printf '%s\n' $1 | sort -u >"$tmp/wanted"
	shift
	completes "$@"
	cmp -s "$tmp/wanted" "$tmp/out" || failed "completion of: $*"
}

offers "scan ps logs report rules history doctor" sysmon ''
offers "logs" sysmon lo
offers "list check explain" sysmon rules ''
offers "--method" sysmon scan --meth
offers "auto connect syn" sysmon scan --method ''
offers "syn" sysmon scan --method = s
offers "rst fin" sysmon scan localhost --close ''
offers "auto off all" sysmon ps --hidden ''
offers "cpu mem pid name tree" sysmon ps --sort ''
offers "high" sysmon scan --fail-on h
offers "" sysmon scan --timeout ''
mkdir "$tmp/d" && touch "$tmp/d/a.log" "$tmp/d/b.log"
offers "$tmp/d/a.log $tmp/d/b.log" sysmon logs "$tmp/d/"
offers "$tmp/d/b.log" sysmon scan -o "$tmp/d/b"

# Help may be in another language.
language=${LC_ALL-}
unset LC_ALL
LANGUAGE=fr
export LANGUAGE
offers "auto connect syn" sysmon scan --method ''
offers "history" sysmon hi
unset LANGUAGE
LC_ALL=$language
export LC_ALL

# None of the options is missing, and a report takes those of all.
for cmd in scan ps logs rules history doctor; do
	offers "$({ "$SYSMON" $cmd --help; "$SYSMON" --help | grep -e config -e no-pager; } |
		grep -o '^  \(-., \)\{0,1\}--[a-z0-9-]*' |
		grep -o -e '--.*')" sysmon $cmd --
done
completes sysmon report --
for o in --title --ports --sort --follow --format --no-config; do
	grep -qx -e $o "$tmp/out" || failed "a report completes $o"
done

# What is offered for words is taken.
for o in "scan --method" "scan --show" "scan --close" "ps --sort" "ps --backend"; do
	# shellcheck disable=SC2086
	completes sysmon $o ''
	while read -r word; do
		# shellcheck disable=SC2086
		"$SYSMON" $o "$word" --frobnicate 2>&1 </dev/null |
			grep -q "'--frobnicate'" || failed "$o takes $word"
	done <"$tmp/out"
done

for shell in "zsh _sysmon" "fish sysmon.fish"; do
	command -v "${shell% *}" >/dev/null 2>&1 || continue
	"${shell% *}" -n "$srcdir/completions/${shell#* }" ||
		failed "${shell% *} reads its completion"
done
finish
