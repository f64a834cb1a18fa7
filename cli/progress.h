/* SPDX-License-Identifier: MIT */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

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
/* Draws, at most ten times a second. total 0: not known. unit: with so many of those a
 * second, and the time left; NULL: without. */
void progress_show(struct progress *p, const char *what, const char *unit,
		   uint64_t done, uint64_t total);
/* Takes the bar away. */
void progress_clear(struct progress *p);

#endif
