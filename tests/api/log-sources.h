/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LOG_SOURCES_H
#define TESTS_LOG_SOURCES_H

#include "log-told.h"

/* Logs that are read with some number of threads. */

#define LINES 5000 /* some batches of them */

struct sources {
	const char *files[4];
	int (*open)(void); /* a descriptor, or NULL */
	sm_ruleset *rules;
	int64_t since;
	int lines, coverage, expect, keywords;
	const char *state;
};

static inline void add_sources(sm_log_opts *o, const struct sources *s)
{
	for (size_t i = 0; i < COUNT(s->files) && s->files[i]; i++)
		ck_assert_int_eq(sm_log_opts_add_file(o, s->files[i]), 0);
	if (s->open)
		ck_assert_int_eq(sm_log_opts_add_fd(o, s->open(), "-"), 0);
	if (s->rules)
		ck_assert_int_eq(sm_log_opts_set_rules(o, s->rules), 0);
	if (s->since)
		ck_assert_int_eq(sm_log_opts_set_since(o, s->since), 0);
	if (s->state)
		ck_assert_int_eq(sm_log_opts_set_state(o, s->state), 0);
	ck_assert_int_eq(sm_log_opts_set_lines(o, s->lines), 0);
	ck_assert_int_eq(sm_log_opts_set_coverage(o, s->coverage), 0);
	if (s->keywords)
		ck_assert_int_eq(sm_log_opts_set_keywords(o, 1), 0);
}

static inline sm_log_opts *new_opts(const struct sources *s, uint32_t threads)
{
	sm_log_opts *o;

	ck_assert_int_eq(sm_log_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_log_opts_set_zone(o, "UTC0"), 0);
	ck_assert_int_eq(sm_log_opts_set_now(o, INT64_C(1785844800000000000)),
			 0);
	ck_assert_int_eq(sm_log_opts_set_threads(o, threads), 0);
	add_sources(o, s);
	return o;
}

/* Failures of ever other users, from second first on. */
static inline void write_failures(const char *to, int first, int lines)
{
	FILE *out = fopen(to, "w");

	ck_assert_ptr_nonnull(out);
	for (int i = 0; i < lines; i++) {
		int s = first + i / 3;

		fprintf(out,
			"Aug  4 %02d:%02d:%02d web sshd[%d]: Failed password "
			"for u%d from 203.0.113.%d port 51515 ssh2\n",
			s / 3600, s / 60 % 60, s % 60, 400 + i, i % 37, i % 7);
		if (i % 5 == 0)
			fputs("no stamp, error\n", out);
	}
	ck_assert_int_eq(fclose(out), 0);
}

#endif
