/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "trust.h"

/* The configuration of the machine that tests run on is none of theirs. */
const char *etc_dir(void)
{
	const char *dir = getenv("SYSMON_TEST_ETC");

	return dir ? dir : "/nonexistent";
}
