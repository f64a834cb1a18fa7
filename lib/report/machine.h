/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_MACHINE_H
#define SMI_REPORT_MACHINE_H

#include "core/ctx.h"

/* The machine that a report is about; "" what is not known. Clean text. */
struct smi_machine {
	const char *hostname, *id;
	char os[128], kernel[128], arch[32];
};

/* hostname and id are borrowed from ctx. 0 or -ENOMEM. */
int smi_machine_read(struct smi_machine *m, sm_ctx *ctx);

/* The machine that the report is about: where it is another one, of a run that was
 * saved there, no more than its name and id are known. */
struct smi_render;
int smi_machine_of(struct smi_machine *m, const struct smi_render *r);

/* PRETTY_NAME of an os-release(5) file. */
void smi_machine_os(struct smi_span text, struct smi_buf *out);

#endif
