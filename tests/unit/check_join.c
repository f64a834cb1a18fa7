/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "core/event.h"
#include "detect/join.h"
#include "fail-alloc.h"
#include "logsrc/header.h"
#include "record/build.h"
#include "suite.h"

/* Joins of made-up records, by the built-in rules and by others. */
#define NOW (INT64_C(1767225600) * SMI_SEC)

static struct smi_arena arena;
static sm_ctx *ctx;
static sm_join *join;
static SMI_VEC(sm_record *) found;
static SMI_VEC(sm_record *) told; /* notices and summaries */

static void start(const char *text)
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

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
}

static void forget(void)
{
	for (size_t i = 0; i < found.n; i++)
		sm_record_unref(found.v[i]);
	for (size_t i = 0; i < told.n; i++)
		sm_record_unref(told.v[i]);
	smi_vec_free(&found);
	smi_vec_free(&told);
}

static void teardown(void)
{
	forget();
	sm_join_free(join);
	join = NULL;
	sm_ctx_unref(ctx);
	smi_arena_free(&arena);
}

static int collect(int kind, const sm_record *rec)
{
	const sm_event ev = { kind, rec, 0, 0 };

	return sm_join_collect(&ev, join);
}

static void give(const sm_record *rec)
{
	ck_assert_ptr_nonnull(rec);
	ck_assert_int_eq(collect(rec->kind == SM_KIND_FINDING ? SM_EVENT_FINDING
							      : SM_EVENT_RECORD,
				 rec),
			 0);
}

static int keep(const sm_event *ev, void *user)
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

static void finish(void)
{
	ck_assert_int_eq(sm_join_finish(join, keep, NULL), 0);
}

static const char *text(const char *before, int n)
{
	char s[64];
	int len = snprintf(s, sizeof(s), "%s%d", before, n);

	return smi_arena_strndup(&arena, s, (size_t)len);
}

static sm_record *line(int n, const char *action)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_EVENT);

	smi_set_const(r, SMI_EVENT_ID, text("line", n));
	smi_set_const(r, SMI_EVENT_PROGRAM, "sshd");
	smi_set_const(r, SMI_EVENT_ACTION, action);
	smi_set_int(r, SMI_EVENT_TIME, NOW + n * SMI_SEC);
	return r;
}

static sm_record *finding(const char *kind, int severity, int n)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_FINDING);

	smi_set_const(r, SMI_FINDING_ID, text("finding", n));
	smi_set_const(r, SMI_FINDING_KIND, kind);
	smi_set_severity(r, severity);
	return r;
}

/* Ten lines of one peer, of which the last is the login. */
static sm_record *attack(const char *kind, int severity, const char *peer,
			 const char *user, int n)
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

static sm_record *login(const char *user)
{
	return attack("success_after_failures", SM_SEV_CRITICAL, "203.0.113.9",
		      user, 1);
}

static sm_record *process(int pid, const char *user, int seconds)
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

static sm_record *port(int number, int pid, const char *bound)
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

static sm_record *of_process(const char *kind, int severity, int pid)
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

static sm_record *host(int open, int closed)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_HOST);

	smi_set_const(r, SMI_HOST_ADDRESS, "127.0.0.1");
	smi_set_int(r, SMI_HOST_OPEN, open);
	smi_set_int(r, SMI_HOST_CLOSED, closed);
	return r;
}

static const sm_finding *only(const char *kind)
{
	const sm_finding *f;

	ck_assert_uint_eq(found.n, 1);
	f = sm_record_finding(found.v[0]);
	ck_assert_str_eq(sm_finding_kind(f), kind);
	return f;
}

static size_t count_evidence(const sm_finding *f, int kind)
{
	size_t n = 0;

	for (size_t i = 0; i < sm_finding_nevidence(f); i++)
		n += sm_record_kind(sm_finding_evidence(f, i)) == kind;
	return n;
}

START_TEST(a_break_in_is_told_with_every_side)
{
	const sm_finding *f;

	start(NULL);
	/* In no order: logs may be read last. */
	give(port(4444, 7, "0.0.0.0"));
	give(process(7, "bob", 60));
	give(of_process("exe_deleted", SM_SEV_HIGH, 7));
	give(of_process("odd_listener", SM_SEV_HIGH, 7));
	give(login("bob"));
	finish();
	f = only("break_in");
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_CRITICAL);
	ck_assert_str_eq(sm_finding_source_ip(f), "203.0.113.9");
	ck_assert_str_eq(sm_finding_user(f), "bob");
	ck_assert_int_eq(sm_finding_pid(f), 7);
	ck_assert_int_eq(sm_finding_port(f), 4444);
	ck_assert_int_eq(sm_finding_first(f), NOW);
	ck_assert_int_eq(sm_finding_last(f), NOW + 60 * SMI_SEC);
	ck_assert_str_eq(sm_finding_title(f),
			 "203.0.113.9 broke in as bob, and impl of that user "
			 "came after it");
	ck_assert_uint_eq(count_evidence(f, SM_KIND_EVENT), 6);
	ck_assert_uint_eq(count_evidence(f, SM_KIND_PROCESS), 1);
	ck_assert_uint_eq(count_evidence(f, SM_KIND_PORT), 1);
	ck_assert_uint_eq(told.n, 0);
}
END_TEST

/* What is missing for a break-in, or is another's. */
static const struct {
	const char *user; /* of the process */
	int seconds, pid; /* when it started; who listens */
	const char *login;
} others[] = {
	{ "eve", 60, 7, "bob" }, { "bob", -60, 7, "bob" },
	{ "bob", 60, 8, "bob" }, { "bob", 60, 7, "eve" },
	{ "bob", 60, 7, NULL },
};

START_TEST(what_does_not_belong_together_is_not_joined)
{
	start(NULL);
	if (others[_i].login)
		give(login(others[_i].login));
	give(process(7, others[_i].user, others[_i].seconds));
	give(port(4444, others[_i].pid, "0.0.0.0"));
	finish();
	ck_assert_uint_eq(found.n, 0);
}
END_TEST

START_TEST(a_process_that_a_check_tells_of_is_enough)
{
	start(NULL);
	give(login("bob"));
	give(process(7, "bob", 60));
	give(of_process("miner", SM_SEV_HIGH, 7));
	give(process(8, "bob", 60));
	give(of_process("history_off", SM_SEV_LOW, 8));
	finish();
	ck_assert_int_eq(sm_finding_pid(only("break_in")), 7);
}
END_TEST

START_TEST(a_deleted_program_with_an_open_port_is_told)
{
	const sm_finding *f;

	start(NULL);
	give(of_process("exe_deleted", SM_SEV_HIGH, 7));
	give(of_process("exe_deleted", SM_SEV_LOW, 8));
	give(port(4444, 7, "0.0.0.0"));
	give(port(4445, 8, "0.0.0.0"));
	finish();
	f = only("deleted_listener");
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_HIGH);
	ck_assert_str_eq(sm_finding_title(f),
			 "impl listens at port 4444, and its program has been "
			 "deleted");
}
END_TEST

/* Who guesses, what listens, and whether it is open to them. */
static const struct {
	const char *peer, *bound;
	bool open;
} reach[] = {
	{ "203.0.113.9", "0.0.0.0", true },
	{ "203.0.113.9", "::", true },
	{ "203.0.113.9", "192.0.2.1", true },
	{ "203.0.113.9", "127.0.0.1", false },
	{ "203.0.113.9", NULL, false }, /* another machine's port */
	{ "127.0.0.1", "127.0.0.1", true },
	{ "127.0.0.1", "192.0.2.1", false },
	{ "2001:db8::/64", "0.0.0.0", false },
	{ "2001:db8::1", "::", false }, /* an IPv4 address was scanned */
	{ "bad.example", "0.0.0.0", false },
};

START_TEST(a_service_is_told_where_it_is_open_to_who_guesses)
{
	start(NULL);
	give(attack("brute_force", SM_SEV_HIGH, reach[_i].peer, NULL, 1));
	give(attack("brute_force", SM_SEV_HIGH, reach[_i].peer, NULL, 2));
	give(port(22, 5, reach[_i].bound));
	give(port(80, 6, reach[_i].bound));
	finish();
	if (!reach[_i].open) {
		ck_assert_uint_eq(found.n, 0);
		return;
	}
	/* One for all that guess. */
	ck_assert_int_eq(sm_finding_port(only("attacked_service")), 22);
}
END_TEST

static const struct {
	int open, closed, number, pid;
	bool told;
} closed[] = {
	{ 1, 65534, 80, 6, true },
	{ 0, 65535, 0, 0, true },
	{ 1, 65534, 22, 5, false },
	{ 1, 65534, 80, 0, false }, /* whose is not known: it may be sshd's */
	{ 1, 1000, 80, 6, false },  /* not all ports were asked */
};

START_TEST(a_closed_service_is_told_where_that_is_certain)
{
	start(NULL);
	give(attack("brute_force", SM_SEV_HIGH, "203.0.113.9", NULL, 1));
	give(host(closed[_i].open, closed[_i].closed));
	if (closed[_i].number)
		give(port(closed[_i].number, closed[_i].pid, "127.0.0.1"));
	finish();
	if (closed[_i].told)
		ck_assert_int_eq(sm_finding_severity(only("attacked_closed")),
				 SM_SEV_LOW);
	else
		ck_assert_uint_eq(found.n, 0);
}
END_TEST

#define RULE                                                                   \
	"id: x\ntitle: '{a.pid} {b.records}'\nkind: k\ncorrelation:\n"         \
	"  type: join\n  parts:\n    a: {process: ''}\n"
#define WITH_PORTS                                                             \
	RULE "    b: {port: ''}\n  where: [b.pid = a.pid]\n  group-by: [a]\n"

START_TEST(records_are_counted_beyond_those_that_are_kept)
{
	start(WITH_PORTS);
	give(process(7, "bob", 0));
	for (int i = 1; i <= 100; i++)
		give(port(i, 7, NULL));
	finish();
	ck_assert_str_eq(sm_finding_title(only("k")), "7 100");
	ck_assert_uint_eq(count_evidence(only("k"), SM_KIND_PORT), 8);
}
END_TEST

START_TEST(a_finding_that_comes_again_replaces_the_first)
{
	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {finding: 'severity = high'}\n");
	give(finding("a", SM_SEV_HIGH, 1));
	give(finding("a", SM_SEV_LOW, 1));
	give(finding("a", SM_SEV_LOW, 2));
	give(finding("a", SM_SEV_HIGH, 2));
	give(finding("a", SM_SEV_HIGH, 2));
	finish();
	ck_assert_uint_eq(found.n, 1);
}
END_TEST

START_TEST(ids_are_the_same_in_each_run)
{
	char id[SMI_NKINDS + 40] = "", key[40] = "";

	for (int i = 0; i < 2; i++) {
		start(WITH_PORTS);
		give(process(7, "bob", i));
		give(port(1 + i, 7, NULL));
		finish();
		if (i) {
			ck_assert_str_eq(sm_finding_id(only("k")), id);
			ck_assert_str_eq(sm_finding_key(only("k")), key);
		}
		snprintf(id, sizeof(id), "%s", sm_finding_id(only("k")));
		snprintf(key, sizeof(key), "%s", sm_finding_key(only("k")));
		forget();
		sm_join_free(join);
		join = NULL;
	}
}
END_TEST

START_TEST(an_accepted_key_is_counted_and_not_told)
{
	char rules[1024];

	start(WITH_PORTS);
	give(process(7, "bob", 0));
	give(port(1, 7, NULL));
	finish();
	snprintf(rules, sizeof(rules),
		 WITH_PORTS "---\nid: y\nkind: allow\nkey: %s\nreason: r\n",
		 sm_finding_key(only("k")));
	forget();
	sm_join_free(join);
	start(rules);
	give(process(7, "bob", 0));
	give(port(1, 7, NULL));
	finish();
	ck_assert_uint_eq(found.n, 0);
	ck_assert_uint_eq(told.n, 1);
	ck_assert_int_eq(
		smi_rec_int(told.v[0], SM_KIND_SUMMARY, SMI_SUMMARY_ALLOWED),
		1);
}
END_TEST

static const char *notice(void)
{
	ck_assert_uint_eq(told.n, 1);
	return sm_notice_text(sm_record_notice(told.v[0]));
}

START_TEST(a_flood_of_mild_findings_keeps_no_grave_one_out)
{
	char *big = smi_arena_zalloc(&arena, 100001);

	memset(big, 'x', 100000);
	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {finding: 'severity = critical'}\n"
	      "---\nid: y\ntitle: t\nkind: l\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {finding: 'count > 1'}\n");
	for (int i = 0; i < 200; i++) {
		sm_record *f = finding("a", SM_SEV_LOW, i);

		smi_set_const(f, SMI_FINDING_WHY, big);
		give(f);
	}
	give(finding("a", SM_SEV_CRITICAL, 1000));
	finish();
	/* The mild ones were not asked for. */
	ck_assert_uint_eq(told.n, 0);
	only("k");
}
END_TEST

START_TEST(what_does_not_fit_is_counted_and_the_gravest_stay)
{
	char *big = smi_arena_zalloc(&arena, 100001);

	memset(big, 'x', 100000);
	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {finding: 'severity = critical'}\n"
	      "    b: {finding: 'severity = low'}\n  group-by: [a]\n");
	for (int i = 0; i < 300; i++) {
		sm_record *f = finding(
			"a", i == 250 ? SM_SEV_CRITICAL : SM_SEV_LOW, i);

		smi_set_const(f, SMI_FINDING_WHY, big);
		give(f);
	}
	ck_assert_uint_le(join->used[SM_KIND_FINDING], SMI_JOIN_FINDING_BYTES);
	finish();
	only("k");
	ck_assert_str_eq(notice(), "133 records of the kind finding did not "
				   "fit into the memory of joined findings");
}
END_TEST

START_TEST(too_many_findings_of_a_rule_are_counted)
{
	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {port: ''}\n");
	for (int i = 0; i < SMI_JOIN_GROUPS + 5; i++)
		give(port(i, 0, NULL));
	finish();
	ck_assert_uint_eq(found.n, SMI_JOIN_GROUPS);
	ck_assert_ptr_nonnull(strstr(notice(), "5 more times"));
}
END_TEST

START_TEST(a_rule_that_tries_too_much_is_given_up_and_told)
{
	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {port: ''}\n    b: {port: ''}\n"
	      "    c: {port: ''}\n  where: [c.pid = a.port]\n");
	for (int i = 0; i < 3000; i++)
		give(port(i, 0, NULL));
	finish();
	ck_assert_uint_eq(found.n, 0);
	ck_assert_str_eq(notice(), "the rule x has too many records to try: "
				   "after 10000000 tries it was given up");
}
END_TEST

START_TEST(it_is_finished_once)
{
	start(WITH_PORTS);
	finish();
	ck_assert_int_eq(sm_join_finish(join, keep, NULL), -EINVAL);
	ck_assert_int_eq(collect(SM_EVENT_RECORD, process(1, "a", 0)), -EINVAL);
	ck_assert_int_eq(sm_join_finish(NULL, keep, NULL), -EINVAL);
	ck_assert_int_eq(sm_join_finish(join, NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_join_collect(NULL, join), -EINVAL);
	sm_join_free(NULL);
}
END_TEST

static int stop(const sm_event *ev, void *user)
{
	(void)ev;
	++*(int *)user;
	return SM_STOP;
}

START_TEST(a_callback_ends_it)
{
	int calls = 0;

	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {port: ''}\n");
	give(port(1, 0, NULL));
	give(port(2, 0, NULL));
	ck_assert_int_eq(sm_join_finish(join, stop, &calls), SM_STOP);
	ck_assert_int_eq(calls, 1);
}
END_TEST

static int count(const sm_event *ev, void *user)
{
	*(size_t *)user += sm_event_kind(ev) == SM_EVENT_FINDING;
	return 0;
}

/* All of it but reading rules; how many findings. */
static int whole(sm_record *const *recs, size_t n, size_t *out)
{
	sm_ruleset *rs = join->rs;
	sm_join *j = NULL;
	int r = smi_join_new(ctx, rs, &j);

	*out = 0;
	for (size_t i = 0; r == 0 && i < n; i++) {
		const sm_event ev = { recs[i]->kind == SM_KIND_FINDING
					      ? SM_EVENT_FINDING
					      : SM_EVENT_RECORD,
				      recs[i], 0, 0 };

		r = sm_join_collect(&ev, j);
	}
	if (r == 0)
		r = sm_join_finish(j, count, out);
	sm_join_free(j);
	return r;
}

START_TEST(out_of_memory_is_an_error_at_each_allocation)
{
	size_t n;
	int calls = 1;

	start(NULL);
	sm_record *const recs[] = {
		login("bob"),
		process(7, "bob", 60),
		of_process("exe_deleted", SM_SEV_HIGH, 7),
		of_process("exe_deleted", SM_SEV_HIGH, 9),
		attack("brute_force", SM_SEV_HIGH, "203.0.113.8", NULL, 3),
		port(4444, 7, "0.0.0.0"),
		port(4445, 9, "0.0.0.0"),
		port(22, 5, "0.0.0.0"),
	};

	for (int i = 1; calls >= i - 1; i++) {
		int r;

		if (_i)
			fail_alloc_from(i);
		else
			fail_alloc_at(i);
		r = whole(recs, SMI_COUNT(recs), &n);
		calls = fail_alloc_count();
		fail_alloc_off();
		ck_assert_int_eq(r, i <= calls ? -ENOMEM : 0);
	}
	ck_assert_int_gt(calls, 50);
	ck_assert_int_eq(whole(recs, SMI_COUNT(recs), &n), 0);
	ck_assert_uint_eq(n, 3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("join");
	TCase *tc = tcase_create("findings");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_break_in_is_told_with_every_side);
	tcase_add_loop_test(tc, what_does_not_belong_together_is_not_joined, 0,
			    SMI_COUNT(others));
	tcase_add_test(tc, a_process_that_a_check_tells_of_is_enough);
	tcase_add_test(tc, a_deleted_program_with_an_open_port_is_told);
	tcase_add_loop_test(tc,
			    a_service_is_told_where_it_is_open_to_who_guesses,
			    0, SMI_COUNT(reach));
	tcase_add_loop_test(tc, a_closed_service_is_told_where_that_is_certain,
			    0, SMI_COUNT(closed));
	tcase_add_test(tc, records_are_counted_beyond_those_that_are_kept);
	tcase_add_test(tc, a_finding_that_comes_again_replaces_the_first);
	tcase_add_test(tc, ids_are_the_same_in_each_run);
	tcase_add_test(tc, an_accepted_key_is_counted_and_not_told);
	suite_add_tcase(s, tc);
	tc = tcase_create("bounds");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_flood_of_mild_findings_keeps_no_grave_one_out);
	tcase_add_test(tc, what_does_not_fit_is_counted_and_the_gravest_stay);
	tcase_add_test(tc, too_many_findings_of_a_rule_are_counted);
	tcase_add_test(tc, a_rule_that_tries_too_much_is_given_up_and_told);
	tcase_add_test(tc, it_is_finished_once);
	tcase_add_test(tc, a_callback_ends_it);
	tcase_add_loop_test(tc, out_of_memory_is_an_error_at_each_allocation, 0,
			    2);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
