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

int smi_store_schema(sm_store *s)
{
	int64_t version = 0;
	int r = read_version(s, &version);

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
	if (r == 0 && version < (int64_t)SMI_COUNT(steps))
		r = migrate(s);
	return r;
}

#endif
