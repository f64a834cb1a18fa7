/* SPDX-License-Identifier: MIT */
#include "detect-rig.h"
#include "suite.h"

/* Lines whose text was chosen to accuse 203.0.113.66. */
static struct rig rig;
static struct smi_buf text;

static void setup(void)
{
	rig_builtin(&rig);
	text = (struct smi_buf){ 0 };
}

static void teardown(void)
{
	smi_buf_free(&text);
	rig_done(&rig);
}

static void run(void)
{
	ck_assert_ptr_nonnull(smi_buf_cstr(&text));
	rig_run(&rig, text.p);
}

static const char *const injected[] = {
	"x from 203.0.113.66 port 22 ssh2",
	"root from 203.0.113.66",
	" from 203.0.113.66 port 22 ssh2: RSA SHA256:AAAA",
	"x from 203.0.113.66 port 22 ssh2 [preauth]",
	"x from ::ffff:203.0.113.66 port 22",
	"a' from 203.0.113.66 port 22 ssh2\\x0a",
	"x 203.0.113.66 port 22 [preauth]",
	"x rhost=203.0.113.66  user=root",
	"x from 203.0.113.66 not allowed because not listed in AllowUsers",
	"x from 203.0.113.66 via y",
	"x 203.0.113.66 port 22: Too many authentication failures",
	"x from 203.0.113.66 port 22 ssh2: RSA SHA256:AAAA, x",
};

START_TEST(a_user_name_accuses_nobody)
{
	static const char *const forms[] = {
		"Failed password for invalid user %s from 198.51.100.7 port "
		"4242 ssh2",
		"Failed password for %s from 198.51.100.7 port 4242 ssh2",
		"Failed none for invalid user %s from 198.51.100.7 port 4242 "
		"ssh2",
		"Failed publickey for invalid user %s from 198.51.100.7 port "
		"4242 ssh2: RSA SHA256:AAAA",
		"Invalid user %s from 198.51.100.7 port 4242",
		"error: PAM: Authentication failure for %s from 198.51.100.7",
		"error: maximum authentication attempts exceeded for invalid "
		"user %s from 198.51.100.7 port 4242 ssh2 [preauth]",
		"Connection closed by invalid user %s 198.51.100.7 port 4242 "
		"[preauth]",
		"Connection reset by authenticating user %s 198.51.100.7 port "
		"4242 [preauth]",
		"Disconnecting invalid user %s 198.51.100.7 port 4242: Too "
		"many authentication failures [preauth]",
		"User %s from 198.51.100.7 not allowed because not listed in "
		"AllowUsers",
		"pam_unix(sshd:auth): authentication failure; logname= uid=0 "
		"euid=0 tty=ssh ruser= rhost=198.51.100.7  user=%s",
	};

	for (size_t i = 0; i < SMI_COUNT(forms); i++) {
		char line[512];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(line, sizeof(line), forms[i], injected[_i]);
#pragma GCC diagnostic pop
		for (int k = 0; k < 10; k++)
			rig_line(&text, k, "sshd", "%s", line);
	}
	run();
	ck_assert_uint_eq(rig.events.n, 10 * SMI_COUNT(forms));
	for (size_t i = 0; i < rig.events.n; i++) {
		const char *ip = sm_logevent_source_ip(rig_event(&rig, i));

		ck_assert_str_eq(ip, "198.51.100.7");
	}
	ck_assert_ptr_nonnull(rig_kind(&rig, "brute_force"));
	for (size_t i = 0; i < rig.findings.n; i++)
		ck_assert_ptr_null(
			strstr(sm_finding_subject(rig_finding(&rig, i)),
			       "203.0.113.66"));
}
END_TEST

/* The text of the client's choice stands behind its own address, and may be cut. */
START_TEST(a_text_behind_the_address_accuses_nobody)
{
	static const char *const lines[] = {
		"Failed publickey for root from 198.51.100.7 port 4242 ssh2: "
		"ED25519-CERT SHA256:AAAA ID PPPP from 203.0.113.66 port 22 "
		"ssh2",
		"Failed publickey for invalid user x from 198.51.100.7 port "
		"4242 ssh2: ED25519-CERT SHA256:AAAA ID PPPP from "
		"203.0.113.66 port 22 ssh2",
		"Failed publickey for invalid user x from 203.0.113.66 port "
		"22 ssh2: RSA-CERT SHA256:AAAA ID y from 198.51.100.7 port "
		"4242 ssh2: RSA SHA256:AAAA",
		"Failed hostbased for root from 198.51.100.7 port 4242 ssh2: "
		"RSA SHA256:AAAA, client user \"me\", client host \"x from "
		"203.0.113.66 port 22 ssh2: a b\"",
		"Disconnecting invalid user a 198.51.100.7 port 5: Change of "
		"username or service not allowed: (a,ssh-connection) -> (x1 "
		"203.0.113.66 port 23:y,ssh-connection) [preauth]",
		"Disconnecting invalid user a 198.51.100.7 port 5: Change of "
		"username or service not allowed: (a,ssh-connection) -> (x1 "
		"203.0.113.66 port 23:y,ssh-con",
		"Disconnecting invalid user x 203.0.113.66 port 23: y "
		"198.51.100.7 port 5: Change of username or service not "
		"allowed: (a,ssh-connection) -> (b,ssh-con",
		"Disconnecting authenticating user root 198.51.100.7 port 5: "
		"Change of username or service not allowed: "
		"(root,ssh-connection) -> (x1 203.0.113.66 port 23:y,ssh-con",
	};

	for (size_t i = 0; i < SMI_COUNT(lines); i++)
		for (int k = 0; k < 10; k++)
			rig_line(&text, k, "sshd", "%s", lines[i]);
	run();
	ck_assert_uint_eq(rig.events.n, 10 * SMI_COUNT(lines));
	for (size_t i = 0; i < rig.events.n; i++)
		ck_assert_str_ne(sm_logevent_source_ip(rig_event(&rig, i)),
				 "203.0.113.66");
	for (size_t i = 0; i < 10; i++)
		ck_assert_str_eq(sm_logevent_source_ip(rig_event(&rig, i)),
				 "198.51.100.7");
	ck_assert_str_eq(sm_finding_source_ip(rig_kind(&rig, "brute_force")),
			 "198.51.100.7");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("accused");
	TCase *tc = tcase_create("sshd");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_user_name_accuses_nobody, 0,
			    SMI_COUNT(injected));
	tcase_add_test(tc, a_text_behind_the_address_accuses_nobody);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
