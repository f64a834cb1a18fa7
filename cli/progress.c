/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lang.h"
#include "term.h"

#define INTERVAL_NS 100000000
/* How long ago what still counts for the rate was. */
#define SMOOTH_SECONDS 5
#define MAX_LEFT       (1000 * 86400.0)

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

/* "1,234,567": needs room for 27 characters. */
static const char *grouped(uint64_t n, char *out, size_t size)
{
	char *p = out + size;
	int digits = 0;

	*--p = '\0';
	do {
		if (digits && digits % 3 == 0)
			*--p = ',';
		*--p = (char)('0' + n % 10);
		n /= 10;
		digits++;
	} while (n);
	return p;
}

/* "0:42", "1:09:13", "19 d 8 h". */
static void format_left(double seconds, char *out, size_t size)
{
	uint64_t s = (uint64_t)seconds;

	if (s < 3600)
		snprintf(out, size, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
			 s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(out, size, "%" PRIu64 " d %" PRIu64 " h", s / 86400,
			 s / 3600 % 24);
}

/* From the start on while that was not long ago, then mostly of the last seconds:
 * a scan is not equally fast everywhere. */
static void note_rate(struct progress *p, uint64_t done, int64_t t)
{
	double dt = (double)(t - p->last_ns) / 1e9, part;
	double n = done > p->last_done ? (double)(done - p->last_done) : 0;

	if (!p->since_ns) {
		p->since_ns = t;
		return;
	}
	part = SMOOTH_SECONDS * 1e9;
	if ((double)(t - p->since_ns) < part)
		part = (double)(t - p->since_ns);
	part = dt / (part / 1e9);
	if (part > 1)
		part = 1;
	p->rate += (n / dt - p->rate) * part;
}

/* " 1,234 ports/s, 0:42 left"; "" while nothing can be said. */
static void format_rate(const struct progress *p, struct progress_unit unit,
			uint64_t left, char *out, size_t size)
{
	double rate = p->rate / (double)unit.size;
	char number[32], time[48];

	*out = '\0';
	if (rate < 0.05)
		return;
	if (rate < 10)
		snprintf(number, sizeof(number), "%.1f", rate);
	snprintf(out, size, " %s %s/s",
		 rate < 10 ? number
			   : grouped((uint64_t)rate, number, sizeof(number)),
		 tr(unit.name));
	/* What nobody will live to see is not told. */
	if (!left || (double)left / p->rate > MAX_LEFT)
		return;
	format_left((double)left / p->rate, time, sizeof(time));
	snprintf(out + strlen(out), size - strlen(out), tr(", %s left"), time);
}

void progress_show(struct progress *p, const char *what,
		   struct progress_unit unit, uint64_t done, uint64_t total)
{
	static const char full[] = "##############################";
	bool known = total && done <= total;
	char line[256], rate[128] = "", number[32];
	int64_t t;
	int n;

	if (!p->on)
		return;
	t = term_clock_ns();
	if (t - p->last_ns < INTERVAL_NS)
		return;
	if (unit.name) {
		note_rate(p, done, t);
		format_rate(p, unit, known ? total - done : 0, rate,
			    sizeof(rate));
	}
	p->last_ns = t;
	p->last_done = done;
	if (known) {
		double part = (double)done / (double)total;

		n = snprintf(line, sizeof(line),
			     "\r%-5s [%-30.*s] %3.0f %%%s\033[K", what,
			     (int)(part * 30), full, part * 100, rate);
	} else {
		n = snprintf(line, sizeof(line), "\r%-5s %s%s\033[K", what,
			     grouped(done, number, sizeof(number)), rate);
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
