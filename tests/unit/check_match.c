/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "match-rows.h"
#include "portscan/match.h"
#include "suite.h"

/* Matchers by the name of their row in the tables, and of the questions that other
 * matchers have named as the next. */
static struct {
	const char *name;
	smi_match_fn *match;
	const struct smi_question *question;
} known[64];
static size_t nknown;

static void know(const char *name, smi_match_fn *match,
		 const struct smi_question *q)
{
	for (size_t i = 0; i < nknown; i++)
		if (known[i].match == match)
			return;
	ck_assert_uint_lt(nknown, SMI_COUNT(known));
	known[nknown].name = name;
	known[nknown].match = match;
	known[nknown++].question = q;
}

static size_t find(const char *name)
{
	for (size_t i = 0; i < nknown; i++)
		if (strcmp(known[i].name, name) == 0)
			return i;
	ck_abort_msg("no matcher is called %s", name);
	return 0;
}

/* A copy of exactly that length, so that a byte too far is seen. */
static char *copy_of(struct smi_span s)
{
	char *copy = malloc(s.len ? s.len : 1);

	ck_assert_ptr_nonnull(copy);
	if (s.len)
		memcpy(copy, s.p, s.len);
	return copy;
}

static void setup(void)
{
	struct smi_service_id id;

	nknown = 0;
	for (unsigned i = 0; i < smi_ngreetings; i++)
		know(smi_greetings[i].name, smi_greetings[i].match, NULL);
	for (unsigned i = 0; i < smi_nquestions; i++)
		know(smi_questions[i].name, smi_questions[i].match,
		     &smi_questions[i]);
	for (size_t i = 0; i < match_nrows; i++) {
		size_t at = find(match_rows[i].asked);

		if (known[at].match(match_rows[i].reply, true, &id) ==
			    SMI_MATCH_YES &&
		    id.next)
			know(id.next->name, id.next->match, id.next);
	}
}

static const char *printable(struct smi_span s)
{
	static char text[4][300];
	static unsigned at;
	char *p = text[at++ % 4];

	snprintf(p, 300, "%.*s", (int)SMI_MIN(s.len, 290), s.len ? s.p : "");
	return p;
}

#define ck_same(span, str) ck_assert_str_eq(printable(span), (str))

static void check_row(const struct match_row *r,
		      const struct smi_service_id *id)
{
	ck_assert_str_eq(id->service, r->service);
	ck_same(id->product, r->product);
	ck_same(id->version, r->version);
	ck_same(id->info, r->info);
	ck_assert_msg(id->open == !!(r->flags & IS_OPEN), "%s: open %d",
		      r->asked, id->open);
	ck_assert_msg(id->tls == !!(r->flags & IS_TLS), "%s: tls %d", r->asked,
		      id->tls);
	if (r->next)
		ck_assert_str_eq(id->next ? id->next->name : "nothing",
				 r->next);
	else
		ck_assert_ptr_null(id->next);
}

START_TEST(a_reply_tells_service_product_version_and_info)
{
	const struct match_row *r = &match_rows[_i];
	char *copy = copy_of(r->reply);
	struct smi_span reply = smi_span_of(copy, r->reply.len);
	size_t at = find(r->asked);
	struct smi_service_id id;

	if (!(r->flags & UP_TO_END)) {
		ck_assert_int_eq(known[at].match(reply, false, &id),
				 SMI_MATCH_YES);
		check_row(r, &id);
	}
	ck_assert_int_eq(known[at].match(reply, true, &id), SMI_MATCH_YES);
	check_row(r, &id);
	free(copy);
}
END_TEST

START_TEST(what_comes_behind_a_reply_changes_nothing)
{
	static const char more[] =
		"\r\n\r\n\0\xff\x1b[2J 220 9.9.9 <title>x</title>";
	const struct match_row *r = &match_rows[_i];
	size_t len = r->reply.len + sizeof(more);
	char *both = malloc(len);
	struct smi_service_id id;

	if (r->flags & UP_TO_END || r->reply.len == 1) {
		free(both);
		return;
	}
	ck_assert_ptr_nonnull(both);
	memcpy(both, r->reply.p, r->reply.len);
	memcpy(both + r->reply.len, more, sizeof(more));
	ck_assert_int_eq(
		known[find(r->asked)].match(smi_span_of(both, len), true, &id),
		SMI_MATCH_YES);
	check_row(r, &id);
	free(both);
}
END_TEST

START_TEST(other_matchers_leave_a_reply_to_its_own)
{
	const struct match_row *r = &match_rows[_i];
	size_t at = find(r->asked);
	bool vague = known[at].question && known[at].question->vague;
	struct smi_service_id id;

	if (!vague) {
		ck_assert_int_eq(smi_match_reply(known[at].question, r->reply,
						 true, &id),
				 SMI_MATCH_YES);
		ck_assert_str_eq(id.service, r->service);
	}
	/* Neither do they take it where they were asked themselves. */
	for (unsigned i = 0; i < smi_nquestions && !vague; i++) {
		if (find(r->asked) >= smi_ngreetings + smi_nquestions)
			break;
		ck_assert_int_eq(
			smi_match_reply(&smi_questions[i], r->reply, true, &id),
			SMI_MATCH_YES);
		ck_assert_msg(strcmp(id.service, r->service) == 0,
			      "%s: %s when %s was asked", r->asked, id.service,
			      smi_questions[i].name);
	}
}
END_TEST

static bool is_begin_of(struct smi_span s, const char *whole)
{
	struct smi_span w = smi_span_str(whole);

	return smi_span_starts(w, s);
}

/* Less than all may be known, never something else. */
static void check_part(const struct match_row *r, size_t len,
		       const struct smi_service_id *id)
{
	bool same = strcmp(id->service, r->service) == 0 ||
		    (r->reply.len > 5 && memcmp(r->reply.p, "HTTP/", 5) == 0 &&
		     strcmp(id->service, "http") == 0);

	ck_assert_msg(same, "%s at %zu: %s", r->asked, len, id->service);
	ck_assert_msg(id->product.len == 0 ||
			      smi_span_eq_str(id->product, r->product),
		      "%s at %zu: product %s", r->asked, len,
		      printable(id->product));
	ck_assert_msg(id->version.len == 0 ||
			      smi_span_eq_str(id->version, r->version),
		      "%s at %zu: version %s", r->asked, len,
		      printable(id->version));
	if (same && strcmp(id->service, r->service) == 0)
		ck_assert_msg(is_begin_of(id->info, r->info),
			      "%s at %zu: info %s", r->asked, len,
			      printable(id->info));
	ck_assert(!id->open || r->flags & IS_OPEN);
	ck_assert(!id->tls || r->flags & IS_TLS);
}

START_TEST(a_part_of_a_reply_never_tells_something_wrong)
{
	const struct match_row *r = &match_rows[_i];
	smi_match_fn *match = known[find(r->asked)].match;

	for (size_t len = 0; len < r->reply.len; len++) {
		char *copy = copy_of(smi_span_head(r->reply, len));
		struct smi_span part = smi_span_of(copy, len);
		struct smi_service_id id;
		enum smi_match m = match(part, false, &id);

		ck_assert_msg(m != SMI_MATCH_NO, "%s: no at %zu", r->asked,
			      len);
		if (m == SMI_MATCH_YES)
			check_row(r, &id);
		m = match(part, true, &id);
		ck_assert_msg(m != SMI_MATCH_MORE, "%s: waits at %zu", r->asked,
			      len);
		if (m == SMI_MATCH_YES)
			check_part(r, len, &id);
		free(copy);
	}
}
END_TEST

/* What no service says, or says to do harm. */
static const struct {
	const char *name;
	struct smi_span reply;
} hostile[] = {
#define H(name, lit)                                                           \
	{                                                                      \
		name,                                                          \
		{                                                              \
			(lit), sizeof(lit) - 1                                 \
		}                                                              \
	}
	H("one byte", "\0"),
	H("escapes", "\x1b]0;owned\7\x1b[2J\r\n"),
	H("NULs", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	H("ones", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
	H("an echo of HTTP", "GET / HTTP/1.0\r\n\r\n"),
	H("a code and no text", "220"),
	H("a code that is none", "999 hello\r\n"),
	H("MySQL of 16 MiB", "\xff\xff\xff\0\x0a"
			     "5.7.0\0"),
	H("MySQL without an end", "\x20\0\0\0\x0a"
				  "5.7.0555555555555555555555"
				  "55555555555555"),
	H("a BER length without end", "\x30\x80\2\1\7\x64\x80"),
	H("a BER length of 127 bytes", "\x30\xff\xff\xff\xff\xff\xff\xff\xff"),
	H("a DNS name of labels that run out", "\0\x12sm\x80\0\0\1\0\1\0\0\0\0"
					       "\x3f\x3f\x3f\x3f\x3f\x3f"),
	H("a BSON document in itself", "\x40\0\0\0\1\0\0\0sysm\1\0\0\0"
				       "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0"
				       "\xff\xff\xff\xff\3a\0\xff\xff\xff\xff"),
	H("an AMQP table of 4 GiB", "\1\0\0\0\0\0\x0e\0\x0a\0\x0a\0\x09"
				    "\xff\xff\xff\xff\1a"
				    "F\xff\xce"),
	H("an RPC list in a record of 2 GiB", "\xff\xff\xff\xffsysm\0\0\0\1"),
	H("an X11 vendor beyond its reply", "\1\0\x0b\0\0\0\xff\xff"),
	H("an info of Redis of all memory",
	  "$18446744073709551615\r\nredis_version:7\r\n"),
	H("an SMB message of 16 MiB", "\0\xff\xff\xff\xfeSMB"),
	H("VNC types that do not come", "\xff\1"),
	H("a JSON of brackets",
	  "INFO {\"server_id\":[[[[[[[[[[[[[[[[[[[[[[[[[[["
	  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"),
#undef H
};

static bool is_within(const void *p, size_t len, const void *whole, size_t all)
{
	uintptr_t at = (uintptr_t)p, from = (uintptr_t)whole;

	return at >= from && at + len <= from + all;
}

/* No text stands anywhere else than in what came, in the id, or in the program. */
START_TEST(hostile_replies_are_no_service_and_wait_for_no_more_at_the_end)
{
	for (size_t i = 0; i < nknown; i++) {
		size_t len = hostile[_i].reply.len;
		char *copy = copy_of(hostile[_i].reply);
		struct smi_service_id id = { .service = "untouched" };
		enum smi_match m;

		known[i].match(smi_span_of(copy, len), false, &id);
		id.service = "untouched";
		m = known[i].match(smi_span_of(copy, len), true, &id);
		ck_assert_int_ne(m, SMI_MATCH_MORE);
		if (m == SMI_MATCH_NO)
			ck_assert_str_eq(id.service, "untouched");
		else
			ck_assert_msg(id.version.len == 0,
				      "%s: %s has version %s", known[i].name,
				      hostile[_i].name, printable(id.version));
		free(copy);
	}
}
END_TEST

START_TEST(a_long_title_is_cut_between_characters_and_says_so)
{
	static const char head[] = "HTTP/1.0 200 OK\r\n\r\n<title>";
	static const char tail[] = "</title>";
	char page[2048];
	struct smi_service_id id;
	size_t n = sizeof(head) - 1;

	memcpy(page, head, n);
	for (; n + 3 < 1500; n += 3)
		memcpy(page + n, "\xe2\x82\xac", 3);
	memcpy(page + n, tail, sizeof(tail));
	ck_assert_int_eq(
		known[find("http")].match(smi_span_str(page), true, &id),
		SMI_MATCH_YES);
	ck_assert(
		is_within(id.info.p, id.info.len, id.space, sizeof(id.space)));
	ck_assert(smi_span_ends(id.info, SMI_SPAN("\xac...")));
	ck_assert_uint_gt(id.info.len, 240);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("match");
	TCase *tc = tcase_create("rows");
	int n = (int)match_nrows;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, a_reply_tells_service_product_version_and_info,
			    0, n);
	tcase_add_loop_test(tc, what_comes_behind_a_reply_changes_nothing, 0,
			    n);
	tcase_add_loop_test(tc, other_matchers_leave_a_reply_to_its_own, 0, n);
	tcase_add_loop_test(tc, a_part_of_a_reply_never_tells_something_wrong,
			    0, n);
	tcase_add_loop_test(
		tc,
		hostile_replies_are_no_service_and_wait_for_no_more_at_the_end,
		0, SMI_COUNT(hostile));
	tcase_add_test(tc, a_long_title_is_cut_between_characters_and_says_so);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
