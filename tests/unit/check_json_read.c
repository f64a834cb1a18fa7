/* SPDX-License-Identifier: MIT */
#include "base/json.h"
#include "suite.h"

/* All values in the order they are met; a key is followed by "=". */
static void walk(struct smi_json *j, struct smi_buf *out)
{
	struct smi_json_value v;
	struct smi_span key;

	switch (smi_json_peek(j)) {
	case SMI_JSON_OBJECT:
		smi_json_open(j, '{');
		smi_buf_char(out, '{');
		while (smi_json_member(j, &key)) {
			smi_buf_span_add(out, key);
			smi_buf_char(out, '=');
			walk(j, out);
		}
		smi_buf_char(out, '}');
		break;
	case SMI_JSON_ARRAY:
		smi_json_open(j, '[');
		smi_buf_char(out, '[');
		while (smi_json_element(j))
			walk(j, out);
		smi_buf_char(out, ']');
		break;
	default:
		if (!smi_json_value(j, &v))
			return;
		if (v.type == SMI_JSON_STRING)
			smi_json_unescape(out, v.text);
		else
			smi_buf_span_add(out, v.text);
		smi_buf_char(out, ';');
	}
}

static const struct {
	const char *text, *walked; /* NULL: a mistake */
} texts[] = {
	{ "{}", "{}" },
	{ " [ ] ", "[]" },
	{ "{\"a\":1,\"b\":[true,null,-1.5e3],\"c\":{\"d\":\"x\"}}",
	  "{a=1;b=[true;null;-1.5e3;]c={d=x;}}" },
	{ "{ \"a\" : \"b\" , \"c\" :\t[ 1 , 2 ] }", "{a=b;c=[1;2;]}" },
	{ "[[[]],{}]", "[[[]]{}]" },
	{ "\"\"", ";" },
	/* RFC 8259, 7 */
	{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t;" },
	{ "\"\\u0041\\u00e9\\u20AC\\uD834\\uDD1E\"",
	  "A\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e;" },
	/* half of a pair */
	{ "\"\\ud834\"", "\xef\xbf\xbd;" },
	{ "\"\\ud834x\"", "\xef\xbf\xbdx;" },
	{ "\"\\udd1e\\ud834\"", "\xef\xbf\xbd\xef\xbf\xbd;" },
	{ "\"\\ud834\\u0041\"", "\xef\xbf\xbd"
				"A;" },
	/* escapes that are none stay */
	{ "\"\\x41\\u12\"", "\\x41\\u12;" },
	{ "\"\xff\x01\"", "\xff\x01;" },
	{ "\"a long text, of more than eight bytes, \\\"quoted\\\"\"",
	  "a long text, of more than eight bytes, \"quoted\";" },
	{ "", NULL },
	{ "{", NULL },
	{ "{\"a\"", NULL },
	{ "{\"a\":", NULL },
	{ "{\"a\":1", NULL },
	{ "{\"a\":1,", NULL },
	{ "{\"a\":1,}", NULL },
	{ "{\"a\" 1}", NULL },
	{ "{\"a\":1 \"b\":2}", NULL },
	{ "{a:1}", NULL },
	{ "[1,]", NULL },
	{ "[1 2]", NULL },
	{ "[1}", NULL },
	{ "\"a", NULL },
	{ "\"a\\", NULL },
	{ "\"a\\\"", NULL },
	{ "tru", NULL },
	{ "truely", NULL },
	{ "{} x", NULL },
	{ "{}}", NULL },
};

START_TEST(a_text_is_read_as_rfc_8259_says)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_json j;

	smi_json_init(&j, smi_span_str(texts[_i].text));
	walk(&j, &b);
	ck_assert_int_eq(smi_json_done(&j), texts[_i].walked != NULL);
	if (texts[_i].walked)
		ck_assert_str_eq(smi_buf_cstr(&b), texts[_i].walked);
}
END_TEST

START_TEST(what_is_skipped_ends_where_its_reading_would)
{
	struct smi_json j;

	smi_json_init(&j, smi_span_str(texts[_i].text));
	smi_json_skip(&j);
	if (texts[_i].walked)
		ck_assert(smi_json_done(&j));
}
END_TEST

START_TEST(a_text_cut_at_any_byte_is_read_within_its_bounds)
{
	const char *text = texts[_i].text;

	for (size_t len = 0; len <= strlen(text); len++) {
		SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
		/* On the heap, so that a byte too far is seen. */
		SMI_AUTOFREE char *copy = smi_memdup(text, len);
		struct smi_json j;

		smi_json_init(&j, smi_span_of(copy, len));
		walk(&j, &b);
		smi_json_init(&j, smi_span_of(copy, len));
		smi_json_skip(&j);
		smi_buf_clear(&b);
		smi_json_unescape(&b, smi_span_of(copy, len));
		ck_assert_uint_le(b.len, len);
	}
}
END_TEST

START_TEST(sixty_four_levels_are_skipped_and_more_are_a_mistake)
{
	char text[131];
	struct smi_json j;

	memset(text, '[', 65);
	memset(text + 65, ']', 65);
	smi_json_init(&j, smi_span_of(text + 1, 128));
	ck_assert(smi_json_skip(&j));
	ck_assert(smi_json_done(&j));
	smi_json_init(&j, smi_span_of(text, 130));
	ck_assert(!smi_json_skip(&j));
	ck_assert(!smi_json_done(&j));
}
END_TEST

START_TEST(brackets_of_another_kind_do_not_close)
{
	struct smi_json j;

	smi_json_init(&j, SMI_SPAN("{\"a\":[}]}"));
	ck_assert(!smi_json_skip(&j));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json_read");
	TCase *tc = tcase_create("json_read");

	tcase_add_loop_test(tc, a_text_is_read_as_rfc_8259_says, 0,
			    SMI_COUNT(texts));
	tcase_add_loop_test(tc, what_is_skipped_ends_where_its_reading_would, 0,
			    SMI_COUNT(texts));
	tcase_add_loop_test(tc,
			    a_text_cut_at_any_byte_is_read_within_its_bounds, 0,
			    SMI_COUNT(texts));
	tcase_add_test(tc,
		       sixty_four_levels_are_skipped_and_more_are_a_mistake);
	tcase_add_test(tc, brackets_of_another_kind_do_not_close);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
