/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "portscan/match-text.h"

enum smi_match smi_text_begins(struct smi_span text, const char *lit, bool end)
{
	struct smi_span want = smi_span_str(lit);

	if (smi_span_starts(text, want))
		return SMI_MATCH_YES;
	if (text.len < want.len &&
	    smi_span_eq(text, smi_span_head(want, text.len)))
		return smi_match_short(end);
	return SMI_MATCH_NO;
}

size_t smi_text_find(struct smi_span text, const char *lit)
{
	const char *at =
		text.len ? memmem(text.p, text.len, lit, strlen(lit)) : NULL;

	return at ? (size_t)(at - text.p) : text.len;
}

size_t smi_text_find_nocase(struct smi_span text, const char *lit)
{
	struct smi_span want = smi_span_str(lit);

	for (size_t i = 0; i + want.len <= text.len; i++) {
		struct smi_span at = smi_span_skip(text, i);

		/* Letters differ in that bit alone. */
		if (((at.p[0] ^ lit[0]) & ~0x20) == 0 &&
		    smi_span_eq_nocase(smi_span_head(at, want.len), want))
			return i;
	}
	return text.len;
}

bool smi_text_after(struct smi_span text, const char *lit,
		    struct smi_span *after)
{
	size_t at = smi_text_find(text, lit);

	if (at == text.len)
		return false;
	*after = smi_span_skip(text, at + strlen(lit));
	return true;
}

bool smi_text_between(struct smi_span text, const char *lit, const char *stop,
		      struct smi_span *between)
{
	struct smi_span after;
	size_t n;

	if (!smi_text_after(text, lit, &after))
		return false;
	n = smi_text_find(after, stop);
	if (n == after.len)
		return false;
	*between = smi_span_head(after, n);
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool smi_text_line(struct smi_span *rest, bool end, struct smi_span *line)
{
	size_t n = smi_span_find(*rest, '\n'), used = n + 1;

	if (n == rest->len) {
		if (!end || n == 0)
			return false;
		while (n > 0 && !is_space(rest->p[n - 1]))
			n--;
	}
	*line = smi_span_head(*rest, n);
	while (line->len > 0 && is_space(line->p[line->len - 1]))
		line->len--;
	*line = smi_span_trim(*line);
	*rest = smi_span_skip(*rest, used);
	return true;
}

struct smi_span smi_text_word(struct smi_span *rest)
{
	struct smi_span word;
	size_t n = 0;

	while (n < rest->len && is_space(rest->p[n]))
		n++;
	*rest = smi_span_skip(*rest, n);
	for (n = 0; n < rest->len && !is_space(rest->p[n]);)
		n++;
	word = smi_span_head(*rest, n);
	*rest = smi_span_skip(*rest, n);
	return word;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_version(char c)
{
	return is_digit(c) || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || smi_text_is_one(c, "._+~-");
}

struct smi_span smi_text_version(struct smi_span text)
{
	size_t n = 0;

	if (text.len > 1 && text.p[0] == 'v' && is_digit(text.p[1]))
		text = smi_span_skip(text, 1);
	if (text.len > 0 && is_digit(text.p[0]))
		while (n < text.len && is_version(text.p[n]))
			n++;
	while (n > 0 && smi_text_is_one(text.p[n - 1], "._+~-"))
		n--;
	return smi_span_head(text, n);
}

bool smi_text_product(struct smi_span text, const struct smi_text_product *v,
		      size_t n, struct smi_service_id *id)
{
	for (size_t i = 0; i < n; i++) {
		struct smi_span after;

		if (!smi_text_after(text, v[i].mark, &after))
			continue;
		if (after.len > 0 && smi_text_is_one(after.p[0], " /-_"))
			after = smi_span_skip(after, 1);
		id->product = smi_span_str(v[i].product);
		id->version = smi_text_version(after);
		return true;
	}
	return false;
}

void smi_text_name_version(struct smi_span text, struct smi_service_id *id)
{
	size_t n = 0;

	id->product = text;
	for (; n + 1 < text.len; n++) {
		struct smi_span version =
			smi_text_version(smi_span_skip(text, n + 1));

		if (n > 0 && smi_text_is_one(text.p[n], "/-_ (") &&
		    version.len > 0) {
			id->product = smi_span_head(text, n);
			id->version = version;
			return;
		}
	}
}

void smi_id_set(struct smi_service_id *id, const char *service)
{
	struct smi_span none = smi_span_str("");

	*id = (struct smi_service_id){ .service = service,
				       .product = none,
				       .version = none,
				       .info = none };
}

/* What of space is used: up to the end of the last text that stands there. */
static size_t used_of(const struct smi_service_id *id)
{
	if (id->info.len > 0)
		return (size_t)(id->info.p - id->space) + id->info.len;
	return strlen(id->space);
}

void smi_id_version(struct smi_service_id *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(id->space, sizeof(id->space), fmt, ap);
	va_end(ap);
	id->version = smi_span_str(id->space);
}

struct tail {
	char *p;
	size_t len, cap;
	bool cut;
};

/* A whole character each time, so that a cut leaves none in halves. */
static void put(struct tail *t, struct smi_span s)
{
	if (t->cut || s.len > t->cap - t->len) {
		t->cut = true;
		return;
	}
	memcpy(t->p + t->len, s.p, s.len);
	t->len += s.len;
}

static void put_text(struct tail *t, struct smi_span text)
{
	struct smi_span word = smi_text_word(&text);

	while (word.len > 0 && !t->cut) {
		while (word.len > 0) {
			size_t n = smi_utf8_char(word, NULL);

			put(t, smi_span_head(word, n ? n : 1));
			word = smi_span_skip(word, n ? n : 1);
		}
		word = smi_text_word(&text);
		if (word.len > 0)
			put(t, SMI_SPAN(" "));
	}
}

void smi_id_add(struct smi_service_id *id, const char *label,
		struct smi_span text)
{
	static const char cut[] = "...";
	size_t used = used_of(id);
	struct tail t = { id->space + used, 0, sizeof(id->space) - used,
			  false };
	struct smi_span rest = text;

	if (smi_text_word(&rest).len == 0 || t.cap < sizeof(cut))
		return;
	t.cap -= sizeof(cut) - 1;
	if (id->info.len > 0)
		put(&t, SMI_SPAN("; "));
	else
		id->info.p = t.p;
	put(&t, smi_span_str(label));
	put_text(&t, text);
	if (t.cut) {
		memcpy(t.p + t.len, cut, sizeof(cut) - 1);
		t.len += sizeof(cut) - 1;
	}
	id->info.len += t.len;
}

void smi_id_addf(struct smi_service_id *id, const char *fmt, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	smi_id_add(id, "", smi_span_str(text));
}
