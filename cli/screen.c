/* SPDX-License-Identifier: MIT */
#include "screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang.h"
#include "term.h"

#define HOME	   "\033[H"
#define CLEAR	   "\033[2J"
#define REST_LINE  "\033[K"
#define REST_BELOW "\033[J"

/* Sent at once, so that nobody sees half of it. */
struct picture {
	char *p;
	size_t len, cap;
};

static int add(struct picture *pic, const char *p, size_t len)
{
	if (len > pic->cap - pic->len) {
		size_t cap = 2 * pic->cap + len;
		char *more = realloc(pic->p, cap);

		if (!more)
			return -ENOMEM;
		pic->p = more;
		pic->cap = cap;
	}
	memcpy(pic->p + pic->len, p, len);
	pic->len += len;
	return 0;
}

static int add_str(struct picture *pic, const char *s)
{
	return add(pic, s, strlen(s));
}

/* An sm_write_fn. */
static int add_text(const void *data, size_t len, void *user)
{
	return add(user, data, len);
}

static const char *next_line(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl ? nl + 1 : end;
}

static size_t count_lines(const char *p, const char *end)
{
	size_t n = 0;

	for (; p < end; p = next_line(p, end))
		n++;
	return n;
}

/* At most n of them. */
static int add_lines(struct picture *pic, const char *p, const char *end,
		     size_t n)
{
	int r = 0;

	for (; r == 0 && p < end && n > 0; n--) {
		const char *next = next_line(p, end);
		size_t len = (size_t)(next - p);

		len -= p[len - 1] == '\n';
		r = add(pic, p, len);
		if (r == 0)
			r = add_str(pic, REST_LINE "\n");
		p = next;
	}
	return r;
}

static int add_more(struct picture *pic, size_t n)
{
	char text[80];

	snprintf(text, sizeof(text), tr("... and %zu more (--top, --filter)\n"),
		 n);
	return add_lines(pic, text, text + strlen(text), 1);
}

/* At most n lines, of which the last one is the summary. */
static int add_rest(struct picture *pic, const char *p, const char *end,
		    size_t n)
{
	size_t all = count_lines(p, end);
	int r;

	if (all <= n || n == 0)
		return add_lines(pic, p, end, n);
	r = add_lines(pic, p, end, n - 1);
	for (; all > 1; all--)
		p = next_line(p, end);
	return r < 0 ? r : add_lines(pic, p, end, 1);
}

/* The rows end at the first empty line; what is found below them has up to half of the
 * lines, however many rows there are. */
static int compose(struct picture *pic, const char *p, const char *end,
		   size_t most)
{
	const char *gap = memmem(p, (size_t)(end - p), "\n\n", 2);
	const char *rest = gap ? gap + 1 : end;
	size_t rows = count_lines(p, rest), below = count_lines(rest, end);
	int r;

	if (most < 4)
		return add_lines(pic, p, end, most);
	if (below > most / 2)
		below = most / 2;
	if (rows + below <= most) {
		r = add_lines(pic, p, rest, rows);
		below = most - rows;
	} else {
		r = add_lines(pic, p, rest, most - below - 1);
		if (r == 0)
			r = add_more(pic, rows - (most - below - 1));
	}
	return r < 0 ? r : add_rest(pic, rest, end, below);
}

static int send(const struct picture *pic)
{
	for (size_t done = 0; done < pic->len;) {
		ssize_t n =
			write(STDOUT_FILENO, pic->p + done, pic->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int screen_draw(const sm_report *report, sm_report_opts *opts, bool first)
{
	struct picture text = { 0 }, pic = { 0 };
	int r = sm_report_opts_set_width(opts, term_width(STDOUT_FILENO));

	if (r == 0)
		r = sm_report_write(report, SM_FORMAT_TABLE, opts, add_text,
				    &text);
	if (r == 0)
		r = add_str(&pic, first ? HOME CLEAR : HOME);
	if (r == 0 && text.len > 0)
		r = compose(&pic, text.p, text.p + text.len,
			    term_height(STDOUT_FILENO) - 1);
	if (r == 0)
		r = add_str(&pic, REST_BELOW);
	if (r == 0)
		r = send(&pic);
	free(text.p);
	free(pic.p);
	return r;
}
