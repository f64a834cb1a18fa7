/* SPDX-License-Identifier: MIT */
#include "logsrc/coverage.h"

#include <stdlib.h>

#include "logsrc/template.h"
#include "record/build.h"

/* A gap between two lines that is worth telling: an hour. */
#define SILENCE ((uint64_t)3600 * SMI_SEC)

/* Templates that are told, of those that are counted. */
#define TOLD 25

int smi_coverage_note(struct smi_reader *r, const struct smi_line *line,
		      int made)
{
	if (!r->templates)
		r->templates = smi_zalloc(sizeof(*r->templates));
	if (!r->templates)
		return -ENOMEM;
	smi_templates_add(r->templates, line, made);
	return 0;
}

static int emit_counts(struct smi_out *out, const struct smi_reader *r)
{
	const struct smi_counts *c = &r->counts;
	struct smi_arena *a = smi_out_arena(out);
	sm_record *rec = smi_rec_new(a, SM_KIND_COVERAGE);
	const struct {
		unsigned field;
		uint64_t n;
	} doubts[] = {
		{ SMI_COVERAGE_UNTIMED, c->untimed },
		{ SMI_COVERAGE_BACKWARDS, c->backwards },
		{ SMI_COVERAGE_YEAR_GUESSED, c->doubt.year },
		{ SMI_COVERAGE_DATE_GUESSED, c->doubt.order },
		{ SMI_COVERAGE_AMBIGUOUS, c->doubt.ambiguous },
		{ SMI_COVERAGE_NONEXISTENT, c->doubt.nonexistent },
	};

	smi_set_const(rec, SMI_COVERAGE_SOURCE, r->shown);
	smi_set_int(rec, SMI_COVERAGE_LINES, (int64_t)(c->lines + c->skipped));
	smi_set_int(rec, SMI_COVERAGE_MATCHED, (int64_t)c->matched);
	smi_set_int(rec, SMI_COVERAGE_UNPARSED, (int64_t)c->unparsed);
	smi_set_int(rec, SMI_COVERAGE_SKIPPED, (int64_t)c->skipped);
	if (c->first != INT64_MIN) {
		smi_set_int(rec, SMI_COVERAGE_FIRST, c->first);
		smi_set_int(rec, SMI_COVERAGE_LAST, c->last);
	}
	smi_set_int(rec, SMI_COVERAGE_BYTES, (int64_t)c->bytes);
	for (size_t i = 0; i < SMI_COUNT(doubts); i++)
		if (doubts[i].n)
			smi_set_int(rec, doubts[i].field, (int64_t)doubts[i].n);
	smi_set_int(rec, SMI_COVERAGE_HARMLESS, (int64_t)c->harmless);
	if ((uint64_t)c->silent_to - (uint64_t)c->silent_from >= SILENCE) {
		smi_set_int(rec, SMI_COVERAGE_SILENT_FROM, c->silent_from);
		smi_set_int(rec, SMI_COVERAGE_SILENT_TO, c->silent_to);
	}
	return smi_out_emit(out, rec);
}

static int emit_program(struct smi_out *out, const struct smi_reader *r,
			const struct smi_template_program *p, const char *state)
{
	struct smi_arena *a = smi_out_arena(out);
	sm_record *rec = smi_rec_new(a, SM_KIND_TEMPLATE);

	smi_set_const(rec, SMI_TEMPLATE_SOURCE, r->shown);
	if (p->len)
		smi_set_text(a, rec, SMI_TEMPLATE_PROGRAM,
			     smi_span_of(p->name, p->len));
	smi_set_const(rec, SMI_TEMPLATE_STATE, state);
	smi_set_int(rec, SMI_TEMPLATE_COUNT, (int64_t)p->lines);
	smi_set_int(rec, SMI_TEMPLATE_MATCHED, (int64_t)p->matched);
	smi_set_int(rec, SMI_TEMPLATE_HARMLESS, (int64_t)p->harmless);
	return smi_out_emit(out, rec);
}

static int emit_template(struct smi_out *out, const struct smi_reader *r,
			 const struct smi_template *t)
{
	struct smi_arena *a = smi_out_arena(out);
	sm_record *rec = smi_rec_new(a, SM_KIND_TEMPLATE);

	smi_set_const(rec, SMI_TEMPLATE_SOURCE, r->shown);
	if (t->program_len)
		smi_set_text(a, rec, SMI_TEMPLATE_PROGRAM,
			     smi_span_of(t->program, t->program_len));
	smi_set_const(rec, SMI_TEMPLATE_STATE,
		      t->parsed ? "unmatched" : "unparsed");
	smi_set_int(rec, SMI_TEMPLATE_COUNT, (int64_t)t->count);
	if (t->error)
		smi_set_int(rec, SMI_TEMPLATE_ERROR, (int64_t)t->error);
	smi_set_text(a, rec, SMI_TEMPLATE_TEMPLATE,
		     smi_span_of(t->text, t->len));
	smi_set_text(a, rec, SMI_TEMPLATE_SAMPLE,
		     smi_span_of(t->sample, t->sample_len));
	return smi_out_emit(out, rec);
}

static int emit_templates(struct smi_out *out, const struct smi_reader *r)
{
	struct smi_templates *t = r->templates;
	int n = 0;

	smi_templates_sort(t);
	for (size_t i = 0; i < t->nprograms && n >= 0; i++)
		n = emit_program(out, r, &t->programs[i], "program");
	if (t->others.lines && n >= 0)
		n = emit_program(out, r, &t->others, "others");
	for (size_t i = 0; i < SMI_MIN(t->n, TOLD) && n >= 0; i++)
		n = emit_template(out, r, &t->v[i]);
	return n;
}

int smi_coverage_emit(struct smi_out *out, struct smi_reader *r)
{
	int n = emit_counts(out, r);

	if (n >= 0 && r->templates)
		n = emit_templates(out, r);
	free(r->templates);
	r->templates = NULL;
	return n;
}
