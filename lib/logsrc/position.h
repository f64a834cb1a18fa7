/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_POSITION_H
#define SMI_LOGSRC_POSITION_H

#include "base/vec.h"
#include "logsrc/gen.h"

/*
 * How far a log was told: the lines of its last moment (equal stamps) begin here,
 * and so many of them are known. Whoever goes on reads from here, so that equal
 * lines are counted as they were, and tells only what follows.
 */
struct smi_position {
	bool known;
	int64_t time;	     /* of those lines; INT64_MIN: none had one */
	uint64_t generation; /* of smi_reader; not kept */
	uint64_t offset, number, told;
	uint8_t forms, partial; /* of smi_line_room, behind the first of them */
	/* A file: which one. */
	uint64_t dev, ino;
	int64_t mtime;
	char head[SMI_GEN_HEAD];
	size_t nhead;
	/* A journal: the first of them. Owned. */
	char *cursor;
};
void smi_position_done(struct smi_position *p);

/* Positions by the names of logs. */
struct smi_positions {
	SMI_VEC(struct smi_position_of) v;
};
struct smi_position_of {
	char *name;
	struct smi_position at;
};
void smi_positions_free(struct smi_positions *ps);
/* NULL: none. */
struct smi_position *smi_positions_find(const struct smi_positions *ps,
					const char *name);
/* p becomes that of name; its cursor is copied. -ENOMEM. */
int smi_positions_set(struct smi_positions *ps, const char *name,
		      const struct smi_position *p);
/* The section of a state file, and back: -EBADMSG, -ENOMEM. */
void smi_positions_write(const struct smi_positions *ps, struct smi_buf *out);
int smi_positions_read(struct smi_positions *ps, struct smi_span text);

#endif
