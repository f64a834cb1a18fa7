/* SPDX-License-Identifier: MIT */
#include "record/told.h"
#include "report/people.h"

/* What a person reads before all else: what to do next, and what changed. */
#define FEW 3

static bool is_alike(const sm_record *a, const sm_record *b)
{
	int k = SM_KIND_FINDING;

	return smi_rec_int(a, k, SMI_FINDING_SEVERITY_CODE) ==
		       smi_rec_int(b, k, SMI_FINDING_SEVERITY_CODE) &&
	       !strcmp(smi_rec_str(a, k, SMI_FINDING_KIND),
		       smi_rec_str(b, k, SMI_FINDING_KIND));
}

static int add_step(const sm_record *rec, void *user)
{
	struct smi_people_steps *steps = user;

	for (size_t i = 0; i < steps->n; i++) {
		if (!is_alike(steps->v[i].rec, rec))
			continue;
		steps->v[i].more++;
		return 0;
	}
	if (steps->n < SMI_PEOPLE_STEPS)
		steps->v[steps->n++].rec = rec;
	return 0;
}

int smi_people_steps(struct smi_render *r, struct smi_people_steps *steps)
{
	*steps = (struct smi_people_steps){ .n = 0 };
	if (smi_rec_int(r->summary, SM_KIND_SUMMARY, SMI_SUMMARY_FINDINGS) <=
	    FEW)
		return 0;
	return smi_report_each(r->report, SM_KIND_FINDING,
			       r->style->min_severity, add_step, steps);
}

void smi_people_step(const struct smi_people_steps *steps, size_t i,
		     struct smi_buf *b)
{
	char count[SMI_COUNT_STRLEN];

	smi_told(b, steps->v[i].rec, SMI_FINDING_TITLE);
	if (!steps->v[i].more)
		return;
	smi_people_say(b, " (and {count} more of this kind)", "count",
		       smi_count_text(count, steps->v[i].more));
}

void smi_people_change(const sm_record *change, struct smi_buf *b)
{
	bool before = smi_rec_has(change, SMI_CHANGE_BEFORE);
	bool after = smi_rec_has(change, SMI_CHANGE_AFTER);

	smi_told(b, change, SMI_CHANGE_SUBJECT);
	if (!before && !after)
		return;
	smi_buf_str(b, " (");
	if (before)
		smi_told(b, change, SMI_CHANGE_BEFORE);
	smi_buf_str(b, before && after ? " -> " : "");
	if (after)
		smi_told(b, change, SMI_CHANGE_AFTER);
	smi_buf_str(b, ")");
}
