/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_ASK_H
#define SMI_DETECT_F2B_ASK_H

#include "detect/f2b-caught.h"
#include "detect/f2b-prefix.h"
#include "detect/f2b-recent.h"
#include "detect/f2b-run.h"
#include "detect/f2b-session.h"
#include "detect/f2b-window.h"
#include "detect/fail2ban.h"

/* What f2b-run.c, which chooses the filters that a line is shown to, and f2b-ask.c,
 * which shows it to one, have in common. */

/* The date of the line by one list of patterns, found when it is asked for. */
struct smi_f2b_dating {
	struct smi_f2b_detector *detector;
	struct smi_f2b_clock clock;
	struct smi_f2b_stamp stamp;
	uint64_t line; /* which one it is of */
	bool loose;
};

/* Which failregexes of a filter, a bit each, can match a line that begins with a
 * byte of ASCII, as far as that is known yet. */
struct smi_f2b_first {
	uint64_t may[128], known[2];
};

struct smi_f2b_run {
	const sm_ruleset *rs;
	struct smi_matcher *matcher;
	struct smi_f2b_gate *gate;
	struct smi_f2b_words *words;
	/* A bit for each filter: its dates may stand anywhere; its window is still
	 * worth a look; and of this line, may take it, and no date is in it. */
	uint64_t *loose, *due, *open, *undated;
	struct smi_f2b_recent recent;
	bool multi; /* some filter has maxlines */
	struct smi_f2b_sessions *sessions;
	struct smi_regex *utf; /* of each regex, made when it is needed */
	struct smi_f2b_dating *dates;
	struct smi_f2b_window *windows;	  /* one a filter */
	struct smi_f2b_first *firsts;	  /* one a filter */
	struct smi_f2b_prefix **prefixes; /* one a filter; NULL: not known */
	int64_t now;
	const struct smi_tz *tz;
	bool by_path, plain;
	uint64_t nline;
	SMI_VEC(char *) files;	  /* names of an earlier run */
	struct smi_f2b_text text; /* of the line at hand */
	struct smi_buf content;
};

/* What is asked of one filter about one line. */
struct smi_f2b_asking {
	const struct smi_f2b_filter *f;
	struct smi_limit *limits;
	bool taken;
	bool has_word; /* one that the filter needs is in the line */
	int64_t time;
	struct smi_f2b_subject subject; /* of failregexes */
	struct smi_f2b_caught pref;
	smi_f2b_fn fn;
	void *user;
};

/* 0 it makes nothing of the line, 1 it took it, 2 and it is a failure; or a negative
 * errno. */
int smi_f2b_ask(struct smi_f2b_run *x, struct smi_f2b_asking *a);
/* The line is of a log that the filter is for. */
bool smi_f2b_is_for(const struct smi_f2b_run *x, const struct smi_f2b_filter *f,
		    const struct smi_line *line);
/* Filters with these dates see lines whatever they begin with, once such a date was
 * found. */
void smi_f2b_note_loose(struct smi_f2b_run *x,
			const struct smi_f2b_dates *dates);

#endif
