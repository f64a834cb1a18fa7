/* SPDX-License-Identifier: MIT */
#include "detect/finding.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/utf8.h"
#include "record/id.h"
#include "record/sentence.h"

struct parts {
	struct smi_buf subject, ip, user;
};

static void free_parts(struct parts *p)
{
	smi_buf_free(&p->subject);
	smi_buf_free(&p->ip);
	smi_buf_free(&p->user);
}

/* Fills id with rule and key members, and what people are told of them. */
static int read_key(const struct smi_episode *e, struct smi_id *id,
		    struct parts *out, bool *is_address)
{
	struct smi_span rest = e->key;
	struct smi_key_part part;

	smi_id_begin(id);
	smi_id_part(id, smi_span_str(e->rule->id));
	*is_address = false;
	while (smi_key_next(&rest, &part)) {
		SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

		smi_key_text(&text, &part);
		if (smi_buf_error(&text))
			return -ENOMEM;
		smi_id_part(id, smi_buf_span(&text));
		if (out->subject.len)
			smi_buf_char(&out->subject, ' ');
		smi_buf_span_add(&out->subject, smi_buf_span(&text));
		if (part.role == SMI_ROLE_SOURCE_IP ||
		    part.role == SMI_ROLE_SOURCE_HOST)
			smi_buf_span_add(&out->ip, smi_buf_span(&text));
		if (part.role == SMI_ROLE_SOURCE_IP)
			*is_address = true;
		if (part.role == SMI_ROLE_USER)
			smi_buf_span_add(&out->user, smi_buf_span(&text));
	}
	return smi_buf_error(&out->subject) || smi_buf_error(&out->ip) ||
			       smi_buf_error(&out->user)
		       ? -ENOMEM
		       : 0;
}

static void set_ids(struct smi_arena *a, sm_record *r, const struct smi_id *id,
		    int64_t first)
{
	struct smi_id key = *id, whole = *id;
	char text[SMI_ID_STRLEN];

	smi_id_end(&key, text);
	smi_set_const(r, SMI_FINDING_KEY,
		      smi_arena_strndup(a, text, SMI_ID_STRLEN - 1));
	smi_id_int(&whole, first);
	smi_id_end(&whole, text);
	smi_set_const(r, SMI_FINDING_ID,
		      smi_arena_strndup(a, text, SMI_ID_STRLEN - 1));
}

static void set_evidence(struct smi_arena *a, sm_record *r,
			 const struct smi_episode *e)
{
	struct smi_fieldset all = smi_fieldset_default(SM_KIND_EVENT);
	const sm_record **v =
		smi_arena_alloc(a, (e->nevidence + 1) * sizeof(*v));

	if (!v)
		return;
	for (size_t i = 0; i < e->nevidence; i++) {
		struct smi_kept k;

		if (smi_hit_read(a, e->pool, e->evidence[i], &k) < 0)
			return;
		v[i] = smi_hit_record(a, &all, &k.line, &k.m, k.ordinal);
		if (!v[i])
			return;
	}
	smi_set_recs(a, r, SMI_FINDING_EVIDENCE, v, e->nevidence);
}

static char *number_text(struct smi_arena *a, uint64_t n, const char *unit)
{
	char text[40];
	int len = snprintf(text, sizeof(text), "%" PRIu64 "%s", n, unit);

	return smi_arena_strndup(a, text, (size_t)len);
}

static char *span_text(struct smi_arena *a, int64_t ns)
{
	uint64_t s = (uint64_t)(ns / SMI_SEC);

	return s >= 7200 && s % 3600 == 0 ? number_text(a, s / 3600, " h")
					  : number_text(a, s, " s");
}

/* Names in sentences that are no fields of a finding, or hold more than those:
 * a peer that is only known by name, a user that is not in the key. */
static void set_args(struct smi_arena *a, sm_record *r,
		     const struct smi_episode *e, const struct parts *p)
{
	const struct smi_hit *h = e->then	 ? e->then
				  : e->nevidence ? e->evidence[0]
						 : NULL;
	const char **v = smi_arena_alloc(a, 16 * sizeof(*v));
	struct smi_kept kept = { 0 };
	size_t k = 0;

	if (!v || (h && smi_hit_read(a, e->pool, h, &kept) < 0))
		return;
	v[k++] = "failures";
	v[k++] = number_text(a, e->before ? e->before : e->count, "");
	v[k++] = "threshold";
	v[k++] = number_text(a, e->threshold, "");
	v[k++] = "window";
	v[k++] = span_text(a, e->window);
	if (e->rule->jail) {
		v[k++] = "jail";
		v[k++] = e->rule->jail;
	}
	if (p->ip.len) {
		v[k++] = "source_ip";
		v[k++] = smi_arena_strndup(a, p->ip.p, p->ip.len);
	}
	if (!p->user.len && kept.m.has_user) {
		v[k++] = "user";
		v[k++] = smi_utf8_escape_dup(a, kept.m.user);
	}
	if (kept.line.host.len) {
		v[k++] = "host";
		v[k++] = smi_utf8_escape_dup(a, kept.line.host);
	}
	if (kept.line.program.len) {
		v[k++] = "program";
		v[k++] = smi_utf8_escape_dup(a, kept.line.program);
	}
	if (!smi_arena_error(a))
		smi_set_strs(a, r, SMI_FINDING_ARGS, v, k);
}

static void set_key_fields(struct smi_arena *a, sm_record *r,
			   const struct smi_episode *e, const struct parts *p,
			   bool is_address)
{
	struct smi_kept then = { 0 };

	if (e->then && smi_hit_read(a, e->pool, e->then, &then) < 0)
		return;
	smi_set_text(a, r, SMI_FINDING_SUBJECT, smi_buf_span(&p->subject));
	if (is_address)
		smi_set_text(a, r, SMI_FINDING_SOURCE_IP, smi_buf_span(&p->ip));
	if (p->user.len)
		smi_set_text(a, r, SMI_FINDING_USER, smi_buf_span(&p->user));
	else if (then.m.has_user)
		smi_set_text(a, r, SMI_FINDING_USER, then.m.user);
}

void smi_finding_head(sm_record *f, const char *rule, const char *kind,
		      int severity, int64_t first, int64_t last, uint64_t count)
{
	smi_set_const(f, SMI_FINDING_RULE, rule);
	smi_set_const(f, SMI_FINDING_KIND, kind);
	smi_set_severity(f, severity);
	smi_set_int(f, SMI_FINDING_FIRST, first);
	smi_set_int(f, SMI_FINDING_LAST, last);
	smi_set_int(f, SMI_FINDING_COUNT, (int64_t)count);
	smi_set_const(f, SMI_FINDING_STATE, "closed");
	smi_set_int(f, SMI_FINDING_STATE_CODE, SM_FINDING_CLOSED);
}

bool smi_finding_sentences(struct smi_arena *a, sm_record *f,
			   const struct smi_finding_texts *t)
{
	const struct smi_strs *args =
		smi_rec_strs(f, SM_KIND_FINDING, SMI_FINDING_ARGS);
	const struct {
		unsigned field, template;
		const char *text;
	} rows[] = {
		{ SMI_FINDING_TITLE, SMI_FINDING_TITLE_TEMPLATE, t->title },
		{ SMI_FINDING_WHY, SMI_FINDING_WHY_TEMPLATE, t->why },
		{ SMI_FINDING_NEXT_STEP, SMI_FINDING_NEXT_STEP_TEMPLATE,
		  t->next_step },
	};

	for (size_t i = 0; i < SMI_COUNT(rows); i++) {
		const char *text;

		if (!rows[i].text[0])
			continue;
		text = smi_sentence_dup(a, rows[i].text, args, f);
		if (!text)
			return false;
		smi_set_const(f, rows[i].template, rows[i].text);
		smi_set_const(f, rows[i].field, text);
	}
	return true;
}

sm_record *smi_episode_finding(struct smi_arena *a, const struct smi_episode *e)
{
	const struct smi_finding_texts texts = { e->rule->title, e->rule->why,
						 e->rule->next_step };
	SMI_CLEANUP(free_parts) struct parts p = { 0 };
	sm_record *r = smi_rec_new(a, SM_KIND_FINDING);
	struct smi_id id;
	bool is_address;

	if (!r || read_key(e, &id, &p, &is_address) < 0)
		return NULL;
	set_ids(a, r, &id, e->start);
	smi_finding_head(r, e->rule->id, e->rule->kind, e->rule->severity,
			 e->first, e->last, e->count);
	if (e->open) {
		smi_set_const(r, SMI_FINDING_STATE, "open");
		smi_set_int(r, SMI_FINDING_STATE_CODE, SM_FINDING_OPEN);
	}
	set_key_fields(a, r, e, &p, is_address);
	smi_set_strs(a, r, SMI_FINDING_ATTACK, e->rule->attack,
		     e->rule->nattack);
	if (e->nevidence)
		set_evidence(a, r, e);
	smi_set_int(r, SMI_FINDING_UNCOUNTED, e->then ? 1 : 0);
	set_args(a, r, e, &p);
	if (!smi_finding_sentences(a, r, &texts))
		return NULL;
	return smi_arena_error(a) ? NULL : r;
}
