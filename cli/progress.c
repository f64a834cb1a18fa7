/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "term.h"

#define INTERVAL_NS 100000000

void progress_init(struct progress *p, bool wanted)
{
	*p = (struct progress){
		.on = wanted && isatty(STDERR_FILENO),
		/* What is done at once shows no bar. */
		.last_ns = term_clock_ns(),
	};
}

static void draw(const char *line, int len)
{
	/* A bar that cannot be drawn is no failure. */
	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		return;
}

void progress_show(struct progress *p, const char *what, uint64_t done,
		   uint64_t total)
{
	static const char full[] = "##############################";
	char line[256];
	int64_t t;
	int n;

	if (!p->on)
		return;
	t = term_clock_ns();
	if (t - p->last_ns < INTERVAL_NS)
		return;
	p->last_ns = t;
	if (total && done <= total) {
		double part = (double)done / (double)total;

		n = snprintf(line, sizeof(line),
			     "\r%-5s [%-30.*s] %3.0f %%\033[K", what,
			     (int)(part * 30), full, part * 100);
	} else {
		n = snprintf(line, sizeof(line), "\r%-5s %" PRIu64 "\033[K",
			     what, done);
	}
	p->drawn = true;
	draw(line, n);
}

void progress_clear(struct progress *p)
{
	static const char erase[] = "\r\033[K";

	if (p->drawn)
		draw(erase, (int)strlen(erase));
	p->drawn = false;
}
