/* SPDX-License-Identifier: MIT */
#include "portscan/reason.h"
#include "portscan/syn-packet.h"
#include "suite.h"

static const struct smi_siphash_key key = { 1, 2 };

static struct smi_ip ip_of(const char *text)
{
	struct smi_ip ip;

	ck_assert(smi_ip_parse(smi_span_str(text), &ip));
	return ip;
}

static struct smi_syn_ends ends_of(const char *own, const char *peer)
{
	return (struct smi_syn_ends){ ip_of(own), ip_of(peer), 40000, 443 };
}

/* RFC 1071, as its section 4.1 has it. */
static unsigned checksum(const uint8_t *p, size_t n, unsigned long sum)
{
	for (; n > 1; n -= 2, p += 2)
		sum += (unsigned long)(p[0] << 8 | p[1]);
	if (n)
		sum += (unsigned long)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)~sum & 0xffff;
}

static const struct {
	const char *own, *peer;
	size_t ip, all; /* lengths: of the IP header, of the packet */
} families[] = {
	{ "192.0.2.1", "198.51.100.255", 20, 44 },
	{ "2001:db8::1", "2001:db8:ffff::ffff", 40, 64 },
};

START_TEST(a_packet_has_the_checksum_that_its_receiver_wants)
{
	struct smi_ip own = ip_of(families[_i].own);
	struct smi_ip peer = ip_of(families[_i].peer);
	size_t len = own.family == 4 ? 4 : 16, at = families[_i].ip;
	struct smi_syn_template t;
	uint8_t p[SMI_SYN_MAX], pseudo[36] = { 0 };
	unsigned wrong = 0;

	smi_syn_template_init(&t, &own, &peer);
	ck_assert_uint_eq(t.len, families[_i].all);
	memcpy(pseudo, own.b, len);
	memcpy(pseudo + len, peer.b, len);
	pseudo[2 * len + 1] = 6;
	pseudo[2 * len + 3] = 24;
	for (uint32_t n = 0; n < 200000; n++) {
		uint32_t seq = n * 2654435761U;

		smi_syn_write(&t, (uint16_t)~n, (uint16_t)n, seq, p);
		/* With its own sum in place the sum of all is 0. */
		wrong += checksum(p + at, 24,
				  (uint16_t)~checksum(pseudo, 2 * len + 4,
						      0)) != 0;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(a_packet_says_what_it_was_told)
{
	struct smi_ip own = ip_of(families[_i].own);
	struct smi_ip peer = ip_of(families[_i].peer);
	uint8_t p[SMI_SYN_MAX], *tcp = p + families[_i].ip;
	static const uint8_t wanted[] = {
		0x12, 0x34, 0x00, 0x16,		    /* ports */
		0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0, /* seq, ack */
		0x60, 0x02,			    /* 24 bytes, SYN */
	};
	struct smi_syn_template t;

	smi_syn_template_init(&t, &own, &peer);
	smi_syn_write(&t, 0x1234, 22, 0xdeadbeef, p);
	ck_assert_mem_eq(tcp, wanted, sizeof(wanted));
	/* RFC 9293, 3.7.1: MSS is kind 2, length 4; of a link of 1500 bytes. */
	ck_assert_mem_eq(tcp + 20, "\x02\x04\x05", 3);
	ck_assert_uint_eq(tcp[23],
			  1500U - (unsigned)families[_i].ip - 20 - 0x500);
	if (own.family == 4) {
		ck_assert_uint_eq(p[0], 0x45);
		ck_assert_uint_eq(p[9], 6);
		ck_assert_mem_eq(p + 12, own.b, 4);
		ck_assert_mem_eq(p + 16, peer.b, 4);
	} else {
		ck_assert_uint_eq(p[0], 0x60);
		ck_assert_mem_eq(p + 4, "\0\x18\x06", 3);
		ck_assert_mem_eq(p + 8, own.b, 16);
		ck_assert_mem_eq(p + 24, peer.b, 16);
	}
}
END_TEST

START_TEST(a_cookie_depends_on_both_ends_and_the_key)
{
	static const struct smi_siphash_key other = { 1, 3 };
	struct smi_syn_ends e[7];
	uint64_t seen[8];

	for (size_t i = 0; i < SMI_COUNT(e); i++)
		e[i] = ends_of("192.0.2.1", "192.0.2.2");
	e[1].own.b[3]++;
	e[2].peer.b[3]++;
	e[3].own_port++;
	e[4].peer_port++;
	e[5].peer.scope++;
	e[6] = ends_of("192.0.2.2", "192.0.2.1");
	for (size_t i = 0; i < SMI_COUNT(e); i++)
		seen[i] = smi_syn_cookie(&key, &e[i]);
	seen[7] = smi_syn_cookie(&other, &e[0]);
	for (size_t i = 0; i < SMI_COUNT(seen); i++)
		for (size_t k = 0; k < i; k++)
			ck_assert_uint_ne((uint32_t)seen[i] >> 3,
					  (uint32_t)seen[k] >> 3);
}
END_TEST

/* An answer from 192.0.2.2 port 443 to 192.0.2.1 port 40000, by hand. */
static const uint8_t tcp4[] = {
	0x45, 0,    0,	  40,	0, 0, 0,   0, 64,   6,
	0,    0,    192,  0,	2, 2, 192, 0, 2,    1,
	0x01, 0xbb, 0x9c, 0x40, 0, 0, 0,   0, 0x11, 0x22,
	0x33, 0x44, 0x50, 0x12, 0, 0, 0,   0, 0,    0,
};

static const struct {
	uint8_t flags;
	bool answer;
	enum smi_syn_says says;
	const char *reason;
} flags[] = {
	{ 0x12, true, SMI_SYN_ACCEPTS, "syn-ack" },
	{ 0x52, true, SMI_SYN_ACCEPTS, "syn-ack" }, /* with ECE */
	{ 0x14, true, SMI_SYN_REFUSES, "reset" },
	{ 0x16, true, SMI_SYN_REFUSES, "reset" },
	{ 0x04, false, 0, NULL }, /* it tells not to what */
	{ 0x02, false, 0, NULL },
	{ 0x10, false, 0, NULL },
	{ 0x11, false, 0, NULL },
	{ 0x00, false, 0, NULL },
};

START_TEST(flags_tell_whether_a_port_accepts)
{
	struct smi_syn_reply r = { 0 };
	uint8_t p[sizeof(tcp4)];

	memcpy(p, tcp4, sizeof(p));
	p[33] = flags[_i].flags;
	ck_assert(smi_syn_read_tcp4(smi_span_of(p, sizeof(p)), &r) ==
		  flags[_i].answer);
	if (!flags[_i].answer)
		return;
	ck_assert_int_eq(r.says, flags[_i].says);
	ck_assert_str_eq(r.reason, flags[_i].reason);
	ck_assert_uint_eq(r.seq, 0x11223343);
	ck_assert_uint_eq(r.ends.own_port, 40000);
	ck_assert_uint_eq(r.ends.peer_port, 443);
	ck_assert_mem_eq(r.ends.own.b, "\xc0\0\x02\x01", 4);
	ck_assert_mem_eq(r.ends.peer.b, "\xc0\0\x02\x02", 4);
}
END_TEST

/* What a router says of our SYN: ICMP, then the header and 8 bytes of it. */
static size_t unreachable(uint8_t family, uint8_t type, uint8_t code,
			  const struct smi_syn_ends *e, uint8_t *out)
{
	size_t n = family == 4 ? 20 : 0, quoted = family == 4 ? 28 : 48;
	struct smi_syn_template t;
	uint8_t syn[SMI_SYN_MAX];

	memset(out, 0, 20);
	if (family == 4) {
		out[0] = 0x45;
		out[9] = 1;
	}
	memset(out + n, 0, 8);
	out[n] = type;
	out[n + 1] = code;
	smi_syn_template_init(&t, &e->own, &e->peer);
	smi_syn_write(&t, e->own_port, e->peer_port, 0xcafef00d, syn);
	memcpy(out + n + 8, syn, quoted);
	return n + 8 + quoted;
}

static const struct {
	uint8_t family, type, code;
	const char *reason; /* NULL: it is about something else */
} messages[] = {
	/* RFC 792, RFC 1812 */
	{ 4, 3, 0, "net-unreachable" },
	{ 4, 3, 1, "host-unreachable" },
	{ 4, 3, 3, "port-unreachable" },
	{ 4, 3, 9, "admin-prohibited" },
	{ 4, 3, 10, "admin-prohibited" },
	{ 4, 3, 13, "admin-prohibited" },
	{ 4, 3, 4, NULL }, /* fragmentation needed */
	{ 4, 3, 16, NULL },
	{ 4, 3, 255, NULL },
	{ 4, 11, 0, "host-unreachable" },
	{ 4, 8, 0, NULL },
	/* RFC 4443 */
	{ 6, 1, 0, "net-unreachable" },
	{ 6, 1, 1, "admin-prohibited" },
	{ 6, 1, 3, "host-unreachable" },
	{ 6, 1, 4, "port-unreachable" },
	{ 6, 1, 6, "admin-prohibited" },
	{ 6, 1, 7, NULL },
	{ 6, 2, 0, NULL }, /* too big */
	{ 6, 3, 0, "host-unreachable" },
	{ 6, 128, 0, NULL },
};

static bool read_icmp(uint8_t family, const uint8_t *p, size_t len,
		      struct smi_syn_reply *r)
{
	return family == 4 ? smi_syn_read_icmp4(smi_span_of(p, len), r)
			   : smi_syn_read_icmp6(smi_span_of(p, len), r);
}

START_TEST(a_message_that_quotes_a_probe_tells_its_reason)
{
	uint8_t family = messages[_i].family, p[128];
	struct smi_syn_ends e =
		ends_of(families[family == 6].own, families[family == 6].peer);
	size_t len = unreachable(family, messages[_i].type, messages[_i].code,
				 &e, p);
	struct smi_syn_reply r = { 0 };

	ck_assert(read_icmp(family, p, len, &r) == !!messages[_i].reason);
	if (!messages[_i].reason)
		return;
	ck_assert_str_eq(r.reason, messages[_i].reason);
	ck_assert_int_eq(r.says, SMI_SYN_UNREACHED);
	ck_assert_uint_eq(r.seq, 0xcafef00d);
	ck_assert(smi_ip_eq(&r.ends.own, &e.own));
	ck_assert(smi_ip_eq(&r.ends.peer, &e.peer));
	ck_assert_uint_eq(r.ends.own_port, 40000);
	ck_assert_uint_eq(r.ends.peer_port, 443);
}
END_TEST

/* In memory of exactly its length, so that sanitizers see a byte too many. */
static bool read_cut(int what, const uint8_t *bytes, size_t len)
{
	struct smi_ip own = ip_of("::1");
	struct smi_syn_reply r = { 0 };
	uint8_t *p = malloc(len ? len : 1);
	bool ok;

	ck_assert_ptr_nonnull(p);
	memcpy(p, bytes, len);
	if (what == 0)
		ok = smi_syn_read_tcp4(smi_span_of(p, len), &r);
	else if (what == 1)
		ok = smi_syn_read_tcp6(smi_span_of(p, len), &own, &own, &r);
	else
		ok = read_icmp(what == 2 ? 4 : 6, p, len, &r);
	free(p);
	return ok;
}

START_TEST(what_is_cut_short_is_no_answer)
{
	struct smi_syn_ends e4 = ends_of(families[0].own, families[0].peer);
	struct smi_syn_ends e6 = ends_of(families[1].own, families[1].peer);
	uint8_t icmp4[128], icmp6[128];
	const struct {
		const uint8_t *p;
		size_t len;
	} whole[] = {
		{ tcp4, sizeof(tcp4) },
		{ tcp4 + 20, sizeof(tcp4) - 20 },
		{ icmp4, unreachable(4, 3, 1, &e4, icmp4) },
		{ icmp6, unreachable(6, 1, 3, &e6, icmp6) },
	};

	ck_assert(read_cut(_i, whole[_i].p, whole[_i].len));
	for (size_t len = 0; len < whole[_i].len; len++)
		ck_assert(!read_cut(_i, whole[_i].p, len));
}
END_TEST

START_TEST(headers_that_lie_about_their_length_are_no_answer)
{
	struct smi_syn_ends e = ends_of(families[0].own, families[0].peer);
	uint8_t p[128];
	size_t len;

	for (unsigned words = 0; words < 16; words++) {
		memcpy(p, tcp4, sizeof(tcp4));
		p[0] = (uint8_t)(0x40 | words);
		ck_assert(read_cut(0, p, sizeof(tcp4)) == (words == 5));
		len = unreachable(4, 3, 1, &e, p);
		p[28] = (uint8_t)(0x40 | words);
		ck_assert(read_cut(2, p, len) == (words == 5));
	}
	len = unreachable(4, 3, 1, &e, p);
	p[28] = 0x65;
	ck_assert(!read_cut(2, p, len));
	p[28] = 0x45;
	p[28 + 9] = 17; /* of UDP */
	ck_assert(!read_cut(2, p, len));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("syn-packet");
	TCase *tc = tcase_create("syn-packet");

	tcase_add_loop_test(tc,
			    a_packet_has_the_checksum_that_its_receiver_wants,
			    0, SMI_COUNT(families));
	tcase_add_loop_test(tc, a_packet_says_what_it_was_told, 0,
			    SMI_COUNT(families));
	tcase_add_test(tc, a_cookie_depends_on_both_ends_and_the_key);
	tcase_add_loop_test(tc, flags_tell_whether_a_port_accepts, 0,
			    SMI_COUNT(flags));
	tcase_add_loop_test(tc, a_message_that_quotes_a_probe_tells_its_reason,
			    0, SMI_COUNT(messages));
	tcase_add_loop_test(tc, what_is_cut_short_is_no_answer, 0, 4);
	tcase_add_test(tc, headers_that_lie_about_their_length_are_no_answer);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
