/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>

#include "base/ip.h"
#include "suite.h"

static bool parse(const char *text, struct smi_ip *out)
{
	/* Without a NUL behind it, so that a byte too far is seen. */
	SMI_AUTOFREE char *copy = smi_memdup(text, strlen(text));

	return smi_ip_parse(smi_span_of(copy, strlen(text)), out);
}

static struct smi_ip ip_of(const char *text)
{
	struct smi_ip ip;

	ck_assert_msg(parse(text, &ip), "%s", text);
	return ip;
}

/* RFC 4291, 2.2; RFC 5952, 1, 2 and 4; RFC 6943, 3.1.1 */
static const struct {
	const char *text, *canonical;
} good[] = {
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
	  "abcd:ef01:2345:6789:abcd:ef01:2345:6789" },
	{ "2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a" },
	{ "2001:DB8::8:800:200C:417A", "2001:db8::8:800:200c:417a" },
	{ "FF01:0:0:0:0:0:0:101", "ff01::101" },
	{ "0:0:0:0:0:0:0:1", "::1" },
	{ "0:0:0:0:0:0:0:0", "::" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "1::", "1::" },
	{ "0:0:0:0:0:0:13.1.68.3", "::d01:4403" },
	{ "::13.1.68.3", "::d01:4403" },
	{ "::FFFF:129.144.52.38", "129.144.52.38" },
	{ "0:0:0:0:0:FFFF:8190:3426", "129.144.52.38" },
	{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
	{ "1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201" },
	{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "2001:db8::1:0:0:1", "2001:db8::1:0:0:1" },
	{ "2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "2001:db8:0:0:1::1", "2001:db8::1:0:0:1" },
	{ "2001:DB8:0:0:1::1", "2001:db8::1:0:0:1" },
	{ "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001",
	  "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
	{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
	{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
	{ "fe80::1%2", "fe80::1%2" },
	{ "fe80::1%eth0", "fe80::1" },
	{ "febf::1%4294967295", "febf::1%4294967295" },
	{ "2001:db8::1%2", "2001:db8::1" },
	{ "::ffff:192.0.2.1%2", "192.0.2.1" },
};

START_TEST(an_address_is_read_and_written_as_the_rfcs_say)
{
	char text[SMI_IP_STRLEN];
	struct smi_ip ip = ip_of(good[_i].text), again;

	ck_assert_str_eq(smi_ip_format(&ip, text), good[_i].canonical);
	again = ip_of(text);
	ck_assert(smi_ip_eq(&ip, &again));
	ck_assert_int_eq(memcmp(ip.b, again.b, sizeof(ip.b)), 0);
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
	static const char *const bad[] = {
		"",
		".",
		"1",
		"1.2.3",
		"1.2.3.",
		"1.2.3.4.",
		"1.2.3.4.5",
		".1.2.3.4",
		"1..2.3",
		"256.1.1.1",
		"1.2.3.999",
		"1.2.3.1000",
		"01.2.3.4",
		"1.2.3.00",
		"0x1.2.3.4",
		"1.2.3.4 ",
		" 1.2.3.4",
		"-1.2.3.4",
		"+1.2.3.4",
		"1.2.3.4%1",
		"16909060",
		":",
		":::",
		":1",
		"1:",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:",
		":1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8",
		"1:2:3:4::5:6:7:8",
		"1::2::3",
		"1:::2",
		"12345::",
		"g::",
		"::1.2.3",
		"::1.2.3.4.5",
		"::01.2.3.4",
		"1.2.3.4::",
		"::1.2.3.4:5",
		"1:2:3:4:5:6:7:1.2.3.4",
		"1:2:3:4:5:1.2.3.4",
		"::1 ",
		" ::1",
		"[::1]",
		"::1/64",
		"fe80::1%",
		"fe80::1%a%b",
		"fe80::1%a b",
		"fe80::1%a/b",
		"%eth0",
		"localhost",
		"a.b.c.d",
	};
	struct smi_ip ip = { .family = 9 };

	for (size_t i = 0; i < SMI_COUNT(bad); i++)
		ck_assert_msg(!parse(bad[i], &ip), "%s", bad[i]);
	ck_assert(!smi_ip_parse(SMI_SPAN("1.2.3.4\0"), &ip));
	ck_assert(!smi_ip_parse(SMI_SPAN("::1\0"), &ip));
	ck_assert_int_eq(ip.family, 9);
}
END_TEST

/* Of the C library; it keeps mapped addresses, so these are put back. */
static bool c_parse(const char *text, struct smi_ip *out)
{
	*out = (struct smi_ip){ 0 };
	if (inet_pton(AF_INET, text, out->b) == 1) {
		out->family = 4;
		return true;
	}
	out->family = 6;
	if (inet_pton(AF_INET6, text, out->b) != 1)
		return false;
	if (memcmp(out->b, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0) {
		out->family = 4;
		memmove(out->b, out->b + 12, 4);
		memset(out->b + 4, 0, 12);
	}
	return true;
}

START_TEST(any_text_is_read_as_by_the_c_library)
{
	static const char alphabet[] = "00112ff:::::...9aG5";
	uint64_t x = 88172645463325252;
	int agreed = 0;

	for (int i = 0; i < 300000; i++) {
		struct smi_ip want, got = { 0 };
		char text[48];
		size_t len;
		bool ok;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		if (i % 2) {
			uint64_t y = x;

			len = x % 20;
			for (size_t k = 0; k < len; k++, y = y * 31 + 7)
				text[k] = alphabet[(y >> 20) %
						   (sizeof(alphabet) - 1)];
			text[len] = '\0';
		} else {
			/* An address with one byte changed */
			uint8_t b[16];

			for (int k = 0; k < 16; k++)
				b[k] = (x >> k & 3) ? 0
						    : (uint8_t)(x >> (3 * k));
			inet_ntop(i % 4 ? AF_INET6 : AF_INET, b, text,
				  sizeof(text));
			text[x % strlen(text)] =
				alphabet[(x >> 33) % (sizeof(alphabet) - 1)];
		}
		ok = parse(text, &got);
		if (ok != c_parse(text, &want) ||
		    (ok && !smi_ip_eq(&want, &got)))
			ck_abort_msg("%s", text);
		agreed += ok;
	}
	ck_assert_int_gt(agreed, 1000);
}
END_TEST

START_TEST(a_zone_is_an_interface_of_this_machine)
{
	struct smi_ip ip = { 0 };
	unsigned int lo = if_nametoindex("lo");

	ck_assert_int_eq(smi_ip_parse_zone(SMI_SPAN("fe80::1%7"), &ip), 0);
	ck_assert_uint_eq(ip.scope, 7);
	ck_assert_int_eq(smi_ip_parse_zone(SMI_SPAN("fe80::1%nowhere0"), &ip),
			 -ENODEV);
	ck_assert_int_eq(
		smi_ip_parse_zone(SMI_SPAN("fe80::1%muchlongerthananinterface"),
				  &ip),
		-ENODEV);
	ck_assert_int_eq(smi_ip_parse_zone(SMI_SPAN("fe80::1%"), &ip), -EINVAL);
	ck_assert_int_eq(smi_ip_parse_zone(SMI_SPAN("fe80::1"), &ip), 0);
	ck_assert_uint_eq(ip.scope, 0);
	if (lo > 0) {
		ck_assert_int_eq(smi_ip_parse_zone(SMI_SPAN("fe80::1%lo"), &ip),
				 0);
		ck_assert_uint_eq(ip.scope, lo);
	}
}
END_TEST

static const struct {
	const char *text, *canonical;
} prefixes[] = {
	{ "10.0.0.0/8", "10.0.0.0/8" },
	{ "10.255.1.2/8", "10.0.0.0/8" },
	{ "192.0.2.129/25", "192.0.2.128/25" },
	{ "192.0.2.1/0", "0.0.0.0/0" },
	{ "192.0.2.1/32", "192.0.2.1/32" },
	{ "192.0.2.1", "192.0.2.1/32" },
	{ "2001:db8::1", "2001:db8::1/128" },
	{ "2001:db8:ffff::/33", "2001:db8:8000::/33" },
	{ "2001:db8::ffff/127", "2001:db8::fffe/127" },
	{ "::/0", "::/0" },
	{ "::ffff:10.1.2.3/104", "10.0.0.0/8" },
	{ "::ffff:0:0/96", "0.0.0.0/0" },
	{ "::ffff:10.1.2.3/64", "::/64" },
	{ "10.0.0.0/33", NULL },
	{ "10.0.0.0/-1", NULL },
	{ "10.0.0.0/08", NULL },
	{ "10.0.0.0/", NULL },
	{ "10.0.0.0/8/8", NULL },
	{ "10.0.0.0/ 8", NULL },
	{ "10.0.0.0/255.0.0.0", NULL },
	{ "2001:db8::/129", NULL },
	{ "10.0/8", NULL },
	{ "/8", NULL },
	{ "", NULL },
	{ "fe80::1%2/64", NULL },
};

START_TEST(a_prefix_is_read_and_written)
{
	struct smi_prefix p;
	char text[SMI_IP_STRLEN];
	bool ok = smi_prefix_parse(smi_span_str(prefixes[_i].text), &p);

	ck_assert_int_eq(ok, prefixes[_i].canonical != NULL);
	if (ok)
		ck_assert_str_eq(smi_prefix_format(&p, text),
				 prefixes[_i].canonical);
}
END_TEST

START_TEST(a_prefix_has_its_addresses_and_no_others)
{
	static const struct {
		const char *prefix, *ip;
		bool has;
	} cases[] = {
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.128/25", "192.0.2.255", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "0.0.0.0/0", "255.1.2.3", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "1.2.3.4", false },
		{ "::/0", "ffff::", true },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:db8::1", "2001:db8::2", false },
	};

	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		struct smi_ip ip = ip_of(cases[i].ip);
		struct smi_prefix p;

		ck_assert(smi_prefix_parse(smi_span_str(cases[i].prefix), &p));
		ck_assert_msg(smi_prefix_has(&p, &ip) == cases[i].has, "%s %s",
			      cases[i].prefix, cases[i].ip);
	}
}
END_TEST

START_TEST(the_next_address_is_one_higher)
{
	static const struct {
		const char *ip, *next;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.2" },
		{ "192.0.2.255", "192.0.3.0" },
		{ "9.255.255.255", "10.0.0.0" },
		{ "255.255.255.255", NULL },
		{ "2001:db8::ffff:ffff", "2001:db8::1:0:0" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	};

	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		struct smi_ip ip = ip_of(cases[i].ip), before = ip;
		char text[SMI_IP_STRLEN];

		ck_assert_int_eq(smi_ip_next(&ip), cases[i].next != NULL);
		if (cases[i].next) {
			ck_assert_str_eq(smi_ip_format(&ip, text),
					 cases[i].next);
			ck_assert_int_gt(smi_ip_cmp(&ip, &before), 0);
		} else {
			ck_assert(smi_ip_eq(&ip, &before));
		}
	}
}
END_TEST

START_TEST(order_is_by_family_then_by_number)
{
	static const char *const sorted[] = {
		"1.2.3.4", "9.0.0.0", "10.0.0.0", "::",	       "::1",
		"2::",	   "10::",    "fe80::1",  "fe80::1%1", "fe80::1%2"
	};

	for (size_t i = 0; i < SMI_COUNT(sorted); i++) {
		for (size_t k = 0; k < SMI_COUNT(sorted); k++) {
			struct smi_ip a = ip_of(sorted[i]);
			struct smi_ip b = ip_of(sorted[k]);
			int r = smi_ip_cmp(&a, &b);

			ck_assert_int_eq((r > 0) - (r < 0), (i > k) - (i < k));
			ck_assert_int_eq(smi_ip_eq(&a, &b), i == k);
		}
	}
}
END_TEST

START_TEST(loopback_and_link_local_are_known)
{
	static const struct {
		const char *ip;
		bool loopback, link_local;
	} cases[] = {
		{ "127.0.0.1", true, false },
		{ "127.255.0.9", true, false },
		{ "128.0.0.1", false, false },
		{ "::1", true, false },
		{ "::2", false, false },
		{ "::ffff:127.0.0.1", true, false },
		{ "169.254.1.1", false, true },
		{ "169.253.1.1", false, false },
		{ "fe80::1", false, true },
		{ "febf::1", false, true },
		{ "fec0::1", false, false },
	};

	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		struct smi_ip ip = ip_of(cases[i].ip);

		ck_assert_int_eq(smi_ip_is_loopback(&ip), cases[i].loopback);
		ck_assert_int_eq(smi_ip_is_link_local(&ip),
				 cases[i].link_local);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ip");
	TCase *tc = tcase_create("ip");

	tcase_add_loop_test(tc, an_address_is_read_and_written_as_the_rfcs_say,
			    0, SMI_COUNT(good));
	tcase_add_test(tc, what_is_no_address_is_refused);
	tcase_add_test(tc, any_text_is_read_as_by_the_c_library);
	tcase_add_test(tc, a_zone_is_an_interface_of_this_machine);
	tcase_add_test(tc, the_next_address_is_one_higher);
	tcase_add_test(tc, order_is_by_family_then_by_number);
	tcase_add_test(tc, loopback_and_link_local_are_known);
	suite_add_tcase(s, tc);

	tc = tcase_create("prefix");
	tcase_add_loop_test(tc, a_prefix_is_read_and_written, 0,
			    SMI_COUNT(prefixes));
	tcase_add_test(tc, a_prefix_has_its_addresses_and_no_others);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
