# SPDX-License-Identifier: MIT
# The table of "make coverage" out of what gcov -b says.
BEGIN { printf "%7s %9s  %s\n", "lines %", "branches %", "file" }
/^File / {
	file = $2
	gsub(/'/, "", file)
	sub(/^.*\/(lib|cli)\//, "&", file)
	if (match(file, /(lib|cli)\/[^']*$/))
		file = substr(file, RSTART)
	else
		file = ""
}
/^Lines executed:/ && file {
	split($0, p, /[:% ]+/)
	lines[file] = p[3]
	n[file] = p[5]
}
/^Branches executed:|^No branches/ && file { branches[file] = "-" }
/^Taken at least once:/ && file {
	split($0, p, /[:% ]+/)
	branches[file] = p[5]
}
/^$/ && file {
	if ((file in lines) && !(file in shown)) {
		shown[file] = 1
		printf "%7s %9s  %s\n", lines[file], branches[file], file
		hit += lines[file] * n[file]
		all += n[file]
	}
	file = ""
}
END { if (all) printf "%7.2f %9s  %d lines in all\n", hit / all, "", all }
