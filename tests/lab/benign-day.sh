#!/bin/sh
# SPDX-License-Identifier: MIT
# A day of logs that real servers wrote on loopback, used as honest people and programs
# use them, gives no finding above info, keywords and all. A mount namespace holds
# /dev/log, /run and the crontabs, so that nothing of the system is touched.
set -eu
command -v python3 >/dev/null || { echo "SKIP: benign-day: no python3"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
set -- python3 "$srcdir/tests/lab/benign-day.py" "$tmp" "$SYSMON"
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	unshare -m "$@" private
else
	"$@" shared
fi
