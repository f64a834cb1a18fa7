/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_DATE_H
#define SMI_DETECT_F2B_DATE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/tz.h"
#include "base/vec.h"
#include "detect/regex.h"

/* The parts of a date that its regex catches: %Y and so on. */
enum smi_f2b_part {
	SMI_F2B_YEAR,
	SMI_F2B_YEAR2,
	SMI_F2B_MONTH,
	SMI_F2B_MONTH_NAME,
	SMI_F2B_DAY,
	SMI_F2B_DAY_OF_YEAR,
	SMI_F2B_HOUR,
	SMI_F2B_HOUR12,
	SMI_F2B_HALF, /* am, pm */
	SMI_F2B_MINUTE,
	SMI_F2B_SECOND,
	SMI_F2B_ZONE,
	SMI_F2B_NPARTS
};

enum smi_f2b_date_kind {
	SMI_F2B_CALENDAR,
	SMI_F2B_EPOCH,
	SMI_F2B_LONG_EPOCH,
	SMI_F2B_TAI64N
};

/* One datepattern. Group 1 is what is cut out of the line. */
struct smi_f2b_date {
	enum smi_f2b_date_kind kind;
	struct smi_span pattern; /* as it was given, "" for default ones */
	struct smi_regex re;
	bool anchored; /* to the begin or the end of the line */
	unsigned weight;
	int8_t epoch_group;
	int8_t part[SMI_F2B_NPARTS];
};

#define SMI_F2B_MAX_DATES 64

/* The datepatterns of a filter, in order. */
struct smi_f2b_dates {
	struct smi_span text; /* equal text, equal patterns */
	size_t number;	      /* among all of a set of rules */
	struct smi_f2b_date v[SMI_F2B_MAX_DATES];
	size_t n;
};

/*
 * The lines of a datepattern; "" is fail2ban's own list. -EBADMSG with err
 * filled, -ENOMEM. smi_f2b_dates_release() in any case.
 */
int smi_f2b_dates_compile(struct smi_f2b_dates *d, struct smi_span text,
			  struct smi_arena *a, struct smi_regex_error *err);
void smi_f2b_dates_release(struct smi_f2b_dates *d);
/* The regex of one pattern, for tests and sentences. */
struct smi_buf;
int smi_f2b_date_regex(struct smi_span pattern, struct smi_buf *out,
		       bool *anchored, struct smi_regex_error *err);

/* What dates without a year, a day or a zone are read against. */
struct smi_f2b_clock {
	const struct smi_tz *tz;
	int64_t now;  /* s */
	int64_t last; /* s, of the date before; INT64_MIN: none */
};
/* The date that was matched last, in ns; INT64_MIN when there is no such day. */
int64_t smi_f2b_date_time(const struct smi_f2b_date *d,
			  const struct smi_matcher *m, struct smi_span line,
			  struct smi_f2b_clock *c);

/* What a detector found in a line. */
struct smi_f2b_stamp {
	bool found;
	bool gave_up;	   /* a pattern took too many steps */
	size_t begin, end; /* what is cut out; equal: nothing */
	int64_t time;	   /* ns; INT64_MIN: not known */
};
/*
 * Looks for the date of each line, first where the line before had it. It learns:
 * patterns that hit move up, as they do in fail2ban.
 */
struct smi_f2b_detector;
int smi_f2b_detector_new(const struct smi_f2b_dates *d,
			 struct smi_f2b_detector **out);
void smi_f2b_detector_free(struct smi_f2b_detector *x);
/* A date that is not tied to the begin or end of its line was found. */
bool smi_f2b_detector_is_loose(const struct smi_f2b_detector *x);
/* What it has learnt, for the next run; x NULL: read over. */
struct smi_unpack;
void smi_f2b_detector_save(const struct smi_f2b_detector *x,
			   struct smi_buf *out);
void smi_f2b_detector_load(struct smi_f2b_detector *x, struct smi_unpack *in);
/* -ENOMEM, else 0. */
int smi_f2b_detect(struct smi_f2b_detector *x, struct smi_matcher *m,
		   struct smi_span line, struct smi_f2b_clock *c,
		   struct smi_f2b_stamp *out);

#endif
