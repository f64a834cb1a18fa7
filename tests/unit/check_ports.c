/* SPDX-License-Identifier: MIT */
#include "portscan/ports.h"
#include "portscan/service.h"
#include "suite.h"

static const struct {
	const char *text;
	int result;
	size_t n; /* or, where it fails, nothing */
	uint16_t first, last;
} lists[] = {
	{ "22", 0, 1, 22, 22 },
	{ "1", 0, 1, 1, 1 },
	{ "65535", 0, 1, 65535, 65535 },
	{ "22,80,8000-8100", 0, 103, 22, 8100 },
	{ " 22 , 80 - 81 ", 0, 3, 22, 81 },
	{ "100-200,150-250,200", 0, 151, 100, 250 },
	{ "80,80,80", 0, 1, 80, 80 },
	{ "1-65535", 0, 65535, 1, 65535 },
	{ "all", 0, 65535, 1, 65535 },
	{ "all,22", 0, 65535, 1, 65535 },
	{ "ssh", 0, 1, 22, 22 },
	{ "SSH,https", 0, 2, 22, 443 },
	{ "rdp", 0, 1, 3389, 3389 },
	{ "xmpp-client", 0, 1, 5222, 5222 },
	{ "top-1", 0, 1, 80, 80 },
	{ "0080", 0, 1, 80, 80 },
	{ "", -EINVAL, 0, 0, 0 },
	{ "  ", -EINVAL, 0, 0, 0 },
	{ "0", -EINVAL, 0, 0, 0 },
	{ "70000", -EINVAL, 0, 0, 0 },
	{ "65536", -EINVAL, 0, 0, 0 },
	{ "99999999999999999999999", -EINVAL, 0, 0, 0 },
	{ "100-1", -EINVAL, 0, 0, 0 },
	{ "0-10", -EINVAL, 0, 0, 0 },
	{ "1-65536", -EINVAL, 0, 0, 0 },
	{ "1-", -EINVAL, 0, 0, 0 },
	{ "-1", -EINVAL, 0, 0, 0 },
	{ "-", -EINVAL, 0, 0, 0 },
	{ "1-2-3", -EINVAL, 0, 0, 0 },
	{ "22,,80", -EINVAL, 0, 0, 0 },
	{ "22,", -EINVAL, 0, 0, 0 },
	{ ",22", -EINVAL, 0, 0, 0 },
	{ "22 80", -EINVAL, 0, 0, 0 },
	{ "+22", -EINVAL, 0, 0, 0 },
	{ "top-0", -EINVAL, 0, 0, 0 },
	{ "top-1001", -EINVAL, 0, 0, 0 },
	{ "top-", -EINVAL, 0, 0, 0 },
	{ "no-such-service", -ENOENT, 0, 0, 0 },
	{ "0x16", -ENOENT, 0, 0, 0 },
};

START_TEST(a_list_gives_exactly_its_ports)
{
	struct smi_ports set = { 0 };
	struct smi_ports_error err = { .what = NULL };
	int r = smi_ports_parse(smi_span_str(lists[_i].text), &set, &err);
	uint16_t *v;

	ck_assert_int_eq(r, lists[_i].result);
	if (r < 0) {
		ck_assert_ptr_nonnull(err.what);
		return;
	}
	ck_assert_uint_eq(set.n, lists[_i].n);
	v = calloc(set.n, sizeof(*v));
	ck_assert_ptr_nonnull(v);
	smi_ports_list(&set, v);
	ck_assert_uint_eq(v[0], lists[_i].first);
	ck_assert_uint_eq(v[set.n - 1], lists[_i].last);
	free(v);
}
END_TEST

START_TEST(an_error_names_the_item_that_is_wrong)
{
	struct smi_ports set = { 0 };
	struct smi_ports_error err;

	ck_assert_int_eq(smi_ports_parse(SMI_SPAN("22, 70000 ,80"), &set, &err),
			 -EINVAL);
	ck_assert(smi_span_eq_str(err.item, "70000"));
	ck_assert_str_eq(err.what, "ports go from 1 to 65535");
}
END_TEST

START_TEST(what_is_added_can_be_taken_out)
{
	struct smi_ports set = { 0 };

	smi_ports_add(&set, 65535);
	smi_ports_add(&set, 65535);
	ck_assert_uint_eq(set.n, 1);
	ck_assert(smi_ports_has(&set, 65535));
	ck_assert(!smi_ports_has(&set, 65534));
	smi_ports_del(&set, 65535);
	smi_ports_del(&set, 65535);
	ck_assert_uint_eq(set.n, 0);
	ck_assert(!smi_ports_has(&set, 65535));
}
END_TEST

START_TEST(the_top_ports_are_a_thousand_different_ones)
{
	struct smi_ports set = { 0 };

	for (size_t i = 0; i < SMI_PORTS_TOP; i++)
		smi_ports_add(&set, smi_ports_top[i]);
	ck_assert_uint_eq(set.n, 1000);
	ck_assert(!smi_ports_has(&set, 0));
}
END_TEST

START_TEST(the_top_hundred_have_what_servers_run)
{
	static const uint16_t must[] = { 21,   22,   23,   25,	 53,   80,
					 110,  143,  443,  445,	 993,  3306,
					 3389, 5432, 6379, 8080, 27017 };
	struct smi_ports set = { 0 };
	struct smi_ports_error err;

	ck_assert_int_eq(smi_ports_parse(SMI_SPAN("top-100"), &set, &err), 0);
	ck_assert_uint_eq(set.n, 100);
	for (size_t i = 0; i < SMI_COUNT(must); i++)
		ck_assert_msg(smi_ports_has(&set, must[i]), "%u", must[i]);
}
END_TEST

START_TEST(every_number_with_a_name_has_that_name_back)
{
	unsigned named = 0;
	uint16_t back;

	for (unsigned p = 1; p <= 65535; p++) {
		const char *name = smi_service_name((uint16_t)p);

		if (!name[0])
			continue;
		ck_assert(smi_service_port(name, &back));
		ck_assert_msg(back == p, "%s is %u and %u", name, p, back);
		named++;
	}
	ck_assert_uint_gt(named, 150);
}
END_TEST

START_TEST(common_services_have_the_names_of_the_registry)
{
	char space[SMI_SERVICE_STRLEN];

	ck_assert_str_eq(smi_service_name(22), "ssh");
	ck_assert_str_eq(smi_service_name(443), "https");
	ck_assert_str_eq(smi_service_lookup(3306, space), "mysql");
	ck_assert_str_eq(smi_service_lookup(64738, space), "mumble");
	ck_assert_str_eq(smi_service_name(64999), "");
	ck_assert_str_eq(smi_service_lookup(64999, space), "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ports");
	TCase *tc = tcase_create("ports");

	tcase_add_loop_test(tc, a_list_gives_exactly_its_ports, 0,
			    (int)SMI_COUNT(lists));
	tcase_add_test(tc, an_error_names_the_item_that_is_wrong);
	tcase_add_test(tc, what_is_added_can_be_taken_out);
	tcase_add_test(tc, the_top_ports_are_a_thousand_different_ones);
	tcase_add_test(tc, the_top_hundred_have_what_servers_run);
	tcase_add_test(tc, every_number_with_a_name_has_that_name_back);
	tcase_add_test(tc, common_services_have_the_names_of_the_registry);
	tcase_set_timeout(tc, 30);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
