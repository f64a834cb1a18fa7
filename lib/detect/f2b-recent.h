/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_RECENT_H
#define SMI_DETECT_F2B_RECENT_H

#include "detect/f2b-window.h"
#include "detect/fail2ban.h"
#include "record/line.h"

/*
 * The last lines as they came, for all filters that look at more than one: they
 * take them into their windows when a line comes that makes it worth while.
 */
struct smi_f2b_recent {
	struct smi_buf text;
	struct smi_f2b_old {
		size_t at, len, fields; /* the fields stand behind it */
		bool has_fields;
		const char *file, *header;
	} v[SMI_F2B_MAX_LINES]; /* line i is at i % SMI_F2B_MAX_LINES */
	uint64_t first, n;	/* those that are kept; n is the next one */
};

void smi_f2b_recent_free(struct smi_f2b_recent *r);
/* -ENOMEM. */
int smi_f2b_recent_add(struct smi_f2b_recent *r, const struct smi_line *line);
/* Line i, which is kept: raw, fields, file and header. */
struct smi_line smi_f2b_recent_line(const struct smi_f2b_recent *r, uint64_t i);

#endif
