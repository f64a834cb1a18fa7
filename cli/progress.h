/* SPDX-License-Identifier: MIT */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* What the rate is told in: "MB", 1000000 where bytes are counted. */
struct progress_unit {
	const char *name; /* NULL: no rate is told */
	uint64_t size;
};

/* A bar on standard error, where that is a terminal. */
struct progress {
	bool on, drawn;
	int64_t last_ns;
	/* How fast it goes: since when, from where, and the mean of late. */
	int64_t since_ns;
	uint64_t last_done;
	double rate;
};

void progress_init(struct progress *p, bool wanted);
/* Draws, at most ten times a second: the part that is done, the rate, and the time that
 * is left at it. total 0: not known. */
void progress_show(struct progress *p, const char *what,
		   struct progress_unit unit, uint64_t done, uint64_t total);
/* Takes the bar away. */
void progress_clear(struct progress *p);

#endif
