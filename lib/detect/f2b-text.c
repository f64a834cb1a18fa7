/* SPDX-License-Identifier: MIT */
#include "detect/f2b-text.h"

#include "base/utf8.h"

void smi_f2b_text_free(struct smi_f2b_text *x)
{
	smi_buf_free(&x->room);
}

bool smi_f2b_is_ascii(struct smi_span s)
{
	size_t i = 0;
	uint64_t w, all = 0;

	for (; i + 8 <= s.len; i += 8) {
		memcpy(&w, s.p + i, 8);
		all |= w;
	}
	for (; i < s.len; i++)
		all |= (unsigned char)s.p[i];
	return !(all & UINT64_C(0x8080808080808080));
}

void smi_f2b_text_set(struct smi_f2b_text *x, const struct smi_line *line)
{
	x->line = line;
	x->has_cut = false;
	x->ascii = smi_f2b_is_ascii(line->raw);
}

/* As Python decodes a line: what is no UTF-8 becomes U+FFFD. */
static void put_valid(struct smi_buf *b, struct smi_span s)
{
	while (s.len) {
		size_t n = smi_utf8_char(s, NULL);

		if (n)
			smi_buf_add(b, s.p, n);
		else
			smi_buf_str(b, "\xEF\xBF\xBD");
		s = smi_span_skip(s, n ? n : 1);
	}
}

static void put_text(struct smi_buf *b, struct smi_span s, bool ascii)
{
	if (ascii)
		smi_buf_span_add(b, s);
	else
		put_valid(b, s);
}

int smi_f2b_text_cut(struct smi_f2b_text *x, size_t begin, size_t end)
{
	struct smi_span raw = x->line->raw;

	if (x->has_cut && x->cut_begin == begin && x->cut_end == end)
		return 0;
	x->whole.ascii = x->ascii;
	smi_buf_clear(&x->room);
	put_text(&x->room, smi_span_head(raw, begin), x->whole.ascii);
	put_text(&x->room, smi_span_skip(raw, end), x->whole.ascii);
	smi_buf_char(&x->room, '\n');
	x->whole.s = smi_buf_span(&x->room);
	x->has_cut = true;
	x->cut_begin = begin;
	x->cut_end = end;
	return smi_buf_error(&x->room);
}

struct smi_span smi_f2b_text_place(const struct smi_f2b_text *x,
				   struct smi_span s)
{
	const struct smi_span whole = x->whole.s, raw = x->line->raw;
	size_t at;

	if (!x->whole.ascii || !s.len || s.p < whole.p ||
	    s.p + s.len > whole.p + whole.len)
		return s;
	at = (size_t)(s.p - whole.p);
	if (at < x->cut_begin && at + s.len > x->cut_begin)
		return s;
	if (at >= x->cut_begin)
		at += x->cut_end - x->cut_begin;
	return at + s.len <= raw.len ? smi_span_of(raw.p + at, s.len) : s;
}
