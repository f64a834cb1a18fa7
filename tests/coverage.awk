# SPDX-License-Identifier: MIT
# The table of "make coverage" out of what gcov -n -b says.
function show()
{
	if (file != "" && lines != "") {
		printf "%7s %9s  %s\n", lines, branches, file
		hit += lines * n
		all += n
	}
	file = lines = ""
	branches = "-"
}
BEGIN {
	printf "%7s %9s  %s\n", "lines %", "branches %", "file"
	show()
}
/^File / {
	show()
	if (match($0, /(lib|cli)\/[^']*\.c'/))
		file = substr($0, RSTART, RLENGTH - 1)
}
/^Lines executed:/ {
	split($0, p, /[:% ]+/)
	lines = p[3]
	n = p[5]
}
/^Taken at least once:/ {
	split($0, p, /[:% ]+/)
	branches = p[5]
}
END {
	show()
	if (all)
		printf "%7.2f %9s  %d lines in all\n", hit / all, "", all
}
