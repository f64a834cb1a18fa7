/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "base/ip.h"
#include "detect/finding.h"
#include "detect/join.h"
#include "record/build.h"
#include "record/id.h"
#include "record/sentence.h"

/* Of one part, so that every side has its place. */
#define EVIDENCE_OF_PART   8
#define EVIDENCE_OF_RECORD 6
#define SHOWN_VALUES	   3

struct evidence {
	const sm_record *v[SMI_JOIN_PARTS * EVIDENCE_OF_PART];
	size_t n, end; /* end: of the part that is being added */
};

static void add_evidence(struct evidence *e, const sm_record *rec)
{
	const char *id = sm_record_id(rec);

	for (size_t i = 0; i < e->n; i++)
		if (e->v[i] == rec ||
		    (id[0] && strcmp(sm_record_id(e->v[i]), id) == 0))
			return;
	if (e->n < e->end)
		e->v[e->n++] = rec;
}

/* A finding brings what it rests on: the first and the last of it. */
static void add_record(struct evidence *e, const sm_record *rec)
{
	size_t n = sm_record_field_nitems(rec, SMI_FINDING_EVIDENCE);
	size_t half = EVIDENCE_OF_RECORD / 2;

	if (rec->kind != SM_KIND_FINDING) {
		add_evidence(e, rec);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (i < half || i + half >= n)
			add_evidence(e, sm_record_field_record(
						rec, SMI_FINDING_EVIDENCE, i));
}

static void set_evidence(struct smi_arena *a, sm_record *f,
			 const struct smi_join_group *g)
{
	struct evidence e = { .n = 0 };
	const sm_record **v;

	for (size_t p = 0; p < SMI_JOIN_PARTS; p++) {
		e.end = e.n + EVIDENCE_OF_PART;
		for (size_t i = 0; i < g->rows.n; i++)
			if (g->rows.v[i].part == p)
				add_record(&e, g->rows.v[i].rec);
	}
	v = smi_arena_alloc(a, (e.n + 1) * sizeof(*v));
	if (!v)
		return;
	memcpy(v, e.v, e.n * sizeof(*v));
	smi_set_recs(a, f, SMI_FINDING_EVIDENCE, v, e.n);
}

/* What a record is called: the same in each run, or with what tells one from
 * another now. */
static void add_name(struct smi_buf *b, const sm_record *rec, bool now)
{
	const char *address;

	switch (rec->kind) {
	case SM_KIND_FINDING:
		smi_buf_str(b, sm_finding_subject(sm_record_finding(rec)));
		break;
	case SM_KIND_PROCESS:
		smi_buf_str(b, sm_proc_name(sm_record_proc(rec)));
		if (now)
			smi_buf_printf(b, "(%d)",
				       sm_proc_pid(sm_record_proc(rec)));
		break;
	case SM_KIND_PORT:
		address = sm_port_address(sm_record_port(rec));
		smi_buf_printf(b, strchr(address, ':') ? "[%s]:%u" : "%s:%u",
			       address,
			       (unsigned)sm_port_number(sm_record_port(rec)));
		break;
	case SM_KIND_HOST:
		smi_buf_str(b,
			    smi_rec_str(rec, SM_KIND_HOST, SMI_HOST_ADDRESS));
		break;
	default:
		smi_buf_str(b, smi_rec_str(rec, SM_KIND_EVENT, SMI_EVENT_ID));
		break;
	}
}

static bool names_group(const struct smi_join_rule *j,
			const struct smi_join_row *row)
{
	return j->group_by >> row->part & 1;
}

static int set_names(struct smi_arena *a, sm_record *f,
		     const struct smi_rule *rule,
		     const struct smi_join_group *g)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf subject = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf name = { 0 };
	char text[SMI_ID_STRLEN];
	struct smi_id key, id;

	smi_id_begin(&key);
	smi_id_part(&key, smi_span_str(rule->id));
	id = key;
	for (size_t i = 0; i < g->rows.n; i++) {
		const sm_record *rec = g->rows.v[i].rec;

		if (!names_group(rule->join, &g->rows.v[i]))
			continue;
		smi_buf_str(&subject, subject.len ? " " : "");
		add_name(&subject, rec, true);
		smi_buf_clear(&name);
		add_name(&name, rec, false);
		if (smi_buf_error(&name))
			return -ENOMEM;
		smi_id_part(&key, smi_buf_span(&name));
		smi_id_part(&id, smi_buf_span(&name));
		smi_id_part(&id, smi_span_str(sm_record_id(rec)));
	}
	smi_set_text(a, f, SMI_FINDING_SUBJECT, smi_buf_span(&subject));
	smi_set_text(a, f, SMI_FINDING_KEY,
		     smi_span_str(smi_id_end(&key, text)));
	smi_set_text(a, f, SMI_FINDING_ID, smi_span_str(smi_id_end(&id, text)));
	return smi_buf_error(&subject);
}

/* The first record that has it says whom the finding is about. */
static void set_whom(struct smi_arena *a, sm_record *f,
		     const struct smi_join_group *g)
{
	static const struct {
		unsigned field;
		const char *name;
	} rows[] = {
		{ SMI_FINDING_SOURCE_IP, "source_ip" },
		{ SMI_FINDING_USER, "user" },
		{ SMI_FINDING_PID, "pid" },
		{ SMI_FINDING_PORT, "port" },
	};

	for (size_t i = 0; i < SMI_COUNT(rows); i++) {
		for (size_t k = 0; k < g->rows.n; k++) {
			const sm_record *rec = g->rows.v[k].rec;
			int at = smi_kind_find(smi_kind(rec->kind),
					       smi_span_str(rows[i].name));

			/* The pid of a line is one of then. */
			if (at < 0 || !smi_rec_has(rec, (unsigned)at) ||
			    smi_rec_has(f, rows[i].field) ||
			    rec->kind == SM_KIND_EVENT)
				continue;
			if (smi_kind(SM_KIND_FINDING)
				    ->fields[rows[i].field]
				    .type == SM_TYPE_STR)
				smi_set_text(a, f, rows[i].field,
					     smi_span_str(rec->v[at].s));
			else
				smi_set_int(f, rows[i].field, rec->v[at].i);
		}
	}
}

static bool is_same(const struct smi_join_value *a,
		    const struct smi_join_value *b)
{
	return a->is_text == b->is_text &&
	       (a->is_text ? smi_span_eq(a->text, b->text)
			   : a->number == b->number);
}

static void add_value(struct smi_buf *b, const struct smi_join_value *v)
{
	if (v->is_text)
		smi_buf_span_add(b, v->text);
	else
		smi_sentence_value(b, v->rec, (unsigned)v->field);
}

/* Up to three distinct values of all records of the part. */
static void show(struct smi_buf *b, const struct smi_join_group *g,
		 const struct smi_join_member *m)
{
	struct smi_join_value shown[SHOWN_VALUES];
	size_t n = 0;

	for (size_t i = 0; i < g->rows.n; i++) {
		struct smi_join_values values;

		if (g->rows.v[i].part != m->part)
			continue;
		smi_join_get(g->rows.v[i].rec, m, &values);
		for (size_t k = 0; k < values.n; k++) {
			size_t at = 0;

			while (at < n && !is_same(&shown[at], &values.v[k]))
				at++;
			if (at < n)
				continue;
			if (n == SHOWN_VALUES) {
				smi_buf_str(b, ", ...");
				return;
			}
			smi_buf_str(b, n ? ", " : "");
			add_value(b, &values.v[k]);
			shown[n++] = values.v[k];
		}
	}
}

static void set_args(struct smi_arena *a, sm_record *f,
		     const struct smi_join_rule *j,
		     const struct smi_join_group *g)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	const char **v = smi_arena_alloc(a, (2 * j->nshown + 1) * sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; v && i < j->nshown; i++) {
		const struct smi_join_shown *s = &j->shown[i];

		smi_buf_clear(&text);
		if (s->counts)
			smi_buf_printf(&text, "%" PRIu64,
				       g->records[s->member.part]);
		else
			show(&text, g, &s->member);
		if (!text.len)
			smi_buf_str(&text, "?");
		a->failed |= smi_buf_error(&text) != 0;
		v[n++] = s->name;
		v[n++] = smi_arena_strndup(a, text.p ? text.p : "", text.len);
	}
	if (!smi_arena_error(a))
		smi_set_strs(a, f, SMI_FINDING_ARGS, v, n);
}

sm_record *smi_join_finding(struct smi_arena *a, const struct smi_rule *rule,
			    const struct smi_join_group *g, int64_t now)
{
	const struct smi_finding_texts texts = { rule->title, rule->why,
						 rule->next_step };
	bool timeless = g->first == SM_TIME_NONE;
	sm_record *f = smi_rec_new(a, SM_KIND_FINDING);

	if (!f || set_names(a, f, rule, g) < 0)
		return NULL;
	smi_finding_head(f, rule->id, rule->kind, rule->severity,
			 timeless ? now : g->first, timeless ? now : g->last,
			 g->count);
	set_whom(a, f, g);
	smi_set_strs(a, f, SMI_FINDING_ATTACK, rule->attack, rule->nattack);
	set_evidence(a, f, g);
	set_args(a, f, rule->join, g);
	if (smi_arena_error(a) || !smi_finding_sentences(a, f, &texts))
		return NULL;
	return smi_arena_error(a) ? NULL : f;
}
