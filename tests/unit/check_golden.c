/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "report-sample.h"
#include "suite.h"

/*
 * tests/data/golden/ holds what each format makes of one made-up report. A change
 * of a format shows there as a difference for review; "make update-golden" writes
 * the files anew.
 */
static struct smi_arena arena;
static sm_ctx *ctx;
static sm_report *report;
static sm_report_opts *opts;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
	ctx = sample_ctx();
	opts = sample_opts(ctx);
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
}

static void teardown(void)
{
	sm_report_opts_free(opts);
	sm_report_free(report);
	sm_ctx_unref(ctx);
	smi_arena_free(&arena);
}

static void put_all(void)
{
	ck_assert_int_eq(sample_tell_all(&arena, sm_report_collect, report), 0);
}

static void tell(const sm_record *rec)
{
	ck_assert_int_eq(sample_tell(sm_report_collect, report, rec), 0);
}

/* Ports and lines that nothing is wrong with. */
static void put_clean(void)
{
	tell(sample_port(&arena, "203.0.113.9", 22, "open"));
	tell(sample_process(&arena, 411, "sshd", 0.5));
	tell(sample_coverage(&arena, "/var/log/auth.log", 1000));
}

static void put_nothing(void)
{
}

static void choose(void)
{
	put_all();
	ck_assert_int_eq(sm_report_opts_set_fields(opts, SM_KIND_PROCESS,
						   "name,cpu_percent,pid"),
			 0);
	ck_assert_int_eq(sm_report_opts_set_min_severity(opts, SM_SEV_CRITICAL),
			 0);
}

static void paint(void)
{
	put_all();
	ck_assert_int_eq(sm_report_opts_set_color(opts, 1), 0);
	ck_assert_int_eq(sm_report_opts_set_width(opts, 50), 0);
	ck_assert_int_eq(sm_report_opts_set_title(opts, "A title of my own"),
			 0);
}

/* More than a person wants to see. */
static void put_many(void)
{
	char text[64];

	for (int i = 1; i <= 150; i++) {
		snprintf(text, sizeof(text), "name-%d", i);
		tell(sample_port(&arena, "203.0.113.9", i, "open"));
		tell(sample_process(&arena, i, text, i / 10.0));
		tell(sample_finding(&arena, text, SM_SEV_LOW, text));
		tell(sample_notice(&arena, text));
	}
}

/* More kinds of action than have a line. */
static void put_actions(void)
{
	char action[32];

	for (int i = 1; i <= 40; i++) {
		sm_record *e = sample_event(&arena, i, "root");

		snprintf(action, sizeof(action), "action_%d", i);
		smi_set_text(&arena, e, SMI_EVENT_ACTION, smi_span_str(action));
		smi_set_int(e, SMI_EVENT_COUNT, i * 100);
		tell(e);
	}
}

/* More kinds and addresses than have a value of their own, and a bad one. */
static void put_kinds(void)
{
	char text[32];

	for (int i = 1; i <= 70; i++) {
		sm_record *f = sample_finding(&arena, "", SM_SEV_LOW, "t");

		snprintf(text, sizeof(text), i == 7 ? "bad\"\n%d" : "kind_%d",
			 i);
		smi_set_text(&arena, f, SMI_FINDING_KIND, smi_span_str(text));
		tell(f);
	}
	for (int i = 0; i < 260; i++) {
		snprintf(text, sizeof(text), "198.51.%d.%d", i / 256, i % 256);
		tell(sample_port(&arena, text, 22, "open"));
	}
}

static const struct {
	const char *file;
	int format;
	void (*put)(void);
} cases[] = {
	{ "all.txt", SM_FORMAT_TXT, put_all },
	{ "all.csv", SM_FORMAT_CSV, put_all },
	{ "all.json", SM_FORMAT_JSON, put_all },
	{ "all.ndjson", SM_FORMAT_NDJSON, put_all },
	{ "all.nmap-xml", SM_FORMAT_NMAP_XML, put_all },
	{ "all.md", SM_FORMAT_MD, put_all },
	{ "clean.md", SM_FORMAT_MD, put_clean },
	{ "nothing.md", SM_FORMAT_MD, put_nothing },
	{ "all.prom", SM_FORMAT_PROM, put_all },
	{ "nothing.prom", SM_FORMAT_PROM, put_nothing },
	{ "many.prom", SM_FORMAT_PROM, put_kinds },
	{ "all.ecs", SM_FORMAT_ECS, put_all },
	{ "all.html", SM_FORMAT_HTML, put_all },
	{ "nothing.html", SM_FORMAT_HTML, put_nothing },
	{ "many.html", SM_FORMAT_HTML, put_many },
	{ "all.table", SM_FORMAT_TABLE, put_all },
	{ "clean.txt", SM_FORMAT_TXT, put_clean },
	{ "clean.table", SM_FORMAT_TABLE, put_clean },
	{ "nothing.txt", SM_FORMAT_TXT, put_nothing },
	{ "nothing.table", SM_FORMAT_TABLE, put_nothing },
	{ "chosen.table", SM_FORMAT_TABLE, choose },
	{ "chosen.csv", SM_FORMAT_CSV, choose },
	{ "chosen.txt", SM_FORMAT_TXT, choose },
	{ "color.txt", SM_FORMAT_TXT, paint },
	{ "color.table", SM_FORMAT_TABLE, paint },
	{ "actions.txt", SM_FORMAT_TXT, put_actions },
	{ "many.txt", SM_FORMAT_TXT, put_many },
};

static void path_of(const char *name, char *out, size_t size)
{
	const char *srcdir = getenv("srcdir");

	snprintf(out, size, "%s/tests/data/golden/%s", srcdir ? srcdir : ".",
		 name);
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0;

	ck_assert_msg(f, "%s is missing: make update-golden", path);
	if (getdelim(&text, &len, '\0', f) < 0)
		text[0] = '\0';
	fclose(f);
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(the_output_is_that_of_the_golden_file)
{
	char path[4096], *text, *golden;

	cases[_i].put();
	path_of(cases[_i].file, path, sizeof(path));
	text = sample_write(report, cases[_i].format, opts);
	if (getenv("UPDATE_GOLDEN"))
		write_file(path, text);
	golden = read_file(path);
	ck_assert_msg(!strcmp(text, golden),
		      "%s differs: look at it, then make update-golden. "
		      "It is now:\n%s",
		      path, text);
	free(golden);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("golden");
	TCase *tc = tcase_create("golden");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, the_output_is_that_of_the_golden_file, 0,
			    SMI_COUNT(cases));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
