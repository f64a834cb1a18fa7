/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_LINE_H
#define SMI_RECORD_LINE_H

#include "base/clock.h"
#include "base/span.h"

/*
 * One log line on its way from a source to the rules: spans into the read buffer,
 * valid during the call that hands it over. It becomes a record only where
 * somebody wants one.
 */
struct smi_line {
	const char *file; /* as shown, escaped; outlives the job */
	uint64_t number, offset;
	int64_t time;	     /* ns, INT64_MIN where unknown */
	struct smi_span raw; /* without its line end */
	struct smi_span host, program, message;
	int32_t pid;	    /* 0 where unknown */
	const char *header; /* "rfc3164"; NULL: no header was understood, and
			       message is the whole line */
	bool again; /* an earlier run has told it: it only counts among equal
		       lines */
};

/*
 * Splits a line by its header: fills host, program, pid, message, header, and time
 * when the stamp needs no year nor zone to be known; raw is set before. For rule
 * samples and explanations, where no source is at hand.
 */
typedef void (*smi_header_fn)(struct smi_line *line);

#endif
