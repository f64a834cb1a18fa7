/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/ip.h"
#include "report/report.h"

/* What records of one kind are sorted by, from left to right; index last, so that
 * equal ones stay as they came. */
struct entry {
	const sm_record *rec;
	struct smi_ip ip;
	int64_t grade, first;
	const char *text;
	int64_t number;
	size_t index;
};

static int compare_int(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int r = smi_ip_cmp(&a->ip, &b->ip);

	if (!r)
		r = compare_int(a->grade, b->grade);
	if (!r)
		r = compare_int(a->first, b->first);
	if (!r)
		r = strcmp(a->text, b->text);
	if (!r)
		r = compare_int(a->number, b->number);
	return r ? r : compare_int((int64_t)a->index, (int64_t)b->index);
}

static void set_entry(struct entry *e, const sm_record *rec, size_t index)
{
	*e = (struct entry){ .rec = rec, .text = "", .index = index };
	switch (rec->kind) {
	case SM_KIND_PORT:
		smi_ip_parse(smi_span_str(smi_rec_str(rec, SM_KIND_PORT,
						      SMI_PORT_ADDRESS)),
			     &e->ip);
		e->text = smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_PROTOCOL);
		e->number = smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_NUMBER);
		break;
	case SM_KIND_HOST:
		smi_ip_parse(smi_span_str(smi_rec_str(rec, SM_KIND_HOST,
						      SMI_HOST_ADDRESS)),
			     &e->ip);
		break;
	case SM_KIND_FINDING:
		e->grade = -smi_rec_int(rec, SM_KIND_FINDING,
					SMI_FINDING_SEVERITY_CODE);
		e->first =
			smi_rec_time(rec, SM_KIND_FINDING, SMI_FINDING_FIRST);
		e->text = sm_record_id(rec);
		break;
	default:
		break;
	}
}

int smi_report_each(const sm_report *r, int kind, int min_severity,
		    smi_record_fn fn, void *user)
{
	SMI_AUTOFREE struct entry *order = NULL;
	const struct smi_records *list = &r->kinds[kind];
	const struct smi_spill *spill = smi_report_spill(r, kind);
	int rc = 0;

	if (spill)
		return smi_spill_each(spill, fn, user);
	order = smi_realloc_array(NULL, list->all.n, sizeof(*order));
	if (!order)
		return smi_fail_nomem(r->ctx);
	for (size_t i = 0; i < list->all.n; i++)
		set_entry(&order[i], list->all.v[i], i);
	if (list->all.n)
		qsort(order, list->all.n, sizeof(*order), compare);
	for (size_t i = 0; !rc && i < list->all.n; i++)
		if (kind != SM_KIND_FINDING || -order[i].grade >= min_severity)
			rc = fn(order[i].rec, user);
	return rc;
}
