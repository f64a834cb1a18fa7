#!/bin/sh
# SPDX-License-Identifier: MIT
# The static library does not fill its user's name space either: what it defines
# begins with sm_ or smi_.
set -eu
"$NM" -g --defined-only "$builddir/.libs/libsysmon-internal.a" | awk '
NF == 3 && $3 !~ /^smi?_/ && $3 !~ /^__(asan|odr_asan|ubsan|gcov|llvm|x86\.get_pc)/ {
	print "libsysmon.a defines " $3
	bad = 1
} END { exit bad }'
