#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the C file of builtin-rules.h for the text files given. Samples are left out,
# and comments: tests try them, and a program that starts need not. Lines keep their
# numbers.
set -eu
cat <<'C'
/* SPDX-License-Identifier: MIT */
/* Made by text-to-c.sh. */
#include "detect/builtin-rules.h"

C
n=0
for f; do
	printf 'static const char text%d[] =\n' $n
	# ISO C promises literals of 4095 bytes only; gcc and clang take any.
	LC_ALL=C ${AWK:-awk} '{
		if (!/^  /)
			sample = /^(no)?match:/
		if (sample || /^#/)
			$0 = ""
		gsub(/["\\?]/, "\\\\&")
		gsub(/\t/, "\\t")
		print "\t\"" $0 "\\n\""
	} END { print "\t\"\";" }' "$f"
	echo
	n=$((n + 1))
done
echo 'const struct smi_builtin_rules smi_builtin_rules[] = {'
n=0
for f; do
	printf '\t{ "%s", text%d, sizeof(text%d) - 1 },\n' "${f##*/}" $n $n
	n=$((n + 1))
done
printf '\t{ NULL, NULL, 0 },\n};\n'
