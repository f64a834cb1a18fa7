/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_TEXT_H
#define SMI_DETECT_F2B_TEXT_H

#include "base/buf.h"
#include "record/line.h"

/* What regexes look at. One that is no ASCII is valid UTF-8. */
struct smi_f2b_subject {
	struct smi_span s;
	bool ascii;
};

/* A line as fail2ban's regexes see it: without its date, and with an LF. */
struct smi_f2b_text {
	const struct smi_line *line;
	struct smi_f2b_subject whole;
	struct smi_buf room;
	size_t cut_begin, cut_end;
	bool has_cut;
	bool ascii; /* the line as it came */
};

void smi_f2b_text_free(struct smi_f2b_text *x);
void smi_f2b_text_set(struct smi_f2b_text *x, const struct smi_line *line);
/* whole is then the line without what [begin, end) is. -ENOMEM. */
int smi_f2b_text_cut(struct smi_f2b_text *x, size_t begin, size_t end);
/* A place in whole as a place in the line, so that it can be shown. */
struct smi_span smi_f2b_text_place(const struct smi_f2b_text *x,
				   struct smi_span s);
bool smi_f2b_is_ascii(struct smi_span s);

#endif
