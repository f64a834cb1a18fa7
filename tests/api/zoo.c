/* SPDX-License-Identifier: MIT */
#include "zoo.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

sm_ctx *ctx;
sm_proc_opts *opts;

struct seen seen;
struct zoo zoo;

static void keep_way(const sm_record *r, const char *name, char way[16])
{
	size_t field = (size_t)sm_kind_field(SM_KIND_SUMMARY, name);

	if (sm_record_has_field(r, field))
		snprintf(way, 16, "%s", sm_record_field_str(r, field));
}

static void keep_summary(const sm_record *r)
{
	seen.allowed += sm_record_field_int(
		r, (size_t)sm_kind_field(SM_KIND_SUMMARY, "allowed"));
	keep_way(r, "process_backend", seen.backend);
	keep_way(r, "process_event_source", seen.events);
}

int keep_event(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);

	(void)user;
	if (sm_record_kind(r) == SM_KIND_SUMMARY)
		keep_summary(r);
	else if (sm_event_kind(ev) == SM_EVENT_RECORD &&
		 seen.nprocs < MAX_RECORDS)
		seen.procs[seen.nprocs++] = sm_record_ref(r);
	if (sm_event_kind(ev) == SM_EVENT_FINDING) {
		ck_assert_uint_lt(seen.nfindings, MAX_FINDINGS);
		seen.findings[seen.nfindings++] = sm_record_ref(r);
	}
	if (sm_event_kind(ev) == SM_EVENT_NOTICE) {
		size_t n = strlen(seen.notices);

		seen.nnotices++;
		snprintf(seen.notices + n, sizeof(seen.notices) - n, "%s\n",
			 sm_notice_text(sm_record_notice(r)));
	}
	return SM_CONTINUE;
}

void forget_list(void)
{
	for (size_t i = 0; i < seen.nprocs; i++)
		sm_record_unref(seen.procs[i]);
	for (size_t i = 0; i < seen.nfindings; i++)
		sm_record_unref(seen.findings[i]);
	memset(&seen, 0, sizeof(seen));
}

void list_processes(void)
{
	forget_list();
	ck_assert_msg(sm_list_processes(ctx, opts, keep_event, NULL) == 0, "%s",
		      sm_ctx_errmsg(ctx));
}

void list_once(const char *fields)
{
	ck_assert_int_eq(sm_proc_opts_set_interval_ms(opts, 0), 0);
	ck_assert_int_eq(sm_proc_opts_set_fields(opts, fields), 0);
	list_processes();
}

const sm_record *record_of(pid_t pid)
{
	for (size_t i = 0; i < seen.nprocs; i++)
		if (sm_proc_pid(sm_record_proc(seen.procs[i])) == pid)
			return seen.procs[i];
	return NULL;
}

const sm_proc *proc_of(pid_t pid)
{
	const sm_proc *p = sm_record_proc(record_of(pid));

	ck_assert_msg(p != NULL, "no record of process %d", (int)pid);
	return p;
}

const sm_finding *finding_of(pid_t pid, const char *kind)
{
	for (size_t i = 0; i < seen.nfindings; i++) {
		const sm_finding *f = sm_record_finding(seen.findings[i]);

		if (sm_finding_pid(f) == pid &&
		    strcmp(sm_finding_kind(f), kind) == 0)
			return f;
	}
	return NULL;
}

static void open_zoo(const char *kinds[])
{
	const char *dir = getenv("builddir");
	int in[2], out[2];
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/lab/zoo", dir ? dir : ".");
	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	zoo.pid = fork();
	if (zoo.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		kinds[0] = path;
		execv(path, (char *const *)(uintptr_t)kinds);
		_exit(2);
	}
	close(in[0]);
	close(out[1]);
	zoo.in = in[1];
	zoo.out = fdopen(out[0], "r");
	ck_assert_ptr_nonnull(zoo.out);
}

/* The pids in the order of kinds; 0 where it needs root. */
void enter_zoo(const char *kinds[], pid_t *pids)
{
	char line[128];
	int pid;

	open_zoo(kinds);
	while (fgets(line, sizeof(line), zoo.out) &&
	       sscanf(line, "%*s %d", &pid) == 1)
		*pids++ = pid;
	ck_assert_str_eq(line, "ready\n");
}

pid_t enter_one(const char *kind)
{
	const char *kinds[] = { NULL, kind, NULL };
	pid_t pid;

	enter_zoo(kinds, &pid);
	return pid;
}

void setup_list(void)
{
	memset(&zoo, 0, sizeof(zoo));
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_proc_opts_new(ctx, &opts), 0);
}

void teardown_list(void)
{
	forget_list();
	sm_proc_opts_free(opts);
	sm_ctx_unref(ctx);
	if (zoo.pid <= 0)
		return;
	close(zoo.in);
	fclose(zoo.out);
	waitpid(zoo.pid, NULL, 0);
}
