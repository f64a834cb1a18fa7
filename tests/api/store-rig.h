/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_RIG_H
#define TESTS_STORE_RIG_H

#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#define HOSTILE "x'); DROP TABLE run; --"

static char dir[64], url[128], path[96], log_path[96];
static sm_ctx *ctx;
static sm_store *s;
static sm_ruleset *rules; /* made once: many runs of a sweep use them */

/* n failed logins of one address, as root and a hostile name in turn. */
static inline void put_log(int n)
{
	FILE *f = fopen(log_path, "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < n; i++)
		fprintf(f,
			"2026-08-04T10:00:%02d+00:00 web sshd[411]: Failed "
			"password for %s from 203.0.113.9 port 5 ssh2\n",
			i % 60, i % 2 ? HOSTILE : "root");
	ck_assert_int_eq(fclose(f), 0);
}

/* A sweep writes thousands of times: where nothing waits for a disk. */
static const char *where = "/tmp";

static inline void setup(void)
{
	snprintf(dir, sizeof(dir), "%s/check_store.XXXXXX", where);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/h.db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	snprintf(log_path, sizeof(log_path), "%s/auth.log", dir);
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	put_log(8);
}

static inline int remove_it(const char *at, const struct stat *st, int type,
			    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(at);
}

static inline void teardown(void)
{
	sm_store_free(s);
	s = NULL;
	sm_ctx_unref(ctx);
	if (nftw(dir, remove_it, 8, FTW_DEPTH | FTW_PHYS) != 0)
		abort();
}

static inline void open_store(void)
{
	int r = sm_store_open(ctx, url, &s);

	ck_assert_msg(r == 0, "%s", sm_ctx_errmsg(ctx));
}

static inline int scan(sm_ctx *c, sm_event_fn fn, void *user)
{
	sm_log_opts *o = NULL;
	int r = sm_log_opts_new(c, &o);

	if (r == 0)
		r = sm_log_opts_add_file(o, log_path);
	if (r == 0 && rules)
		r = sm_log_opts_set_rules(o, rules);
	if (r == 0)
		r = sm_scan_log(c, o, fn, user);
	sm_log_opts_free(o);
	return r;
}

static inline void keep_run(void)
{
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	ck_assert_int_eq(sm_store_flush(s), 0);
}

struct found {
	int n[SM_KIND_CHANGE + 1];
	int64_t run;
};

static inline int count(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	struct found *f = user;
	int kind = sm_record_kind(rec);

	f->n[kind]++;
	if (kind == SM_KIND_RUN)
		f->run = sm_record_field_int(
			rec, (size_t)sm_kind_field(kind, "run"));
	return 0;
}

static inline struct found query(int kind)
{
	struct found f = { .run = 0 };

	ck_assert_int_eq(
		sm_store_query(s, kind, SM_TIME_NONE, SM_TIME_NONE, count, &f),
		0);
	return f;
}

#endif
