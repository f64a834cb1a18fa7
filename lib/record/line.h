/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_LINE_H
#define SMI_RECORD_LINE_H

#include "base/buf.h"
#include "base/clock.h"

/*
 * The parts of a web server's access line. The bytes are as they were logged:
 * what the server escaped (\" \xHH) is escaped still. "-" is an empty span.
 */
struct smi_web {
	/* Who asks: an address or a name. Not who the request says it is for. */
	struct smi_span client;
	struct smi_span user, vhost;
	/* Of a request that is none all bytes are the url. */
	struct smi_span method, url, protocol;
	struct smi_span referer, agent;
	int32_t status; /* 0 where unknown */
	uint64_t bytes;
};

/*
 * What the header of a line says beside its bytes. Whoever reads lines has one; it
 * is good until the next line is split with it.
 */
struct smi_line_room {
	struct smi_web web;
	struct smi_buf text; /* bytes that are not in raw as they are */
	bool nested;	     /* a line inside of another is being split */
	uint8_t partial; /* streams of a container whose line goes on, a bit each */
	uint8_t forms; /* of the lines before, as header.c has them */
};
void smi_line_room_done(struct smi_line_room *room); /* also SMI_CLEANUP */

/*
 * One log line on its way from a source to the rules: spans into the read buffer,
 * valid during the call that hands it over. It becomes a record only where
 * somebody wants one.
 */
struct smi_line {
	const char *file; /* as shown, escaped; outlives the job */
	uint64_t number, offset;
	uint64_t order;	     /* among all lines of the job */
	int64_t time;	     /* ns, INT64_MIN where unknown */
	struct smi_span raw; /* without its line end */
	struct smi_span host, program, message;
	int32_t pid; /* 0 where unknown */
	/* Of a journal's entry, "FIELD=value\n" each, where they were asked for; else
	 * p is NULL. */
	struct smi_span fields;
	const char *header; /* "rfc3164"; NULL: no header was understood, and
			       message is the whole line */
	const struct smi_web *web; /* of an access line, else NULL: in room */
	/* NULL: web stays NULL, and what would need unescaping is not split.
	 * room->text has failed when memory was out. */
	struct smi_line_room *room;
	bool again; /* an earlier run has told it: it only counts among equal
		       lines */
};

/*
 * Splits a line by its header: fills host, program, pid, message, header, and time
 * when the stamp needs no year nor zone to be known; raw and room are set before.
 * For rule samples and explanations, where no source is at hand.
 */
typedef void (*smi_header_fn)(struct smi_line *line);

#endif
