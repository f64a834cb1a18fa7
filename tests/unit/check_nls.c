/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef ENABLE_NLS
#include <libintl.h>
#endif

#include "base/nls.h"
#include "core/ctx.h"
#include "detect/check.h"
#include "detect/port-check.h"
#include "detect/ruleset.h"
#include "fail-alloc.h"
#include "record/build.h"
#include "record/told.h"
#include "suite.h"

/* Sentences through catalogues that are made here, good and bad, and the French one. */
static char root[] = "/tmp/sysmon-nls-XXXXXX";
static struct smi_arena arena;

/* In the order of strcmp(3), which a catalogue has. */
static const struct {
	const char *text, *said; /* up to their NUL, or both forms */
	size_t text_len, said_len;
} entries[] = {
#define ENTRY(text, said)                                                      \
	{                                                                      \
		text, said, sizeof(text) - 1, sizeof(said) - 1                 \
	}
	ENTRY("", "Content-Type: text/plain; charset=UTF-8\n"
		  "Plural-Forms: nplurals=2; plural=n>1;\n"),
	ENTRY("%d of %s", "%s de %d"),
	ENTRY("%d%%", "%d pour cent"),
	ENTRY("%s fails", "%s %n%n"),
	ENTRY("%s goes on", "%1$s va"),
	ENTRY("%s: gone", "parti"),
	ENTRY("It is bad.", "C'est {detail}."),
	ENTRY("Look at {pid}.", "Voyez {pid} {nobody} {"),
	ENTRY("Permission denied", "Permission refus\xc3\xa9"
				   "e"),
	ENTRY("bytes", "caf\xe9"),
	ENTRY("cannot read '%s': %s", "'%s' est illisible : %s"),
	ENTRY("finding\0findings", "constat\0constats"),
	ENTRY("long", "\xc0\x80"),
	ENTRY("{name} runs", "{name} tourne"),
};

static void put(FILE *f, uint32_t v)
{
	ck_assert_uint_eq(fwrite(&v, sizeof(v), 1, f), 1);
}

/* The format of gettext's manual, "MO Files". */
static void write_catalogue(const char *path)
{
	FILE *f = fopen(path, "w");
	uint32_t n = SMI_COUNT(entries), at = 28 + 16 * n;

	ck_assert_ptr_nonnull(f);
	put(f, 0x950412de);
	put(f, 0);
	put(f, n);
	put(f, 28);
	put(f, 28 + 8 * n);
	put(f, 0);
	put(f, 0);
	for (size_t i = 0; i < n; at += entries[i++].text_len + 1) {
		put(f, (uint32_t)entries[i].text_len);
		put(f, at);
	}
	for (size_t i = 0; i < n; at += entries[i++].said_len + 1) {
		put(f, (uint32_t)entries[i].said_len);
		put(f, at);
	}
	for (size_t i = 0; i < n; i++)
		fwrite(entries[i].text, 1, entries[i].text_len + 1, f);
	for (size_t i = 0; i < n; i++)
		fwrite(entries[i].said, 1, entries[i].said_len + 1, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void speak(const char *language, const char *dir)
{
#ifdef ENABLE_NLS
	setenv("LANGUAGE", language, 1);
	unsetenv("LC_ALL");
	ck_assert_ptr_nonnull(setlocale(LC_MESSAGES, "C.UTF-8"));
	ck_assert_ptr_nonnull(bindtextdomain("libsysmon", dir));
	bind_textdomain_codeset("libsysmon", "UTF-8");
#else
	(void)language;
	(void)dir;
#endif
}

static void setup(void)
{
	char path[64];

	arena = (struct smi_arena){ 0 };
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/xx", root);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/xx/LC_MESSAGES", root);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/xx/LC_MESSAGES/libsysmon.mo", root);
	write_catalogue(path);
	speak("xx", root);
}

static void teardown(void)
{
	static const char *const parts[] = { "xx/LC_MESSAGES/libsysmon.mo",
					     "xx/LC_MESSAGES", "xx", "" };
	char path[64];

	smi_arena_free(&arena);
	for (size_t i = 0; i < SMI_COUNT(parts); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, parts[i]);
		ck_assert_int_eq(remove(path), 0);
	}
	memcpy(root + sizeof(root) - 7, "XXXXXX", 6);
}

static const struct {
	const char *format, *taken;
} formats[] = {
	{ "%d of %s", "%d of %s" },
	{ "%d%%", "%d pour cent" },
	{ "%s fails", "%s fails" },
	{ "%s goes on", "%s goes on" },
	{ "%s: gone", "%s: gone" },
	{ "cannot read '%s': %s", "'%s' est illisible : %s" },
	{ "nobody knows %s", "nobody knows %s" },
};

START_TEST(a_format_with_other_directives_is_not_taken)
{
	ck_assert_str_eq(smi_trf(formats[_i].format), formats[_i].taken);
}
END_TEST

START_TEST(what_is_no_utf8_is_not_taken)
{
	ck_assert_str_eq(smi_tr("bytes"), "bytes");
	ck_assert_str_eq(smi_tr("long"), "long");
	ck_assert_str_eq(smi_tr("Permission denied"), "Permission refus\xc3\xa9"
						      "e");
	ck_assert_str_eq(smi_tr(""), "");
}
END_TEST

START_TEST(a_count_has_the_form_of_the_language)
{
	ck_assert_str_eq(smi_trn("finding", "findings", 0), "constat");
	ck_assert_str_eq(smi_trn("finding", "findings", 2), "constats");
	ck_assert_str_eq(smi_trn("thing", "things", 0), "things");
	ck_assert_str_eq(smi_trn("thing", "things", 1), "thing");
}
END_TEST

static sm_record *make_finding(const char *why)
{
	static const char *const args[] = { "name", "sh",     "pid",
					    "7",    "detail", "{pid}" };
	sm_record *f = smi_rec_new(&arena, SM_KIND_FINDING);

	smi_set_strs(&arena, f, SMI_FINDING_ARGS, args, SMI_COUNT(args));
	smi_set_const(f, SMI_FINDING_TITLE, "sh runs");
	smi_set_const(f, SMI_FINDING_TITLE_TEMPLATE, "{name} runs");
	smi_set_const(f, SMI_FINDING_WHY, "in English");
	smi_set_const(f, SMI_FINDING_WHY_TEMPLATE, why);
	smi_set_int(f, SMI_FINDING_COUNT, 3);
	return f;
}

static const struct {
	const char *why, *told;
} reasons[] = {
	{ "It is bad.", "C'est {pid}." },
	{ "It is bad. Look at {pid}.", "C'est {pid}. Voyez 7 ? {" },
	{ "It is bad. Nobody translated {name}.",
	  "C'est {pid}. Nobody translated sh." },
	{ "Nobody translated this. It is bad.",
	  "Nobody translated this. It is bad." },
	{ "It is bad.It is bad.", "It is bad.It is bad." },
};

START_TEST(a_sentence_is_filled_anew_and_may_be_made_of_several)
{
	char text[100];
	sm_record *f = make_finding(reasons[_i].why);

	ck_assert_int_eq(
		sm_record_field_text(f, SMI_FINDING_WHY, text, sizeof(text)),
		(int)strlen(reasons[_i].told));
	ck_assert_str_eq(text, reasons[_i].told);
	ck_assert_str_eq(sm_finding_why(sm_record_finding(f)), "in English");
}
END_TEST

START_TEST(a_field_is_told_like_snprintf_does)
{
	sm_record *f = make_finding("It is bad.");
	char text[5] = "none";
	size_t all = sm_kind_nfields(SM_KIND_FINDING);

	ck_assert_int_eq(sm_record_field_text(f, SMI_FINDING_TITLE, text, 5),
			 9);
	ck_assert_str_eq(text, "sh t");
	ck_assert_int_eq(sm_record_field_text(f, SMI_FINDING_TITLE, NULL, 0),
			 9);
	ck_assert_int_eq(sm_record_field_text(f, SMI_FINDING_COUNT, text, 5),
			 1);
	ck_assert_str_eq(text, "3");
	ck_assert_int_eq(sm_record_field_text(f, all, text, 5), 0);
	ck_assert_str_eq(text, "");
	ck_assert_int_eq(sm_record_field_text(NULL, 0, text, 5), -EINVAL);
	ck_assert_int_eq(sm_record_field_text(f, 0, NULL, 5), -EINVAL);
	fail_alloc_from(1);
	ck_assert_int_eq(sm_record_field_text(f, SMI_FINDING_TITLE, text, 5),
			 -ENOMEM);
	fail_alloc_off();
}
END_TEST

START_TEST(an_error_and_its_reason_are_translated)
{
	sm_ctx *ctx = NULL;

	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	smi_fail(ctx, -EACCES, "cannot read '%s': %s", "a: \x1b",
		 "Permission denied");
	ck_assert_str_eq(sm_ctx_errmsg(ctx),
			 "'a: \\x1b' est illisible : Permission refus\xc3\xa9"
			 "e");
	smi_fail(ctx, -EACCES, "%s fails", "all");
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "all fails");
	sm_ctx_unref(ctx);
}
END_TEST

/* With the catalogue of the build: what no reader of the sources knows, but the rules. */
static void speak_french(void)
{
	const char *build = getenv("builddir");
	char dir[4096];

	snprintf(dir, sizeof(dir), "%s/po", build ? build : ".");
	speak("fr", dir);
}

static void is_translated(const char *id, const char *text)
{
	ck_assert_msg(!text || !*text || smi_tr(text) != text,
		      "%s: '%s' is not translated: make update-po", id, text);
}

START_TEST(every_rule_and_check_is_translated)
{
	const struct smi_check *c;
	const struct smi_port_check *x;
	size_t theme = 0, at = 0;
	sm_ctx *ctx = NULL;
	sm_ruleset *rs = NULL;

	speak_french();
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_ruleset_new(ctx, &rs), 0);
	ck_assert_int_gt(sm_ruleset_add_builtin(rs), 100);
	for (size_t i = 0; i < rs->rules.n; i++) {
		is_translated(rs->rules.v[i]->id, rs->rules.v[i]->title);
		is_translated(rs->rules.v[i]->id, rs->rules.v[i]->why);
		is_translated(rs->rules.v[i]->id, rs->rules.v[i]->next_step);
	}
	while ((c = smi_check_next(&theme, &at))) {
		is_translated(c->id, c->title);
		is_translated(c->id, c->why);
		is_translated(c->id, c->innocent);
		is_translated(c->id, c->next_step);
	}
	theme = at = 0;
	while ((x = smi_port_check_next(&theme, &at))) {
		is_translated(x->c.id, x->c.title);
		is_translated(x->c.id, x->c.why);
		is_translated(x->c.id, x->c.innocent);
		is_translated(x->c.id, x->c.next_step);
	}
	sm_ruleset_unref(rs);
	sm_ctx_unref(ctx);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("nls");
	TCase *tc = tcase_create("nls");
	TCase *french = tcase_create("french");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_format_with_other_directives_is_not_taken, 0,
			    SMI_COUNT(formats));
	tcase_add_test(tc, what_is_no_utf8_is_not_taken);
	tcase_add_test(tc, a_count_has_the_form_of_the_language);
	tcase_add_loop_test(
		tc, a_sentence_is_filled_anew_and_may_be_made_of_several, 0,
		SMI_COUNT(reasons));
	tcase_add_test(tc, a_field_is_told_like_snprintf_does);
	tcase_add_test(tc, an_error_and_its_reason_are_translated);
	tcase_add_test(french, every_rule_and_check_is_translated);
#if defined(ENABLE_NLS) && defined(__GLIBC__) /* others know no LANGUAGE */
	suite_add_tcase(s, tc);
	suite_add_tcase(s, french);
#else
	tcase_free(tc);
	tcase_free(french);
	puts("SKIP: nls: built without translations, or not for LANGUAGE");
	return 77;
#endif
	return suite_run(s);
}
