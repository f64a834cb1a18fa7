/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_STAMP_H
#define SMI_LOGSRC_STAMP_H

#include "base/clock.h"
#include "base/span.h"
#include "base/tz.h"

/* Of a date of numbers: which of the first two is the month? */
enum smi_stamp_order {
	SMI_STAMP_WRITTEN, /* no question */
	SMI_STAMP_MONTH_FIRST,
	SMI_STAMP_DAY_FIRST,
	SMI_STAMP_EITHER, /* read as the month first; other lines may tell */
};

/* What a stamp says, before a year or a zone is added. */
struct smi_stamp {
	const char *format; /* the name of its row in stamp-formats.c */
	int32_t year;	    /* 0: it has none */
	int month, day, hour, minute, second;
	uint32_t ns;
	bool zoned;
	int32_t offset; /* seconds east of UTC, of a zoned one */
	/* Where the seconds stand, and where the zone begins, when all that
	 * follows them is a fraction and the zone; else 0. */
	size_t second_at, zone_at;
	/* A date and a time with a space between and no zone: what programs
	 * write into their own files, where no host name follows. */
	bool own_file;
	enum smi_stamp_order order;
};

/* The stamp that s begins with: its length, 0 when there is none. */
size_t smi_stamp_scan(struct smi_span s, struct smi_stamp *out);
/* Only the shapes of web servers' access and error logs, which stand elsewhere
 * in the line: "04/Aug/2026:10:00:01 +0000", "Tue Aug 04 10:00:01.5 2026". */
size_t smi_stamp_scan_clf(struct smi_span s, struct smi_stamp *out);
size_t smi_stamp_scan_ctime(struct smi_span s, struct smi_stamp *out);

/* Date and time of UTC. */
void smi_stamp_from_epoch(struct smi_stamp *out, int64_t s);
/* All of s is seconds since 1970, with a fraction or not, or milli-, micro- or
 * nanoseconds, which their digits tell apart: ns. */
bool smi_stamp_epoch(struct smi_span s, int64_t *ns);

/* A stamp without a year is the latest one not after now and this slack (s):
 * clocks differ, and a log grows while it is read. */
#define SMI_STAMP_SLACK 86400

/* Of a local time that comes twice. */
enum smi_stamp_pass {
	SMI_STAMP_ONCE,
	SMI_STAMP_FIRST,
	SMI_STAMP_SECOND,
	SMI_STAMP_NEVER, /* in the hour that is skipped */
};

/* How many stamps left a choice, by what was in doubt. */
struct smi_stamp_doubt {
	uint64_t year;	      /* they have none */
	uint64_t ambiguous;   /* local times that come twice */
	uint64_t nonexistent; /* and those that never come */
	uint64_t order;	      /* day or month first? */
};

/*
 * Turns the stamps of one stream of lines into times. A local time that comes
 * twice is decided by the order of the lines: the later one, once the earlier
 * would be more than a minute before the line above.
 */
struct smi_stamp_clock {
	const struct smi_tz *tz;  /* for stamps without a zone */
	int64_t now;		  /* s */
	int64_t last;		  /* s, of the stamp before; INT64_MIN: none */
	enum smi_stamp_pass pass; /* and where it was */
	/* The text of the stamp before up to its seconds, and of its zone. */
	char text[24], zone[8];
	size_t text_len, zone_len;
	int64_t minute; /* its UTC time without the seconds */
	const char *format;
	bool own_file;
	bool yearless;
	enum smi_stamp_order order; /* which lines have told; 0: none */
	struct smi_stamp_doubt doubt;
	/* The host of the line before, with the space behind it. */
	char host[32];
	size_t host_len; /* 0: none, or a longer one */
};

void smi_stamp_clock_init(struct smi_stamp_clock *c, const struct smi_tz *tz,
			  int64_t now_ns);
/*
 * smi_stamp_scan() and the time in ns. c NULL: SM_TIME_NONE (INT64_MIN) unless
 * the stamp has a year and a zone. Of out only format and own_file are set.
 */
size_t smi_stamp_read(struct smi_stamp_clock *c, struct smi_span s,
		      struct smi_stamp *out, int64_t *time);
/* The time of a stamp that was scanned; INT64_MIN where it cannot be known. */
int64_t smi_stamp_time(struct smi_stamp_clock *c, const struct smi_stamp *s);

#endif
