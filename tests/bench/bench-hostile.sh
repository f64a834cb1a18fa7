#!/bin/sh
# SPDX-License-Identifier: MIT
# Lines of 16 KB that are made to be slow: built-in rules, alone and together, and
# the filters of an installed fail2ban.
set -eu
"$builddir/tests/bench/hostile" "$srcdir"/lib/detect/rules/*.yaml
[ -d /etc/fail2ban/filter.d ] || { echo "bench-hostile: no fail2ban"; exit 0; }
set --
for f in /etc/fail2ban/filter.d/*.conf; do
	case ${f##*/} in *-common.conf|common.conf) continue ;; esac
	f=${f##*/}
	set -- "$@" "${f%.conf}"
done
"$builddir/tests/bench/hostile" --filters "$@"
