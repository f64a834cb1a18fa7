/* SPDX-License-Identifier: MIT */
#include "screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "term.h"

#define HOME	   "\033[H"
#define CLEAR	   "\033[2J"
#define REST_LINE  "\033[K"
#define REST_BELOW "\033[J"

/* Sent at once, so that nobody sees half of it. */
struct picture {
	char *p;
	size_t len, cap;
	unsigned lines, most;
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

/* An sm_write_fn: 1 when the screen is full. */
static int add_lines(const void *data, size_t len, void *user)
{
	struct picture *pic = user;
	const char *p = data;

	while (len > 0 && pic->lines < pic->most) {
		const char *end = memchr(p, '\n', len);
		size_t n = end ? (size_t)(end - p) : len;
		int r = add(pic, p, n);

		if (r == 0 && end)
			r = add_str(pic, REST_LINE "\n");
		if (r < 0)
			return r;
		pic->lines += end != NULL;
		n += end != NULL;
		p += n;
		len -= n;
	}
	return pic->lines < pic->most ? 0 : 1;
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
	struct picture pic = { .most = term_height(STDOUT_FILENO) - 1 };
	int r = sm_report_opts_set_width(opts, term_width(STDOUT_FILENO));

	if (r == 0)
		r = add_str(&pic, first ? HOME CLEAR : HOME);
	if (r == 0)
		r = sm_report_write(report, SM_FORMAT_TABLE, opts, add_lines,
				    &pic);
	if (r >= 0)
		r = add_str(&pic, REST_BELOW);
	if (r >= 0)
		r = send(&pic);
	free(pic.p);
	return r;
}
