/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_WINDOW_H
#define SMI_DETECT_F2B_WINDOW_H

#include "base/buf.h"
#include "detect/f2b-regex.h"

/*
 * The last lines of a filter that looks at more than one (maxlines): as one text,
 * each with its LF. Lines that made a failure are taken out; those that
 * <SKIPLINES> passed over stay.
 */
#define SMI_F2B_WINDOW_BYTES (256u << 10)

struct smi_f2b_window {
	struct smi_buf text, matched;
	/* Of the match: where its lines begin and end, and what was skipped. */
	size_t begin, end;
	size_t lines;
	unsigned due;  /* lines that are still worth a look */
	uint64_t seen; /* the next of all lines that it has not got */
	struct {
		size_t begin, end;
	} skipped[SMI_F2B_MAX_SKIPS];
	size_t nskipped;
};

void smi_f2b_window_free(struct smi_f2b_window *w);
/* Adds a line, which ends with an LF; max lines stay. -ENOMEM. */
int smi_f2b_window_add(struct smi_f2b_window *w, struct smi_span line,
		       unsigned max);
struct smi_span smi_f2b_window_text(const struct smi_f2b_window *w);
/* The lines of the match that m had in text, without those it skipped. */
struct smi_span smi_f2b_window_matched(struct smi_f2b_window *w,
				       const struct smi_matcher *m,
				       const struct smi_f2b_regex *re,
				       struct smi_span text);
/* Takes these lines out. */
void smi_f2b_window_drop(struct smi_f2b_window *w);

#endif
