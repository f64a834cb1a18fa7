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
	enum {
		SMI_EXPORT_TEXT,
		SMI_EXPORT_LENGTH,
		SMI_EXPORT_DATA
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
};

/* Is the first line of a stream one of an export? */
bool smi_export_starts(struct smi_span line);
/* The first line, which was taken from the stream to look at it. */
void smi_export_first(struct smi_export *e, struct smi_span line,
		      uint64_t offset);
/* 1: the next entry is in line, which has a room; 0: l is to be filled, or at its
 * end; -ENOMEM. */
int smi_export_next(struct smi_export *e, struct smi_lines *l,
		    struct smi_line *line);
void smi_export_done(struct smi_export *e);

#endif
