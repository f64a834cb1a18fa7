/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_ENVIRON_H
#define SMI_PROCESS_ENVIRON_H

#include "base/span.h"

/*
 * /proc/PID/environ: NAME=value, ended by NUL each, as the process was started with.
 * The process may have written something else over it since.
 */

#define SMI_ENVIRON_TOLD 6
/* The names of those whose values may be kept. */
extern const char *const smi_environ_told[SMI_ENVIRON_TOLD];

/* Cuts variables off *rest up to the next one whose value may be kept: what the
 * loader and shells' histories are told. All others may be secrets; they, and what
 * has no "=", are passed over. false at the end. */
bool smi_environ_next_told(struct smi_span *rest, struct smi_span *name,
			   struct smi_span *value);

#endif
