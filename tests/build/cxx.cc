/* SPDX-License-Identifier: MIT */
#include <sysmon/sysmon.h>

/* Twice does no harm. */
#include <sysmon/sysmon.h>

const char *version_in_cxx()
{
	return SM_VERSION >= 1000 ? sm_version_string() : SM_VERSION_STRING;
}
