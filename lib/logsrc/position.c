/* SPDX-License-Identifier: MIT */
#include "logsrc/position.h"

/* Of names: those that are not read any more stay, for they may be again, until
 * there are so many. */
#define MAX_NAMES 10000

void smi_position_done(struct smi_position *p)
{
	free(p->cursor);
	p->cursor = NULL;
}

void smi_positions_free(struct smi_positions *ps)
{
	for (size_t i = 0; i < ps->v.n; i++) {
		free(ps->v.v[i].name);
		smi_position_done(&ps->v.v[i].at);
	}
	smi_vec_free(&ps->v);
}

struct smi_position *smi_positions_find(const struct smi_positions *ps,
					const char *name)
{
	for (size_t i = 0; i < ps->v.n; i++)
		if (strcmp(ps->v.v[i].name, name) == 0)
			return &ps->v.v[i].at;
	return NULL;
}

/* Makes room for one: the log that was told longest ago is not known any more. */
static void drop_oldest(struct smi_positions *ps)
{
	struct smi_position_of *oldest = &ps->v.v[0];

	for (size_t i = 1; i < ps->v.n; i++)
		if (ps->v.v[i].at.time < oldest->at.time)
			oldest = &ps->v.v[i];
	free(oldest->name);
	smi_position_done(&oldest->at);
	*oldest = ps->v.v[--ps->v.n];
}

/* Takes name and at over. */
static int add(struct smi_positions *ps, char *name, struct smi_position *at)
{
	struct smi_position_of p = { name, *at };

	if (smi_vec_push(&ps->v, p))
		return 0;
	free(name);
	smi_position_done(at);
	return -ENOMEM;
}

int smi_positions_set(struct smi_positions *ps, const char *name,
		      const struct smi_position *p)
{
	struct smi_position *have = smi_positions_find(ps, name);
	struct smi_position copy = *p;
	char *own;

	copy.cursor = p->cursor ? smi_strdup(p->cursor) : NULL;
	if (p->cursor && !copy.cursor)
		return -ENOMEM;
	if (have) {
		smi_position_done(have);
		*have = copy;
		return 0;
	}
	own = smi_strdup(name);
	if (!own) {
		smi_position_done(&copy);
		return -ENOMEM;
	}
	if (ps->v.n >= MAX_NAMES)
		drop_oldest(ps);
	return add(ps, own, &copy);
}

/* Bytes as hexadecimal digits; "-" for none. */
static void put_hex(struct smi_buf *b, const char *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	if (!len)
		smi_buf_char(b, '-');
	for (size_t i = 0; i < len; i++) {
		smi_buf_char(b, digits[(uint8_t)p[i] >> 4]);
		smi_buf_char(b, digits[(uint8_t)p[i] & 15]);
	}
	smi_buf_char(b, ' ');
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* How many bytes, or -1. */
static ptrdiff_t get_hex(struct smi_span s, char *out, size_t max)
{
	if (smi_span_eq_str(s, "-"))
		return 0;
	if (!s.len || s.len % 2 || s.len / 2 > max)
		return -1;
	for (size_t i = 0; i < s.len; i += 2) {
		int high = hex_digit(s.p[i]), low = hex_digit(s.p[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		out[i / 2] = (char)(high << 4 | low);
	}
	return (ptrdiff_t)(s.len / 2);
}

/* One line each: fields with a space behind each, text as hexadecimal digits. */
void smi_positions_write(const struct smi_positions *ps, struct smi_buf *out)
{
	for (size_t i = 0; i < ps->v.n; i++) {
		const char *name = ps->v.v[i].name;
		const struct smi_position *p = &ps->v.v[i].at;
		/* Unsigned: all bits of the times come back as they were. */
		uint64_t n[] = { (uint64_t)p->time, p->offset, p->number,
				 p->told,	    p->dev,    p->ino,
				 (uint64_t)p->mtime };

		put_hex(out, name, strlen(name));
		for (size_t k = 0; k < SMI_COUNT(n); k++) {
			smi_buf_uint(out, n[k]);
			smi_buf_char(out, ' ');
		}
		put_hex(out, p->head, p->nhead);
		put_hex(out, p->cursor, p->cursor ? strlen(p->cursor) : 0);
		smi_buf_uint(out, (uint64_t)p->partial << 8 | p->forms);
		smi_buf_str(out, " \n");
	}
}

/* A text without a NUL in it; *out NULL where there is none. */
static int get_text(struct smi_span s, char **out)
{
	char *text = smi_alloc(s.len / 2 + 1);
	ptrdiff_t n;

	*out = NULL;
	if (!text)
		return -ENOMEM;
	n = get_hex(s, text, s.len / 2);
	if (n <= 0 || memchr(text, '\0', (size_t)n)) {
		free(text);
		return n == 0 ? 0 : -EBADMSG;
	}
	text[n] = '\0';
	*out = text;
	return 0;
}

static int read_numbers(struct smi_span *line, struct smi_position *p)
{
	uint64_t time, mtime;
	uint64_t *const n[] = { &time,	 &p->offset, &p->number, &p->told,
				&p->dev, &p->ino,    &mtime };
	struct smi_span word;

	for (size_t k = 0; k < SMI_COUNT(n); k++)
		if (!smi_span_split(line, ' ', &word) ||
		    !smi_span_uint(word, UINT64_MAX, n[k]))
			return -EBADMSG;
	p->time = (int64_t)time;
	p->mtime = (int64_t)mtime;
	/* What no file has would overflow where it is used. */
	return p->offset > INT64_MAX || p->number > INT64_MAX ? -EBADMSG : 0;
}

static int read_line(struct smi_positions *ps, struct smi_span line)
{
	SMI_CLEANUP(smi_position_done)
	struct smi_position p = { .known = true };
	SMI_AUTOFREE char *name = NULL;
	struct smi_span word;
	uint64_t room;
	ptrdiff_t n;
	int r;

	if (!smi_span_split(&line, ' ', &word))
		return -EBADMSG;
	r = get_text(word, &name);
	if (r == 0)
		r = name ? read_numbers(&line, &p) : -EBADMSG;
	if (r < 0)
		return r;
	if (!smi_span_split(&line, ' ', &word))
		return -EBADMSG;
	n = get_hex(word, p.head, sizeof(p.head));
	if (n < 0 || !smi_span_split(&line, ' ', &word))
		return -EBADMSG;
	p.nhead = (size_t)n;
	r = get_text(word, &p.cursor);
	if (r < 0)
		return r;
	if (!smi_span_split(&line, ' ', &word) || line.len ||
	    !smi_span_uint(word, UINT16_MAX, &room))
		return -EBADMSG;
	p.forms = (uint8_t)room;
	p.partial = (uint8_t)(room >> 8);
	return smi_positions_set(ps, name, &p);
}

int smi_positions_read(struct smi_positions *ps, struct smi_span text)
{
	struct smi_span line;
	int r = 0;

	while (r == 0 && smi_span_split(&text, '\n', &line))
		r = ps->v.n < MAX_NAMES ? read_line(ps, line) : -EBADMSG;
	return r;
}
