/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_CAUGHT_H
#define SMI_DETECT_F2B_CAUGHT_H

#include "detect/f2b-session.h"
#include "detect/f2b-text.h"
#include "detect/match.h"

/* What the groups of a regex have caught, by their keys. */
void smi_f2b_catch(const struct smi_matcher *m, const struct smi_f2b_regex *re,
		   struct smi_span subject, struct smi_f2b_caught *out);
/* What the prefregex caught, where the failregex has no such group. */
void smi_f2b_caught_add(struct smi_f2b_caught *c,
			const struct smi_f2b_caught *pref);
/* There is something that fail2ban could ban. */
bool smi_f2b_caught_has_id(const struct smi_f2b_caught *c);
/* Peer, port and user; they point into the line. */
void smi_f2b_caught_show(const struct smi_f2b_text *x,
			 const struct smi_f2b_caught *c, struct smi_match *m);

#endif
