/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "fail-alloc.h"
#include "portscan/targets.h"
#include "suite.h"

static const struct {
	const char *text;
	int result;
	uint64_t count;
	const char *first;
} texts[] = {
	{ "10.0.0.1", 1, 1, "10.0.0.1" },
	{ "::ffff:10.0.0.1", 1, 1, "10.0.0.1" },
	{ "2001:DB8::1", 1, 1, "2001:db8::1" },
	{ "fe80::1%lo", 1, 1, "fe80::1%1" },
	{ "10.0.0.0/24", 1, 256, "10.0.0.0" },
	{ "10.0.0.77/24", 1, 256, "10.0.0.0" },
	{ "10.0.0.4/31", 1, 2, "10.0.0.4" },
	{ "10.0.0.4/32", 1, 1, "10.0.0.4" },
	{ "0.0.0.0/0", 1, UINT64_C(1) << 32, "0.0.0.0" },
	{ "2001:db8::/120", 1, 256, "2001:db8::" },
	{ "2001:db8::/96", 1, UINT64_C(1) << 32, "2001:db8::" },
	{ "10.0.0.1-20", 1, 20, "10.0.0.1" },
	{ "10.0.0.7-7", 1, 1, "10.0.0.7" },
	{ "10.0.0.1-10.0.1.20", 1, 276, "10.0.0.1" },
	{ "2001:db8::1-2001:db8::ff", 1, 255, "2001:db8::1" },
	{ "host.example", 0, 0, NULL },
	{ "my-host", 0, 0, NULL },
	{ "a_b.example.", 0, 0, NULL },
	{ "3com.example", 0, 0, NULL },
	{ "", -EINVAL, 0, NULL },
	{ "0.0.0.0", -EINVAL, 0, NULL },
	{ "::", -EINVAL, 0, NULL },
	{ "10.0.0.256", -EINVAL, 0, NULL },
	{ "10.0.0", -EINVAL, 0, NULL },
	{ "10.0.0.01", -EINVAL, 0, NULL },
	{ "10.0.0.0/33", -EINVAL, 0, NULL },
	{ "10.0.0.0/", -EINVAL, 0, NULL },
	{ "10.0.0.0/-1", -EINVAL, 0, NULL },
	{ "host/24", -EINVAL, 0, NULL },
	{ "10.0.0.20-1", -EINVAL, 0, NULL },
	{ "10.0.0.1-256", -EINVAL, 0, NULL },
	{ "10.0.0.1-", -EINVAL, 0, NULL },
	{ "10.0.1.1-10.0.0.1", -EINVAL, 0, NULL },
	{ "10.0.0.1-2001:db8::1", -EINVAL, 0, NULL },
	{ "2001:db8::2-2001:db8::1", -EINVAL, 0, NULL },
	{ "2001:db8::g", -EINVAL, 0, NULL },
	{ "-host", -EINVAL, 0, NULL },
	{ "a host", -EINVAL, 0, NULL },
	{ "host\nname", -EINVAL, 0, NULL },
	{ "http://host", -EINVAL, 0, NULL },
	{ "2001:db8::/64", -E2BIG, 0, NULL },
	{ "2001:db8::/0", -E2BIG, 0, NULL },
	{ "2001:db8::1-2001:db9::1", -E2BIG, 0, NULL },
	{ "fe80::1%no-such-if0", -ENODEV, 0, NULL },
	{ "fe80::1%lo-fe80::8", 1, 8, "fe80::1%1" },
	{ "fe80::%lo/124", 1, 16, "fe80::%1" },
	{ "fe80::%lo/0124", -EINVAL, 0, NULL },
	{ "fe80::%no-such-if0/124", -ENODEV, 0, NULL },
	{ "10.0.0.0%lo/24", -EINVAL, 0, NULL },
	{ "fe80::1", -EINVAL, 0, NULL },
	{ "fe80::1-fe80::8", -EINVAL, 0, NULL },
	{ "fe80::/124", -EINVAL, 0, NULL },
};

static const struct {
	const char *text, *first, *last;
} blocks[] = {
	{ "10.0.0.1", "10.0.0.1", "10.0.0.1" },
	{ "10.0.0.5-20", "10.0.0.5", "10.0.0.20" },
	{ "10.0.0.77/23", "10.0.0.0", "10.0.1.255" },
	{ "0.0.0.0/0", "0.0.0.0", "255.255.255.255" },
	{ "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "2001:db8::/45",
	  "2001:db8::", "2001:db8:7:ffff:ffff:ffff:ffff:ffff" },
	{ "2001:db8::1/128", "2001:db8::1", "2001:db8::1" },
	{ "2001:db8::1-2001:db9::2", "2001:db8::1", "2001:db9::2" },
	{ "fe80::/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "fe80::%lo/127", "fe80::%1", "fe80::1%1" },
};

START_TEST(what_is_to_be_spared_may_be_of_any_size)
{
	char first[SMI_IP_STRLEN], last[SMI_IP_STRLEN];
	struct smi_block b;
	const char *why;

	ck_assert_int_eq(
		smi_block_parse(smi_span_str(blocks[_i].text), &b, &why), 1);
	ck_assert_str_eq(smi_ip_format(&b.first, first), blocks[_i].first);
	ck_assert_str_eq(smi_ip_format(&b.last, last), blocks[_i].last);
}
END_TEST

START_TEST(a_text_gives_exactly_its_addresses)
{
	struct smi_range range;
	char first[SMI_IP_STRLEN];
	const char *why = NULL;
	int r = smi_range_parse(smi_span_str(texts[_i].text), &range, &why);

	ck_assert_msg(r == texts[_i].result, "%s: %d", texts[_i].text, r);
	if (r < 0)
		ck_assert_ptr_nonnull(why);
	if (r != 1)
		return;
	ck_assert_uint_eq(range.count, texts[_i].count);
	ck_assert_str_eq(smi_ip_format(&range.first, first), texts[_i].first);
}
END_TEST

static struct smi_range range_of(const char *text)
{
	struct smi_range r = { .count = 0 };
	const char *why;

	ck_assert_int_eq(smi_range_parse(smi_span_str(text), &r, &why), 1);
	return r;
}

/* Lists of texts, separated by spaces. */
static void fill(struct smi_targets *t, const char *targets,
		 const char *exclude)
{
	struct smi_span rest = smi_span_str(targets), tok;
	struct smi_range r;
	struct smi_block b;
	const char *why;

	while (smi_span_split(&rest, ' ', &tok)) {
		ck_assert_int_eq(smi_range_parse(tok, &r, &why), 1);
		ck_assert(smi_targets_add(t, &r));
	}
	rest = smi_span_str(exclude);
	while (smi_span_split(&rest, ' ', &tok)) {
		ck_assert_int_eq(smi_block_parse(tok, &b, &why), 1);
		ck_assert(smi_targets_add_exclude(t, &b));
	}
}

static void walk(struct smi_targets *t, char *out, size_t size)
{
	char text[SMI_IP_STRLEN];
	const char *name;
	struct smi_ip ip;
	size_t n = 0;

	out[0] = '\0';
	while (smi_targets_next(t, &ip, &name))
		n += (size_t)snprintf(out + n, size - n, "%s%s", n ? " " : "",
				      smi_ip_format(&ip, text));
}

static const struct {
	const char *targets, *exclude, *walk;
	uint64_t count;
} walks[] = {
	{ "10.0.0.1", "", "10.0.0.1", 1 },
	{ "10.0.0.2 10.0.0.1 10.0.0.2", "", "10.0.0.1 10.0.0.2", 2 },
	{ "10.0.0.254-10.0.1.1", "", "10.0.0.254 10.0.0.255 10.0.1.0 10.0.1.1",
	  4 },
	{ "10.0.0.1-3 10.0.0.2-5", "",
	  "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5", 5 },
	{ "10.0.0.0/30 10.0.0.2", "", "10.0.0.0 10.0.0.1 10.0.0.2 10.0.0.3",
	  4 },
	{ "10.0.0.0/30", "10.0.0.1-2", "10.0.0.0 10.0.0.3", 2 },
	{ "10.0.0.0/30", "10.0.0.0 10.0.0.3", "10.0.0.1 10.0.0.2", 2 },
	{ "10.0.0.0/29", "10.0.0.1-3 10.0.0.0-1 10.0.0.5",
	  "10.0.0.4 10.0.0.6 10.0.0.7", 3 },
	{ "10.0.0.0/30 10.0.0.2", "10.0.0.2", "10.0.0.0 10.0.0.1 10.0.0.3", 3 },
	{ "10.0.0.1", "10.0.0.0/8", "", 0 },
	{ "10.0.0.0/30", "9.0.0.0-11.0.0.0", "", 0 },
	{ "10.0.0.0/31 2001:db8::/127",
	  "10.0.0.1 2001:db8::", "10.0.0.0 2001:db8::1", 2 },
	{ "2001:db8::ffff:ffff:ffff:fffe-2001:db8::ffff:ffff:ffff:ffff", "",
	  "2001:db8::ffff:ffff:ffff:fffe 2001:db8::ffff:ffff:ffff:ffff", 2 },
	{ "255.255.255.254-255", "", "255.255.255.254 255.255.255.255", 2 },
	{ "0.0.0.0/31", "", "0.0.0.1", 1 },
	{ "::/127", "", "::1", 1 },
	{ "10.0.0.0/30", "::/0", "10.0.0.0 10.0.0.1 10.0.0.2 10.0.0.3", 4 },
	{ "2001:db8::/126", "2001:db8::2-2001:db9::", "2001:db8:: 2001:db8::1",
	  2 },
	{ "2001:db8:0:1::/127", "2001:db8::2-2001:db8:0:1::", "2001:db8:0:1::1",
	  1 },
	{ "2001:db8:0:1::/127", "2001:db8::/48", "", 0 },
	{ "2001:db8::ffff:ffff:ffff:fffe-2001:db8::ffff:ffff:ffff:ffff",
	  "2001:db8::-2001:db8:0:1::", "", 0 },
	{ "fe80::%lo/126", "fe80::1", "fe80::%1 fe80::2%1 fe80::3%1", 3 },
	{ "fe80::%lo/126", "fe80::2%lo", "fe80::%1 fe80::1%1 fe80::3%1", 3 },
	{ "fe80::%lo/126", "fe80::2%9",
	  "fe80::%1 fe80::1%1 fe80::2%1 fe80::3%1", 4 },
	{ "fe80::%lo/126", "fe80::1 fe80::3%lo fe80::2%9", "fe80::%1 fe80::2%1",
	  2 },
	{ "fe80::7%lo fe80::8%2", "fe80::/10", "", 0 },
};

START_TEST(each_address_is_walked_once_and_none_that_is_excluded)
{
	struct smi_targets t = { .count = 0 };
	char got[1024];

	fill(&t, walks[_i].targets, walks[_i].exclude);
	ck_assert_int_eq(smi_targets_begin(&t), 0);
	ck_assert_uint_eq(t.count, walks[_i].count);
	walk(&t, got, sizeof(got));
	ck_assert_str_eq(got, walks[_i].walk);
	smi_targets_free(&t);
}
END_TEST

START_TEST(a_name_stays_with_its_address_when_a_prefix_covers_it)
{
	struct smi_targets t = { .count = 0 };
	struct smi_range r = range_of("10.0.0.2");
	const char *name;
	struct smi_ip ip;

	fill(&t, "10.0.0.0/30 10.0.0.2", "");
	r.name = smi_targets_name(&t, SMI_SPAN("www"));
	ck_assert(smi_targets_add(&t, &r));
	ck_assert_int_eq(smi_targets_begin(&t), 0);
	ck_assert_uint_eq(t.count, 4);
	ck_assert(smi_targets_next(&t, &ip, &name));
	ck_assert_int_eq(ip.b[3], 2);
	ck_assert_str_eq(name, "www");
	ck_assert(smi_targets_next(&t, &ip, &name));
	ck_assert_ptr_null(name);
	smi_targets_free(&t);
}
END_TEST

START_TEST(the_whole_internet_takes_no_memory)
{
	struct smi_targets t = { .count = 0 };
	struct smi_ip ip;
	const char *name;

	fill(&t, "0.0.0.0/0", "0.0.0.0/1 128.0.0.0-223.255.255.253");
	ck_assert_int_eq(smi_targets_begin(&t), 0);
	ck_assert_uint_eq(t.count, (UINT64_C(1) << 29) + 2);
	ck_assert(smi_targets_next(&t, &ip, &name));
	ck_assert_int_eq(ip.b[0], 223);
	ck_assert_int_eq(ip.b[3], 254);
	ck_assert_uint_le(t.stretches.cap + t.items.cap + t.exclude.cap, 64);
	smi_targets_free(&t);
}
END_TEST

START_TEST(an_order_has_every_number_once_whatever_the_key)
{
	static bool seen[1100];

	for (uint64_t n = 1; n < SMI_COUNT(seen); n += n < 70 ? 1 : 97) {
		struct smi_siphash_key key = { n, 7 };
		struct smi_perm p;

		smi_perm_init(&p, &key, n);
		memset(seen, 0, sizeof(seen));
		for (uint64_t i = 0; i < n; i++) {
			uint64_t x = smi_perm_at(&p, i);

			ck_assert_uint_lt(x, n);
			ck_assert(!seen[x]);
			seen[x] = true;
		}
	}
}
END_TEST

/* Of the first 1,000 addresses of a /8, how many follow their predecessor, and
 * the /16 that most are of. */
START_TEST(a_shuffled_walk_spreads_over_all_of_a_prefix)
{
	struct smi_siphash_key key = { 1, 2 }, other = { 1, 3 };
	struct smi_targets t = { .count = 0 };
	unsigned in_a_row = 0, in_net[256] = { 0 }, most = 0;
	struct smi_ip ip, before = { 0 }, first = { 0 };
	const char *name;

	fill(&t, "10.0.0.0/8", "");
	ck_assert_int_eq(smi_targets_begin(&t), 0);
	smi_targets_shuffle(&t, &key);
	for (int i = 0; i < 1000; i++, before = ip) {
		ck_assert(smi_targets_next(&t, &ip, &name));
		first = i ? first : ip;
		in_a_row += smi_ip_next(&before) && smi_ip_eq(&before, &ip);
		in_net[ip.b[1]]++;
		most = SMI_MAX(most, in_net[ip.b[1]]);
	}
	ck_assert_uint_eq(in_a_row, 0);
	/* 4 are to be expected in each; more than 20 once in 10^7 draws. */
	ck_assert_uint_le(most, 20);
	ck_assert_uint_eq(t.stretches.n, 1);
	t.walked = 0;
	smi_targets_shuffle(&t, &other);
	ck_assert(smi_targets_next(&t, &ip, &name));
	ck_assert(!smi_ip_eq(&ip, &first));
	smi_targets_free(&t);
}
END_TEST

START_TEST(a_shuffled_walk_has_each_address_once_with_its_name)
{
	struct smi_siphash_key key = { 5, 6 };
	struct smi_targets t = { .count = 0 };
	struct smi_range r = range_of("10.0.0.2");
	unsigned seen[256] = { 0 }, n = 0;
	const char *name;
	struct smi_ip ip;

	fill(&t, "10.0.0.0/25 10.0.0.200-210", "10.0.0.64/26");
	r.name = smi_targets_name(&t, SMI_SPAN("www"));
	ck_assert(smi_targets_add(&t, &r));
	ck_assert_int_eq(smi_targets_begin(&t), 0);
	smi_targets_shuffle(&t, &key);
	for (; smi_targets_next(&t, &ip, &name); n++) {
		ck_assert_uint_eq(seen[ip.b[3]]++, 0);
		ck_assert_int_eq(name != NULL, ip.b[3] == 2);
		ck_assert(ip.b[3] < 64 || (ip.b[3] >= 200 && ip.b[3] <= 210));
	}
	ck_assert_uint_eq(n, 75);
	smi_targets_free(&t);
}
END_TEST

START_TEST(out_of_memory_is_told_and_nothing_is_lost)
{
	struct smi_targets t = { .count = 0 };
	struct smi_range r = range_of("10.0.0.1");
	struct smi_block b = { r.first, r.first };

	fail_alloc_from(1);
	ck_assert(!smi_targets_add(&t, &r));
	ck_assert(!smi_targets_add_exclude(&t, &b));
	ck_assert_ptr_null(smi_targets_name(&t, SMI_SPAN("www")));
	fail_alloc_at(2);
	ck_assert_ptr_null(smi_targets_name(&t, SMI_SPAN("www")));
	fail_alloc_off();
	ck_assert(smi_targets_add(&t, &r));
	fail_alloc_from(1);
	ck_assert_int_eq(smi_targets_begin(&t), -ENOMEM);
	fail_alloc_off();
	smi_targets_free(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("targets");
	TCase *tc = tcase_create("targets");

	tcase_add_loop_test(tc, a_text_gives_exactly_its_addresses, 0,
			    (int)SMI_COUNT(texts));
	tcase_add_loop_test(tc, what_is_to_be_spared_may_be_of_any_size, 0,
			    (int)SMI_COUNT(blocks));
	tcase_add_loop_test(
		tc, each_address_is_walked_once_and_none_that_is_excluded, 0,
		(int)SMI_COUNT(walks));
	tcase_add_test(tc,
		       a_name_stays_with_its_address_when_a_prefix_covers_it);
	tcase_add_test(tc, the_whole_internet_takes_no_memory);
	tcase_add_test(tc, an_order_has_every_number_once_whatever_the_key);
	tcase_add_test(tc, a_shuffled_walk_spreads_over_all_of_a_prefix);
	tcase_add_test(tc, a_shuffled_walk_has_each_address_once_with_its_name);
	tcase_add_test(tc, out_of_memory_is_told_and_nothing_is_lost);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
