/* SPDX-License-Identifier: MIT */
#include "detect/f2b-journal.h"

#include "detect/ini.h"
#include "detect/ruleset.h"

#define MAX_TERMS  64
#define MAX_FIELDS 32
#define MAX_NAME   64

static struct smi_span field_of(struct smi_span term)
{
	return smi_span_head(term, smi_span_find(term, '='));
}

static bool is_name(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '_' ||
		      (i && s.p[i] >= '0' && s.p[i] <= '9')))
			return false;
	return s.len && s.len <= MAX_NAME;
}

/* The next word of a line, with its quotes taken off; the whole text lasts. */
static struct smi_span cut_word(struct smi_span *rest, char *room)
{
	char quote = 0;
	size_t n = 0;

	*rest = smi_ini_strip(*rest);
	while (rest->len && (quote || !smi_ini_space(rest->p[0]))) {
		char c = rest->p[0];

		*rest = smi_span_skip(*rest, 1);
		if (c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else
			room[n++] = c;
	}
	return smi_span_of(room, n);
}

static int ask_for(sm_ruleset *rs, struct smi_span field)
{
	const char *name;

	for (size_t i = 0; i < rs->journal_fields.n; i++)
		if (smi_span_eq_str(field, rs->journal_fields.v[i]))
			return 0;
	if (rs->journal_fields.n == MAX_FIELDS)
		return -EBADMSG;
	name = smi_arena_strndup(&rs->arena, field.p, field.len);
	return name && smi_vec_push(&rs->journal_fields, name) ? 0 : -ENOMEM;
}

static int add_term(sm_ruleset *rs, struct smi_span word, unsigned group,
		    struct smi_f2b_journal *out)
{
	struct smi_span field = field_of(word);

	if (out->n == MAX_TERMS || field.len == word.len || !is_name(field))
		return -EBADMSG;
	out->terms[out->n++] = (struct smi_f2b_term){ word, group };
	return ask_for(rs, field);
}

int smi_f2b_journal_parse(sm_ruleset *rs, struct smi_span text,
			  struct smi_f2b_journal *out, struct smi_span *bad)
{
	char *room = smi_arena_alloc(&rs->arena, text.len + 1);
	struct smi_span line;
	unsigned group = 0;
	int r = 0;

	*out = (struct smi_f2b_journal){
		smi_arena_zalloc(&rs->arena, MAX_TERMS * sizeof(*out->terms)), 0
	};
	if (!room || !out->terms)
		return -ENOMEM;
	for (; r == 0 && smi_span_split(&text, '\n', &line); group++)
		while (r == 0 && (line = smi_ini_strip(line)).len) {
			*bad = cut_word(&line, room);
			room += bad->len;
			if (smi_span_eq_str(*bad, "+"))
				group++;
			else
				r = add_term(rs, *bad, group, out);
		}
	return r;
}

static bool is_there(struct smi_span term, struct smi_span fields)
{
	struct smi_span line;

	while (smi_span_split(&fields, '\n', &line))
		if (smi_span_eq(line, term))
			return true;
	return false;
}

/* Its field has one of the values that the group allows. */
static bool is_met(const struct smi_f2b_journal *j,
		   const struct smi_f2b_term *term, struct smi_span fields)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct smi_f2b_term *t = &j->terms[i];

		if (t->group == term->group &&
		    smi_span_eq(field_of(t->text), field_of(term->text)) &&
		    is_there(t->text, fields))
			return true;
	}
	return false;
}

bool smi_f2b_journal_has(const struct smi_f2b_journal *j,
			 struct smi_span fields)
{
	bool met = j->n == 0;

	for (size_t i = 0; i < j->n && !met; i++) {
		met = is_met(j, &j->terms[i], fields);
		while (i + 1 < j->n &&
		       j->terms[i + 1].group == j->terms[i].group)
			met = is_met(j, &j->terms[++i], fields) && met;
	}
	return met;
}
