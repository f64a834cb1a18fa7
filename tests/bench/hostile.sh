#!/bin/sh
# SPDX-License-Identifier: MIT
# No line of 16 KB makes a built-in rule give up, be it made from what its patterns
# ask for or from its samples.
exec "$builddir/tests/bench/hostile" --every 11 "$srcdir"/lib/detect/rules/*.yaml
