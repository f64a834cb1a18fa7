/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

#define SCHEME "sqlite:"

#ifdef SMI_WITH_SQLITE

/* How long a run waits for another one that writes, and a copy that reads. */
#define BUSY_MS 30000

/* No text or row of ours is near it; a damaged database may claim any size. */
#define LENGTH_MAX (64 << 20)

static const struct {
	int code, rc;
	const char *what; /* NULL: SQLite's own sentence */
} codes[] = {
	{ SQLITE_NOMEM, -ENOMEM, "not enough memory" },
	{ SQLITE_CORRUPT, -EBADMSG, "it is damaged" },
	{ SQLITE_NOTADB, -EBADMSG, "it is no database, or damaged" },
	{ SQLITE_BUSY, -EBUSY, "another process keeps it locked" },
	{ SQLITE_READONLY, -EACCES, "it cannot be written" },
	{ SQLITE_PERM, -EACCES, NULL },
	{ SQLITE_FULL, -EIO, "the disk, or it, is full" },
	{ SQLITE_CANTOPEN, -EACCES,
	  "it cannot be opened, or no file can be made beside it" },
	{ SQLITE_TOOBIG, -E2BIG, "a record is too large" },
};

int smi_store_fail(sm_store *s, const char *what)
{
	int code = s->sql.sqlite3_extended_errcode(s->db), err;
	const char *msg = NULL;

	if (code == SQLITE_IOERR_NOMEM || (code & 255) == SQLITE_NOMEM)
		return smi_fail_nomem(s->ctx);
	for (size_t i = 0; i < SMI_COUNT(codes); i++)
		if (codes[i].code == (code & 255))
			return smi_fail(s->ctx, codes[i].rc,
					"history '%s': %s: %s", s->path, what,
					codes[i].what
						? codes[i].what
						: s->sql.sqlite3_errmsg(s->db));
	err = s->sql.sqlite3_system_errno(s->db);
	msg = (code & 255) == SQLITE_IOERR && err
		      ? smi_strerror(err)
		      : s->sql.sqlite3_errmsg(s->db);
	return smi_fail(s->ctx, -EIO, "history '%s': %s: %s", s->path, what,
			msg);
}

static const char *verb_of(const sm_store *s)
{
	return s->read_only ? "cannot read" : "cannot write";
}

int smi_store_exec(sm_store *s, const char *sql)
{
	return s->sql.sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : smi_store_fail(s, verb_of(s));
}

int smi_store_prepare(sm_store *s, const char *sql, sqlite3_stmt **out)
{
	return s->sql.sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK
		       ? 0
		       : smi_store_fail(s, verb_of(s));
}

int smi_store_number(sm_store *s, const char *sql, int64_t fallback,
		     int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = s->sql.sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = s->sql.sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = s->sql.sqlite3_column_int64(stmt, 0);
	if (rc == SQLITE_DONE)
		*out = fallback;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		s->sql.sqlite3_finalize(stmt);
		return 0;
	}
	rc = smi_store_fail(s, verb_of(s));
	s->sql.sqlite3_finalize(stmt);
	return rc;
}

static void free_storep(sm_store **s)
{
	sm_store_free(*s);
}

/* A database is input, too: nothing in it runs, whatever its schema says. */
static int set_limits(sm_store *s)
{
	s->sql.sqlite3_busy_timeout(s->db, BUSY_MS);
	s->sql.sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
	s->sql.sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	s->sql.sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
				 NULL);
	s->sql.sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0,
				 NULL);
	s->sql.sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	return smi_store_exec(s, "PRAGMA cell_size_check = ON");
}

/* The path is absolute. */
static int set_dir(sm_store *s)
{
	size_t len = (size_t)(strrchr(s->path, '/') - s->path);

	s->dir = smi_strdup(s->path);
	if (!s->dir)
		return smi_fail_nomem(s->ctx);
	s->dir[len ? len : 1] = '\0';
	return 0;
}

static int open_db(sm_store *s, bool make)
{
	bool writes = make || access(s->path, W_OK) == 0;
	int flags = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_PRIVATECACHE |
		    (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	int rc;

	s->read_only = !make;
	rc = s->sql.sqlite3_open_v2(s->path, &s->db, flags, NULL);
	if (!s->db)
		return smi_fail_nomem(s->ctx);
	if (rc != SQLITE_OK)
		return smi_store_fail(s, "cannot open");
	rc = set_limits(s);
	return rc < 0 ? rc : smi_store_schema(s);
}

int smi_store_open(sm_ctx *ctx, const char *url, bool make,
		   smi_store_doc_fn doc, sm_store **out)
{
	SMI_CLEANUP(free_storep) sm_store *s = NULL;
	struct smi_span text = smi_span_str(url);
	char why[256];
	int r;

	if (!ctx || !url || !out)
		return -EINVAL;
	if (!smi_span_starts(text, SMI_SPAN(SCHEME)))
		return smi_fail(ctx, -EINVAL,
				"history '%s': sqlite:FILE is right", url);
	s = smi_zalloc(sizeof(*s));
	if (!s)
		return smi_fail_nomem(ctx);
	s->ctx = sm_ctx_ref(ctx);
	s->doc = doc;
	if (smi_dl_sqlite(&s->dl, &s->sql, why, sizeof(why)) < 0)
		return smi_fail(ctx, -ENOTSUP,
				"history needs SQLite, which is not here: %s",
				why);
	smi_spill_init(&s->pending, ctx);
	s->pending.memory = SMI_STORE_PENDING;
	r = smi_store_path(ctx, url + sizeof(SCHEME) - 1, make, &s->path);
	if (r == 0)
		r = set_dir(s);
	if (r == 0)
		r = open_db(s, make);
	if (r < 0)
		return r;
	*out = smi_take(&s);
	return 0;
}

SM_EXPORT int sm_store_set_retention(sm_store *s, int64_t age, uint64_t bytes)
{
	if (!s)
		return -EINVAL;
	if (age < 0)
		return smi_fail(s->ctx, -ERANGE,
				"runs cannot be kept for less than no time");
	s->keep_age = age;
	s->keep_bytes = bytes;
	return 0;
}

SM_EXPORT int sm_store_match(sm_store *s, int by, const char *value)
{
	char *copy = NULL;

	if (!s || by < SM_STORE_ADDRESS || by >= SMI_STORE_NMATCH)
		return -EINVAL;
	if (value && *value) {
		copy = smi_strdup(value);
		if (!copy)
			return smi_fail_nomem(s->ctx);
	}
	free(s->match[by]);
	s->match[by] = copy;
	return 0;
}

SM_EXPORT void sm_store_free(sm_store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SMI_COUNT(s->stmts); i++)
		if (s->stmts[i])
			s->sql.sqlite3_finalize(s->stmts[i]);
	/* rolls back what is not committed */
	if (s->db)
		s->sql.sqlite3_close_v2(s->db);
	smi_dl_close(&s->dl);
	for (size_t i = 0; i < SMI_COUNT(s->match); i++)
		free(s->match[i]);
	smi_spill_done(&s->pending);
	smi_buf_free(&s->text);
	free(s->path);
	free(s->dir);
	sm_ctx_unref(s->ctx);
	free(s);
}

#else

int smi_store_open(sm_ctx *ctx, const char *url, bool make,
		   smi_store_doc_fn doc, sm_store **out)
{
	(void)make;
	(void)doc;
	if (!ctx || !url || !out)
		return -EINVAL;
	return smi_fail(ctx, -ENOTSUP,
			"history '%s': this build is without SQLite", url);
}

SM_EXPORT int sm_store_set_retention(sm_store *s, int64_t age, uint64_t bytes)
{
	(void)s;
	(void)age;
	(void)bytes;
	return -EINVAL;
}

SM_EXPORT int sm_store_match(sm_store *s, int by, const char *value)
{
	(void)s;
	(void)by;
	(void)value;
	return -EINVAL;
}

SM_EXPORT int sm_store_collect(const sm_event *ev, void *store)
{
	(void)ev;
	(void)store;
	return -EINVAL;
}

SM_EXPORT int sm_store_flush(sm_store *s)
{
	(void)s;
	return -EINVAL;
}

SM_EXPORT int sm_store_query(sm_store *s, int kind, int64_t since,
			     int64_t until, sm_event_fn fn, void *user)
{
	(void)s;
	(void)kind;
	(void)since;
	(void)until;
	(void)fn;
	(void)user;
	return -EINVAL;
}

SM_EXPORT void sm_store_free(sm_store *s)
{
	(void)s;
}

#endif
