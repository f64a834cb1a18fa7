/* SPDX-License-Identifier: MIT */
#include "detect/probe.h"

#include "detect/regex-memory.h"

#define FEW 64

struct smi_probe {
	pcre2_match_context *mc;
	pcre2_match_data *md;
};

int smi_probe_new(struct smi_probe **out)
{
	SMI_CLEANUP(smi_probe_freep) struct smi_probe *p = NULL;
	SMI_CLEANUP(smi_regex_context_freep)
	pcre2_general_context *gc = smi_regex_context(NULL);

	p = gc ? smi_zalloc(sizeof(*p)) : NULL;
	if (!p)
		return -ENOMEM;
	p->mc = pcre2_match_context_create(gc);
	p->md = pcre2_match_data_create(1, gc);
	if (!p->mc || !p->md)
		return -ENOMEM;
	pcre2_set_heap_limit(p->mc, SMI_REGEX_HEAP_KIB);
	*out = smi_take(&p);
	return 0;
}

void smi_probe_free(struct smi_probe *p)
{
	if (!p)
		return;
	pcre2_match_data_free(p->md);
	pcre2_match_context_free(p->mc);
	free(p);
}

void smi_probe_freep(struct smi_probe **p)
{
	smi_probe_free(*p);
}

int smi_probe_within(struct smi_probe *p, const struct smi_regex *re,
		     struct smi_span subject, uint32_t steps)
{
	int r;

	pcre2_set_match_limit(p->mc, steps);
	r = pcre2_match(re->code, (PCRE2_SPTR)subject.p, subject.len, 0,
			PCRE2_NO_JIT, p->md, p->mc);
	if (r == PCRE2_ERROR_NOMEMORY)
		return -ENOMEM;
	return r >= 0 || r == PCRE2_ERROR_NOMATCH;
}

int smi_probe_steps(struct smi_probe *p, const struct smi_regex *re,
		    struct smi_span subject, uint32_t *steps)
{
	int r = 0;

	for (uint32_t n = FEW; r == 0 && n < 2 * SMI_REGEX_MATCH_LIMIT;
	     n *= 2) {
		*steps = SMI_MIN(n, (uint32_t)SMI_REGEX_MATCH_LIMIT);
		r = smi_probe_within(p, re, subject, *steps);
	}
	if (r == 0)
		*steps = UINT32_MAX;
	return SMI_MIN(r, 0);
}
