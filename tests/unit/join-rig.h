/* SPDX-License-Identifier: MIT */
#ifndef TESTS_JOIN_RIG_H
#define TESTS_JOIN_RIG_H

#include <stdio.h>

#include "core/event.h"
#include "detect/join.h"
#include "logsrc/header.h"
#include "record/build.h"
#include "suite.h"

/* Joins of made-up records, by the built-in rules and by others. */
#define NOW (INT64_C(1767225600) * SMI_SEC)

/* Processes, and with their ports. */
#define RULE                                                                   \
	"id: x\ntitle: '{a.pid} {b.records}'\nkind: k\ncorrelation:\n"         \
	"  type: join\n  parts:\n    a: {process: ''}\n"
#define WITH_PORTS                                                             \
	RULE "    b: {port: ''}\n  where: [b.pid = a.pid]\n  group-by: [a]\n"

static struct smi_arena arena;
static sm_ctx *ctx;
static sm_join *join;
static SMI_VEC(sm_record *) found;
static SMI_VEC(sm_record *) told; /* notices and summaries */

static inline void start(const char *text)
{
	sm_ruleset *rs;
	int n;

	ck_assert_int_eq(smi_ruleset_new(ctx, smi_header_split, &rs), 0);
	n = text ? sm_ruleset_add_text(rs, "t", text, strlen(text),
				       SM_RULES_NATIVE)
		 : sm_ruleset_add_builtin(rs);
	for (size_t i = 0; i < sm_ruleset_nproblems(rs); i++)
		ck_abort_msg("%s", sm_ruleset_problem(rs, i));
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_int_eq(smi_join_new(ctx, rs, &join), 0);
	sm_ruleset_unref(rs);
}

static inline void setup(void)
{
	arena = (struct smi_arena){ 0 };
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
}

static inline void forget(void)
{
	for (size_t i = 0; i < found.n; i++)
		sm_record_unref(found.v[i]);
	for (size_t i = 0; i < told.n; i++)
		sm_record_unref(told.v[i]);
	smi_vec_free(&found);
	smi_vec_free(&told);
}

static inline void teardown(void)
{
	forget();
	sm_join_free(join);
	join = NULL;
	sm_ctx_unref(ctx);
	smi_arena_free(&arena);
}

static inline int collect(int kind, const sm_record *rec)
{
	const sm_event ev = { kind, rec, 0, 0 };

	return sm_join_collect(&ev, join);
}

static inline void give(const sm_record *rec)
{
	ck_assert_ptr_nonnull(rec);
	ck_assert_int_eq(collect(rec->kind == SM_KIND_FINDING ? SM_EVENT_FINDING
							      : SM_EVENT_RECORD,
				 rec),
			 0);
}

static inline int keep(const sm_event *ev, void *user)
{
	sm_record *rec = sm_record_ref(sm_event_record(ev));

	(void)user;
	ck_assert_ptr_nonnull(rec);
	if (sm_event_kind(ev) == SM_EVENT_FINDING)
		ck_assert(smi_vec_push(&found, rec));
	else
		ck_assert(smi_vec_push(&told, rec));
	return 0;
}

static inline void finish(void)
{
	ck_assert_int_eq(sm_join_finish(join, keep, NULL), 0);
}

static inline const char *text(const char *before, int n)
{
	char s[64];
	int len = snprintf(s, sizeof(s), "%s%d", before, n);

	return smi_arena_strndup(&arena, s, (size_t)len);
}

static inline sm_record *line(int n, const char *action)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_EVENT);

	smi_set_const(r, SMI_EVENT_ID, text("line", n));
	smi_set_const(r, SMI_EVENT_PROGRAM, "sshd");
	smi_set_const(r, SMI_EVENT_ACTION, action);
	smi_set_int(r, SMI_EVENT_TIME, NOW + n * SMI_SEC);
	return r;
}

static inline sm_record *finding(const char *kind, int severity, int n)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_FINDING);

	smi_set_const(r, SMI_FINDING_ID, text("finding", n));
	smi_set_const(r, SMI_FINDING_KIND, kind);
	smi_set_severity(r, severity);
	return r;
}

/* Ten lines of one peer, of which the last is the login. */
static inline sm_record *attack(const char *kind, int severity,
				const char *peer, const char *user, int n)
{
	sm_record *r = finding(kind, severity, n);
	const sm_record **v = smi_arena_alloc(&arena, 10 * sizeof(*v));

	for (int i = 0; i < 10; i++)
		v[i] = line(n * 100 + i, i < 9 ? "login_failed" : "login_ok");
	smi_set_const(r, SMI_FINDING_SUBJECT, peer);
	smi_set_const(r, SMI_FINDING_SOURCE_IP, peer);
	if (user)
		smi_set_const(r, SMI_FINDING_USER, user);
	smi_set_int(r, SMI_FINDING_FIRST, NOW);
	smi_set_int(r, SMI_FINDING_LAST, NOW + 9 * SMI_SEC);
	smi_set_int(r, SMI_FINDING_COUNT, 9);
	smi_set_recs(&arena, r, SMI_FINDING_EVIDENCE, v, 10);
	return r;
}

static inline sm_record *login(const char *user)
{
	return attack("success_after_failures", SM_SEV_CRITICAL, "203.0.113.9",
		      user, 1);
}

static inline sm_record *process(int pid, const char *user, int seconds)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PROCESS);

	smi_set_const(r, SMI_PROC_ID, text("process", pid));
	smi_set_int(r, SMI_PROC_PID, pid);
	smi_set_const(r, SMI_PROC_NAME, "impl");
	smi_set_const(r, SMI_PROC_USER, user);
	smi_set_const(r, SMI_PROC_EXE, "/tmp/impl (deleted)");
	smi_set_int(r, SMI_PROC_START, NOW + seconds * SMI_SEC);
	return r;
}

static inline sm_record *port(int number, int pid, const char *bound)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PORT);

	smi_set_const(r, SMI_PORT_ID, text("port", number));
	smi_set_const(r, SMI_PORT_ADDRESS, "127.0.0.1");
	smi_set_int(r, SMI_PORT_NUMBER, number);
	smi_set_const(r, SMI_PORT_STATE, "open");
	if (number == 22)
		smi_set_const(r, SMI_PORT_SERVICE, "ssh");
	if (pid) {
		smi_set_int(r, SMI_PORT_PID, pid);
		smi_set_const(r, SMI_PORT_PROCESS, "owner");
	}
	if (bound)
		smi_set_const(r, SMI_PORT_LISTEN_ADDRESS, bound);
	return r;
}

static inline sm_record *of_process(const char *kind, int severity, int pid)
{
	sm_record *r = finding(kind, severity, 1000 + pid);
	const sm_record **v = smi_arena_alloc(&arena, sizeof(*v));

	v[0] = process(pid, "bob", 60);
	smi_set_const(r, SMI_FINDING_SUBJECT, text("impl, pid ", pid));
	smi_set_const(r, SMI_FINDING_USER, "bob");
	smi_set_int(r, SMI_FINDING_PID, pid);
	smi_set_int(r, SMI_FINDING_COUNT, 1);
	smi_set_recs(&arena, r, SMI_FINDING_EVIDENCE, v, 1);
	return r;
}

static inline sm_record *host(int open, int closed)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_HOST);

	smi_set_const(r, SMI_HOST_ADDRESS, "127.0.0.1");
	smi_set_int(r, SMI_HOST_OPEN, open);
	smi_set_int(r, SMI_HOST_CLOSED, closed);
	return r;
}

static inline const sm_finding *only(const char *kind)
{
	const sm_finding *f;

	ck_assert_uint_eq(found.n, 1);
	f = sm_record_finding(found.v[0]);
	ck_assert_str_eq(sm_finding_kind(f), kind);
	return f;
}

static inline size_t count_evidence(const sm_finding *f, int kind)
{
	size_t n = 0;

	for (size_t i = 0; i < sm_finding_nevidence(f); i++)
		n += sm_record_kind(sm_finding_evidence(f, i)) == kind;
	return n;
}

#endif
