/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "report/syslog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_syslog_target t;
	bool path;

	if (smi_syslog_parse(smi_span_of(data, size), &t))
		return 0;
	path = t.way == SMI_SYSLOG_UNIX;
	if (!*t.host || strlen(t.host) >= sizeof(t.host) || path != !*t.port ||
	    (path && *t.host != '/'))
		abort();
	if (!path && (strtoul(t.port, NULL, 10) < 1 ||
		      strtoul(t.port, NULL, 10) > 65535))
		abort();
	return 0;
}
