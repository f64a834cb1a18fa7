/* SPDX-License-Identifier: MIT */
#include "detect/f2b-window.h"

void smi_f2b_window_free(struct smi_f2b_window *w)
{
	smi_buf_free(&w->text);
	smi_buf_free(&w->matched);
}

struct smi_span smi_f2b_window_text(const struct smi_f2b_window *w)
{
	return smi_buf_span(&w->text);
}

static void forget(struct smi_f2b_window *w, size_t n)
{
	n = SMI_MIN(n, w->text.len);
	memmove(w->text.p, w->text.p + n, w->text.len - n);
	w->text.len -= n;
}

int smi_f2b_window_add(struct smi_f2b_window *w, struct smi_span line,
		       unsigned max)
{
	smi_buf_span_add(&w->text, line);
	if (smi_buf_error(&w->text))
		return -ENOMEM;
	w->lines++;
	while (w->lines > 1 &&
	       (w->lines > max || w->text.len > SMI_F2B_WINDOW_BYTES)) {
		forget(w, smi_span_find(smi_buf_span(&w->text), '\n') + 1);
		w->lines--;
	}
	return 0;
}

static bool was_skipped(const struct smi_f2b_window *w, size_t begin,
			size_t end)
{
	for (size_t i = 0; i < w->nskipped; i++)
		if (begin >= w->skipped[i].begin && end <= w->skipped[i].end)
			return true;
	return false;
}

struct smi_span smi_f2b_window_matched(struct smi_f2b_window *w,
				       const struct smi_matcher *m,
				       const struct smi_f2b_regex *re,
				       struct smi_span text)
{
	struct smi_span all, s;

	smi_buf_clear(&w->matched);
	w->begin = w->end = w->nskipped = 0;
	if (!smi_matcher_group(m, text, 0, &all))
		return smi_span_head(text, 0);
	w->begin = (size_t)(all.p - text.p);
	w->end = w->begin + all.len;
	for (size_t i = 0; i < re->nskipped; i++)
		if (smi_matcher_group(m, text, re->skipped[i], &s)) {
			size_t at = (size_t)(s.p - text.p);

			w->skipped[w->nskipped].begin = at;
			w->skipped[w->nskipped++].end = at + s.len;
		}
	/* Whole lines: one that begins with the LF of the line before has that
	 * one's end behind it. */
	w->begin += w->begin < text.len && text.p[w->begin] == '\n';
	while (w->begin > 0 && text.p[w->begin - 1] != '\n')
		w->begin--;
	w->end -= w->end > 0;
	while (w->end < text.len && text.p[w->end] != '\n')
		w->end++;
	w->end += w->end < text.len;
	for (size_t at = w->begin; at < w->end;) {
		struct smi_span rest = smi_span_skip(text, at);
		size_t n = smi_span_find(rest, '\n') + 1;

		if (!was_skipped(w, at, at + n))
			smi_buf_span_add(&w->matched, smi_span_head(rest, n));
		at += n;
	}
	return smi_buf_span(&w->matched);
}

void smi_f2b_window_drop(struct smi_f2b_window *w)
{
	size_t out = SMI_MIN(w->begin, w->text.len);

	for (size_t at = out; at < w->text.len;) {
		struct smi_span rest =
			smi_span_skip(smi_buf_span(&w->text), at);
		size_t n = SMI_MIN(smi_span_find(rest, '\n') + 1, rest.len);

		if (at >= w->end || was_skipped(w, at, at + n)) {
			memmove(w->text.p + out, w->text.p + at, n);
			out += n;
		} else {
			w->lines--;
		}
		at += n;
	}
	w->text.len = out;
}
