#!/bin/sh
# SPDX-License-Identifier: MIT
# All that a person reads is translated, and no translation lost a part of it.
set -eu
command -v python3 >/dev/null || { echo "SKIP: translations: no python3"; exit 77; }
PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/po/check.py" "$srcdir" "$srcdir"/po/*.po
command -v msgfmt >/dev/null || exit 0
for po in "$srcdir"/po/*.po; do
	msgfmt --check-format --check-domain -o /dev/null "$po"
done
