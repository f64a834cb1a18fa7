/* SPDX-License-Identifier: MIT */
#include "record/from-json.h"
#include "store/store.h"

#ifdef SMI_WITH_SQLITE

int smi_store_find_run(sm_store *s, int64_t *out)
{
	const char *name = s->match[SM_STORE_RUN];
	struct smi_span text = smi_span_str(name);
	uint64_t n = 0;
	sqlite3_stmt *stmt;
	int rc;

	*out = 0;
	if (!name)
		return 0;
	rc = smi_store_prepare(s,
			       !strcmp(name, "last")
				       ? "SELECT n FROM run WHERE host_id = ?1"
					 " ORDER BY n DESC LIMIT 1"
			       : smi_span_uint(text, INT64_MAX, &n)
				       ? "SELECT n FROM run WHERE n = ?2"
				       : "SELECT n FROM run WHERE id = ?1",
			       &stmt);
	if (rc < 0)
		return rc;
	s->sql.sqlite3_bind_text(
		stmt, 1,
		strcmp(name, "last") != 0 ? name : smi_ctx_host_id(s->ctx), -1,
		SQLITE_STATIC);
	if (n)
		s->sql.sqlite3_bind_int64(stmt, 2, (int64_t)n);
	rc = s->sql.sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = s->sql.sqlite3_column_int64(stmt, 0);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		rc = smi_store_fail(s, "cannot read");
	s->sql.sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return smi_fail(s->ctx, -ENOENT,
				"history '%s': there is no run '%s'", s->path,
				name);
	return rc < 0 ? rc : 0;
}

/* What the query asks for, as one statement: values are bound, never text of it. */
static const char records[] =
	"SELECT kind, doc FROM record AS r"
	" WHERE (?1 = 0 OR kind = ?1)"
	" AND (?2 = 0 OR run = ?2)"
	/* of what many runs saw, the last look */
	" AND (?2 <> 0 OR id IS NULL OR NOT EXISTS(SELECT 1 FROM record AS "
	"later"
	"  WHERE later.kind = r.kind AND later.id = r.id AND later.n > r.n))"
	" AND (?3 IS NULL OR time >= ?3)"
	" AND (?4 IS NULL OR time < ?4)"
	" AND (?5 IS NULL OR address = ?5)"
	" AND (?6 IS NULL OR user = ?6)"
	" AND (?7 IS NULL OR process = ?7 OR pid = ?8)"
	" AND (?9 IS NULL OR port = ?9)"
	" AND (?10 IS NULL OR rule = ?10"
	"  OR (kind = 5 AND json_extract(doc, '$.kind') = ?10))"
	" ORDER BY n";

static const char runs[] = "SELECT 8, doc, n, sections FROM run"
			   " WHERE (?2 = 0 OR n = ?2)"
			   " AND (?3 IS NULL OR start >= ?3)"
			   " AND (?4 IS NULL OR start < ?4)"
			   " ORDER BY n";

static void bind_match(sm_store *s, sqlite3_stmt *stmt, int i, int by)
{
	if (s->match[by])
		s->sql.sqlite3_bind_text(stmt, i, s->match[by], -1,
					 SQLITE_STATIC);
}

static int bind_all(sm_store *s, sqlite3_stmt *stmt, int kind, int64_t run,
		    int64_t since, int64_t until)
{
	uint64_t n;

	s->sql.sqlite3_bind_int64(stmt, 1, kind);
	s->sql.sqlite3_bind_int64(stmt, 2, run);
	if (since != SM_TIME_NONE)
		s->sql.sqlite3_bind_int64(stmt, 3, since);
	if (until != SM_TIME_NONE)
		s->sql.sqlite3_bind_int64(stmt, 4, until);
	bind_match(s, stmt, 5, SM_STORE_ADDRESS);
	bind_match(s, stmt, 6, SM_STORE_USER);
	bind_match(s, stmt, 7, SM_STORE_PROCESS);
	if (smi_span_uint(smi_span_str(s->match[SM_STORE_PROCESS]), INT32_MAX,
			  &n))
		s->sql.sqlite3_bind_int64(stmt, 8, (int64_t)n);
	if (s->match[SM_STORE_PORT]) {
		if (!smi_span_uint(smi_span_str(s->match[SM_STORE_PORT]), 65535,
				   &n))
			return smi_fail(s->ctx, -EINVAL,
					"port '%s': a number from 0 to 65535 "
					"is right",
					s->match[SM_STORE_PORT]);
		s->sql.sqlite3_bind_int64(stmt, 9, (int64_t)n);
	}
	bind_match(s, stmt, 10, SM_STORE_RULE);
	return 0;
}

struct walk {
	sm_store *s;
	sqlite3_stmt *stmt;
	struct smi_arena arena;
	int kind;
	bool of_runs; /* the rows are runs, not records */
	sm_event_fn fn;
	void *user;
};

static struct smi_span column(struct walk *w, int i)
{
	const void *p = w->s->sql.sqlite3_column_text(w->stmt, i);
	int len = w->s->sql.sqlite3_column_bytes(w->stmt, i);

	return smi_span_of(p ? p : "", p ? (size_t)len : 0);
}

/* The row of a list: what the summary of the run has under the same names. */
static sm_record *run_of(struct walk *w, const sm_record *summary)
{
	const struct smi_kind *from = smi_kind(SM_KIND_SUMMARY);
	const struct smi_kind *to = smi_kind(SM_KIND_RUN);
	sm_record *rec = smi_rec_new(&w->arena, SM_KIND_RUN);

	for (unsigned f = 0; rec && f < to->nfields; f++) {
		int g = smi_kind_find(from, smi_span_str(to->fields[f].name));

		if (g < 0 || !smi_rec_has(summary, (unsigned)g))
			continue;
		rec->v[f] = summary->v[g];
		smi_fieldset_add(&rec->known, f);
	}
	smi_set_int(rec, SMI_RUN_NUMBER,
		    w->s->sql.sqlite3_column_int64(w->stmt, 2));
	smi_set_text(&w->arena, rec, SMI_RUN_SECTIONS, column(w, 3));
	return rec;
}

/* How an event of a job would tell it. */
static int event_kind(int kind)
{
	return kind == SM_KIND_FINDING	? SM_EVENT_FINDING
	       : kind == SM_KIND_NOTICE ? SM_EVENT_NOTICE
					: SM_EVENT_RECORD;
}

static int tell_row(struct walk *w)
{
	sm_event ev = { 0 };
	sm_record *rec;
	int r;

	smi_arena_reset(&w->arena);
	r = smi_rec_from_json(&w->arena, column(w, 1), &rec);
	/* of a later version that has the same tables */
	if (r == -ENOENT)
		return 0;
	if (r == -ENOMEM)
		return smi_fail_nomem(w->s->ctx);
	if (r < 0)
		return smi_fail(w->s->ctx, r,
				"history '%s': it is damaged: a row holds no "
				"record",
				w->s->path);
	if (w->of_runs && rec->kind != SM_KIND_SUMMARY)
		return smi_fail(w->s->ctx, -EBADMSG,
				"history '%s': it is damaged: a run has no "
				"summary",
				w->s->path);
	if (w->kind == SM_KIND_RUN)
		rec = run_of(w, rec);
	if (smi_arena_error(&w->arena))
		return smi_fail_nomem(w->s->ctx);
	ev.kind = event_kind(rec->kind);
	ev.rec = rec;
	return w->fn(&ev, w->user);
}

static int walk(sm_store *s, const char *sql, int kind, int64_t run,
		int64_t since, int64_t until, sm_event_fn fn, void *user)
{
	struct walk w = { .s = s,
			  .kind = kind,
			  .of_runs = sql == runs,
			  .fn = fn,
			  .user = user };
	int rc, r = smi_store_prepare(s, sql, &w.stmt);

	if (r < 0)
		return r;
	r = bind_all(s, w.stmt, kind, run, since, until);
	while (r == 0 && (rc = s->sql.sqlite3_step(w.stmt)) != SQLITE_DONE)
		r = rc == SQLITE_ROW ? tell_row(&w)
				     : smi_store_fail(s, "cannot read");
	s->sql.sqlite3_finalize(w.stmt);
	smi_arena_free(&w.arena);
	return r;
}

SM_EXPORT int sm_store_query(sm_store *s, int kind, int64_t since,
			     int64_t until, sm_event_fn fn, void *user)
{
	int64_t run;
	int r;

	if (!s || !fn || (kind && !smi_kind(kind)))
		return -EINVAL;
	r = smi_store_find_run(s, &run);
	if (r == 0 && (kind == SM_KIND_RUN || kind == SM_KIND_SUMMARY))
		return walk(s, runs, kind, run, since, until, fn, user);
	if (r == 0 && !kind && run)
		r = walk(s, runs, SM_KIND_SUMMARY, run, SM_TIME_NONE,
			 SM_TIME_NONE, fn, user);
	return r ? r : walk(s, records, kind, run, since, until, fn, user);
}

#endif
