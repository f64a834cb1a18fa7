#!/bin/sh
# SPDX-License-Identifier: MIT
# A module includes itself and what is below it. One row a directory: what may
# stand before the slash of an #include "..."; "-" where headers of its own have
# no slash; "public": <sysmon/sysmon.h> may be used.
set -eu
cd "$srcdir"
awk '
BEGIN {
	split("", may)
	may["lib/base"] = "base"
	may["lib/record"] = "base record public"
	may["lib/core"] = "base record core public"
	may["lib/portscan"] = "base record core portscan public"
	may["lib/process"] = "base record core process public"
	may["lib/process/bpf"] = "-"
	may["lib/logsrc"] = "base record core logsrc public"
	may["lib/detect"] = "base record core detect public"
	may["lib/report"] = "base record core report public"
	may["lib/store"] = "base record core store public"
	may["lib/api"] = "base record core portscan process logsrc detect report store api public"
	may["cli"] = "- public"
	may["examples"] = "- public"
	may["tests/api"] = "- public"
	may["tests/lab"] = "- public"
	may["tests/conformance"] = "public"
	may["tests/cli"] = "- public"
}
function refuse(why) {
	print FILENAME ":" FNR ": " why ": " $0
	bad = 1
}
FNR == 1 {
	dir = FILENAME
	sub(/\/[^\/]*$/, "", dir)
	if (!(dir in may)) {
		print FILENAME ": no row for " dir " in tests/lint/floors.sh"
		bad = 1
	}
	allowed = " " may[dir] " "
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	name = $0
	sub(/^[^"]*"/, "", name)
	sub(/".*/, "", name)
	if (name ~ /\.\./)
		refuse("no way through ..")
	module = name
	if (!sub(/\/.*/, "", module))
		module = "-"
	if (index(allowed, " " module " ") == 0)
		refuse(dir " may not include this")
}
/^[ \t]*#[ \t]*include[ \t]*<sysmon\// {
	if (index(allowed, " public ") == 0)
		refuse(dir " knows nothing of sysmon")
	else if ($0 !~ /<sysmon\/sysmon\.h>/)
		refuse("include <sysmon/sysmon.h>")
}
END { exit bad }
' $(find lib cli examples tests/api tests/cli tests/conformance tests/lab -name '*.[ch]' -o -name '*.cc' | LC_ALL=C sort)
