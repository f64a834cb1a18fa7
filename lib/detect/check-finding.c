/* SPDX-License-Identifier: MIT */
#include "detect/check-finding.h"

#include "detect/finding.h"
#include "record/build.h"
#include "record/schema.h"
#include "record/sentence.h"

#define DETAIL_MAX 200

/* Not in the middle of a character. */
static struct smi_span shorten(struct smi_span s)
{
	size_t n = DETAIL_MAX;

	if (s.len <= n)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return smi_span_head(s, n);
}

void smi_check_arg(struct smi_arena *a, const char **v, size_t *n,
		   const char *name, struct smi_span value)
{
	v[(*n)++] = name;
	v[(*n)++] = smi_arena_strndup(a, value.len ? value.p : "", value.len);
}

const struct smi_strs *smi_check_args(struct smi_arena *a,
				      const struct smi_check *c,
				      const sm_record *rec, double threshold,
				      struct smi_span detail)
{
	const struct smi_kind *kind = smi_kind(rec->kind);
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_strs *list = smi_arena_alloc(a, sizeof(*list));
	const char **v =
		smi_arena_zalloc(a, 2 * (c->nfields + 3U) * sizeof(*v));
	struct smi_span name = smi_span_str(sm_proc_name(sm_record_proc(rec)));
	size_t n = 0;

	if (!list || !v)
		return NULL;
	for (size_t i = 0; i < c->nfields; i++) {
		unsigned field = c->fields[i];

		smi_buf_clear(&text);
		smi_sentence_value(&text, rec, field);
		if (text.len > 0)
			smi_check_arg(a, v, &n, kind->fields[field].name,
				      smi_buf_span(&text));
	}
	if (rec->kind == SM_KIND_PROCESS)
		smi_check_arg(a, v, &n, "name",
			      name.len ? name : SMI_SPAN("(no name)"));
	smi_buf_clear(&text);
	smi_buf_real(&text, threshold, 2);
	smi_check_arg(a, v, &n, "threshold", smi_buf_span(&text));
	if (detail.len > 0)
		smi_check_arg(a, v, &n, "detail", shorten(detail));
	*list = (struct smi_strs){ n, v };
	return smi_buf_error(&text) || smi_arena_error(a) ? NULL : list;
}

/* Two texts, one of which may be missing. */
static const char *join(struct smi_arena *a, const char *first,
			const char *second)
{
	size_t n = first ? strlen(first) : 0, m = second ? strlen(second) : 0;
	char *both;

	if (n == 0 || m == 0)
		return n ? first : second;
	both = smi_arena_alloc(a, n + 1 + m + 1);
	if (!both)
		return NULL;
	memcpy(both, first, n);
	both[n] = ' ';
	memcpy(both + n + 1, second, m + 1);
	return both;
}

bool smi_check_sentences(struct smi_arena *a, sm_record *f,
			 const struct smi_check *c, const char *note,
			 const struct smi_strs *args)
{
	const struct smi_finding_texts texts = {
		c->title, join(a, c->why, note),
		join(a, c->innocent, c->next_step)
	};

	if (!texts.why || !texts.next_step)
		return false;
	smi_set_strs(a, f, SMI_FINDING_ARGS, args->v, args->n);
	return smi_finding_sentences(a, f, &texts);
}

void smi_check_ids(struct smi_arena *a, sm_record *f, const struct smi_check *c,
		   struct smi_span user, struct smi_span what,
		   struct smi_span episode)
{
	char text[SMI_ID_STRLEN];

	for (int with_episode = 0; with_episode < 2; with_episode++) {
		struct smi_id id;

		smi_id_begin(&id);
		smi_id_part(&id, smi_span_str(c->id));
		smi_id_part(&id, user);
		smi_id_part(&id, what);
		if (with_episode)
			smi_id_part(&id, episode);
		smi_set_text(a, f,
			     with_episode ? SMI_FINDING_ID : SMI_FINDING_KEY,
			     smi_span_str(smi_id_end(&id, text)));
	}
}

sm_record *smi_check_finding(struct smi_arena *a, const struct smi_check *c,
			     int severity, int64_t when)
{
	sm_record *f = smi_rec_new(a, SM_KIND_FINDING);

	smi_finding_head(f, c->id, c->kind, severity, when, when, 1);
	smi_set_strs(a, f, SMI_FINDING_ATTACK, c->attack, c->nattack);
	return f;
}

void smi_check_evidence(struct smi_arena *a, sm_record *f, const sm_record *rec)
{
	const sm_record **list = smi_arena_alloc(a, sizeof(*list));

	if (!list)
		return;
	list[0] = rec;
	smi_set_recs(a, f, SMI_FINDING_EVIDENCE, list, 1);
}
