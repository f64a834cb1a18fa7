/* SPDX-License-Identifier: MIT */
#include "trust.h"

/* On its own, so that a test can have another one. */
const char *etc_dir(void)
{
	return SYSCONFDIR "/libsysmon";
}
