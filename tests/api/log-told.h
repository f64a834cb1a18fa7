/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LOG_TOLD_H
#define TESTS_LOG_TOLD_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What a scan told. */
struct told {
	int events, lines, failures, findings, coverages, notices, progress;
	int with_line;
	char kind[64], address[64], user[64], notice[512];
	uint64_t count;
	int64_t first, last;
	char loss[512]; /* the last notice with an errno */
	int notice_errno, stop_after;
};

static char dir[64];
static sm_ctx *ctx;
static sm_log_opts *opts;

static inline void setup(void)
{
	strcpy(dir, "/tmp/check_log.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_log_opts_new(ctx, &opts), 0);
	ck_assert_int_eq(sm_log_opts_set_zone(opts, "UTC0"), 0);
	/* 2026-08-04T12:00:00Z */
	ck_assert_int_eq(
		sm_log_opts_set_now(opts, INT64_C(1785844800000000000)), 0);
}

static inline void teardown(void)
{
	char cmd[96];

	sm_log_opts_free(opts);
	sm_ctx_unref(ctx);
	if (chdir("/") < 0)
		abort();
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		abort();
}

static inline void write_log(const char *name, int failures, const char *end)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < failures; i++)
		fprintf(f,
			"Aug  4 10:00:%02d web sshd[411]: Failed password for "
			"root from 203.0.113.9 port 51515 ssh2%s",
			i, end);
	fprintf(f, "Aug  4 10:30:00 web app[7]: all is well%s", end);
	ck_assert_int_eq(fclose(f), 0);
}

static inline void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

static inline void take_finding(struct told *t, const sm_finding *f)
{
	t->findings++;
	t->count = sm_finding_count(f);
	t->first = sm_finding_first(f);
	t->last = sm_finding_last(f);
	copy(t->kind, sizeof(t->kind), sm_finding_kind(f));
	copy(t->address, sizeof(t->address), sm_finding_source_ip(f));
}

static inline void take_event(struct told *t, const sm_record *r)
{
	const sm_logevent *e = sm_record_logevent(r);

	t->events++;
	if (strcmp(sm_logevent_action(e), "login_failed") == 0)
		t->failures += (int)sm_logevent_count(e);
	copy(t->user, sizeof(t->user), sm_logevent_user(e));
	t->with_line += sm_record_line(r) != NULL;
}

static inline int take(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	struct told *t = user;

	switch (sm_record_kind(r)) {
	case SM_KIND_EVENT:
		take_event(t, r);
		break;
	case SM_KIND_LINE:
		t->lines++;
		break;
	case SM_KIND_FINDING:
		take_finding(t, sm_record_finding(r));
		break;
	case SM_KIND_COVERAGE:
		t->coverages++;
		break;
	case SM_KIND_NOTICE:
		t->notices++;
		t->notice_errno = sm_notice_errno(sm_record_notice(r));
		copy(t->notice, sizeof(t->notice),
		     sm_notice_text(sm_record_notice(r)));
		if (t->notice_errno)
			copy(t->loss, sizeof(t->loss), t->notice);
		break;
	default:
		t->progress += sm_event_kind(ev) == SM_EVENT_PROGRESS;
	}
	return t->stop_after && t->events >= t->stop_after ? 42 : SM_CONTINUE;
}

static inline int scan(struct told *t, const char *name)
{
	*t = (struct told){ .stop_after = t->stop_after };
	if (name)
		ck_assert_int_eq(sm_log_opts_add_file(opts, name), 0);
	return sm_scan_log(ctx, opts, take, t);
}

#endif
