/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail-alloc.h"
#include "portscan/ports.h"
#include "portscan/service.h"
#include "portscan/udp-payload.h"
#include "suite.h"

static const struct smi_fsroot here = SMI_FSROOT_NONE;

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
	int r = smi_ports_parse(smi_span_str(lists[_i].text), &here, &set,
				&err);
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

	ck_assert_int_eq(
		smi_ports_parse(SMI_SPAN("22, 70000 ,80"), &here, &set, &err),
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

START_TEST(the_top_ports_of_udp_are_as_many_as_asked_for_and_differ)
{
	static const uint16_t must[] = { 53,  67,  69,	111,  123,  137,
					 161, 500, 514, 1900, 4500, 5353 };
	static struct smi_ports list, few, many, more;
	struct smi_ports_error err;

	for (size_t i = 0; i < smi_nports_top_udp; i++)
		smi_ports_add(&list, smi_ports_top_udp[i]);
	ck_assert_uint_eq(list.n, smi_nports_top_udp);
	ck_assert(!smi_ports_has(&list, 0));
	ck_assert_int_eq(
		smi_ports_parse_udp(SMI_SPAN("top-20"), &here, &few, &err), 0);
	ck_assert_uint_eq(few.n, 20);
	for (size_t i = 0; i < SMI_COUNT(must); i++)
		ck_assert_msg(smi_ports_has(&few, must[i]), "%u", must[i]);
	ck_assert(!smi_ports_has(&few, 22));
	ck_assert_int_eq(
		smi_ports_parse_udp(SMI_SPAN("top-1000"), &here, &many, &err),
		0);
	ck_assert_uint_eq(many.n, 1000);
	ck_assert(smi_ports_has(&many, 22));
	/* What is named besides takes nothing from them. */
	ck_assert_int_eq(
		smi_ports_parse_udp(SMI_SPAN("53,9,top-1"), &here, &more, &err),
		0);
	ck_assert_uint_eq(more.n, 2);
}
END_TEST

START_TEST(the_ports_with_a_question_are_the_first_of_udp)
{
	struct smi_ports known = { 0 };

	smi_udp_ports(&known);
	for (size_t i = 0; i < known.n; i++)
		ck_assert_msg(smi_ports_has(&known, smi_ports_top_udp[i]), "%u",
			      smi_ports_top_udp[i]);
}
END_TEST

START_TEST(the_top_hundred_have_what_servers_run)
{
	static const uint16_t must[] = { 21,   22,   23,   25,	 53,   80,
					 110,  143,  443,  445,	 993,  3306,
					 3389, 5432, 6379, 8080, 27017 };
	struct smi_ports set = { 0 };
	struct smi_ports_error err;

	ck_assert_int_eq(
		smi_ports_parse(SMI_SPAN("top-100"), &here, &set, &err), 0);
	ck_assert_uint_eq(set.n, 100);
	for (size_t i = 0; i < SMI_COUNT(must); i++)
		ck_assert_msg(smi_ports_has(&set, must[i]), "%u", must[i]);
}
END_TEST

/* A root with a services file of its own. */
static struct smi_fsroot services_root(const char *text)
{
	char path[] = "/tmp/check_ports.XXXXXX", file[64];
	struct smi_fsroot root;
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(path));
	snprintf(file, sizeof(file), "%s/etc", path);
	ck_assert_int_eq(mkdir(file, 0700), 0);
	snprintf(file, sizeof(file), "%s/etc/services", path);
	f = fopen(file, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	ck_assert_int_eq(smi_fsroot_init(&root, path), 0);
	return root;
}

static void remove_root(struct smi_fsroot *root)
{
	unlinkat(root->fd, "etc/services", 0);
	unlinkat(root->fd, "etc", AT_REMOVEDIR);
	rmdir(root->path);
	smi_fsroot_done(root);
}

static const char services_text[] = "# services\n"
				    "ssh-of-theirs\t22/tcp\n"
				    "ours  4999/tcp  oura ourb # ours\n"
				    "udp-one 4998/udp\n"
				    "bad 70000/tcp\nnil 0/tcp\nhalf\n"
				    "last 4997/tcp";

static const struct {
	const char *name;
	int result;
	uint16_t port;
} service_names[] = {
	{ "https", 0, 443 },	   { "HTTPS", 0, 443 },	  { "rdp", 0, 3389 },
	{ "ours", 0, 4999 },	   { "OurB", 0, 4999 },	  { "last", 0, 4997 },
	{ "udp-one", -ENOENT, 0 }, { "bad", -ENOENT, 0 }, { "nil", -ENOENT, 0 },
	{ "half", -ENOENT, 0 },
};

START_TEST(a_service_name_gives_its_port)
{
	struct smi_fsroot root = services_root(services_text);
	struct smi_services known = { 0 };
	uint16_t port = 0;

	ck_assert_int_eq(smi_services_port(&known, &root,
					   smi_span_str(service_names[_i].name),
					   &port),
			 service_names[_i].result);
	ck_assert_uint_eq(port, service_names[_i].port);
	smi_services_free(&known);
	remove_root(&root);
}
END_TEST

START_TEST(a_port_has_our_name_or_the_first_of_the_file)
{
	struct smi_fsroot root = services_root(services_text);
	struct smi_services known = { 0 };
	struct smi_span name;

	ck_assert_int_eq(smi_services_name(&known, &root, 22, &name), 0);
	ck_assert(smi_span_eq_str(name, "ssh"));
	ck_assert_int_eq(smi_services_name(&known, &root, 4999, &name), 0);
	ck_assert(smi_span_eq_str(name, "ours"));
	ck_assert_int_eq(smi_services_name(&known, &root, 4998, &name), 0);
	ck_assert_uint_eq(name.len, 0);
	smi_services_free(&known);
	remove_root(&root);
}
END_TEST

static const struct {
	const struct smi_service_name *table;
	const unsigned *n;
	int (*name)(struct smi_services *s, const struct smi_fsroot *root,
		    uint16_t port, struct smi_span *name);
} name_tables[] = {
	{ smi_services_tcp, &smi_services_ntcp, smi_services_name },
	{ smi_services_udp, &smi_services_nudp, smi_services_name_udp },
};

START_TEST(names_of_ours_ascend_by_port_and_each_is_found)
{
	const struct smi_service_name *t = name_tables[_i].table;
	struct smi_fsroot root = services_root("");
	struct smi_services known = { 0 };
	struct smi_span name;

	for (unsigned i = 0; i < *name_tables[_i].n; i++) {
		if (i)
			ck_assert_uint_gt(t[i].port, t[i - 1].port);
		ck_assert_int_eq(
			name_tables[_i].name(&known, &root, t[i].port, &name),
			0);
		ck_assert(smi_span_eq_str(name, t[i].name));
	}
	smi_services_free(&known);
	remove_root(&root);
}
END_TEST

START_TEST(every_number_with_a_name_of_ours_has_that_name_back)
{
	struct smi_fsroot root = services_root("");
	struct smi_services known = { 0 };
	struct smi_span name;
	unsigned named = 0;
	uint16_t back;

	for (unsigned p = 1; p <= 65535; p++) {
		if (smi_services_name(&known, &root, (uint16_t)p, &name) < 0 ||
		    !name.len)
			continue;
		ck_assert_int_eq(smi_services_port(&known, &root, name, &back),
				 0);
		ck_assert_uint_eq(back, p);
		named++;
	}
	ck_assert_uint_gt(named, 150);
	smi_services_free(&known);
	remove_root(&root);
}
END_TEST

START_TEST(out_of_memory_is_told)
{
	struct smi_fsroot root = services_root(services_text);
	struct smi_services known;
	struct smi_span name;
	int n, r = -ENOMEM;

	for (n = 1; r == -ENOMEM; n++) {
		known = (struct smi_services){ 0 };
		fail_alloc_from(n);
		r = smi_services_name(&known, &root, 4997, &name);
		fail_alloc_off();
		ck_assert(r == -ENOMEM || smi_span_eq_str(name, "last"));
		smi_services_free(&known);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_int_gt(n, 2);
	remove_root(&root);
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
	tcase_add_test(
		tc, the_top_ports_of_udp_are_as_many_as_asked_for_and_differ);
	tcase_add_test(tc, the_ports_with_a_question_are_the_first_of_udp);
	tcase_add_test(tc, the_top_hundred_have_what_servers_run);
	tcase_add_loop_test(tc, a_service_name_gives_its_port, 0,
			    (int)SMI_COUNT(service_names));
	tcase_add_test(tc, a_port_has_our_name_or_the_first_of_the_file);
	tcase_add_loop_test(tc, names_of_ours_ascend_by_port_and_each_is_found,
			    0, SMI_COUNT(name_tables));
	tcase_add_test(tc, every_number_with_a_name_of_ours_has_that_name_back);
	tcase_add_test(tc, out_of_memory_is_told);
	tcase_set_timeout(tc, 30);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
