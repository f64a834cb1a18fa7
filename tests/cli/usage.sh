#!/bin/sh
# SPDX-License-Identifier: MIT
# What is wrong on the command line is refused with one sentence, and nothing is
# done.
. "$srcdir/tests/cli/lib.sh"

refuses 2 "nothing to do"
refuses 2 "unknown command 'frobnicate'" frobnicate
refuses 2 "unknown option '--frobnicate'" --frobnicate
refuses 2 "unknown option '--serv'" scan localhost --serv
refuses 2 "unknown option '-z'" ps -qz
refuses 2 "--quiet takes no value" ps --quiet=1
refuses 2 "-o needs a value" ps -o
refuses 2 "--ports needs a value" scan localhost --ports
refuses 2 "sysmon scan --help" scan localhost --frobnicate
refuses 2 "nothing to do" -q
refuses 2 "unexpected argument 'scan'" -q scan localhost
refuses 2 "goes alone" ps --interactive
refuses 2 "\\x1b[31m" "$(printf '\033[31m')"

# Options of later versions are unknown ones, not silent ones.
for o in --to=x --mail=x; do
	refuses 2 "unknown option '${o%%=*}'" report "$o"
done

echo hello >"$tmp/no-state"
refuses 2 "--threads '0'" logs --threads 0 -
refuses 2 "from 1 to 64" logs --threads 65 -
refuses 2 "no state file of sysmon" logs --state "$tmp/no-state" -
[ "$(cat "$tmp/no-state")" = hello ] || failed "what is no state is left alone"

refuses 2 "TARGET" scan
refuses 2 "0" scan localhost -p 0
refuses 2 "70000" scan localhost -p 70000
refuses 2 "100-1" scan localhost -p 100-1
refuses 2 "frobnicate" scan localhost -p frobnicate
# once VALUE ARG...: the sentence has the value, and has it once.
once()
{
	value=$1
	shift
	refuses 2 "$value" scan "$@"
	true_that "'sysmon scan $*' names its value once" \
		[ "$(grep -oF -- "$value" "$tmp/err" | wc -l)" -eq 1 ]
}
once "'0'" localhost -p 0
once "'frobnicate'" localhost -p frobnicate
once "'frobnicate'" localhost -p 22,frobnicate
once 192.0.2.0/40 192.0.2.0/40
once 192.0.2.9-1 192.0.2.9-1
once 192.0.2.0/40 localhost --exclude 192.0.2.0/40
once /nonexistent localhost --targets-file /nonexistent
once /nonexistent localhost --exclude-file /nonexistent
once frobnicate localhost --ignore frobnicate
once frobnicate localhost --fields frobnicate
once frobnicate localhost --method frobnicate
once frobnicate localhost --show frobnicate
once frobnicate localhost --close frobnicate
for opt in rate timeout retries threads service-timeout service-bytes; do
	once 99999999999 localhost --$opt 99999999999
done
refuses 2 "10.0.0.0/33" scan 10.0.0.0/33
refuses 2 "10.0.0.9-1" scan 10.0.0.9-1
refuses 2 "--targets-file" scan --targets-file "$tmp/none"
refuses 2 "--exclude-file" scan localhost --exclude-file "$tmp/none"
refuses 2 "exclude '10.0.0.0/33'" scan localhost --exclude 10.0.0.0/33
refuses 2 "already read for --targets-file" \
	scan --targets-file - --exclude-file - localhost
refuses 2 "already read for --exclude-file" \
	report --exclude-file - --log -
refuses 2 "--method 'xmas'" scan localhost --method xmas
refuses 2 "--timeout '1s'" scan localhost --timeout 1s
refuses 2 "--timeout '0'" scan localhost --timeout 0
refuses 2 "--show 'some'" scan localhost --show some

refuses 2 "unexpected argument 'x'" ps x
refuses 2 "--interval '-1'" ps --interval -1
refuses 2 "--cpu-threshold 'much'" ps --cpu-threshold much
refuses 2 "--mem-threshold '1e3'" ps --mem-threshold 1e3
refuses 2 "--sort 'size'" ps --sort size
refuses 2 "--top 'ten'" ps --top ten
refuses 2 "from 1 to 64" ps --threads 65
refuses 2 "--backend 'kernel'" ps --backend kernel
refuses 2 "no field 'colour'" ps --filter 'colour = red'
refuses 2 'byte 7' ps --filter 'pid = one'
refuses 2 "--pid '0'" ps --pid 0
refuses 2 "frobnicate" ps --fields pid,frobnicate

refuses 2 "--now 'yesterday'" logs --now yesterday "$tmp/x"
refuses 2 "--since '1'" logs --since 1 "$tmp/x"
refuses 2 "--threshold 'brute_force'" logs --threshold brute_force "$tmp/x"
refuses 2 "frobnicate" logs --threshold frobnicate=1/1 "$tmp/x"
refuses 2 "brute_force=0/1" logs --threshold brute_force=0/1 "$tmp/x"
refuses 2 "--ignore '10.0.0.0/40'" logs --ignore 10.0.0.0/40 "$tmp/x"
refuses 2 "--fail-on 'huge'" ps --fail-on huge
refuses 2 "--min-severity ''" ps --min-severity ''
refuses 2 "--color 'blue'" ps --color blue
refuses 2 "--progress 'yes'" ps --progress yes

refuses 2 "without --scan-ports" --monitor-processes --target localhost
refuses 2 "without --analyze-logs" --monitor-processes --log "$tmp/x"
refuses 2 "one kind" --monitor-processes --scan-ports --fields pid
SOURCE_DATE_EPOCH=soon
export SOURCE_DATE_EPOCH
refuses 2 "SOURCE_DATE_EPOCH 'soon'" ps
unset SOURCE_DATE_EPOCH

# Help is on standard output and fits a screen.
for c in '' scan ps logs report rules history doctor; do
	gives 0 $c --help
	shows "Usage: sysmon $c"
	shows 'Example'
	true_that "help of '$c' fits 40 lines" \
		[ "$(wc -l <"$tmp/out")" -le 40 ]
	true_that "help of '$c' fits 80 columns" \
		[ "$(wc -L <"$tmp/out")" -le 80 ]
done
gives 0 --version
shows 'sysmon 0.'
gives 0 ps -qV
# As people ask who know no options yet.
gives 0 --help
mv "$tmp/out" "$tmp/all"
gives 0 help
true_that 'help is --help' cmp "$tmp/out" "$tmp/all"
gives 0 help ps
shows 'sysmon-ps(1) has more'
refuses 2 "unknown command 'ship'" help ship
finish
