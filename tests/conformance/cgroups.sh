#!/bin/sh
# SPDX-License-Identifier: MIT
# Cgroups, containers, units and slices are told as the kernel, the runtimes'
# documentation and systemd-cgls have them.
set -eu
command -v python3 >/dev/null || { echo "SKIP: cgroups: no python3"; exit 77; }
exec python3 "$srcdir/tests/conformance/cgroups.py" "$SYSMON"
