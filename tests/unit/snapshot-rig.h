/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SNAPSHOT_RIG_H
#define TESTS_SNAPSHOT_RIG_H

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "core/ctx.h"
#include "process/procdir.h"
#include "record/record.h"
#include "suite.h"
#include "tree.h"

/* The machine of these tests is a tree of files; it was started in 2023, has been
 * up for 1000 s, and has ticks of 10 ms. */
#define BTIME INT64_C(1700000000)
#define UP    1000
#define BOOT  "01234567-89ab-cdef-0123-456789abcdef"

static int64_t now; /* ns since its start */
static sm_ctx *ctx;
static sm_proc_opts *opts;
static sm_record *seen[16];
static size_t nseen;
static char notice[256];
static size_t nnotices;

static inline int64_t mono(void *user)
{
	(void)user;
	return now;
}

static inline int64_t wall(void *user)
{
	(void)user;
	return BTIME * SMI_SEC + now;
}

static const struct smi_clock fake_clock = { wall, mono, NULL };

static inline int keep(const sm_event *ev)
{
	const sm_record *r = sm_event_record(ev);

	if (sm_event_kind(ev) == SM_EVENT_RECORD &&
	    sm_record_kind(r) == SM_KIND_PROCESS && nseen < SMI_COUNT(seen))
		seen[nseen++] = sm_record_ref(r);
	if (sm_event_kind(ev) == SM_EVENT_NOTICE) {
		nnotices++;
		snprintf(notice, sizeof(notice), "%s",
			 sm_notice_text(sm_record_notice(r)));
	}
	return 0;
}

static inline void forget(void)
{
	while (nseen > 0)
		sm_record_unref(seen[--nseen]);
	nnotices = 0;
}

static inline bool is_waiting(const sm_job *job)
{
	struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };

	return poll(&p, 1, 0) == 0;
}

/* Runs to the end; between is called when the job waits for its second look. */
static inline void list(void (*between)(void))
{
	const sm_event *ev;
	sm_job *job;
	int r;

	forget();
	ck_assert_int_eq(sm_job_new_proc(ctx, opts, &job), 0);
	while ((r = sm_job_next(job, &ev)) != 0) {
		ck_assert_msg(r == 1 || r == -EAGAIN, "%s", sm_ctx_errmsg(ctx));
		if (r == 1)
			keep(ev);
		if (r == -EAGAIN && between && is_waiting(job)) {
			between();
			between = NULL;
		}
	}
	sm_job_free(job);
	ck_assert_ptr_null(between);
}

static inline const sm_proc *proc_of(int pid)
{
	for (size_t i = 0; i < nseen; i++)
		if (sm_proc_pid(sm_record_proc(seen[i])) == pid)
			return sm_record_proc(seen[i]);
	ck_abort_msg("no record of process %d", pid);
	return NULL;
}

/* Numbers and texts of what has no getter. */
static inline const sm_record *record_of(int pid)
{
	return (const sm_record *)proc_of(pid);
}

static inline int64_t number_of(int pid, unsigned field)
{
	ck_assert(smi_rec_has(record_of(pid), field));
	return smi_rec_int(record_of(pid), SM_KIND_PROCESS, field);
}

static inline void write_file(int pid, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "proc/%d/%s", pid, name);
	tree_text(path, text);
}

/* What a process writes into stat; start and used in ticks. */
static inline void write_stat(int pid, const char *name, unsigned flags,
			      int threads, int start, int used)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "%d (%s) S 1 %d %d 0 -1 %u 10 0 0 0 %d 0 0 0 20 0 %d 0 %d "
		 "1000000 250 1 1 1 0 0 0\n",
		 pid, name, pid, pid, flags, used, threads, start);
	write_file(pid, "stat", text);
}

static inline void write_status(int pid, const char *name, const char *uids,
				int kib)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "Name:\t%s\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t%d\n"
		 "Ngid:\t0\nPid:\t%d\nPPid:\t1\nTracerPid:\t0\nUid:\t%s\n"
		 "Gid:\t0\t0\t0\t0\nVmRSS:\t%d kB\nThreads:\t1\n",
		 name, pid, pid, uids, kib);
	write_file(pid, "status", text);
}

static inline void add_process(int pid, int start, int used)
{
	write_stat(pid, "web", 0, 1, start, used);
	write_status(pid, "web", "1000\t1000\t1000\t1000", 1024);
	write_file(pid, "cmdline", "");
	write_file(pid, "cgroup", "0::/\n");
}

static inline void setup(void)
{
	const char *top = tree_make();

	tree_text("proc/stat", "cpu  1 2 3\nbtime 1700000000\n");
	tree_text("proc/uptime", "1000.00 1.00\n");
	tree_text("proc/meminfo", "MemTotal:       4096 kB\nMemFree: 1 kB\n");
	tree_text("proc/self/cgroup", "0::/\n");
	tree_text("proc/sys/kernel/random/boot_id", BOOT "\n");
	tree_text("etc/passwd", "root:x:0:0::/:/bin/sh\n"
				"carl:x:1000:1000::/:/bin/sh\n");
	now = UP * SMI_SEC;
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, top), 0);
	ctx->clock = &fake_clock;
	ck_assert_int_eq(sm_proc_opts_new(ctx, &opts), 0);
	ck_assert_int_eq(sm_proc_opts_set_interval_ms(opts, 0), 0);
}

static inline void teardown(void)
{
	forget();
	sm_proc_opts_free(opts);
	sm_ctx_unref(ctx);
	tree_remove();
}

#endif
