/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_EXPORT_H
#define SMI_LOGSRC_EXPORT_H

#include "logsrc/lines.h"
#include "record/line.h"

/* What of an entry makes a line. */
enum smi_export_field {
	SMI_EXPORT_TIME,
	SMI_EXPORT_SOURCE_TIME,
	SMI_EXPORT_HOST,
	SMI_EXPORT_IDENTIFIER,
	SMI_EXPORT_COMM,
	SMI_EXPORT_TRANSPORT,
	SMI_EXPORT_SYSLOG_PID,
	SMI_EXPORT_PID,
	SMI_EXPORT_MESSAGE,
	SMI_EXPORT_NFIELDS
};

/*
 * journald's export format (systemd.io/JOURNAL_EXPORT_FORMATS), in a stream: fields
 * a line each, or where they hold other bytes a name, a length and those. Entries
 * become the same lines as from the journal itself.
 */
struct smi_export {
	bool on;
	bool any;      /* a field of an entry was read */
	bool too_long; /* which is counted already */
	bool waiting;  /* plain comes behind the entry that was cut short */
	enum {
		SMI_EXPORT_TEXT,
		SMI_EXPORT_LENGTH,
		SMI_EXPORT_DATA,
		SMI_EXPORT_PLAIN /* up to the next line that begins an entry */
	} state;
	int field;     /* whose bytes come; -1: of no meaning here */
	uint64_t left; /* of them, with the LF that ends them */
	unsigned char length[8];
	unsigned nlength;
	struct smi_buf values;
	struct {
		size_t at, len;
		bool known;
	} parts[SMI_EXPORT_NFIELDS];
	uint64_t offset; /* of the entry */
	uint64_t number; /* of entries that were read */
	uint64_t skipped;
	uint64_t broken; /* places where what came was no field */
	uint64_t end;	 /* of the stream, where it is known: no value goes on
			    behind it; 0: it is not */
	struct smi_span plain;
	uint64_t plain_offset;
};

/* Is it a line that an entry begins with, and nothing else? Others write to logs
 * too: what only looks like one would hide all that follows. */
bool smi_export_starts(struct smi_span line);
/* The first line, which was taken from the stream to look at it. */
void smi_export_first(struct smi_export *e, struct smi_span line,
		      uint64_t offset);
/* 1: the next entry is in line, which has a room; SMI_EXPORT_LINE: line has the raw
 * text of a line that is none, and its place; 0: l is to be filled, or at its end;
 * -ENOMEM. */
#define SMI_EXPORT_LINE 2
int smi_export_next(struct smi_export *e, struct smi_lines *l,
		    struct smi_line *line);
/* The stream is read from the middle, where its numberth entry has ended. */
void smi_export_go_on(struct smi_export *e, uint64_t number);
/* What was read of an entry that has no end yet is let go. */
void smi_export_leave(struct smi_export *e);
void smi_export_done(struct smi_export *e);

#endif
