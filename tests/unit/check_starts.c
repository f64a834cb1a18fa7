/* SPDX-License-Identifier: MIT */
#include "detect/prefilter.h"
#include "detect/starts.h"
#include "fail-alloc.h"
#include "suite.h"

static const char *const patterns[] = {
	"^(?:\\[\\d+-\\d+\\] )?(?:[\\d-]{10} [\\d:.]+ )?FATAL: +no such user$",
	"^(?:\\[\\d+-\\d+\\] )?(?:user=[^,]*,db=[^,]*,app=\\S* )?FATAL: .*$",
	"^(?:[^\\s@]+@[^\\s@]+ )?LOG: +received$",
	"^(?:(?:\\[pid )?\\d+\\] )?CONNECT: \"(?<ip>[^\"]*)\"$",
	"^(?:[\\w.@-]+/)?(?:(?:tcp|udp)[46]:)?(?<ip>[0-9a-f.:]+?):\\d+ TLS",
	"^a{2,3}b",
	"^(?:ab){2,}c",
	"^(?i)ab",
	"^a.b",
	"^\\bab",
	"^(a)\\1c",
	"^a(?#b)c",
	"^a|^bc",
	"^(?=ab)a",
	"^(?!ac)a",
	"^(?:(?:(?:(?:a?){9}){9}){9}){9}b",
	"^a\\Rb",
	"^a++b",
	"^(?>a*)c",
	"^$",
	"^a?$",
	"^(?:|a)b",
	"\\d: ",
	"LOG",
	"^[^a]b",
};
#define N SMI_COUNT(patterns)

/* What texts are made of: enough for each of them to match now and then. */
static const char *const words[] = {
	"a",	 "b",  "c",    "ab",  "aab",	"A",	      "\n",
	" ",	 "1",  "198.", ":",   "]",	"[1-2] ",     "[pid 7] ",
	"db=",	 ",",  "app=", "@",   "tcp4",	"2026-08-04", "10:00:01.5",
	"LOG: ", "no", "TLS",  "/",   "x",	"user=u,",    "CONNECT: \"",
	"\"",	 "-",  "\r\n", "::",  "\xff",	"received",   "FATAL: ",
	"\0",	 "c",  "abab", "aac", "a\r\nb",
};

static struct smi_pattern list[N];
static struct smi_candidate c[N];
static struct smi_matcher *m;
static struct smi_arena arena;
static struct smi_starts *starts;

static void setup(void)
{
	struct smi_regex_error err;

	ck_assert_int_eq(smi_matcher_new(&m), 0);
	for (size_t i = 0; i < N; i++) {
		list[i].text = smi_span_str(patterns[i]);
		c[i].pattern = &list[i];
		ck_assert_int_eq(
			smi_regex_compile(list[i].text, &list[i].re, &err), 0);
	}
	ck_assert_int_eq(smi_starts_build(c, N, &arena, &starts), 0);
	ck_assert_ptr_nonnull(starts);
}

static void teardown(void)
{
	for (size_t i = 0; i < N; i++)
		smi_regex_release(&list[i].re);
	smi_matcher_free(m);
	smi_arena_free(&arena);
}

static bool may_take(size_t i, struct smi_span s)
{
	return smi_starts_read(starts, m, s)[i / 64] >> (i % 64) & 1;
}

static size_t make_text(char *out, size_t size)
{
	size_t n = 0;

	for (int k = rand() % 8; k; k--) {
		const char *w = words[(size_t)rand() % SMI_COUNT(words)];
		size_t len = SMI_MAX(strlen(w), (size_t)1);

		if (n + len <= size)
			memcpy(out + n, w, len);
		n += n + len <= size ? len : 0;
	}
	return n;
}

START_TEST(no_pattern_that_takes_a_text_falls_out)
{
	size_t taken[N] = { 0 };
	char text[64];

	srand(1);
	for (int k = 0; k < 20000; k++) {
		struct smi_span s =
			smi_span_of(text, make_text(text, sizeof(text)));

		for (size_t i = 0; i < N; i++) {
			if (smi_regex_match(&list[i].re, m, s) != 1)
				continue;
			ck_assert_msg(may_take(i, s), "%s: %.*s", patterns[i],
				      (int)s.len, s.p);
			taken[i]++;
		}
	}
	/* Of the first ones more words have to come in a row. */
	for (size_t i = 5; i < N; i++)
		ck_assert_msg(taken[i] > 0, "nothing was %s", patterns[i]);
}
END_TEST

static const struct {
	const char *text, *taken, *not_taken;
} tellings[] = {
	{ "198.51.100.7 - - [04/Aug/2026:10:00:01 +0000]", "\\d: ", "^a.b" },
	{ "2001:db8:0:f::1 - - [04/Aug/2026:10:00:01 +0000]", "LOG", "^a|^bc" },
	{ "www.example.org:443 198.51.100.7 - - [04/Aug", "LOG", "^(?i)ab" },
};

/* The first five of the patterns may well begin with an address or a name. */
START_TEST(an_access_line_is_none_of_another_program)
{
	struct smi_span s = smi_span_str(tellings[_i].text);

	for (size_t i = 0; i < N; i++) {
		bool must = strcmp(patterns[i], tellings[_i].taken) == 0;
		bool never = i < 5 ||
			     strcmp(patterns[i], tellings[_i].not_taken) == 0;

		ck_assert_msg(!must || may_take(i, s), "%s", patterns[i]);
		ck_assert_msg(!never || !may_take(i, s), "%s", patterns[i]);
	}
}
END_TEST

START_TEST(a_message_that_ends_early_may_be_whole)
{
	ck_assert(may_take(19, SMI_SPAN("")));
	ck_assert(may_take(20, SMI_SPAN("a")));
	ck_assert(!may_take(5, SMI_SPAN("1x")));
}
END_TEST

START_TEST(few_patterns_and_too_many_have_none)
{
	static struct smi_candidate many[300];
	struct smi_starts *none = starts;

	ck_assert_int_eq(smi_starts_build(c, 3, &arena, &none), 0);
	ck_assert_ptr_null(none);
	for (size_t i = 0; i < SMI_COUNT(many); i++)
		many[i] = c[i % N];
	none = starts;
	ck_assert_int_eq(smi_starts_build(many, SMI_COUNT(many), &arena, &none),
			 0);
	ck_assert_ptr_null(none);
}
END_TEST

START_TEST(out_of_memory_is_an_error)
{
	struct smi_starts *s = starts;
	int n, r = -1;

	for (n = 1; r < 0; n++) {
		struct smi_arena a = { 0 };

		fail_alloc_at(n);
		r = smi_starts_build(c, N, &a, &s);
		fail_alloc_off();
		if (r < 0) {
			ck_assert_int_eq(r, -ENOMEM);
			ck_assert_ptr_null(s);
		}
		ck_assert_int_lt(n, 200);
		smi_arena_free(&a);
	}
	ck_assert_int_gt(n, 5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("starts");
	TCase *tc = tcase_create("starts");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_pattern_that_takes_a_text_falls_out);
	tcase_add_loop_test(tc, an_access_line_is_none_of_another_program, 0,
			    SMI_COUNT(tellings));
	tcase_add_test(tc, a_message_that_ends_early_may_be_whole);
	tcase_add_test(tc, few_patterns_and_too_many_have_none);
	tcase_add_test(tc, out_of_memory_is_an_error);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
