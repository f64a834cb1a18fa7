/* SPDX-License-Identifier: MIT */
#include "logsrc/template.h"

#include <stdlib.h>

#include "base/ip.h"

struct masked {
	char *p;
	size_t len;
};

static void put(struct masked *m, struct smi_span s)
{
	size_t n = SMI_MIN(s.len, SMI_TEMPLATE_LEN - m->len);

	memcpy(m->p + m->len, s.p, n);
	m->len += n;
}

static bool is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

static bool is_hex(char c)
{
	return is_digit(c) || (unsigned)((c | 0x20) - 'a') < 6;
}

static bool is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

/* An address, with what may follow it cut off: ":22", ",", ")". */
static size_t address(struct smi_span s)
{
	size_t n = 0, dots = 0, colons = 0;
	struct smi_ip ip;

	while (n < s.len && n < 46 &&
	       (is_hex(s.p[n]) || s.p[n] == '.' || s.p[n] == ':')) {
		dots += s.p[n] == '.';
		colons += s.p[n] == ':';
		n++;
	}
	if ((dots < 3 && colons < 2) || (n < s.len && is_letter(s.p[n])))
		return 0;
	if (dots >= 3 && colons == 1)
		n = smi_span_find(smi_span_head(s, n), ':');
	while (n && (s.p[n - 1] == '.' || s.p[n - 1] == ':') &&
	       !smi_ip_parse(smi_span_head(s, n), &ip))
		n--;
	return n && smi_ip_parse(smi_span_head(s, n), &ip) ? n : 0;
}

/* "0x1f", or 8 and more digits of which some are letters and some are not. */
static size_t hexadecimal(struct smi_span s)
{
	bool prefix = s.len > 2 && s.p[0] == '0' && s.p[1] == 'x';
	size_t n = prefix ? 2 : 0, digits = 0;

	while (n < s.len && is_hex(s.p[n]))
		digits += is_digit(s.p[n++]);
	if (n < s.len && is_letter(s.p[n]))
		return 0;
	return (prefix && n > 2) || (n >= 8 && digits && digits < n) ? n : 0;
}

static size_t quoted(struct smi_span s)
{
	size_t n = smi_span_find(smi_span_skip(s, 1), s.p[0]) + 1;

	return n < s.len ? n + 1 : 0;
}

/* Is the next word a name that somebody chose? */
static bool names_follow(struct smi_span word)
{
	static const char *const words[] = { "user", "for",	"uid",	"from",
					     "host", "account", "ruser" };

	for (size_t i = 0; i < SMI_COUNT(words); i++)
		if (smi_span_eq_str(word, words[i]))
			return true;
	return false;
}

/* What stands between a keyword and the name. */
static bool is_filler(struct smi_span word)
{
	static const char *const words[] = { "invalid", "user",	  "illegal",
					     "unknown", "the",	  "a",
					     "an",	"from",	  "host",
					     "local",	"account" };

	for (size_t i = 0; i < SMI_COUNT(words); i++)
		if (smi_span_eq_str(word, words[i]))
			return true;
	return false;
}

/* One part of a word: its length, and what stands for it. */
static size_t part(struct smi_span s, bool begins, struct smi_span *mask)
{
	size_t n = 0;

	if (s.p[0] == '"' || (s.p[0] == '\'' && begins)) {
		*mask = SMI_SPAN("<str>");
		n = quoted(s);
	}
	if (!n && begins && (is_hex(s.p[0]) || s.p[0] == ':')) {
		*mask = SMI_SPAN("<ip>");
		n = address(s);
		if (!n) {
			*mask = SMI_SPAN("<hex>");
			n = hexadecimal(s);
		}
	}
	if (!n && is_digit(s.p[0])) {
		*mask = SMI_SPAN("<n>");
		while (n < s.len && is_digit(s.p[n]))
			n++;
	}
	if (n)
		return n;
	*mask = smi_span_head(s, 1);
	return 1;
}

size_t smi_template_mask(struct smi_span text, char out[SMI_TEMPLATE_LEN])
{
	struct masked m = { out, 0 };
	bool begins = true, name = false;

	while (text.len && m.len < SMI_TEMPLATE_LEN) {
		struct smi_span mask, word;
		size_t n;

		if (begins && is_letter(text.p[0]) && !address(text)) {
			for (n = 0; n < text.len && is_letter(text.p[n]);)
				n++;
			word = smi_span_head(text, n);
			if (name && !is_filler(word) &&
			    (n == text.len || text.p[n] != '=')) {
				n = smi_span_find(text, ' ');
				word = SMI_SPAN("<name>");
				name = false;
			} else {
				name = names_follow(word) ||
				       (name && is_filler(word));
			}
			/* "deadbeef01" is no word. */
			if (n < text.len && is_digit(text.p[n]) &&
			    hexadecimal(text)) {
				n = hexadecimal(text);
				word = SMI_SPAN("<hex>");
			}
			put(&m, word);
			text = smi_span_skip(text, n);
			begins = false;
			continue;
		}
		n = part(text, begins, &mask);
		put(&m, mask);
		begins = n == 1 && !is_digit(text.p[0]) &&
			 !is_letter(text.p[0]) && text.p[0] != '_' &&
			 text.p[0] != '\'';
		if (mask.len > 1)
			name = false;
		text = smi_span_skip(text, n);
	}
	return m.len;
}

/* No secret is in it: who makes two templates meet gives them one count. */
static uint64_t hash_of(struct smi_span program, struct smi_span text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < program.len; i++)
		h = (h ^ (unsigned char)program.p[i]) * UINT64_C(0x100000001b3);
	h = (h ^ 0xff) * UINT64_C(0x100000001b3);
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001b3);
	return h;
}

static struct smi_template_program *program_of(struct smi_templates *t,
					       struct smi_span name)
{
	struct smi_template_program *p;

	name = smi_span_head(name, sizeof(p->name));
	for (size_t i = 0; i < t->nprograms; i++) {
		p = &t->programs[i];
		if (smi_span_eq(smi_span_of(p->name, p->len), name))
			return p;
	}
	if (t->nprograms == SMI_PROGRAMS)
		return &t->others;
	p = &t->programs[t->nprograms++];
	p->len = (uint8_t)name.len;
	if (name.len)
		memcpy(p->name, name.p, name.len);
	return p;
}

/* Room for a new one: a free place, or that of the rarest. */
static struct smi_template *place(struct smi_templates *t)
{
	struct smi_template *rarest = t->v;

	if (t->n < SMI_TEMPLATES) {
		t->v[t->n] = (struct smi_template){ 0 };
		return &t->v[t->n++];
	}
	for (size_t i = 1; i < t->n; i++)
		if (t->v[i].count < rarest->count)
			rarest = &t->v[i];
	rarest->error = rarest->count;
	return rarest;
}

static void fill(struct smi_template *e, const struct smi_line *line,
		 struct smi_span program, struct smi_span text)
{
	struct smi_span sample = smi_span_head(line->raw, sizeof(e->sample));

	memcpy(e->text, text.p, text.len);
	e->len = (uint8_t)text.len;
	if (program.len)
		memcpy(e->program, program.p, program.len);
	e->program_len = (uint8_t)program.len;
	if (sample.len)
		memcpy(e->sample, sample.p, sample.len);
	e->sample_len = (uint16_t)sample.len;
	e->parsed = line->header != NULL;
}

void smi_templates_add(struct smi_templates *t, const struct smi_line *line,
		       int made)
{
	struct smi_span program = smi_span_head(line->program, 64), text;
	struct smi_template_program *p = program_of(t, program);
	char masked[SMI_TEMPLATE_LEN];
	struct smi_template *e;
	uint64_t hash;

	p->lines++;
	p->matched += (made & SMI_LINE_TAKEN) != 0;
	p->harmless += made == SMI_LINE_TAKEN;
	if (made & SMI_LINE_TAKEN)
		return;
	text = smi_span_of(masked, smi_template_mask(line->message, masked));
	hash = hash_of(program, text);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].hash == hash) {
			t->v[i].count++;
			return;
		}
	e = place(t);
	e->hash = hash;
	e->count++;
	fill(e, line, program, text);
}

static int by_count(const void *a, const void *b)
{
	const struct smi_template *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return smi_span_cmp(smi_span_of(x->text, x->len),
			    smi_span_of(y->text, y->len));
}

static int by_lines(const void *a, const void *b)
{
	const struct smi_template_program *x = a, *y = b;

	if (x->lines != y->lines)
		return x->lines < y->lines ? 1 : -1;
	return smi_span_cmp(smi_span_of(x->name, x->len),
			    smi_span_of(y->name, y->len));
}

void smi_templates_sort(struct smi_templates *t)
{
	qsort(t->v, t->n, sizeof(t->v[0]), by_count);
	qsort(t->programs, t->nprograms, sizeof(t->programs[0]), by_lines);
}
