/* SPDX-License-Identifier: MIT */
#include "logsrc/lines.h"

#include <stdlib.h>

int smi_lines_init(struct smi_lines *l, size_t cap)
{
	*l = (struct smi_lines){ .cap = SMI_MAX(cap, SMI_LINES_MIN) };
	l->buf = smi_alloc(l->cap);
	return l->buf ? 0 : -ENOMEM;
}

void smi_lines_done(struct smi_lines *l)
{
	free(l->buf);
	l->buf = NULL;
}

void smi_lines_restart(struct smi_lines *l, uint64_t offset, uint64_t number)
{
	*l = (struct smi_lines){ .buf = l->buf,
				 .cap = l->cap,
				 .offset = offset,
				 .number = number,
				 .skipped = l->skipped };
}

/* The bytes up to next are used up, and one line with them. */
static void pass(struct smi_lines *l, size_t next)
{
	l->pos = next;
	l->number++;
}

static struct smi_span trim_cr(const char *p, size_t len)
{
	return smi_span_of(p, len - (len && p[len - 1] == '\r'));
}

/* The end of a line that is too long: everything up to here goes. */
static bool skip_to(struct smi_lines *l, const char *lf)
{
	if (!lf && !l->at_end) {
		l->pos = l->end;
		l->skipping = true;
		return false;
	}
	pass(l, lf ? (size_t)(lf - l->buf) + 1 : l->end);
	l->skipped++;
	l->skipping = false;
	return true;
}

static bool starts_with_bom(const struct smi_lines *l)
{
	return l->number == 0 && l->offset == 0 && l->pos == 0 && l->end >= 3 &&
	       memcmp(l->buf, SMI_LINES_BOM, 3) == 0;
}

int smi_lines_next(struct smi_lines *l, struct smi_span *line, uint64_t *offset)
{
	if (starts_with_bom(l))
		l->pos = 3;
	while (l->pos < l->end || (l->at_end && l->skipping)) {
		const char *p = l->buf + l->pos;
		size_t len = l->end - l->pos;
		const char *lf = len ? memchr(p, '\n', len) : NULL;

		if (l->skipping) {
			if (!skip_to(l, lf))
				return 0;
			continue;
		}
		if (lf)
			len = (size_t)(lf - p);
		else if (!l->at_end && len <= SMI_LINE_MAX + 1)
			return 0;
		*line = trim_cr(p, len);
		if (line->len > SMI_LINE_MAX) {
			if (!skip_to(l, lf))
				return 0;
			continue;
		}
		*offset = l->offset + l->pos;
		pass(l, l->pos + len + (lf ? 1 : 0));
		return 1;
	}
	return 0;
}

size_t smi_lines_take(struct smi_lines *l, size_t max, struct smi_span *out)
{
	*out = smi_span_of(l->buf + l->pos, SMI_MIN(max, l->end - l->pos));
	l->pos += out->len;
	return out->len;
}

char *smi_lines_room(struct smi_lines *l, size_t *len)
{
	if (l->pos) {
		memmove(l->buf, l->buf + l->pos, l->end - l->pos);
		l->offset += l->pos;
		l->end -= l->pos;
		l->pos = 0;
	}
	*len = l->cap - l->end;
	return l->buf + l->end;
}

void smi_lines_filled(struct smi_lines *l, size_t len)
{
	l->end += len;
	if (!len)
		l->at_end = true;
}
