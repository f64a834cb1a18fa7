/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <stdio.h>

#ifdef SMI_WITH_SQLITE

/* "smon": by it a database of ours is told from others. */
#define APPLICATION "1936551790"

/*
 * The step that makes a database of the next version out of one of this: the first one
 * begins with an empty file. A step that was released never changes.
 *
 * Events (kind 4) and lines (3) are kept once, with the run that met them first; what
 * else a run saw is kept for each. doc is the record as JSON; the columns before it are
 * what it can be found by.
 */
static const char *const steps[] = {
	"CREATE TABLE run("
	" n INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id TEXT NOT NULL UNIQUE,"
	" host_id TEXT NOT NULL,"
	" start INTEGER NOT NULL,"
	" sections TEXT NOT NULL,"
	" doc TEXT NOT NULL);"
	"CREATE TABLE record("
	" n INTEGER PRIMARY KEY,"
	" run INTEGER NOT NULL,"
	" kind INTEGER NOT NULL,"
	" id TEXT, time INTEGER, address TEXT, user TEXT, process TEXT,"
	" pid INTEGER, port INTEGER, rule TEXT, severity INTEGER,"
	" doc TEXT NOT NULL);"
	"CREATE UNIQUE INDEX record_once ON record(id)"
	" WHERE kind BETWEEN 3 AND 4;"
	"CREATE UNIQUE INDEX finding_once ON record(run, id) WHERE kind = 5;"
	"CREATE INDEX record_run ON record(run);"
	"CREATE INDEX record_id ON record(kind, id);"
	"CREATE INDEX record_address ON record(address)"
	" WHERE address IS NOT NULL;"
	"CREATE INDEX record_user ON record(user) WHERE user IS NOT NULL;",
};

static int read_version(sm_store *s, int64_t *version)
{
	int64_t application = 0, tables = 0;
	int r = smi_store_number(s, "PRAGMA user_version", 0, version);

	if (r == 0)
		r = smi_store_number(s, "PRAGMA application_id", 0,
				     &application);
	if (r == 0)
		r = smi_store_number(s, "SELECT count(*) FROM sqlite_schema", 0,
				     &tables);
	if (r < 0)
		return r;
	if (!tables && !*version && !application)
		return 0;
	if (application != strtoll(APPLICATION, NULL, 10) || *version < 1)
		return smi_fail(s->ctx, -EINVAL,
				"history '%s': a database, but none of sysmon",
				s->path);
	if (*version > (int64_t)SMI_COUNT(steps))
		return smi_fail(s->ctx, -ENOTSUP,
				"history '%s': written by a later version of "
				"sysmon (its form is %lld, this version knows "
				"up to %zu)",
				s->path, (long long)*version, SMI_COUNT(steps));
	return 0;
}

static int migrate(sm_store *s)
{
	char sql[64];
	int64_t version = 0;
	int r = smi_store_exec(s, "BEGIN IMMEDIATE");

	/* another process may have been faster */
	if (r == 0)
		r = read_version(s, &version);
	for (; r == 0 && version < (int64_t)SMI_COUNT(steps); version++)
		r = smi_store_exec(s, steps[version]);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu",
		 SMI_COUNT(steps));
	if (r == 0)
		r = smi_store_exec(s, sql);
	if (r == 0)
		r = smi_store_exec(s, "PRAGMA application_id = " APPLICATION);
	if (r == 0)
		r = smi_store_exec(s, "COMMIT");
	if (r < 0)
		s->sql.sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

static bool is_same_text(const sm_store *s, sqlite3_stmt *a, sqlite3_stmt *b,
			 int column)
{
	const unsigned char *x = s->sql.sqlite3_column_text(a, column);
	const unsigned char *y = s->sql.sqlite3_column_text(b, column);

	return x && y ? !strcmp((const char *)x, (const char *)y) : x == y;
}

/* 1: what both databases say of their tables and indexes is the same. */
static int compare(sm_store *s, sqlite3 *model)
{
	/* sqlite_stat1 comes by ANALYZE, and tells nothing but how many rows there are */
	static const char sql[] =
		"SELECT type, name, tbl_name, sql FROM sqlite_schema"
		" WHERE name NOT GLOB 'sqlite_stat*' ORDER BY type, name";
	sqlite3_stmt *a = NULL, *b = NULL;
	int x = SQLITE_ERROR, y = SQLITE_ERROR, same = 1;

	if (s->sql.sqlite3_prepare_v2(s->db, sql, -1, &a, NULL) == SQLITE_OK &&
	    s->sql.sqlite3_prepare_v2(model, sql, -1, &b, NULL) == SQLITE_OK)
		do {
			x = s->sql.sqlite3_step(a);
			y = s->sql.sqlite3_step(b);
			same = x == y;
			for (int i = 0; same && x == SQLITE_ROW && i < 4; i++)
				same = is_same_text(s, a, b, i);
		} while (same && x == SQLITE_ROW);
	if (x != SQLITE_ROW && x != SQLITE_DONE)
		same = smi_store_fail(s, "cannot read");
	if (y != SQLITE_ROW && y != SQLITE_DONE)
		same = smi_fail_nomem(s->ctx);
	s->sql.sqlite3_finalize(a);
	s->sql.sqlite3_finalize(b);
	return same;
}

/* A number alone says nothing of the tables: without an index a search takes hours, and a
 * virtual table is code. */
static int check_tables(sm_store *s)
{
	sqlite3 *model = NULL;
	int rc = s->sql.sqlite3_open_v2(
		":memory:", &model, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL);
	int r;

	for (size_t i = 0; rc == SQLITE_OK && i < SMI_COUNT(steps); i++)
		rc = s->sql.sqlite3_exec(model, steps[i], NULL, NULL, NULL);
	r = rc == SQLITE_OK ? compare(s, model) : smi_fail_nomem(s->ctx);
	s->sql.sqlite3_close_v2(model);
	if (r == 0)
		return smi_fail(s->ctx, -EBADMSG,
				"history '%s': its tables are not those that "
				"sysmon makes",
				s->path);
	return r < 0 ? r : 0;
}

int smi_store_schema(sm_store *s)
{
	int64_t version = 0;
	int r = read_version(s, &version);

	if (r == 0 && version == (int64_t)SMI_COUNT(steps))
		r = check_tables(s);
	if (r < 0 || (s->read_only && version == (int64_t)SMI_COUNT(steps)))
		return r;
	if (s->read_only && version)
		return smi_fail(
			s->ctx, -ENOTSUP,
			"history '%s': written by an earlier version of "
			"sysmon; the next run that it keeps gives it "
			"today's tables",
			s->path);
	if (s->read_only)
		return smi_fail(s->ctx, -EINVAL,
				"history '%s': there is nothing in it",
				s->path);
	if (!version)
		r = smi_store_exec(s, "PRAGMA auto_vacuum = INCREMENTAL");
	/* A reader never waits for a writer, and a commit is one append. */
	if (r == 0)
		r = smi_store_exec(s, "PRAGMA journal_mode = WAL");
	if (r == 0)
		r = smi_store_exec(s, "PRAGMA synchronous = FULL");
	if (r == 0 && version < (int64_t)SMI_COUNT(steps)) {
		r = migrate(s);
		if (r == 0)
			r = check_tables(s);
	}
	return r;
}

#endif
