#!/bin/sh
# SPDX-License-Identifier: MIT
# Configuration files: which are read, what counts, what is refused.
. "$srcdir/tests/cli/lib.sh"
umask 022
SYSMON_TEST_ETC=$tmp/etc
export SYSMON_TEST_ETC
own=$XDG_CONFIG_HOME/libsysmon

# fresh: no files, but their directories.
fresh()
{
	rm -rf "$tmp/etc" "$XDG_CONFIG_HOME"
	mkdir -p "$tmp/etc/conf.d" "$tmp/etc/rules.d" "$own"
}
# config FILE LINE...
config()
{
	file=$1
	shift
	printf '%s\n' "$@" >"$file"
}
# has KEY = VALUE, from ORIGIN ARG...: what --print-config tells.
has()
{
	wanted=$1
	origin=$2
	shift 2
	gives 0 "$@" --print-config
	grep -B1 -xF -- "$wanted" "$tmp/out" | grep -qxF -- "# $origin" ||
		failed "'sysmon $*' has '$wanted' from '$origin'"
}
has_not()
{
	unwanted=$1
	shift
	gives 0 "$@" --print-config
	hides "$unwanted"
}

# Nothing there is no matter.
rm -rf "$tmp/etc" "$XDG_CONFIG_HOME"
gives 0 ps --pid $$ --interval 0
[ ! -s "$tmp/err" ] || failed "no configuration is no matter"
refuses 2 "$tmp/none: not read" ps --config "$tmp/none"

# The later file counts: system, its fragments by name, the user's own, flags.
fresh
config "$tmp/etc/sysmon.conf" '[ps]' 'top = 1' 'sort = cpu' 'interval = 1' \
	'deadline = 11' 'cpu-threshold = 71'
config "$tmp/etc/conf.d/20-b.conf" '[ps]' 'top = 3' 'interval = 3'
config "$tmp/etc/conf.d/10-a.conf" '[ps]' 'top = 2' 'sort = mem' 'interval = 2'
config "$tmp/etc/conf.d/.30.conf" '[ps]' 'sort = frobnicate'
config "$tmp/etc/conf.d/40.conf~" '[ps]' 'sort = frobnicate'
config "$own/sysmon.conf" '[ps]' 'interval = 4' 'deadline = 44'
has 'cpu-threshold = 71' "$tmp/etc/sysmon.conf:6" ps
has 'sort = mem' "$tmp/etc/conf.d/10-a.conf:3" ps
has 'top = 3' "$tmp/etc/conf.d/20-b.conf:2" ps
has 'interval = 4' "$own/sysmon.conf:2" ps
has 'deadline = 55' flag ps --deadline=55
has '#hidden = auto' default ps
gives 0 ps --interval 0 --no-checks --format ndjson
[ "$(grep -c '"type":"process"' "$tmp/out")" -eq 3 ] ||
	failed "three processes are listed, as configured"
gives 0 ps --interval 0 --no-checks --format ndjson --top 2
[ "$(grep -c '"type":"process"' "$tmp/out")" -eq 2 ] ||
	failed "an option counts more than a file"
has '#top =' default ps --no-config
config "$tmp/one.conf" '[ps]' 'top = 9'
has 'top = 9' "$tmp/one.conf:2" ps --config "$tmp/one.conf"
has '#sort =' default ps --config "$tmp/one.conf"
refuses 2 'not together with --no-config' ps --no-config --config "$tmp/one.conf"
XDG_CONFIG_HOME= HOME=$tmp/config
mkdir "$tmp/config/.config" && mv "$own" "$tmp/config/.config"
has 'interval = 4' "$tmp/config/.config/libsysmon/sysmon.conf:2" ps
XDG_CONFIG_HOME=$tmp/config HOME=$tmp/none

# Which sections count: all of a command's own, in a report those of its parts.
fresh
config "$tmp/etc/sysmon.conf" 'min-severity = low' '[scan]' 'ports = 1' \
	'threads = 2' 'no-checks = yes' '[ps]' 'threads = 3' \
	'min-severity = high' '[logs]' 'no-events = yes' '[common]' 'quiet = yes'
has 'min-severity = low' "$tmp/etc/sysmon.conf:1" scan
has 'min-severity = high' "$tmp/etc/sysmon.conf:8" ps
has 'min-severity = low' "$tmp/etc/sysmon.conf:1" report
has 'quiet = yes' "$tmp/etc/sysmon.conf:12" rules
has 'threads = 2' "$tmp/etc/sysmon.conf:4" report
has 'threads = 3' "$tmp/etc/sysmon.conf:7" --monitor-processes
has 'no-events = yes' "$tmp/etc/sysmon.conf:10" --monitor-processes
has 'threads = 7' flag report --threads 7
has_not 'threads = 2' report --threads 7
has_not 'ports = 1' scan -p 2
has_not 'ports' ps
config "$own/sysmon.conf" 'min-severity = info'
has 'min-severity = info' "$own/sysmon.conf:1" ps

fresh
config "$own/sysmon.conf" '[report]' 'threads = 9' '[ps]' \
	'min-severity = high' 'threads = 2' '[common]' 'min-severity = low'
has 'min-severity = high' "$own/sysmon.conf:4" ps
has 'threads = 9' "$own/sysmon.conf:2" report
has_not 'threads = 2' report

# The menu begins with what is configured.
config "$own/sysmon.conf" '[scan]' 'ports = 22,80' '[ps]' 'cpu-threshold = 55' \
	'[logs]' 'threshold = brute_force=7/70' 'threshold = web_scan=2/20'
gives 0 --interactive
shows 'Ports: 22,80 '
shows 'CPU 55 %, memory 80 %, failed logins 7/70 s'

# What may be repeated adds up; an empty value forgets.
fresh
config "$tmp/etc/sysmon.conf" '[common]' 'ignore = 192.0.2.1' \
	'ignore = 192.0.2.2' 'min-severity = low'
config "$own/sysmon.conf" '[logs]' 'ignore = 192.0.2.3' '[ps]' 'ignore =' \
	'ignore = 192.0.2.4' 'min-severity ='
gives 0 logs --ignore 192.0.2.5 --print-config
[ "$(grep '^ignore' "$tmp/out" | tr -dc '1-9.\n' | cut -d. -f4 | tr -d '\n')" \
	= 1235 ] || failed "what is ignored adds up"
has_not '192.0.2.1' ps
has 'ignore = 192.0.2.4' "$own/sysmon.conf:5" ps
has '#min-severity = info' default ps
attack "$tmp/log" 192.0.2.2 6
attack "$tmp/log" 192.0.2.4 6
gives 0 logs "$tmp/log" --format ndjson --no-events
[ "$(grep -c '"kind":"brute_force"' "$tmp/out")" -eq 1 ] ||
	failed "what is ignored makes no finding"

# Yes and no, and blanks, comments, other line ends, a mark, no line end.
fresh
printf '\357\273\277# c\r\n ; c\r\n\t[ps] \r\n  no-checks\t=  yes \r\nsort=pid' \
	>"$tmp/etc/sysmon.conf"
has 'no-checks = yes' "$tmp/etc/sysmon.conf:4" ps
has 'sort = pid' "$tmp/etc/sysmon.conf:5" ps
config "$own/sysmon.conf" '[ps]' 'no-checks = no' '[scan]' 'services = no'
has 'no-checks = no' "$own/sysmon.conf:2" ps
has 'services = yes' flag scan -s

# A misspelt name is said, and holds up nothing.
config "$own/sysmon.conf" '[ps]' 'sorted = cpu' 'output = x.json' 'ports = 1' \
	'[scn]' 'ports = x' '[logs]' 'zzzzzzzzzzzzz = 1' '--no-events = yes'
gives 0 ps --pid $$ --interval 0
says "$own/sysmon.conf:2: unknown key 'sorted'; did you mean 'sort'?"
says "$own/sysmon.conf:3: 'output' is for the command line alone"
says "$own/sysmon.conf:4: 'ports' has no effect in [ps]; its place is [scan], [report]"
says "$own/sysmon.conf:5: no section [scn], and what is in it is left out; did you mean [scan]?"
says "$own/sysmon.conf:8: unknown key 'zzzzzzzzzzzzz'"
says "$own/sysmon.conf:9: unknown key '--no-events'; did you mean 'no-events'?"
[ "$(wc -l <"$tmp/err")" -eq 6 ] || failed "each mistake is said once"

# A wrong value is one sentence, and nothing is done. bad TEXT LINE
bad()
{
	config "$own/sysmon.conf" "$2"
	refuses 2 "$own/sysmon.conf:1: $1" ps --pid $$ --interval 0
}
fresh
bad "min-severity 'big': no severity" 'min-severity = big'
bad "quiet 'maybe': yes or no is right" 'quiet = maybe'
bad "ignore '10.0.0.0/99': " 'ignore = 10.0.0.0/99'
bad "rules 'my.yaml': not a whole path" 'rules = my.yaml'
bad "rules '$tmp/none.yaml': No such file" "rules = $tmp/none.yaml"
bad "no '=' in it" 'quiet'
bad "no name before" '= yes'
bad "a section is [NAME]" '[ps'
bad "a section is [NAME]" '[ps] x'
bad "a section needs a name" '[ ]'
bad 'a control character' "$(printf 'title = \033[31m')"
printf 'quiet = no\0\n' >"$own/sysmon.conf"
refuses 2 "$own/sysmon.conf:1: a NUL byte" ps
awk 'BEGIN { while (i++ < 5000) printf "x" }' >"$own/sysmon.conf"
refuses 2 'longer than 4096 bytes' ps
awk 'BEGIN { while (i++ < 2001) print "[ps]\nquiet=no" }' >"$own/sysmon.conf"
refuses 2 "$own/sysmon.conf:4002: too many entries" ps
awk 'BEGIN { while (i++ < 9000) print "# ..........................." }' \
	>"$own/sysmon.conf"
refuses 2 'larger than 256 KiB' ps
config "$own/sysmon.conf" '[logs]' 'threshold = frobnicate=1/1'
refuses 2 "$own/sysmon.conf:2: threshold 'frobnicate=1/1'" logs "$tmp/log"
gives 0 ps --pid $$ --interval 0
gives 0 ps --help
gives 0 logs --version

# A setting is in nobody's way.
config "$own/sysmon.conf" 'format = json' 'history-days = 3' 'color = always' \
	'fail-on = new:low' '[scan]' 'ports = 1' 'services = yes' \
	'service-timeout = 100' 'method = connect' 'rate = 1000' \
	'[report]' 'baseline = last'
gives 0 scan --listeners
shows '"schema":"sysmon/1"'
has_not 'service-timeout = 100' scan --udp
has_not 'method = connect' scan --udp
has 'service-timeout = 100' "$own/sysmon.conf:8" scan
has_not 'fail-on = new' scan
has 'fail-on = new:low' "$own/sysmon.conf:4" report
gives 0 scan 127.0.0.1 -o "$tmp/ports.txt"
! grep -q schema "$tmp/ports.txt" || failed "a suffix counts more than a format"
gives 0 rules explain 'x'
NO_COLOR=1 run ps --print-config
hides 'color = always'

# What others may write is not read, and neither is anything done without it.
distrusts()
{
	refuses 2 "$1" ps --pid $$ --interval 0
	says 'nothing is done without it'
	gives 0 ps --pid $$ --interval 0 --no-config
}
fresh
config "$own/sysmon.conf" 'quiet = yes'
chmod 664 "$own/sysmon.conf"
distrusts "'$own/sysmon.conf' can be written by its group or others"
chmod 646 "$own/sysmon.conf"
distrusts "'$own/sysmon.conf' can be written by its group or others"
chmod 644 "$own/sysmon.conf"
has 'quiet = yes' "$own/sysmon.conf:1" ps
chmod 777 "$own"
distrusts "'$own' can be written by its group or others"
chmod 1777 "$own"
has 'quiet = yes' "$own/sysmon.conf:1" ps
chmod 755 "$own"
mv "$own/sysmon.conf" "$tmp/real.conf"
ln -s ../../real.conf "$own/sysmon.conf"
has 'quiet = yes' "$own/sysmon.conf:1" ps
mkdir -m 777 "$tmp/open"
mv "$tmp/real.conf" "$tmp/open"
ln -sf "$tmp/open/real.conf" "$own/sysmon.conf"
distrusts "'$tmp/open' can be written by its group or others"
ln -sf sysmon.conf "$own/sysmon.conf"
distrusts 'Too many levels of symbolic links'
rm "$own/sysmon.conf"
mkfifo "$own/sysmon.conf"
distrusts 'it is no regular file'
rm "$own/sysmon.conf"
mkdir "$own/sysmon.conf"
distrusts 'it is a directory'
rmdir "$own/sysmon.conf"
chmod 777 "$tmp/etc/conf.d"
distrusts "'$tmp/etc/conf.d' can be written by its group or others"
chmod 755 "$tmp/etc/conf.d"
# Where there is nothing, it does not matter who could put it there.
chmod 777 "$own"
gives 0 ps --pid $$ --interval 0
[ ! -s "$tmp/err" ] || failed "nothing is said where there is nothing"
chmod 755 "$own"
# Files that a configuration names are as trusted as it is.
printf '%s\n' 192.0.2.1 >"$tmp/list"
chmod 666 "$tmp/list"
config "$own/sysmon.conf" '[scan]' "exclude-file = $tmp/list"
refuses 2 "exclude-file '$tmp/list': " scan localhost -p 1
chmod 644 "$tmp/list"
gives 0 scan localhost -p 1
attack "$tmp/new.log" 192.0.2.9 6
gives 0 logs "$tmp/new.log" -q -o "$tmp/seen.json"
config "$own/sysmon.conf" '[report]' 'baseline = seen.json' 'fail-on = new:low'
cd "$tmp" || exit 99
refuses 2 "baseline 'seen.json': not a whole path" --analyze-logs=new.log
config "$own/sysmon.conf" '[report]' "baseline = $tmp/seen.json" 'fail-on = new:low'
gives 0 --analyze-logs=new.log
chmod 666 seen.json
refuses 2 "baseline '$tmp/seen.json': " --analyze-logs=new.log
chmod 600 seen.json
config "$own/sysmon.conf" '[report]' 'baseline = last'
has 'baseline = last' "$own/sysmon.conf:2" report
has "baseline = $tmp/seen.json" flag report --baseline seen.json
# Of words that are no files only these.
for name in builtin.yaml builtin-mine sigma.yaml; do
	config "$own/sysmon.conf" "rules = $name"
	refuses 2 "rules '$name': not a whole path" ps
done
config "$own/sysmon.conf" 'rules = builtin:correlations'
gives 0 logs new.log -q
cd / || exit 99
# fail2ban's: each file and directory that may be read.
filters=$tmp/fail2ban
mkdir -p "$filters/filter.d/own.d" "$filters/jail.d"
printf '[Definition]\nfailregex = ^no from <HOST>$\n' >"$filters/filter.d/own.conf"
printf '[DEFAULT]\nmaxretry = 2\n' >"$filters/jail.conf"
cp "$filters/filter.d/own.conf" "$filters/filter.d/own.d/more.conf"
cp "$filters/jail.conf" "$filters/jail.d/more.local"
ln -s none "$filters/jail.d/none.conf"
config "$own/sysmon.conf" '[logs]' 'rules = fail2ban:own' "fail2ban-dir = $filters"
gives 0 logs "$tmp/new.log" -q
for open in jail.conf jail.d jail.d/more.local filter.d filter.d/own.conf \
	filter.d/own.d filter.d/own.d/more.conf; do
	mode=$(stat -c %a "$filters/$open")
	chmod o+w "$filters/$open"
	refuses 2 "'$filters/$open' can be written by its group or others" \
		logs "$tmp/new.log"
	chmod "$mode" "$filters/$open"
done
chmod o+w "$filters/filter.d/own.conf"
gives 0 rules check --no-config --fail2ban-dir "$filters" fail2ban:own
says "$filters/filter.d/own.conf:0: remark: every user may write this file"
if [ "$(id -u)" -eq 0 ]; then
	gives 0 logs --no-config --fail2ban-dir "$filters" --rules fail2ban:own \
		"$tmp/new.log"
	says "filters in '$filters': '$filters/filter.d/own.conf' can be written"
	gives 0 logs --no-config --fail2ban-dir "$filters" --rules fail2ban:own \
		"$tmp/new.log" -q
	[ ! -s "$tmp/err" ] || failed "-q is quiet about filters"
fi
chmod o-w "$filters/filter.d/own.conf"
gives 0 logs --no-config --fail2ban-dir "$filters" --rules fail2ban:own "$tmp/new.log"
[ ! -s "$tmp/err" ] || failed "nothing is said of filters that are root's"
gives 0 rules check --no-config --fail2ban-dir "$filters" fail2ban:own
! grep -q 'every user' "$tmp/err" || failed "only of such files"
if [ "$(id -u)" -eq 0 ] && chown 65534 "$own/sysmon.conf"; then
	distrusts "'$own/sysmon.conf' belongs to another user"
	chown 0 "$own/sysmon.conf"
	chown 65534 "$own"
	distrusts "'$own' belongs to another user"
	chown 65534 "$XDG_CONFIG_HOME"
	gives 0 ps --pid $$ --interval 0
	[ ! -s "$tmp/err" ] || failed "the home of another user is not read"
	gives 0 ps --pid $$ --interval 0 -v
	says "$XDG_CONFIG_HOME: no configuration is read there"
fi

# What is printed is read back, and says the same.
fresh
mkdir -p "$tmp/d" && cd "$tmp/d" || exit 99
touch x.yaml
config "$tmp/etc/sysmon.conf" 'ignore = 192.0.2.0/24' 'fail-on = high' \
	'rules = builtin' '[ps]' 'threads = 2' 'important = a = b' \
	'important = c' '[scan]' 'services = yes' 'threads = 4' '[logs]' \
	'threshold = brute_force=9/99' '[history]' 'format = csv' \
	'[report]' 'threshold = web_scan=3/33' 'threshold = thread_hog=77'
for c in 'scan -p 22 --rate=5' 'ps --important d -vq' 'logs --no-keywords' \
	'report --threads 3 --title a;#b' 'history' 'rules' 'ps --hidden off' \
	'report --threshold thread_hog=88 --threshold brute_force=5/55' \
	'--scan-ports --syslog --history' "logs --fail2ban-dir=../d"; do
	rm -f "$own/sysmon.conf"
	# shellcheck disable=SC2086
	gives 0 $c --print-config
	sed 's/^# .*//' "$tmp/out" >"$tmp/first"
	mkdir -p "$tmp/copy"
	cp "$tmp/out" "$tmp/copy/sysmon.conf"
	first=${c%% *}
	case $first in -*) first=--print-config ;; esac
	gives 0 "$first" --config "$tmp/copy/sysmon.conf" --print-config
	[ ! -s "$tmp/err" ] || failed "what '$c' prints is read back in peace"
	sed 's/^# .*//' "$tmp/out" | cmp -s - "$tmp/first" ||
		failed "what '$c' prints says the same"
done
gives 0 ps --important "$(printf 'a\nb = c')" --print-config
shows '#important = a\x0ab = c'
printf 'id: x\nkind: allow\nkey: %s\nreason: r\n' \
	3f6c0f1e9a7b42d58c1d2e3f40516273 >x.yaml
gives 0 scan --exclude-file - --rules builtin --rules x.yaml --print-config
shows '#exclude-file = -'
shows 'rules = builtin'
shows "rules = $tmp/d/x.yaml"

# The example is right when it is used.
sed 's/^#\([a-z]\)/\1/' "$srcdir/data/sysmon.conf" >"$tmp/example.conf"
for c in scan ps logs report history; do
	gives 0 $c --config "$tmp/example.conf" --print-config
	[ ! -s "$tmp/err" ] || failed "the example is right for $c"
done
has 'rate = 1000' "$tmp/example.conf:13" scan --config "$tmp/example.conf"

# Each option is one that can be configured, or is said to be none.
for c in '' scan ps logs report rules history doctor; do
	gives 0 $c --help
	grep -oE '^  (-., )?--[a-z0-9-]+' "$tmp/out" | sed 's/.*--//'
done | sort -u >"$tmp/options"
sed 's/.*/& = /' "$tmp/options" >"$tmp/all.conf"
gives 0 ps --config "$tmp/all.conf" --print-config
! grep -q 'unknown key' "$tmp/err" || failed "every option is known as a key"
for c in scan ps logs report history; do
	gives 0 $c --print-config --no-config
	grep -oE '^#[a-z0-9-]+' "$tmp/out" | tr -d '#'
done | sort -u >"$tmp/keys"
gives 0 ps --config "$tmp/all.conf" --print-config
sed -n "s/.*: '\(.*\)' is for the command line alone.*/\1/p" "$tmp/err" |
	cat - "$tmp/keys" | sort -u | cmp -s - "$tmp/options" ||
	failed "a key is configured or is for the command line alone"
finish
