/* SPDX-License-Identifier: MIT */
#ifndef SMI_STORE_STORE_H
#define SMI_STORE_STORE_H

#include "base/dl-sqlite.h"
#include "core/ctx.h"
#include "core/event.h"
#include "core/spill.h"
#include "record/build.h"
#include "record/schema.h"

/* A record as text that smi_rec_from_json() reads. */
typedef void (*smi_store_doc_fn)(struct smi_buf *b, const sm_record *rec);

/* sm_store_open(); make: a missing file is made. */
int smi_store_open(sm_ctx *ctx, const char *url, bool make,
		   smi_store_doc_fn doc, sm_store **out);

#ifdef SMI_WITH_SQLITE

/* Up to so many bytes of a run wait in memory, the others in a file beside it. */
#define SMI_STORE_PENDING ((size_t)8 << 20)

enum smi_store_stmt {
	SMI_STORE_INSERT,  /* one that is kept as it comes */
	SMI_STORE_ONCE,	   /* an event or a line, in all runs */
	SMI_STORE_REPLACE, /* a finding, in this run */
	SMI_STORE_NSTMTS
};

#define SMI_STORE_NWAYS 3
/* The last of enum sm_store_match, and one. */
#define SMI_STORE_NMATCH (SM_STORE_RUN + 1)

struct smi_store_counts {
	uint64_t events, lines, bytes, allowed;
	bool scan, ps, logs;
};

struct sm_store {
	sm_ctx *ctx;
	char *path, *dir; /* without links; its directory */
	smi_store_doc_fn doc;
	struct smi_dl dl;
	struct smi_sqlite sql;
	sqlite3 *db;
	bool read_only;
	int err; /* the run that is collected has failed */

	/* The run that is collected. */
	bool begun;	  /* start and id are drawn */
	bool transaction; /* and the database is locked to write it */
	int64_t start, mono, run;
	char id[SMI_ID_STRLEN];
	struct smi_spill pending; /* all of it until it ends */
	struct smi_buf text;
	struct smi_store_counts counts;
	/* Bytes of events and lines as they wait and as text, and how many of them are
	 * beyond their share. */
	uint64_t waiting, bulk, left_out;
	char ways[SMI_STORE_NWAYS][16]; /* by what it was seen: words of ours */
	sqlite3_stmt *stmts[SMI_STORE_NSTMTS];

	int64_t keep_age;
	uint64_t keep_bytes;
	char *match[SMI_STORE_NMATCH];
};

/* A failed call of SQLite: the sentence, and its errno. */
int smi_store_fail(sm_store *s, const char *what);
int smi_store_exec(sm_store *s, const char *sql);
int smi_store_prepare(sm_store *s, const char *sql, sqlite3_stmt **out);
/* The first column of the only row, or fallback where there is none. */
int smi_store_number(sm_store *s, const char *sql, int64_t fallback,
		     int64_t *out);

/* The file as it must be: a regular one that nobody may write but its owner, whom we
 * trust, and root, in a directory where nobody else may make files. Made when make says
 * so. *out is the path without links. */
int smi_store_path(sm_ctx *ctx, const char *path, bool make, char **out);
/* Tables of this version, made or changed in one transaction. */
int smi_store_schema(sm_store *s);

/* The run that is matched, 0 for none. -ENOENT with its sentence. */
int smi_store_find_run(sm_store *s, int64_t *out);

#endif
#endif
