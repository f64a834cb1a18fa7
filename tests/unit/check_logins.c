/* SPDX-License-Identifier: MIT */
/* The findings about logins, at their thresholds and next to them. */
#include "logins-rig.h"

START_TEST(five_failures_in_600_seconds_are_a_brute_force)
{
	const sm_finding *f;

	for (int i = 0; i < 5; i++)
		fail_login(i * 150, "root", "203.0.113.9", 4000 + i);
	run();
	f = rig_kind(&rig, "brute_force");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(sm_finding_count(f), 5);
	ck_assert_str_eq(sm_finding_source_ip(f), "203.0.113.9");
	ck_assert_str_eq(sm_finding_subject(f), "203.0.113.9");
	ck_assert_str_eq(sm_finding_title(f),
			 "5 failed logins from 203.0.113.9");
	ck_assert_int_eq(sm_finding_last(f) - sm_finding_first(f),
			 600 * SMI_SEC);
	ck_assert_int_eq(sm_finding_state(f), SM_FINDING_CLOSED);
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_HIGH);
	ck_assert_uint_eq(sm_finding_nevidence(f), 5);
	ck_assert_uint_eq(rig.events.n, 5);
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_record_id(sm_finding_evidence(f, 0)),
			 sm_record_id(rig.events.v[0]));
}
END_TEST

START_TEST(five_failures_in_601_seconds_are_none)
{
	for (int i = 0; i < 5; i++)
		fail_login(i * 150 + (i == 4), "root", "203.0.113.9", 4000);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
}
END_TEST

START_TEST(four_failures_are_none)
{
	for (int i = 0; i < 4; i++)
		fail_login(i, "root", "203.0.113.9", 4000);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
}
END_TEST

START_TEST(a_line_repeated_counts_as_often)
{
	fail_login(0, "root", "203.0.113.9", 4000);
	rig_line(&text, 1, "sshd",
		 "message repeated 5 times: [ Failed password for root from "
		 "203.0.113.9 port 4000 ssh2]");
	run();
	ck_assert_uint_eq(sm_finding_count(rig_kind(&rig, "brute_force")), 6);
	ck_assert_uint_eq(sm_logevent_count(rig_event(&rig, 1)), 5);
}
END_TEST

START_TEST(the_lines_about_one_try_are_one_failure)
{
	for (int i = 0; i < 4; i++) {
		rig_line(&text, i, "sshd",
			 "Invalid user bob from 203.0.113.9 port 400%d", i);
		rig_line(&text, i, "sshd",
			 "pam_unix(sshd:auth): authentication failure; "
			 "logname= uid=0 euid=0 tty=ssh ruser= "
			 "rhost=203.0.113.9 ");
		rig_line(&text, i, "sshd",
			 "error: PAM: Authentication failure for bob from "
			 "203.0.113.9");
		rig_line(&text, i, "sshd",
			 "Failed password for invalid user bob from "
			 "203.0.113.9 port 400%d ssh2",
			 i);
	}
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
	ck_assert_uint_eq(rig.events.n, 16);
	for (size_t i = 0; i < 16; i++)
		ck_assert_int_eq(sm_logevent_failure(rig_event(&rig, i)),
				 i % 4 == 3);
}
END_TEST

START_TEST(other_programs_may_quote_sshd)
{
	for (int i = 0; i < 10; i++)
		rig_line(&text, i, "app",
			 "Failed password for root from 203.0.113.9 port 22 "
			 "ssh2");
	rig.o.keywords = false;
	run();
	ck_assert_uint_eq(rig.events.n + rig.findings.n, 0);
}
END_TEST

START_TEST(addresses_are_canonical)
{
	static const char *const same[] = { "2001:DB8::1", "2001:db8:0::1",
					    "2001:0db8::0001",
					    "2001:db8::1%eth0",
					    "2001:db8:0:0:0:0:0:1" };

	for (int i = 0; i < 5; i++)
		fail_login(i, "root", same[i], 22);
	for (int i = 0; i < 5; i++)
		fail_login(i, "root", i % 2 ? "::ffff:192.0.2.1" : "192.0.2.1",
			   22);
	run();
	ck_assert_uint_eq(rig.findings.n, 2);
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 0)),
			 "192.0.2.1");
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 1)),
			 "2001:db8::1");
}
END_TEST

START_TEST(many_addresses_of_a_prefix_are_its_prefix)
{
	for (int i = 0; i < 5; i++) {
		char ip[64];

		snprintf(ip, sizeof(ip), "2001:db8:1:2::%x", i + 1);
		fail_login(i, "root", ip, 22);
	}
	run();
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 0)),
			 "2001:db8:1:2::/64");
	ck_assert_uint_eq(sm_finding_count(rig_finding(&rig, 0)), 5);
}
END_TEST

START_TEST(an_address_that_suffices_hides_its_prefix)
{
	for (int i = 0; i < 6; i++)
		fail_login(i, "root", "2001:db8:1:2::9", 22);
	for (int i = 0; i < 6; i++)
		fail_login(10 + i, "root",
			   i % 2 ? "2001:db8:1:2::a" : "2001:db8:1:2::b", 22);
	run();
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 0)),
			 "2001:db8:1:2::9");
	ck_assert_uint_eq(sm_finding_count(rig_finding(&rig, 0)), 6);
}
END_TEST

START_TEST(slow_failures_are_found_and_fast_ones_are_not_slow)
{
	for (int i = 0; i < 20; i++)
		fail_login(i * 9000, "root", "203.0.113.9", 22);
	for (int i = 0; i < 25; i++)
		fail_login(180000 + i, "root", "203.0.113.10", 22);
	run();
	ck_assert_uint_eq(rig.findings.n, 2);
	ck_assert_str_eq(
		sm_finding_source_ip(rig_kind(&rig, "slow_brute_force")),
		"203.0.113.9");
	ck_assert_uint_eq(sm_finding_count(rig_kind(&rig, "slow_brute_force")),
			  20);
	ck_assert_str_eq(sm_finding_source_ip(rig_kind(&rig, "brute_force")),
			 "203.0.113.10");
}
END_TEST

static void spread(int addresses, int tries)
{
	for (int i = 0; i < tries; i++) {
		char ip[64];

		snprintf(ip, sizeof(ip), "203.0.113.%d", i % addresses);
		fail_login(i * 10, "root", ip, 22);
	}
}

START_TEST(ten_addresses_with_twenty_failures_are_distributed)
{
	const sm_finding *f;

	spread(10, 20);
	run();
	f = rig_kind(&rig, "distributed_brute_force");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(sm_finding_user(f), "root");
	ck_assert_str_eq(sm_finding_subject(f), "root");
	ck_assert_uint_eq(sm_finding_count(f), 20);
	ck_assert_uint_eq(rig.findings.n, 1);
}
END_TEST

START_TEST(nine_addresses_or_nineteen_failures_are_not)
{
	if (_i)
		spread(10, 19);
	else
		spread(9, 30);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
}
END_TEST

START_TEST(eight_unknown_users_are_an_enumeration_however_it_is_logged)
{
	const sm_finding *f;

	for (int i = 0; i < 8; i++)
		probe(i * 85, i, 4000 + i, _i);
	run();
	f = rig_kind(&rig, "user_enumeration");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(sm_finding_count(f), 8);
	ck_assert_str_eq(sm_finding_source_ip(f), "203.0.113.9");
	ck_assert_ptr_null(rig_kind(&rig, "password_spraying"));
}
END_TEST

START_TEST(seven_unknown_users_are_none)
{
	for (int i = 0; i < 14; i++)
		probe(i * 40, i % 7, 4000 + i, _i);
	run();
	ck_assert_ptr_null(rig_kind(&rig, "user_enumeration"));
}
END_TEST

START_TEST(eight_users_tried_twice_are_sprayed)
{
	const sm_finding *f;

	spray(8, 2);
	run();
	f = rig_kind(&rig, "password_spraying");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(sm_finding_count(f), 16);
}
END_TEST

START_TEST(seven_users_are_not_sprayed)
{
	spray(7, 2);
	run();
	ck_assert_ptr_null(rig_kind(&rig, "password_spraying"));
}
END_TEST

START_TEST(users_tried_three_times_are_not_sprayed)
{
	for (int i = 0; i < 24; i++) {
		char user[16];

		snprintf(user, sizeof(user), "user%d", i / 3);
		fail_login(i * 20, user, "203.0.113.9", 4000 + i);
	}
	run();
	ck_assert_ptr_null(rig_kind(&rig, "password_spraying"));
}
END_TEST

START_TEST(a_login_after_five_failures_is_critical)
{
	const sm_finding *f;

	break_in(5, 600);
	run();
	f = rig_kind(&rig, "success_after_failures");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_CRITICAL);
	ck_assert_str_eq(sm_finding_user(f), "deploy");
	ck_assert_str_eq(sm_finding_title(f),
			 "203.0.113.9 logged in as deploy after 5 failures");
	ck_assert_uint_eq(sm_finding_count(f), 5);
	ck_assert_int_eq(sm_finding_last(f) - sm_finding_first(f),
			 604 * SMI_SEC);
}
END_TEST

START_TEST(a_late_login_or_one_after_four_failures_is_none)
{
	if (_i)
		break_in(5, 601);
	else
		break_in(4, 1);
	run();
	ck_assert_ptr_null(rig_kind(&rig, "success_after_failures"));
}
END_TEST

START_TEST(three_wrong_sudo_passwords_are_a_finding)
{
	const sm_finding *f;

	rig_line(&text, 0, "sudo",
		 "     bob : 3 incorrect password attempts ; TTY=pts/0 ; "
		 "PWD=/ ; USER=root ; COMMAND=/usr/bin/id");
	for (int i = 0; i < 2; i++)
		rig_line(
			&text, i, "sudo",
			"     eve : 1 incorrect password attempt ; TTY=pts/0 ; "
			"PWD=/ ; USER=root ; COMMAND=/usr/bin/id");
	run();
	f = rig_kind(&rig, "sudo_failures");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(sm_finding_user(f), "bob");
	ck_assert_uint_eq(sm_finding_count(f), 3);
}
END_TEST

START_TEST(ignored_addresses_make_no_finding)
{
	struct smi_prefix own;

	ck_assert(smi_prefix_parse(SMI_SPAN("203.0.113.0/24"), &own));
	rig.o.ignore = &own;
	rig.o.nignore = 1;
	break_in(9, 1);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
	ck_assert_uint_eq(rig.events.n, 10);
}
END_TEST

START_TEST(thresholds_replace_count_and_window)
{
	struct smi_threshold t = { "brute_force", 3, 10 };

	rig.o.thresholds = &t;
	rig.o.nthresholds = 1;
	for (int i = 0; i < 3; i++)
		fail_login(i * 5, "root", "203.0.113.9", 22);
	for (int i = 0; i < 3; i++)
		fail_login(20 + i * 6, "root", "203.0.113.10", 22);
	run();
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 0)),
			 "203.0.113.9");
	ck_assert_ptr_nonnull(strstr(sm_finding_why(rig_finding(&rig, 0)),
				     "At least 3 failed logins from one "
				     "address within 10 s"));
}
END_TEST

/* Each user once, from an address of its own. */
static void from_prefix(int users, bool unknown)
{
	for (int i = 0; i < users; i++) {
		char ip[64], user[32];

		snprintf(ip, sizeof(ip), "2001:db8:1:2::%x", i + 1);
		snprintf(user, sizeof(user), "%su%d",
			 unknown ? "invalid user " : "", i);
		fail_login(i * 85, user, ip, 4000 + i);
	}
	run();
}

START_TEST(eight_users_by_a_prefix_are_found_and_seven_are_not)
{
	const char *kind = _i / 2 ? "user_enumeration" : "password_spraying";

	from_prefix(_i % 2 ? 8 : 7, _i / 2);
	if (_i % 2)
		ck_assert_str_eq(sm_finding_source_ip(rig_kind(&rig, kind)),
				 "2001:db8:1:2::/64");
	else
		ck_assert_ptr_null(rig_kind(&rig, kind));
}
END_TEST

#define YEAR (365 * 86400)

/* Of another address, of its prefix, and of the attacker's own. */
START_TEST(lines_stamped_a_year_off_change_no_finding)
{
	static const char *const ips[] = { "198.51.100.7", "2001:db8:1:2::ff",
					   "2001:db8:1:2::1" };
	char id[2][64];

	for (int run_no = 0; run_no < 2; run_no++) {
		const sm_finding *f;

		for (int i = 0; i < 5; i++) {
			fail_login(i * 150, "root", "2001:db8:1:2::1", 4000);
			for (int k = -1; run_no && k <= 1; k += 2)
				fail_login(i * 150 + k * (YEAR + i * 900),
					   "root", ips[_i], 22);
		}
		run();
		f = rig_kind(&rig, "brute_force");
		ck_assert_ptr_nonnull(f);
		ck_assert_uint_eq(sm_finding_count(f), 5);
		ck_assert_int_eq(sm_finding_last(f) - sm_finding_first(f),
				 600 * SMI_SEC);
		snprintf(id[run_no], sizeof(id[0]), "%s",
			 sm_record_id(rig.findings.v[0]));
		ck_assert_uint_eq(rig.findings.n, 1);
		rig_clear(&rig);
		smi_buf_clear(&text);
	}
	ck_assert_str_eq(id[0], id[1]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("logins");
	TCase *tc = tcase_create("logins");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, five_failures_in_600_seconds_are_a_brute_force);
	tcase_add_test(tc, five_failures_in_601_seconds_are_none);
	tcase_add_test(tc, four_failures_are_none);
	tcase_add_test(tc, a_line_repeated_counts_as_often);
	tcase_add_test(tc, the_lines_about_one_try_are_one_failure);
	tcase_add_test(tc, other_programs_may_quote_sshd);
	tcase_add_test(tc, addresses_are_canonical);
	tcase_add_test(tc, many_addresses_of_a_prefix_are_its_prefix);
	tcase_add_test(tc, an_address_that_suffices_hides_its_prefix);
	tcase_add_test(tc, slow_failures_are_found_and_fast_ones_are_not_slow);
	tcase_add_test(tc, ten_addresses_with_twenty_failures_are_distributed);
	tcase_add_loop_test(tc, nine_addresses_or_nineteen_failures_are_not, 0,
			    2);
	tcase_add_loop_test(
		tc, eight_unknown_users_are_an_enumeration_however_it_is_logged,
		1, 8);
	tcase_add_loop_test(tc, seven_unknown_users_are_none, 1, 8);
	tcase_add_test(tc, eight_users_tried_twice_are_sprayed);
	tcase_add_test(tc, seven_users_are_not_sprayed);
	tcase_add_test(tc, users_tried_three_times_are_not_sprayed);
	tcase_add_test(tc, a_login_after_five_failures_is_critical);
	tcase_add_loop_test(tc, a_late_login_or_one_after_four_failures_is_none,
			    0, 2);
	tcase_add_test(tc, three_wrong_sudo_passwords_are_a_finding);
	tcase_add_test(tc, ignored_addresses_make_no_finding);
	tcase_add_test(tc, thresholds_replace_count_and_window);
	tcase_add_loop_test(
		tc, eight_users_by_a_prefix_are_found_and_seven_are_not, 0, 4);
	tcase_add_loop_test(tc, lines_stamped_a_year_off_change_no_finding, 0,
			    3);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
