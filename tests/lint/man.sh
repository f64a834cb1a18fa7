#!/bin/sh
# SPDX-License-Identifier: MIT
# The man pages are clean mdoc.
set -eu
command -v mandoc >/dev/null || { echo "SKIP: man pages: no mandoc"; exit 77; }
cd "$srcdir"
set -- man/*.[1-8]
[ -e "$1" ] || exit 0
# References to the pages of other packages cannot be checked on every machine.
mandoc -T lint -W warning "$@" | grep -v 'referenced manual not found' | {
	! grep .
}
