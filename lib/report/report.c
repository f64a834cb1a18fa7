/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <stdlib.h>

#include "core/event.h"
#include "record/sentence.h"

static void free_reportp(sm_report **r)
{
	sm_report_free(*r);
}

SM_EXPORT int sm_report_new(sm_ctx *ctx, sm_report **out)
{
	SMI_CLEANUP(free_reportp) sm_report *r = NULL;

	if (!ctx || !out)
		return -EINVAL;
	r = smi_zalloc(sizeof(*r));
	if (!r)
		return smi_fail_nomem(ctx);
	r->ctx = sm_ctx_ref(ctx);
	smi_spill_init(&r->lines, ctx);
	smi_spill_init(&r->events, ctx);
	smi_run_start(&r->run, ctx);
	*out = smi_take(&r);
	return 0;
}

static void free_records(struct smi_records *list)
{
	for (size_t i = 0; i < list->all.n; i++)
		sm_record_unref(list->all.v[i]);
	smi_vec_free(&list->all);
}

SM_EXPORT void sm_report_free(sm_report *r)
{
	if (!r)
		return;
	for (size_t k = 0; k < SMI_COUNT(r->kinds); k++)
		free_records(&r->kinds[k]);
	smi_spill_done(&r->lines);
	smi_spill_done(&r->events);
	smi_map_free(&r->findings);
	free(r->spill_dir);
	smi_run_done(&r->run);
	sm_ctx_unref(r->ctx);
	free(r);
}

SM_EXPORT int sm_report_set_spill_dir(sm_report *r, const char *path)
{
	char *copy = NULL;

	if (!r || (path && !*path))
		return -EINVAL;
	if (path) {
		copy = smi_strdup(path);
		if (!copy)
			return smi_fail_nomem(r->ctx);
	}
	free(r->spill_dir);
	r->spill_dir = copy;
	return 0;
}

const struct smi_spill *smi_report_spill(const sm_report *r, int kind)
{
	return kind == SM_KIND_EVENT  ? &r->events
	       : kind == SM_KIND_LINE ? &r->lines
				      : NULL;
}

static int add_record(sm_report *r, const sm_record *rec)
{
	struct smi_records *list = &r->kinds[rec->kind];
	sm_record *ref = sm_record_ref(rec);

	if (!ref)
		return smi_fail_nomem(r->ctx);
	if (!smi_vec_push(&list->all, ref)) {
		sm_record_unref(ref);
		return smi_fail_nomem(r->ctx);
	}
	return 0;
}

/* Its index + 1, or 0. */
static uintptr_t find_finding(const sm_report *r, const sm_record *rec)
{
	struct smi_span id = smi_span_str(sm_record_id(rec));

	if (rec->kind != SM_KIND_FINDING || !id.len)
		return 0;
	return (uintptr_t)smi_map_get(&r->findings, id);
}

const sm_record *smi_report_finding(const sm_report *r, const sm_record *rec)
{
	uintptr_t at = find_finding(r, rec);

	return at ? r->kinds[SM_KIND_FINDING].all.v[at - 1] : NULL;
}

static int add_finding(sm_report *r, const sm_record *rec)
{
	struct smi_records *list = &r->kinds[SM_KIND_FINDING];
	struct smi_span id = smi_span_str(sm_record_id(rec));
	uintptr_t at = find_finding(r, rec);
	sm_record *ref;

	if (at) {
		ref = sm_record_ref(rec);
		if (!ref)
			return smi_fail_nomem(r->ctx);
		sm_record_unref(list->all.v[at - 1]);
		list->all.v[at - 1] = ref;
		return 0;
	}
	if (id.len && !smi_map_put(&r->findings, id,
				   (void *)(uintptr_t)(list->all.n + 1)))
		return smi_fail_nomem(r->ctx);
	if (add_record(r, rec) < 0) {
		smi_map_remove(&r->findings, id);
		return -ENOMEM;
	}
	return 0;
}

SM_EXPORT int sm_report_add(sm_report *r, const sm_event *ev)
{
	const sm_record *rec;

	if (!r || !ev)
		return -EINVAL;
	rec = ev->rec;
	if (!rec || ev->kind == SM_EVENT_GONE ||
	    ev->kind == SM_EVENT_PROGRESS || !smi_kind(rec->kind))
		return 0;
	switch (rec->kind) {
	case SM_KIND_EVENT:
		return smi_spill_add(&r->events, r->spill_dir, rec);
	case SM_KIND_LINE:
		return smi_spill_add(&r->lines, r->spill_dir, rec);
	case SM_KIND_FINDING:
		return add_finding(r, rec);
	case SM_KIND_SUMMARY:
		if (smi_run_saved(&r->run, rec) < 0)
			return smi_fail_nomem(r->ctx);
		return add_record(r, rec);
	default:
		return add_record(r, rec);
	}
}

static void clear_spill(struct smi_spill *spill)
{
	sm_ctx *ctx = spill->ctx;
	size_t memory = spill->memory;

	smi_spill_done(spill);
	smi_spill_init(spill, ctx);
	spill->memory = memory;
}

SM_EXPORT int sm_report_clear(sm_report *r, int kind)
{
	if (!r || !smi_kind(kind))
		return -EINVAL;
	free_records(&r->kinds[kind]);
	if (kind == SM_KIND_EVENT)
		clear_spill(&r->events);
	if (kind == SM_KIND_LINE)
		clear_spill(&r->lines);
	if (kind == SM_KIND_FINDING) {
		smi_map_free(&r->findings);
		r->findings = (struct smi_map){ 0 };
	}
	return 0;
}

SM_EXPORT int sm_report_collect(const sm_event *ev, void *report)
{
	return sm_report_add(report, ev);
}

SM_EXPORT size_t sm_report_size(const sm_report *r, int kind)
{
	const struct smi_spill *spill;

	if (!r || !smi_kind(kind))
		return 0;
	spill = smi_report_spill(r, kind);
	return spill ? spill->n : r->kinds[kind].all.n;
}

SM_EXPORT const sm_record *sm_report_at(const sm_report *r, int kind, size_t i)
{
	const struct smi_spill *spill;

	if (!r || !smi_kind(kind))
		return NULL;
	spill = smi_report_spill(r, kind);
	if (spill)
		return i < spill->kept.n ? spill->kept.v[i] : NULL;
	return i < r->kinds[kind].all.n ? r->kinds[kind].all.v[i] : NULL;
}

SM_EXPORT int sm_report_worst(const sm_report *r)
{
	int64_t worst = 0;

	for (size_t i = 0; i < sm_report_size(r, SM_KIND_FINDING); i++)
		worst = SMI_MAX(worst,
				smi_rec_int(r->kinds[SM_KIND_FINDING].all.v[i],
					    SM_KIND_FINDING,
					    SMI_FINDING_SEVERITY_CODE));
	return (int)worst;
}

int smi_report_notice(sm_report *r, struct smi_arena *a, const char *text,
		      const char *name, const char *value)
{
	sm_record *rec = smi_rec_new(a, SM_KIND_NOTICE);
	sm_event ev = { .kind = SM_EVENT_NOTICE, .rec = rec };
	const char **v = smi_arena_alloc(a, 2 * sizeof(*v));
	const struct smi_strs args = { name ? 2 : 0, v };

	if (!rec || !v)
		return smi_fail_nomem(r->ctx);
	v[0] = name;
	v[1] = value;
	smi_set_const(rec, SMI_NOTICE_TEMPLATE, text);
	smi_set_strs(a, rec, SMI_NOTICE_ARGS, v, args.n);
	smi_set_const(rec, SMI_NOTICE_TEXT,
		      smi_sentence_dup(a, text, &args, NULL));
	if (smi_arena_error(a))
		return smi_fail_nomem(r->ctx);
	return sm_report_add(r, &ev);
}

int64_t smi_host_probed(const sm_record *host)
{
	static const uint8_t fields[] = { SMI_HOST_OPEN, SMI_HOST_CLOSED,
					  SMI_HOST_FILTERED,
					  SMI_HOST_OPEN_FILTERED };
	int64_t n = 0;

	for (size_t i = 0; i < SMI_COUNT(fields); i++)
		n = smi_add(n, smi_rec_int(host, SM_KIND_HOST, fields[i]));
	return n;
}

void smi_report_count(const sm_report *r, int min_severity,
		      struct smi_counts *out)
{
	*out = (struct smi_counts){ 0 };
	for (size_t k = 1; k < SMI_COUNT(r->kinds); k++) {
		for (size_t i = 0; i < r->kinds[k].all.n; i++) {
			const sm_record *rec = r->kinds[k].all.v[i];

			if (k != SM_KIND_FINDING ||
			    smi_rec_int(rec, SM_KIND_FINDING,
					SMI_FINDING_SEVERITY_CODE) >=
				    min_severity)
				smi_counts_add(out, rec);
		}
	}
	out->kind[SM_KIND_EVENT] = r->events.n;
	out->kind[SM_KIND_LINE] = r->lines.n;
}
