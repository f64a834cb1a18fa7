/* SPDX-License-Identifier: MIT */
#ifndef SM_TESTS_FUZZ_FUZZ_H
#define SM_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What each target defines: takes any bytes, gives 0. It must not keep state. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
