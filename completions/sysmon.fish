# SPDX-License-Identifier: MIT
# Completion of sysmon(1) for fish. Commands, options and their words are read from
# the English --help of the very command that is completed, so none is missing here.

function __sysmon_commands
	env LC_ALL=C sysmon --help 2>/dev/null |
		string match -rg '^  ([a-z]+ +[A-Z].*)$' | string replace -r ' +' \t
end

function __sysmon_command
	set -l words (commandline -opc)
	set -q words[2]; or return 1
	contains -- $words[2] (__sysmon_commands | string split -f1 \t)
	and echo $words[2]
end

# A row a line: short, long, kind of value, text; tabs between.
function __sysmon_rows
	set -l of (__sysmon_command); or set of report
	test $of = report; and set of report scan ps logs
	begin
		for c in $of
			env LC_ALL=C sysmon $c --help 2>/dev/null
		end
		env LC_ALL=C sysmon --help 2>/dev/null | string match -r '^  --(?:[a-z-]*config|no-pager).*'
	end | string replace -rf '^  (?:(-[A-Za-z]), )?(--[a-z0-9-]+)(?:\[?[ =]([A-Z|=/]+)\]?)?  +(.*)$' '$1\t$2\t$3\t$4' |
		string replace -a '\t' \t
end

function __sysmon_previous
	set -l previous (commandline -opc)[-1]
	for row in (__sysmon_rows)
		set -l f (string split \t -- $row)
		test -n "$f[3]"; or continue
		contains -- $previous $f[1] $f[2]; or continue
		string join \t -- $f[3] $f[4]
		return 0
	end
	return 1
end

function __sysmon_complete
	set -l f (__sysmon_previous | string split \t)
	if set -q f[1]
		switch $f[1]
			case FILE SOURCE SPEC PATH
				__fish_complete_path (commandline -ct)
			case DIR
				__fish_complete_directories (commandline -ct)
			case SEVERITY
				printf '%s\n' info low medium high critical
			case USER
				__fish_complete_users
			case '*'
				string match -rg '(?:^|: )([a-z0-9-]+(?:, [a-z0-9-]+)* or [a-z0-9-]+)$' -- $f[2] |
					string replace -ra ', | or ' \n
		end
		return
	end
	if string match -q -- '-*' (commandline -ct)
		__sysmon_rows | string replace -r '^[^\t]*\t([^\t]*)\t[^\t]*\t' '$1\t' |
			string replace '\t' \t
		return
	end
	set -l cmd (__sysmon_command)
	switch "$cmd"
		case ''
			__sysmon_commands
		case rules
			printf '%s\n' list check explain
			__fish_complete_path (commandline -ct)
		case logs
			__fish_complete_path (commandline -ct)
		case scan
			__fish_print_hostnames
	end
end

complete -c sysmon -f -a '(__sysmon_complete)'
