/* SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sysmon/sysmon.h>

#include "svc-rig.h"

/* Servers of OpenSSL's own, with certificates that are made here. */

static EVP_PKEY *key;
static struct smi_arena arena;
static struct smi_tls_lib *lib;

struct cert {
	const char *cn; /* UTF-8 or not */
	int cn_len, cn_type;
	const char *not_after; /* as ASN.1 has it */
	int nsan;	       /* so many names */
	const char *san;       /* or this one, of san_len bytes */
	int san_len;
	bool other_issuer;
};

static void add_san(GENERAL_NAMES *names, const char *text, int len)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_IA5STRING *s = ASN1_IA5STRING_new();

	ASN1_STRING_set(s, text, len);
	GENERAL_NAME_set0_value(g, GEN_DNS, s);
	sk_GENERAL_NAME_push(names, g);
}

static void add_sans(X509 *x, const struct cert *c)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	char text[64];

	if (c->san)
		add_san(names, c->san, c->san_len);
	for (int i = 0; i < c->nsan; i++)
		add_san(names, text,
			snprintf(text, sizeof(text), "n%d.example.org", i));
	if (c->san || c->nsan)
		ck_assert_int_eq(
			X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, 0),
			1);
	GENERAL_NAMES_free(names);
}

static X509 *make_cert(const struct cert *c)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x), *issuer = name;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(name, "CN",
				   c->cn_type ? c->cn_type : MBSTRING_UTF8,
				   (const unsigned char *)c->cn,
				   c->cn_len ? c->cn_len : -1, -1, 0);
	if (c->other_issuer) {
		issuer = X509_NAME_new();
		X509_NAME_add_entry_by_txt(issuer, "O", MBSTRING_UTF8,
					   (const unsigned char *)"Example CA",
					   -1, -1, 0);
	}
	X509_set_issuer_name(x, issuer);
	if (c->other_issuer)
		X509_NAME_free(issuer);
	ASN1_TIME_set_string(X509_getm_notBefore(x), "20260101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(x),
			     c->not_after ? c->not_after : "20270102030405Z");
	add_sans(x, c);
	ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
	return x;
}

static SSL_CTX *server_ctx(const struct cert *c)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	X509 *x = make_cert(c);

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
	ck_assert_int_eq(SSL_CTX_use_certificate(ctx, x), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(ctx, key), 1);
	X509_free(x);
	return ctx;
}

static void setup(void)
{
	char why[128] = "";

	key = EVP_EC_gen("P-256");
	ck_assert_ptr_nonnull(key);
	ck_assert_msg(smi_tls_lib_new(SMI_TLS_LOOK, &lib, why, sizeof(why)) ==
			      0,
		      "%s", why);
}

static void teardown(void)
{
	smi_arena_free(&arena);
	smi_tls_lib_free(lib);
	lib = NULL;
	EVP_PKEY_free(key);
	stop_servers();
}

/* Bytes go to and fro until the client knows. */
static enum smi_tls_state shake(struct smi_tls *t, SSL *server)
{
	enum smi_tls_state state = SMI_TLS_MORE;
	char bytes[4096];
	int n;

	for (int i = 0; i < 100 && state == SMI_TLS_MORE; i++) {
		size_t out;

		state = smi_tls_shake(t);
		while ((out = smi_tls_take(t, bytes, sizeof(bytes))) > 0)
			BIO_write(SSL_get_rbio(server), bytes, (int)out);
		(void)SSL_do_handshake(server);
		while ((n = BIO_read(SSL_get_wbio(server), bytes,
				     sizeof(bytes))) > 0)
			ck_assert(
				smi_tls_put(t, smi_span_of(bytes, (size_t)n)));
	}
	ERR_clear_error();
	return state;
}

static struct smi_tls_facts facts_when(SSL_CTX *ctx, enum smi_tls_state state)
{
	struct smi_tls *t =
		smi_tls_new(lib, "svc.example.org", SMI_SPAN("\x08http/1.1"));
	SSL *server = SSL_new(ctx);
	struct smi_tls_facts f;

	ck_assert_ptr_nonnull(t);
	SSL_set_bio(server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_accept_state(server);
	ck_assert_int_eq(shake(t, server), state);
	ck_assert_int_eq(smi_tls_facts(t, &arena, &f), 0);
	smi_tls_free(t);
	SSL_free(server);
	SSL_CTX_free(ctx);
	return f;
}

static struct smi_tls_facts facts_of(SSL_CTX *ctx)
{
	return facts_when(ctx, SMI_TLS_UP);
}

START_TEST(a_certificate_tells_who_by_whom_and_until_when)
{
	struct cert c = { .cn = "svc.example.org",
			  .san = "svc.example.org",
			  .san_len = 15,
			  .other_issuer = true };
	struct smi_tls_facts f = facts_of(server_ctx(&c));
	char text[SMI_TIME_STRLEN];

	ck_assert_str_eq(f.version, "TLSv1.3");
	ck_assert_str_eq(f.subject, "CN=svc.example.org");
	ck_assert_str_eq(f.issuer, "O=Example CA");
	ck_assert_uint_eq(f.nsan, 1);
	ck_assert_str_eq(f.san[0], "svc.example.org");
	ck_assert_str_eq(smi_time_format(f.not_before, text),
			 "2026-01-01T00:00:00Z");
	ck_assert_str_eq(smi_time_format(f.not_after, text),
			 "2027-01-02T03:04:05Z");
	ck_assert(!f.self_signed);
	ck_assert_uint_eq(strlen(f.sha256), 64);
	ck_assert_ptr_null(f.alpn);
}
END_TEST

START_TEST(who_signs_himself_is_told)
{
	struct cert c = { .cn = "a" };

	ck_assert(facts_of(server_ctx(&c)).self_signed);
}
END_TEST

START_TEST(the_hash_is_the_one_of_the_certificate)
{
	struct cert c = { .cn = "a" };
	SSL_CTX *ctx = server_ctx(&c);
	unsigned char md[32];
	char text[65];

	X509_digest(SSL_CTX_get0_certificate(ctx), EVP_sha256(), md, NULL);
	for (int i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", md[i]);
	ck_assert_str_eq(facts_of(ctx).sha256, text);
}
END_TEST

START_TEST(old_versions_are_spoken_to_be_measured)
{
	static const struct {
		int number;
		const char *name;
	} versions[] = { { TLS1_VERSION, "TLSv1" },
			 { TLS1_1_VERSION, "TLSv1.1" },
			 { TLS1_2_VERSION, "TLSv1.2" } };
	struct cert c = { .cn = "a" };
	SSL_CTX *ctx = server_ctx(&c);

	SSL_CTX_set_max_proto_version(ctx, versions[_i].number);
	ck_assert_str_eq(facts_of(ctx).version, versions[_i].name);
}
END_TEST

/* Of TLS 1.2, and with Diffie and Hellman's exchange in a group alone. */
static SSL_CTX *dh_server_ctx(const char *group)
{
	struct cert c = { .cn = "a" };
	SSL_CTX *ctx;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string("group",
						 (char *)(uintptr_t)group, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *dh = NULL;

	EVP_PKEY_free(key);
	key = EVP_RSA_gen(2048);
	ctx = server_ctx(&c);
	ck_assert_int_eq(EVP_PKEY_keygen_init(make), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_params(make, params), 1);
	ck_assert_int_eq(EVP_PKEY_generate(make, &dh), 1);
	EVP_PKEY_CTX_free(make);
	ck_assert_int_eq(SSL_CTX_set0_tmp_dh_pkey(ctx, dh), 1);
	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(ctx, "kDHE:@SECLEVEL=0");
	return ctx;
}

START_TEST(a_group_that_takes_too_long_is_refused)
{
	static const struct {
		const char *group;
		enum smi_tls_state state;
	} groups[] = { { "ffdhe2048", SMI_TLS_UP },
		       { "ffdhe4096", SMI_TLS_UP },
		       { "ffdhe6144", SMI_TLS_FAILED },
		       { "ffdhe8192", SMI_TLS_FAILED } };
	struct smi_tls_facts f =
		facts_when(dh_server_ctx(groups[_i].group), groups[_i].state);

	ck_assert_str_eq(f.version, "TLSv1.2");
	ck_assert(strstr(f.cipher, "DHE-RSA") == f.cipher);
	ck_assert_int_eq(f.proved, groups[_i].state == SMI_TLS_UP);
	ck_assert_str_eq(f.subject, "CN=a");
}
END_TEST

START_TEST(who_wants_a_certificate_of_ours_has_proved_its_own)
{
	struct cert c = { .cn = "a" };
	SSL_CTX *ctx = server_ctx(&c);

	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(ctx, "kECDHE:@SECLEVEL=0");
	SSL_CTX_set_verify(
		ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	ck_assert(facts_when(ctx, SMI_TLS_FAILED).proved);
}
END_TEST

START_TEST(a_group_of_tls_1_3_that_takes_too_long_is_not_offered)
{
	struct cert c = { .cn = "a" };
	SSL_CTX *ctx = server_ctx(&c);
	struct smi_tls *t = smi_tls_new(lib, NULL, SMI_SPAN(""));
	SSL *server;

	ck_assert_int_eq(
		SSL_CTX_set1_groups_list(ctx, _i ? "ffdhe8192" : "ffdhe4096"),
		1);
	server = SSL_new(ctx);
	SSL_set_min_proto_version(server, TLS1_3_VERSION);
	SSL_set_bio(server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_accept_state(server);
	ck_assert_int_eq(shake(t, server), _i ? SMI_TLS_FAILED : SMI_TLS_UP);
	smi_tls_free(t);
	SSL_free(server);
	SSL_CTX_free(ctx);
}
END_TEST

START_TEST(hostile_names_are_clean_text)
{
	static const char cn[] = "a\x1b[2J\0b\xff\"<";
	static const char san[] = "ok.example\0.evil\n\xfe";
	struct cert c = { .cn = cn,
			  .cn_len = sizeof(cn) - 1,
			  .cn_type = V_ASN1_T61STRING,
			  .san = san,
			  .san_len = sizeof(san) - 1 };
	struct smi_tls_facts f = facts_of(server_ctx(&c));

	ck_assert_ptr_nonnull(f.subject);
	ck_assert(smi_span_starts(smi_span_str(f.subject), SMI_SPAN("CN")));
	for (const char *p = f.subject; *p; p++)
		ck_assert_uint_ge((unsigned char)*p, 0x20);
	ck_assert_uint_eq(f.nsan, 1);
	ck_assert_str_eq(f.san[0], "ok.example\\x00.evil\\x0a\\xfe");
}
END_TEST

START_TEST(a_certificate_that_cannot_be_read_leaves_what_came_before_it)
{
	struct cert c = { .cn = "\xff\xfe",
			  .cn_len = 2,
			  .cn_type = V_ASN1_UTF8STRING };
	struct smi_tls_facts f = facts_when(server_ctx(&c), SMI_TLS_FAILED);

	ck_assert_str_eq(f.version, "TLSv1.3");
	ck_assert_ptr_null(f.sha256);
	ck_assert_ptr_null(f.subject);
	ck_assert_int_eq(f.not_after, SM_TIME_NONE);
}
END_TEST

START_TEST(a_thousand_names_are_a_hundred_and_a_count)
{
	struct cert c = { .cn = "a", .nsan = 1000 };
	struct smi_tls_facts f = facts_of(server_ctx(&c));

	ck_assert_uint_eq(f.nsan, SMI_TLS_MAX_SANS);
	ck_assert_uint_eq(f.more_sans, 1000 - SMI_TLS_MAX_SANS);
	ck_assert_str_eq(f.san[99], "n99.example.org");
}
END_TEST

START_TEST(a_time_that_no_number_can_tell_is_the_last_one)
{
	struct cert c = { .cn = "a", .not_after = "99991231235959Z" };
	struct smi_tls_facts f = facts_of(server_ctx(&c));

	ck_assert_int_eq(f.not_after, INT64_MAX / SMI_SEC * SMI_SEC);
}
END_TEST

START_TEST(what_is_no_handshake_fails_and_leaves_no_error_behind)
{
	struct smi_tls *t = smi_tls_new(lib, NULL, SMI_SPAN(""));
	struct smi_tls_facts f;

	ck_assert_int_eq(smi_tls_shake(t), SMI_TLS_MORE);
	ck_assert(smi_tls_put(t, SMI_SPAN("HTTP/1.0 400 Bad Request\r\n")));
	ck_assert_int_eq(smi_tls_shake(t), SMI_TLS_FAILED);
	ck_assert_int_eq(smi_tls_facts(t, &arena, &f), -ENOENT);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	smi_tls_free(t);
}
END_TEST

static SSL_CTX *child_ctx;

static void answer_inside(int conn)
{
	SSL *s = SSL_new(child_ctx);
	char text[256];

	SSL_set_fd(s, conn);
	bool up = SSL_accept(s) == 1;

	if (up && SSL_read(s, text, sizeof(text)) > 0)
		SSL_write(s, "HTTP/1.0 x\n", 11);
	SSL_shutdown(s);
	SSL_free(s);
	if (up)
		wait_for_end(conn);
}

/* To plain text it hangs up. */
static void talk_https(int conn)
{
	answer_inside(conn);
}

static void talk_smtp(int conn)
{
	char text[256];

	say(conn, "220 mx.example.org\r\n");
	hear(conn, text, sizeof(text));
	say(conn, "250-mx\r\n250 STARTTLS\r\n");
	hear(conn, text, sizeof(text));
	say(conn, "220 go\r\n");
	answer_inside(conn);
}

static enum smi_match match(const struct smi_question *q, struct smi_span reply,
			    bool end, struct smi_service_id *id)
{
	(void)end;
	if (!q && smi_span_starts(reply, SMI_SPAN("220 "))) {
		id->service = "smtp";
		id->starttls = SMI_STARTTLS_SMTP;
		return SMI_MATCH_YES;
	}
	if (!smi_span_starts(reply, SMI_SPAN("HTTP/")))
		return SMI_MATCH_NO;
	id->service = "http";
	return SMI_MATCH_YES;
}

static const struct smi_question questions[] = {
	{ .name = "http",
	  .request = { "GET / HTTP/1.0\r\n\r\n", 18 },
	  .everywhere = true },
};

START_TEST(a_prober_finds_tls_where_nothing_hints_at_it_and_by_starttls)
{
	struct smi_svc_opts o = { .parallel = 2,
				  .timeout = 10 * SMI_SEC,
				  .max_reply = 4096,
				  .clock = &rig_clock,
				  .questions = questions,
				  .nquestions = 1,
				  .match = match };
	struct cert c = { .cn = "svc.example.org", .san = "a", .san_len = 1 };
	uint16_t ports[2];
	int fds;

	child_ctx = server_ctx(&c);
	ports[0] = serve(talk_https);
	ports[1] = serve(talk_smtp);
	fds = count_fds();
	ck_assert_int_eq(ask_ports(&o, ports, 2), 0);
	ck_assert_int_eq(count_fds(), fds);
	SSL_CTX_free(child_ctx);
	ck_assert_str_eq(told[0].service, "https");
	ck_assert_str_eq(told[0].subject, "CN=svc.example.org");
	ck_assert_int_eq(memcmp(told[0].banner, "HTTP/1.0 x", 10), 0);
	ck_assert(!told[0].starttls);
	ck_assert_str_eq(told[1].service, "smtp");
	ck_assert_str_eq(told[1].subject, "CN=svc.example.org");
	ck_assert_int_eq(memcmp(told[1].banner, "220 mx", 6), 0);
	ck_assert(told[1].starttls && told[1].tls && told[1].self_signed);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls");
	TCase *tc = tcase_create("tls");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_certificate_tells_who_by_whom_and_until_when);
	tcase_add_test(tc, who_signs_himself_is_told);
	tcase_add_test(tc, the_hash_is_the_one_of_the_certificate);
	tcase_add_loop_test(tc, old_versions_are_spoken_to_be_measured, 0, 3);
	tcase_add_loop_test(tc, a_group_that_takes_too_long_is_refused, 0, 4);
	tcase_add_test(tc, who_wants_a_certificate_of_ours_has_proved_its_own);
	tcase_add_loop_test(
		tc, a_group_of_tls_1_3_that_takes_too_long_is_not_offered, 0,
		2);
	tcase_add_test(tc, hostile_names_are_clean_text);
	tcase_add_test(
		tc,
		a_certificate_that_cannot_be_read_leaves_what_came_before_it);
	tcase_add_test(tc, a_thousand_names_are_a_hundred_and_a_count);
	tcase_add_test(tc, a_time_that_no_number_can_tell_is_the_last_one);
	tcase_add_test(tc,
		       what_is_no_handshake_fails_and_leaves_no_error_behind);
	tcase_add_test(
		tc,
		a_prober_finds_tls_where_nothing_hints_at_it_and_by_starttls);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
