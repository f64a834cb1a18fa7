/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_PROBE_H
#define SMI_DETECT_PROBE_H

#include "detect/regex.h"

/*
 * What a match costs, in steps of PCRE2's interpreter, which are the same on
 * every machine and in every run. With machine code a match takes fewer.
 */
struct smi_probe;
int smi_probe_new(struct smi_probe **out);
void smi_probe_free(struct smi_probe *p);
void smi_probe_freep(struct smi_probe **p);

/* 1: the match, or that there is none, is known after so many steps; 0: it takes
 * more, or more memory than a match may have; -ENOMEM. */
int smi_probe_within(struct smi_probe *p, const struct smi_regex *re,
		     struct smi_span subject, uint32_t steps);
/* *steps is at least what it takes, and less than the double of it; UINT32_MAX
 * when it is given up. 0 or -ENOMEM. */
int smi_probe_steps(struct smi_probe *p, const struct smi_regex *re,
		    struct smi_span subject, uint32_t *steps);

#endif
