/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_JOURNAL_H
#define SMI_DETECT_F2B_JOURNAL_H

#include "base/span.h"

/*
 * A journalmatch, as journalctl(1) and fail2ban take it: "A=1 A=2 B=3 + C=4" are the
 * entries with (A of 1 or 2, and B of 3), or C of 4. Each line of it is one more
 * alternative.
 */
struct smi_f2b_journal {
	struct smi_f2b_term {
		struct smi_span text; /* FIELD=value */
		unsigned group;
	} * terms;
	size_t n; /* 0: every entry */
};

struct sm_ruleset;
/* Takes the fields into those that the set asks of journals. 0, -ENOMEM; -EBADMSG and
 * the term that is none. */
int smi_f2b_journal_parse(struct sm_ruleset *rs, struct smi_span text,
			  struct smi_f2b_journal *out, struct smi_span *bad);
/* fields: "FIELD=value\n" of an entry, each. */
bool smi_f2b_journal_has(const struct smi_f2b_journal *j,
			 struct smi_span fields);

#endif
