/* SPDX-License-Identifier: MIT */
#include "record/told.h"

#include <limits.h>

#include "base/nls.h"
#include "record/schema.h"
#include "record/sentence.h"

/* Of a rule that somebody wrote, more is not looked for. */
#define TEXT_MAX 4096
#define ARGS_MAX 64

static const struct {
	uint8_t kind, field, template, args;
} sentences[] = {
	{ SM_KIND_FINDING, SMI_FINDING_TITLE, SMI_FINDING_TITLE_TEMPLATE,
	  SMI_FINDING_ARGS },
	{ SM_KIND_FINDING, SMI_FINDING_WHY, SMI_FINDING_WHY_TEMPLATE,
	  SMI_FINDING_ARGS },
	{ SM_KIND_FINDING, SMI_FINDING_NEXT_STEP,
	  SMI_FINDING_NEXT_STEP_TEMPLATE, SMI_FINDING_ARGS },
	{ SM_KIND_NOTICE, SMI_NOTICE_TEXT, SMI_NOTICE_TEMPLATE,
	  SMI_NOTICE_ARGS },
	{ SM_KIND_ABILITY, SMI_ABILITY_TEXT, SMI_ABILITY_TEXT_TEMPLATE,
	  SMI_ABILITY_ARGS },
	{ SM_KIND_ABILITY, SMI_ABILITY_NEXT_STEP,
	  SMI_ABILITY_NEXT_STEP_TEMPLATE, SMI_ABILITY_ARGS },
};

/* Fields that were told when the record was made. */
static const struct {
	uint8_t kind, field, told;
} told_before[] = {
	{ SM_KIND_CHANGE, SMI_CHANGE_SUBJECT, SMI_CHANGE_SUBJECT_TOLD },
	{ SM_KIND_CHANGE, SMI_CHANGE_BEFORE, SMI_CHANGE_BEFORE_TOLD },
	{ SM_KIND_CHANGE, SMI_CHANGE_AFTER, SMI_CHANGE_AFTER_TOLD },
};

/* Fields that have a few words, all of them ours, and templates that stand alone. */
static const struct {
	uint8_t kind, field;
} words[] = {
	{ SM_KIND_PORT, SMI_PORT_STATE },
	{ SM_KIND_FINDING, SMI_FINDING_SEVERITY },
	{ SM_KIND_FINDING, SMI_FINDING_STATE },
	{ SM_KIND_HOST, SMI_HOST_STATE },
	{ SM_KIND_RULE, SMI_RULE_TITLE },
	{ SM_KIND_RULE, SMI_RULE_SEVERITY },
	{ SM_KIND_CHANGE, SMI_CHANGE_CHANGE },
	{ SM_KIND_ABILITY, SMI_ABILITY_STATUS },
	{ SM_KIND_CHANGE, SMI_CHANGE_SEVERITY },
	{ SM_KIND_CHANGE, SMI_CHANGE_WHAT },
};

/* How many bytes of text, from its begin to the end of a sentence, there is a
 * translation of: as many as can be. 0 for none. */
static size_t find(struct smi_span text, const char **out)
{
	char one[TEXT_MAX];

	for (size_t n = text.len; n; n--) {
		if (n < text.len && (text.p[n] != ' ' || text.p[n - 1] != '.'))
			continue;
		memcpy(one, text.p, n);
		one[n] = '\0';
		*out = smi_tr(one);
		if (*out != one)
			return n;
	}
	return 0;
}

/* Arguments whose values may be words of ours. */
static bool is_ours(const char *name)
{
	return !strcmp(name, "errno") || !strcmp(name, "why") ||
	       !strcmp(name, "detail") || !strcmp(name, "what");
}

/* args with translations of these, at most as many as v has room for. */
static struct smi_strs tell_words(const struct smi_strs *args, const char **v)
{
	size_t n = SMI_MIN(args->n, (size_t)ARGS_MAX);

	for (size_t i = 0; i < n; i++) {
		v[i] = i % 2 && is_ours(args->v[i - 1]) ? smi_tr(args->v[i])
							: args->v[i];
	}
	return (struct smi_strs){ n, v };
}

/* A text of several sentences may be made of some that are translated one by one. */
static void fill(struct smi_buf *b, const sm_record *r, const char *template,
		 const struct smi_strs *args)
{
	const char *v[ARGS_MAX];
	const struct smi_strs told = tell_words(args, v);
	struct smi_span rest = smi_span_str(template);

	while (rest.len && rest.len < TEXT_MAX) {
		const char *found;
		size_t n = find(rest, &found);

		if (!n)
			break;
		smi_sentence_fill(b, found, &told, r);
		if (n < rest.len)
			smi_buf_char(b, ' ');
		rest = smi_span_skip(rest, SMI_MIN(n + 1, rest.len));
	}
	if (rest.len)
		smi_sentence_fill(b, rest.p, args, r);
}

static bool is_word(const sm_record *r, unsigned field)
{
	for (size_t i = 0; i < SMI_COUNT(words); i++)
		if (words[i].kind == r->kind && words[i].field == field)
			return true;
	return false;
}

/* The place of its template, or SIZE_MAX. */
static size_t sentence_of(const sm_record *r, unsigned field)
{
	for (size_t i = 0; i < SMI_COUNT(sentences); i++)
		if (sentences[i].kind == r->kind &&
		    sentences[i].field == field &&
		    smi_rec_has(r, sentences[i].template))
			return i;
	return SIZE_MAX;
}

/* The field that has it for people. */
static unsigned told_field(const sm_record *r, unsigned field)
{
	for (size_t i = 0; i < SMI_COUNT(told_before); i++)
		if (told_before[i].kind == r->kind &&
		    told_before[i].field == field &&
		    smi_rec_has(r, told_before[i].told))
			return told_before[i].told;
	return field;
}

void smi_told(struct smi_buf *b, const sm_record *r, unsigned asked)
{
	unsigned field = told_field(r, asked);
	size_t i = sentence_of(r, field);

	/* a look-up takes longer than to write a number */
	if (!smi_rec_has(r, field))
		return;
	if (i != SIZE_MAX && smi_has_tr())
		fill(b, r, smi_rec_str(r, r->kind, sentences[i].template),
		     smi_rec_strs(r, r->kind, sentences[i].args));
	else if (is_word(r, field))
		smi_buf_str(b, smi_tr(smi_rec_str(r, r->kind, field)));
	else
		smi_sentence_value(b, r, field);
}

SM_EXPORT int sm_record_field_text(const sm_record *rec, size_t field,
				   char *out, size_t size)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	size_t n;

	if (!rec || (!out && size))
		return -EINVAL;
	if (field < sm_kind_nfields(rec->kind))
		smi_told(&b, rec, (unsigned)field);
	if (smi_buf_error(&b) || b.len > INT_MAX)
		return -ENOMEM;
	n = SMI_MIN(b.len, size ? size - 1 : 0);
	if (n)
		memcpy(out, b.p, n);
	if (size)
		out[n] = '\0';
	return (int)b.len;
}
