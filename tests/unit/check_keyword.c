/* SPDX-License-Identifier: MIT */
#include <strings.h>

#include "detect/keyword.h"
#include "suite.h"

static const char *const taken[][2] = {
	{ "disk error", "error" },
	{ "ERROR: disk", "ERROR" },
	{ "login Failed.", "Failed" },
	{ "Permission denied", "denied" },
	{ "connection refused (11)", "refused" },
	{ "10 errors", "errors" },
	{ "1,000 errors", "errors" },
	{ "10.0 errors", "errors" },
	{ "100 failed", "failed" },
	{ "[error] x", "error" },
	{ "\"failed\"", "failed" },
	{ "errors=remount-ro then failure", "failure" },
	{ "0 errors, 1 failed", "failed" },
	{ "failed", "failed" },
	{ "unauthorized", "unauthorized" },
	{ "errors: 10", "errors" },
	{ "access denied: 0", NULL },
	{ "0 errors, 0 failed, 3 rows", NULL },
	{ "(0 errors)", NULL },
	{ "no errors", NULL },
	{ "Zero failures", NULL },
	{ "errors: 0", NULL },
	{ "errors: 0.", NULL },
	{ "errors=remount-ro", NULL },
	{ "res=failed", NULL },
	{ "x=failed,y=1", NULL },
	{ "/var/log/error.log", NULL },
	{ "C:\\error\\x", NULL },
	{ "errored", NULL },
	{ "terror", NULL },
	{ "error_count", NULL },
	{ "my_error", NULL },
	{ "error2", NULL },
	{ "erro", NULL },
	{ "rror", NULL },
	{ "", NULL },
	{ "e", NULL },
	{ "eRrO\xc3\xa9", NULL },
	{ "fail", NULL },
};

START_TEST(words_count_where_they_should)
{
	struct smi_span word = { "", 0 };
	bool found;

	found = smi_keywords_find(smi_span_str(taken[_i][0]), &word);
	ck_assert_int_eq(found, taken[_i][1] != NULL);
	if (found)
		ck_assert(smi_span_eq_str(word, taken[_i][1]));
}
END_TEST

static const char *const all[] = {
	"denied",   "error",	"errors",    "failed",	     "failure",
	"failures", "fatal",	"forbidden", "illegal",	     "invalid",
	"refused",  "rejected", "violation", "unauthorised", "unauthorized",
};

/* Wherever a word stands, and whatever the skipping steps over. */
START_TEST(each_word_is_found_at_each_place)
{
	struct smi_span word;
	char text[80];

	for (size_t at = 0; at < 40; at++) {
		size_t len = strlen(all[_i]);

		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = "error failed "[(i + at) % 4];
		if (at)
			text[at - 1] = ' ';
		memcpy(text + at, all[_i], len);
		text[at + len] = ' ';
		memset(text, 'x', at ? at - 1 : 0);
		ck_assert(smi_keywords_find(smi_span_of(text, at + len + 9),
					    &word));
		ck_assert(smi_span_eq_str(word, all[_i]));
	}
}
END_TEST

/* Word for word at each place, in the way that is slow and plain. */
static bool is_there(const char *text, size_t n, size_t *at)
{
	for (*at = 0; *at < n; ++*at)
		for (size_t w = 0; w < SMI_COUNT(all); w++) {
			size_t len = strlen(all[w]);

			if (*at + len <= n &&
			    strncasecmp(text + *at, all[w], len) == 0 &&
			    (!*at || text[*at - 1] == ' ') &&
			    (*at + len == n || text[*at + len] == ' '))
				return true;
		}
	return false;
}

START_TEST(the_first_word_of_any_text_is_found)
{
	size_t found = 0, at = 0;
	struct smi_span word;
	char text[96];

	srand(1);
	for (int k = 0; k < 20000; k++) {
		size_t n = 0, want = (size_t)rand() % 70;

		/* Words, parts of words, and spaces. */
		while (n < want) {
			const char *w = all[(size_t)rand() % SMI_COUNT(all)];
			size_t len = strlen(w) - (size_t)(rand() % 4);

			memcpy(text + n, w + rand() % 2, len);
			n += len;
			text[n++] = rand() % 3 ? ' ' : 'A';
			len = (size_t)rand() % n;
			if (text[len] != ' ')
				text[len] ^= 32;
		}
		ck_assert_int_eq(smi_keywords_find(smi_span_of(text, n), &word),
				 is_there(text, n, &at));
		if (at < n)
			ck_assert_uint_eq((size_t)(word.p - text), at);
		found += at < n;
	}
	ck_assert_uint_gt(found, 1000);
	ck_assert_uint_lt(found, 19000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("keyword");
	TCase *tc = tcase_create("words");

	tcase_add_loop_test(tc, words_count_where_they_should, 0,
			    SMI_COUNT(taken));
	tcase_add_loop_test(tc, each_word_is_found_at_each_place, 0,
			    SMI_COUNT(all));
	tcase_add_test(tc, the_first_word_of_any_text_is_found);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
