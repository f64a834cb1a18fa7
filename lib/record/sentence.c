/* SPDX-License-Identifier: MIT */
#include "record/sentence.h"

#include "base/clock.h"
#include "record/schema.h"

void smi_sentence_value(struct smi_buf *b, const sm_record *r, unsigned field)
{
	const struct smi_kind *k = smi_kind(r->kind);
	char text[SMI_TIME_STRLEN];

	if (!smi_rec_has(r, field))
		return;
	switch (k->fields[field].type) {
	case SM_TYPE_INT:
		smi_buf_int(b, r->v[field].i);
		break;
	case SM_TYPE_BOOL:
		smi_buf_str(b, r->v[field].i ? "yes" : "no");
		break;
	case SM_TYPE_TIME:
		smi_buf_str(b, smi_time_format(r->v[field].i, text));
		break;
	case SM_TYPE_REAL:
		smi_buf_real(b, r->v[field].r, 1);
		break;
	case SM_TYPE_STR:
		smi_buf_str(b, r->v[field].s);
		break;
	case SM_TYPE_STRS:
		for (size_t i = 0; i < r->v[field].strs->n; i++) {
			smi_buf_str(b, i ? ", " : "");
			smi_buf_str(b, r->v[field].strs->v[i]);
		}
		break;
	default:
		break;
	}
}

static bool fill_from_args(struct smi_buf *b, struct smi_span name,
			   const struct smi_strs *args)
{
	for (size_t i = 0; args && i + 1 < args->n; i += 2) {
		if (smi_span_eq_str(name, args->v[i])) {
			smi_buf_str(b, args->v[i + 1]);
			return true;
		}
	}
	return false;
}

static bool fill_from_record(struct smi_buf *b, struct smi_span name,
			     const sm_record *r)
{
	const struct smi_kind *k = r ? smi_kind(r->kind) : NULL;

	for (unsigned f = 0; k && f < k->nvalues; f++) {
		if (smi_rec_has(r, f) &&
		    smi_span_eq_str(name, k->fields[f].name)) {
			smi_sentence_value(b, r, f);
			return true;
		}
	}
	return false;
}

/*
 * Cuts the next piece off *rest: literal text, or the name of a placeholder.
 * 1, 0 at the end, -EINVAL where a brace stands alone.
 */
static int next_piece(struct smi_span *rest, struct smi_span *piece,
		      bool *is_name)
{
	size_t n = 0;

	if (!rest->len)
		return 0;
	*is_name = false;
	while (n < rest->len && rest->p[n] != '{' && rest->p[n] != '}')
		n++;
	if (n) {
		*piece = smi_span_head(*rest, n);
	} else if (rest->len > 1 && rest->p[1] == rest->p[0]) {
		*piece = smi_span_head(*rest, 1);
		n = 2;
	} else {
		n = smi_span_find(*rest, '}');
		if (rest->p[0] != '{' || n == rest->len || n < 2)
			return -EINVAL;
		*piece = smi_span_of(rest->p + 1, n - 1);
		*is_name = true;
		n++;
	}
	*rest = smi_span_skip(*rest, n);
	return 1;
}

void smi_sentence_fill(struct smi_buf *b, const char *text,
		       const struct smi_strs *args, const sm_record *r)
{
	struct smi_span rest = smi_span_str(text), piece;
	bool is_name;
	int more;

	while ((more = next_piece(&rest, &piece, &is_name)) > 0) {
		if (!is_name)
			smi_buf_span_add(b, piece);
		else if (!fill_from_args(b, piece, args) &&
			 !fill_from_record(b, piece, r))
			smi_buf_char(b, '?');
	}
	if (more < 0)
		smi_buf_span_add(b, rest);
}

const char *smi_sentence_dup(struct smi_arena *a, const char *text,
			     const struct smi_strs *args, const sm_record *r)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	smi_sentence_fill(&b, text, args, r);
	if (smi_buf_error(&b)) {
		a->failed = true;
		return NULL;
	}
	return smi_arena_strndup(a, smi_buf_span(&b).p, b.len);
}

int smi_sentence_check(struct smi_span text)
{
	struct smi_span piece;
	bool is_name;
	int names = 0, more;

	while ((more = next_piece(&text, &piece, &is_name)) > 0)
		names += is_name;
	return more < 0 ? more : names;
}
