/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <stdio.h>

#ifdef SMI_WITH_SQLITE

#define NONE 0xff
/* Of a database, for the events and lines of one run: a quarter. */
#define BULK_SHARE 4

/* The parameters of an insert, and of them those that records can be found by. */
enum {
	RUN = 1,
	KIND,
	ID,
	FOUND_BY,
	NFOUND_BY = 8,
	DOC = FOUND_BY + NFOUND_BY
};
#define VALUES                                                                 \
	" INTO record(run, kind, id,"                                          \
	" time, address, user, process, pid, port, rule, severity,"            \
	" doc) VALUES(?,?,?, ?,?,?,?,?,?,?,?, ?)"

/* Which fields of a kind they are made from. */
static const struct {
	uint8_t kind;
	uint8_t found_by[NFOUND_BY];
} columns[] = {
	{ SM_KIND_PORT,
	  { SMI_PORT_TIME, SMI_PORT_ADDRESS, SMI_PORT_USER, SMI_PORT_PROCESS,
	    SMI_PORT_PID, SMI_PORT_NUMBER, NONE, NONE } },
	{ SM_KIND_PROCESS,
	  { SMI_PROC_TIME, NONE, SMI_PROC_USER, SMI_PROC_NAME, SMI_PROC_PID,
	    NONE, NONE, NONE } },
	{ SM_KIND_LINE,
	  { SMI_LINE_TIME, NONE, NONE, SMI_LINE_PROGRAM, SMI_LINE_PID, NONE,
	    NONE, NONE } },
	{ SM_KIND_EVENT,
	  { SMI_EVENT_TIME, SMI_EVENT_SOURCE_IP, SMI_EVENT_USER,
	    SMI_EVENT_PROGRAM, SMI_EVENT_PID, NONE, SMI_EVENT_RULE, NONE } },
	{ SM_KIND_FINDING,
	  { SMI_FINDING_LAST, SMI_FINDING_SOURCE_IP, SMI_FINDING_USER, NONE,
	    SMI_FINDING_PID, SMI_FINDING_PORT, SMI_FINDING_RULE,
	    SMI_FINDING_SEVERITY_CODE } },
	{ SM_KIND_HOST,
	  { NONE, SMI_HOST_ADDRESS, NONE, NONE, NONE, NONE, NONE, NONE } },
};

static const char *const inserts[SMI_STORE_NSTMTS] = {
	[SMI_STORE_INSERT] = "INSERT" VALUES,
	[SMI_STORE_ONCE] = "INSERT OR IGNORE" VALUES,
	[SMI_STORE_REPLACE] = "INSERT OR REPLACE" VALUES,
};

/* The text outlives the step: it is the record's, or s->text. */
static void bind_text(sm_store *s, sqlite3_stmt *stmt, int i,
		      struct smi_span text)
{
	if (text.len)
		s->sql.sqlite3_bind_text(stmt, i, text.p, (int)text.len,
					 SQLITE_STATIC);
	else
		s->sql.sqlite3_bind_null(stmt, i);
}

static void bind_field(sm_store *s, sqlite3_stmt *stmt, int i,
		       const sm_record *rec, uint8_t field)
{
	const struct smi_kind *k = smi_kind(rec->kind);

	if (field == NONE || !smi_rec_has(rec, field))
		s->sql.sqlite3_bind_null(stmt, i);
	else if (k->fields[field].type == SM_TYPE_STR)
		bind_text(s, stmt, i, smi_span_str(rec->v[field].s));
	else
		s->sql.sqlite3_bind_int64(stmt, i, rec->v[field].i);
}

static void bind_columns(sm_store *s, sqlite3_stmt *stmt, const sm_record *rec)
{
	for (int c = 0; c < NFOUND_BY; c++)
		s->sql.sqlite3_bind_null(stmt, FOUND_BY + c);
	for (size_t i = 0; i < SMI_COUNT(columns); i++)
		for (int c = 0; columns[i].kind == rec->kind && c < NFOUND_BY;
		     c++)
			bind_field(s, stmt, FOUND_BY + c, rec,
				   columns[i].found_by[c]);
}

/* What anybody who is logged can make any number of has a share of the database, so
 * that it does not take the place of what was found. */
static bool has_room(sm_store *s, const sm_record *rec)
{
	if (rec->kind != SM_KIND_EVENT && rec->kind != SM_KIND_LINE)
		return true;
	s->bulk += s->text.len;
	if (!s->keep_bytes || s->bulk <= s->keep_bytes / BULK_SHARE)
		return true;
	s->left_out++;
	return false;
}

static int insert(const sm_record *rec, void *user)
{
	sm_store *s = user;
	enum smi_store_stmt which =
		!*sm_record_id(rec)	       ? SMI_STORE_INSERT
		: rec->kind == SM_KIND_EVENT   ? SMI_STORE_ONCE
		: rec->kind == SM_KIND_LINE    ? SMI_STORE_ONCE
		: rec->kind == SM_KIND_FINDING ? SMI_STORE_REPLACE
					       : SMI_STORE_INSERT;
	sqlite3_stmt *stmt;
	int rc = 0;

	if (!s->stmts[which])
		rc = smi_store_prepare(s, inserts[which], &s->stmts[which]);
	if (rc < 0)
		return rc;
	stmt = s->stmts[which];
	smi_buf_clear(&s->text);
	s->doc(&s->text, rec);
	if (smi_buf_error(&s->text))
		return smi_fail_nomem(s->ctx);
	if (!has_room(s, rec))
		return 0;
	s->sql.sqlite3_bind_int64(stmt, RUN, s->run);
	s->sql.sqlite3_bind_int64(stmt, KIND, rec->kind);
	bind_text(s, stmt, ID, smi_span_str(sm_record_id(rec)));
	bind_columns(s, stmt, rec);
	bind_text(s, stmt, DOC, smi_buf_span(&s->text));
	rc = s->sql.sqlite3_step(stmt);
	s->sql.sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? 0 : smi_store_fail(s, "cannot write");
}

static void draw_id(sm_store *s)
{
	s->start = smi_ctx_run_keep(s->ctx);
	s->mono = smi_now_mono(s->ctx);
	smi_ctx_run_id(s->ctx, s->start, s->id);
	s->begun = true;
}

static int begin(sm_store *s)
{
	sqlite3_stmt *stmt;
	int rc = smi_store_exec(s, "BEGIN IMMEDIATE");

	if (rc < 0)
		return rc;
	s->transaction = true;
	rc = smi_store_prepare(
		s,
		"INSERT INTO run(id, host_id, start, sections, doc)"
		" VALUES(?, ?, ?, '', '')",
		&stmt);
	if (rc < 0)
		return rc;
	bind_text(s, stmt, 1, smi_span_str(s->id));
	s->sql.sqlite3_bind_text(stmt, 2, smi_ctx_host_id(s->ctx), -1,
				 SQLITE_STATIC);
	s->sql.sqlite3_bind_int64(stmt, 3, s->start);
	rc = s->sql.sqlite3_step(stmt) == SQLITE_DONE
		     ? 0
		     : smi_store_fail(s, "cannot write");
	s->sql.sqlite3_finalize(stmt);
	s->run = s->sql.sqlite3_last_insert_rowid(s->db);
	return rc;
}

/* Nothing of the run stays, and the next one begins anew. */
static void forget(sm_store *s)
{
	if (s->transaction)
		s->sql.sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->transaction = s->begun = false;
	s->counts = (struct smi_store_counts){ 0 };
	s->waiting = s->bulk = s->left_out = 0;
	smi_spill_done(&s->pending);
	smi_spill_init(&s->pending, s->ctx);
	s->pending.memory = SMI_STORE_PENDING;
	memset(s->ways, 0, sizeof(s->ways));
	s->err = 0;
}

static const uint8_t ways[SMI_STORE_NWAYS] = { SMI_SUMMARY_PROCESS_BACKEND,
					       SMI_SUMMARY_EVENT_SOURCE,
					       SMI_SUMMARY_UNCHECKED };

static void count(sm_store *s, const sm_record *rec)
{
	struct smi_store_counts *c = &s->counts;
	int k = rec->kind;

	c->scan |= k == SM_KIND_PORT || k == SM_KIND_HOST;
	c->ps |= k == SM_KIND_PROCESS;
	c->logs |= k == SM_KIND_COVERAGE;
	c->events += k == SM_KIND_EVENT;
	c->lines += (uint64_t)smi_rec_int(rec, SM_KIND_COVERAGE,
					  SMI_COVERAGE_LINES);
	c->bytes += (uint64_t)smi_rec_int(rec, SM_KIND_COVERAGE,
					  SMI_COVERAGE_BYTES);
	c->allowed += (uint64_t)smi_rec_int(rec, SM_KIND_SUMMARY,
					    SMI_SUMMARY_ALLOWED);
	for (size_t i = 0; k == SM_KIND_SUMMARY && i < SMI_COUNT(ways); i++)
		if (smi_rec_has(rec, ways[i]))
			snprintf(s->ways[i], sizeof(s->ways[i]), "%s",
				 smi_rec_str(rec, k, ways[i]));
}

/* Of a flood of events and lines not much more waits than there will be room for: as
 * text they take a quarter of this at least. */
static int hold(sm_store *s, const sm_record *rec)
{
	bool bulk = rec->kind == SM_KIND_EVENT || rec->kind == SM_KIND_LINE;
	uint64_t before = smi_spill_bytes(&s->pending);
	int r;

	if (bulk && s->keep_bytes && s->waiting > s->keep_bytes) {
		s->left_out++;
		return 0;
	}
	r = smi_spill_add(&s->pending, s->dir, rec);
	if (bulk)
		s->waiting += smi_spill_bytes(&s->pending) - before;
	return r;
}

SM_EXPORT int sm_store_collect(const sm_event *ev, void *store)
{
	sm_store *s = store;

	if (!s || !ev)
		return -EINVAL;
	if (s->err || !ev->rec || ev->kind == SM_EVENT_GONE ||
	    ev->kind == SM_EVENT_PROGRESS || !smi_kind(ev->rec->kind))
		return s->err;
	if (s->read_only)
		return smi_fail(s->ctx, -EACCES,
				"history '%s': opened to be read", s->path);
	if (!s->begun)
		draw_id(s);
	count(s, ev->rec);
	if (ev->rec->kind != SM_KIND_SUMMARY)
		s->err = hold(s, ev->rec);
	return s->err;
}

static void set_sections(const sm_store *s, struct smi_buf *b)
{
	const struct {
		bool is;
		const char *name;
	} parts[] = {
		{ s->counts.scan, "scan" },
		{ s->counts.ps, "ps" },
		{ s->counts.logs, "logs" },
	};

	for (size_t i = 0; i < SMI_COUNT(parts); i++) {
		if (!parts[i].is)
			continue;
		smi_buf_str(b, b->len ? "+" : "");
		smi_buf_str(b, parts[i].name);
	}
}

/* How many the run has, by kind and severity; ports that are open apart. */
static int set_counts(sm_store *s, sm_record *rec)
{
	static const struct {
		unsigned field;
		const char *where;
	} rows[] = {
		{ SMI_SUMMARY_PORTS, "kind = 1" },
		{ SMI_SUMMARY_OPEN,
		  "kind = 1 AND json_extract(doc, '$.state') = 'open'" },
		{ SMI_SUMMARY_PROCESSES, "kind = 2" },
		{ SMI_SUMMARY_FINDINGS, "kind = 5" },
		{ SMI_SUMMARY_CRITICAL, "kind = 5 AND severity = 50" },
		{ SMI_SUMMARY_HIGH, "kind = 5 AND severity = 40" },
		{ SMI_SUMMARY_MEDIUM, "kind = 5 AND severity = 30" },
		{ SMI_SUMMARY_LOW, "kind = 5 AND severity = 20" },
		{ SMI_SUMMARY_INFO, "kind = 5 AND severity = 10" },
		{ SMI_SUMMARY_NOTICES, "kind = 6" },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < SMI_COUNT(rows); i++) {
		char sql[200];
		int64_t n = 0;

		snprintf(sql, sizeof(sql),
			 "SELECT count(*) FROM record WHERE run = %lld AND %s",
			 (long long)s->run, rows[i].where);
		r = smi_store_number(s, sql, 0, &n);
		smi_set_int(rec, rows[i].field, n);
	}
	return r;
}

static sm_record *summary(sm_store *s, struct smi_arena *a)
{
	sm_record *rec = smi_rec_new(a, SM_KIND_SUMMARY);

	smi_set_text(a, rec, SMI_SUMMARY_ID, smi_span_str(s->id));
	smi_set_text(a, rec, SMI_SUMMARY_HOST_ID,
		     smi_span_str(smi_ctx_host_id(s->ctx)));
	smi_set_text(a, rec, SMI_SUMMARY_HOSTNAME,
		     smi_span_str(smi_ctx_hostname(s->ctx)));
	smi_set_int(rec, SMI_SUMMARY_START, s->start);
	smi_set_int(rec, SMI_SUMMARY_EVENTS, (int64_t)s->counts.events);
	smi_set_int(rec, SMI_SUMMARY_LINES, (int64_t)s->counts.lines);
	smi_set_int(rec, SMI_SUMMARY_BYTES, (int64_t)s->counts.bytes);
	smi_set_int(rec, SMI_SUMMARY_ALLOWED, (int64_t)s->counts.allowed);
	smi_set_real(rec, SMI_SUMMARY_WALL_SECONDS,
		     (double)(smi_now_mono(s->ctx) - s->mono) / 1e9);
	for (size_t i = 0; i < SMI_COUNT(ways); i++)
		if (*s->ways[i])
			smi_set_const(rec, ways[i], s->ways[i]);
	return smi_arena_error(a) ? NULL : rec;
}

static int write_summary(sm_store *s)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf sections = { 0 };
	sm_record *rec = summary(s, &a);
	sqlite3_stmt *stmt;
	int r;

	set_sections(s, &sections);
	if (!rec || smi_buf_error(&sections))
		return smi_fail_nomem(s->ctx);
	r = set_counts(s, rec);
	if (r < 0)
		return r;
	smi_buf_clear(&s->text);
	s->doc(&s->text, rec);
	if (smi_buf_error(&s->text))
		return smi_fail_nomem(s->ctx);
	r = smi_store_prepare(
		s, "UPDATE run SET sections = ?, doc = ? WHERE n = ?", &stmt);
	if (r < 0)
		return r;
	s->sql.sqlite3_bind_text(stmt, 1, smi_buf_span(&sections).p,
				 (int)sections.len, SQLITE_STATIC);
	bind_text(s, stmt, 2, smi_buf_span(&s->text));
	s->sql.sqlite3_bind_int64(stmt, 3, s->run);
	r = s->sql.sqlite3_step(stmt) == SQLITE_DONE
		    ? 0
		    : smi_store_fail(s, "cannot write");
	s->sql.sqlite3_finalize(stmt);
	return r;
}

static int drop_run(sm_store *s, int64_t run)
{
	char sql[120];
	int r;

	snprintf(sql, sizeof(sql),
		 "DELETE FROM record WHERE run = %lld;"
		 "DELETE FROM run WHERE n = %lld",
		 (long long)run, (long long)run);
	r = smi_store_exec(s, sql);
	if (r == 0 && !s->sql.sqlite3_changes(s->db))
		r = smi_fail(s->ctx, -EBADMSG,
			     "history '%s': it is damaged: a run cannot be "
			     "taken out",
			     s->path);
	return r;
}

/* The log of the oldest run that has one. 0: none but this one has. */
static int drop_bulk(sm_store *s)
{
	char sql[160];
	int64_t run = 0;
	int r;

	snprintf(sql, sizeof(sql),
		 "SELECT run FROM record WHERE kind IN (%d, %d) AND run < %lld "
		 "ORDER BY run LIMIT 1",
		 SM_KIND_EVENT, SM_KIND_LINE, (long long)s->run);
	r = smi_store_number(s, sql, 0, &run);
	if (r < 0 || !run)
		return r;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM record WHERE run = %lld AND kind IN (%d, %d)",
		 (long long)run, SM_KIND_EVENT, SM_KIND_LINE);
	r = smi_store_exec(s, sql);
	return r < 0 ? r : s->sql.sqlite3_changes(s->db) > 0;
}

static int used_bytes(sm_store *s, int64_t *out)
{
	int64_t size = 0, pages = 0, unused = 0;
	int r = smi_store_number(s, "PRAGMA page_size", 0, &size);

	if (r == 0)
		r = smi_store_number(s, "PRAGMA page_count", 0, &pages);
	if (r == 0)
		r = smi_store_number(s, "PRAGMA freelist_count", 0, &unused);
	*out = size * (pages - unused);
	return r;
}

/* The oldest runs go, for their size first what they have of logs; the one that was
 * just written never. */
static int retain(sm_store *s)
{
	for (;;) {
		int64_t run = 0, start = 0, bytes = 0;
		bool old;
		int r = smi_store_number(
			s, "SELECT n FROM run ORDER BY n LIMIT 1", 0, &run);

		if (r == 0)
			r = smi_store_number(
				s, "SELECT start FROM run ORDER BY n LIMIT 1",
				0, &start);
		if (r == 0)
			r = used_bytes(s, &bytes);
		if (r < 0 || run == s->run)
			return r;
		old = s->keep_age && start < s->start - s->keep_age;
		if (!old && !(s->keep_bytes && bytes > (int64_t)s->keep_bytes))
			return 0;
		r = old ? 0 : drop_bulk(s);
		if (r == 0)
			r = drop_run(s, run);
		if (r < 0)
			return r;
	}
}

static int commit(sm_store *s)
{
	int r = begin(s);

	if (r == 0)
		r = smi_spill_each(&s->pending, insert, s);
	if (r == 0)
		r = write_summary(s);
	if (r == 0)
		r = retain(s);
	if (r == 0)
		r = smi_store_exec(s, "COMMIT");
	if (r == 0)
		s->transaction = false;
	return r;
}

SM_EXPORT int sm_store_flush(sm_store *s)
{
	uint64_t left_out;
	int r;

	if (!s)
		return -EINVAL;
	r = s->err;
	if (r == 0 && s->begun)
		r = commit(s);
	left_out = r == 0 ? s->left_out : 0;
	forget(s);
	/* what was dropped goes back to the file system; it is no loss if not */
	if (r == 0 && (s->keep_age || s->keep_bytes))
		s->sql.sqlite3_exec(s->db, "PRAGMA incremental_vacuum", NULL,
				    NULL, NULL);
	if (left_out) {
		smi_fail(
			s->ctx, -E2BIG,
			"history '%s': %llu log events and lines are not kept: "
			"a run may have a quarter of the size in them",
			s->path, (unsigned long long)left_out);
		return 1;
	}
	return r;
}

#endif
