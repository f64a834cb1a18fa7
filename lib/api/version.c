/* SPDX-License-Identifier: MIT */
#include <sysmon/sysmon.h>

#include "base/base.h"

SM_EXPORT uint32_t sm_version(void)
{
	return SM_VERSION;
}

SM_EXPORT const char *sm_version_string(void)
{
	return SM_VERSION_STRING;
}
