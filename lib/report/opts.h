/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_OPTS_H
#define SMI_REPORT_OPTS_H

#include "core/opts.h"
#include "record/schema.h"

/* How a report shall look: what the options object holds, and writers copy. */
struct smi_style {
	char *title, *spill_dir;
	int min_severity;
	int only; /* a kind, of a format with sections; 0: all of them */
	bool color, has_time;
	int64_t time;
	uint32_t width; /* 0: no limit */
	/* n 0: nobody chose. */
	struct smi_fieldlist fields[SMI_NKINDS + 1];
};

struct sm_report_opts {
	struct smi_opts head;
	struct smi_style style;
};

/* A copy of what o (NULL: the defaults) says. 0 or -ENOMEM, or o's own error. */
int smi_style_init(struct smi_style *s, sm_ctx *ctx, const sm_report_opts *o);
void smi_style_done(struct smi_style *s);

/* The fields of the kind that were chosen, else all of them in their order; as
 * columns without those that have to be named. */
void smi_style_fields(const struct smi_style *s, int kind, bool columns,
		      struct smi_fieldlist *out);

#endif
