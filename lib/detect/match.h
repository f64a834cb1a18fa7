/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_MATCH_H
#define SMI_DETECT_MATCH_H

#include "detect/prefilter.h"
#include "record/line.h"

struct smi_feeds;

/* What a rule made of a line: spans into it. */
struct smi_match {
	const struct smi_rule *rule;
	struct smi_span user, source_host;
	struct smi_ip ip;	  /* family 0: none */
	uint16_t port, dest_port; /* 0: unknown */
	bool has_user;
	uint64_t count;
};

/* A pattern that hit a limit on some line: it took none, and this is told. */
struct smi_limit {
	uint64_t hits, line; /* the first one */
	const char *file;
	uint64_t order; /* of the first one among all lines */
};

void smi_limit_note(struct smi_limit *limits, const struct smi_rule *rule,
		    const struct smi_line *line);

/* "message repeated N times: [ text]": N and the text, else 1 and s. */
uint64_t smi_match_unrepeat(struct smi_span *s);

/* One pattern of a rule on the message of a line. Results as smi_regex_match. */
int smi_match_pattern(const struct smi_candidate *c, struct smi_matcher *m,
		      struct smi_span message, uint64_t repeated,
		      struct smi_match *out);
/* The first rule that takes the line: 1 or 0, -ENOMEM. limits has an element for
 * each rule, and is the thread's as m is. Of a rule that feeds nothing only rule and
 * count are told; feeds NULL: all is told of all. */
int smi_match_line(const struct smi_dispatch *d, struct smi_matcher *m,
		   const struct smi_line *line, const struct smi_feeds *feeds,
		   struct smi_limit *limits, struct smi_match *out);

#endif
