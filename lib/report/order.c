/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/ip.h"
#include "report/report.h"

/* What records of one kind are sorted by, from left to right; index last, so that
 * equal ones stay as they came. */
struct entry {
	const sm_record *rec;
	int64_t grade, group, first;
	struct smi_ip ip;
	const char *text;
	int64_t number;
	const char *last;
	size_t index;
};

static int compare_int(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int r = compare_int(a->grade, b->grade);

	if (!r)
		r = compare_int(a->group, b->group);
	if (!r)
		r = compare_int(a->first, b->first);
	if (!r)
		r = smi_ip_cmp(&a->ip, &b->ip);
	if (!r)
		r = strcmp(a->text, b->text);
	if (!r)
		r = compare_int(a->number, b->number);
	if (!r)
		r = strcmp(a->last, b->last);
	if (!r && a->rec->kind == SM_KIND_FINDING)
		r = strcmp(sm_record_id(a->rec), sm_record_id(b->rec));
	return r ? r : compare_int((int64_t)a->index, (int64_t)b->index);
}

static void set_address(struct entry *e, const sm_record *rec, int kind,
			unsigned field)
{
	smi_ip_parse(smi_span_str(smi_rec_str(rec, kind, field)), &e->ip);
}

/*
 * What logs tell has a time of its own. Ports, hosts and processes were found when they
 * were looked at, in another order each time: they are sorted by what they are.
 */
static void set_finding(struct entry *e, const sm_record *rec)
{
	const sm_record *seen =
		sm_record_field_record(rec, SMI_FINDING_EVIDENCE, 0);
	int kind = seen ? seen->kind : 0;

	e->grade =
		-smi_rec_int(rec, SM_KIND_FINDING, SMI_FINDING_SEVERITY_CODE);
	e->number = smi_rec_int(rec, SM_KIND_FINDING, SMI_FINDING_PORT);
	e->text = smi_rec_str(rec, SM_KIND_FINDING, SMI_FINDING_RULE);
	e->last = smi_rec_str(rec, SM_KIND_FINDING, SMI_FINDING_KEY);
	switch (kind) {
	case SM_KIND_PORT:
		e->group = 1;
		set_address(e, seen, kind, SMI_PORT_ADDRESS);
		e->text = smi_rec_str(seen, kind, SMI_PORT_PROTOCOL);
		break;
	case SM_KIND_HOST:
		e->group = 1;
		set_address(e, seen, kind, SMI_HOST_ADDRESS);
		break;
	case SM_KIND_PROCESS:
		e->group = 2;
		e->number = smi_rec_int(rec, SM_KIND_FINDING, SMI_FINDING_PID);
		break;
	default:
		e->first =
			smi_rec_time(rec, SM_KIND_FINDING, SMI_FINDING_FIRST);
		break;
	}
}

static void set_entry(struct entry *e, const sm_record *rec, size_t index)
{
	*e = (struct entry){
		.rec = rec, .text = "", .last = "", .index = index
	};
	switch (rec->kind) {
	case SM_KIND_PORT:
		set_address(e, rec, SM_KIND_PORT, SMI_PORT_ADDRESS);
		e->text = smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_PROTOCOL);
		e->number = smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_NUMBER);
		break;
	case SM_KIND_HOST:
		set_address(e, rec, SM_KIND_HOST, SMI_HOST_ADDRESS);
		break;
	case SM_KIND_FINDING:
		set_finding(e, rec);
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
