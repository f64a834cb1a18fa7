#!/bin/sh
# SPDX-License-Identifier: MIT
# What a library leaves to its program: output, exit, signals, environment, locale,
# the time zone of the process, children. And it has no state of its own: no
# writable variables, no constructors.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

cat >"$tmp/names" <<'L'
printf vprintf fprintf vfprintf dprintf vdprintf puts fputs fputc putc putchar
fwrite perror stdin stdout stderr fopen fdopen freopen tmpfile syslog vsyslog openlog
err errx warn warnx
exit _exit _Exit quick_exit abort atexit on_exit __assert_fail assert
signal sigaction sigprocmask raise alarm setitimer
getenv secure_getenv setenv putenv unsetenv clearenv environ
setlocale uselocale newlocale umask chdir fchdir
system popen pclose fork vfork execv execve execvp execl execlp execle posix_spawn
localtime localtime_r mktime timelocal tzset ctime ctime_r strftime
strtok rand srand random srandom drand48 gethostbyname getpwnam getpwuid
getgrnam getgrgid readdir_r tmpnam mktemp tempnam sleep usleep nanosleep
L
tr ' ' '\n' <"$tmp/names" | sed '/^$/d' | sort -u >"$tmp/forbidden"

# Comments and strings are taken out, then calls are looked for.
(cd "$srcdir" && find lib -name '*.[ch]' | LC_ALL=C sort |
	xargs awk -v list="$tmp/forbidden" '
	BEGIN { while ((getline w <list) > 0) no[w] = 1 }
	FNR == 1 { inside = 0 }
	{
		line = $0
		gsub(/\\./, "", line)
		gsub(/"[^"]*"/, "", line)
		while (1) {
			if (inside) {
				i = index(line, "*/")
				if (!i) { line = ""; break }
				line = substr(line, i + 2)
				inside = 0
			}
			i = index(line, "/*")
			if (!i) break
			rest = substr(line, i + 2)
			j = index(rest, "*/")
			if (j) line = substr(line, 1, i - 1) " " substr(rest, j + 2)
			else { line = substr(line, 1, i - 1); inside = 1; break }
		}
		sub(/\/\/.*/, "", line)
		if (line ~ /^#/) next
		while (match(line, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
			before = RSTART > 1 ? substr(line, RSTART - 1, 1) : ""
			w = substr(line, RSTART, RLENGTH)
			sub(/[ \t]*\($/, "", w)
			if (w in no && before != "." && before != ">")
				print FILENAME ":" FNR ": " w
			line = substr(line, RSTART + RLENGTH)
		}
	}') >"$tmp/found"
if [ -s "$tmp/found" ]; then
	echo "a library does not call:"
	cat "$tmp/found"
	bad=1
fi

grep -q '^SANITIZE_CFLAGS = *$' "$builddir/Makefile" &&
	grep -q '^COVERAGE_CFLAGS = *$' "$builddir/Makefile" || {
	echo "SKIP: symbols of the binary: sanitizers and coverage bring their own"
	exit $bad
}
so=$builddir/.libs/libsysmon.so
if [ -e "$so" ]; then
	"$NM" -D --undefined-only "$so" | awk -v list="$tmp/forbidden" '
	BEGIN { while ((getline w <list) > 0) no[w] = 1 }
	{
		name = $2
		sub(/@.*/, "", name)
		plain = name
		sub(/^__/, "", plain)
		sub(/_chk$/, "", plain)
		if (name in no || plain in no) { print "libsysmon.so needs " name; bad = 1 }
	} END { exit bad }' || bad=1
fi
# Constant tables of pointers lie in .data.rel.ro, which is read-only in the end.
"$READELF" -SW "$builddir/.libs/libsysmon-internal.a" | awk '
/^File:/ { file = $2; sub(/.*\(/, "", file); sub(/\)$/, "", file) }
/^ *\[ *[0-9]+\]/ {
	sub(/^ *\[ *[0-9]+\] */, "")
	if ($5 ~ /^0+$/ || $1 ~ /^\.data\.rel\.ro/)
		next
	if ($1 ~ /^\.(data|bss|tdata|tbss)(\.|$)/) {
		print file ": writable variable (" $1 ")"
		bad = 1
	}
	if ($1 ~ /^\.(init_array|fini_array|ctors|dtors|preinit_array)/) {
		print file ": constructor or destructor (" $1 ")"
		bad = 1
	}
} END { exit bad }' || bad=1
exit $bad
