/* SPDX-License-Identifier: MIT */
#include "join-rig.h"

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

START_TEST(no_rules_are_the_built_in_ones)
{
	ck_assert_int_eq(sm_join_new(ctx, NULL, &join), 0);
	give(of_process("exe_deleted", SM_SEV_HIGH, 7));
	give(port(4444, 7, "0.0.0.0"));
	finish();
	only("deleted_listener");
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

START_TEST(records_are_counted_beyond_those_that_are_kept)
{
	start(WITH_PORTS);
	give(process(7, "bob", 0));
	for (int i = 1; i <= 100; i++)
		give(port(i, 7, NULL));
	finish();
	ck_assert_str_eq(sm_finding_title(only("k")), "7 100");
	ck_assert_uint_eq(sm_finding_count(only("k")), 101);
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
	tcase_add_test(tc, no_rules_are_the_built_in_ones);
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
	return suite_run(s);
}
