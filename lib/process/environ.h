/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_ENVIRON_H
#define SMI_PROCESS_ENVIRON_H

#include "base/span.h"

/*
 * /proc/PID/environ: NAME=value, ended by NUL each, as the process was started with.
 * The process may have written something else over it since.
 */

/* Cuts the next one off *rest; what has no "=" is passed over. false at the end. */
bool smi_environ_next(struct smi_span *rest, struct smi_span *name,
		      struct smi_span *value);
/* Whether its value may be kept: what the loader and shells' histories are told. All
 * others may be secrets. */
bool smi_environ_is_told(struct smi_span name);

#endif
