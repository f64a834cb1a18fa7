/* SPDX-License-Identifier: MIT */
#include "fail-alloc.h"
#include "logsrc/export.h"
#include "suite.h"

/* By systemd.io/JOURNAL_EXPORT_FORMATS. */
#define BINARY "MESSAGE\n\x0c\0\0\0\0\0\0\0one\x1b\ntwo\xff tx\n"

static const struct {
	struct smi_span text;
	const char *lines; /* what must come out: raw, program, pid, message */
	unsigned skipped;
} exports[] = {
	{ SMI_SPAN("__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1785837601500000\n"
		   "_BOOT_ID=0123\n_HOSTNAME=web\nSYSLOG_IDENTIFIER=sshd\n"
		   "_PID=411\nMESSAGE=Failed a=b\n\n"),
	  "2026-08-04T10:00:01.5Z web sshd[411]: Failed a=b|sshd|411|Failed "
	  "a=b\n",
	  0 },
	/* no line end and no empty line behind the last */
	{ SMI_SPAN("__REALTIME_TIMESTAMP=1785837601000000\n_HOSTNAME=web\n"
		   "_COMM=app\nSYSLOG_PID=7\n_PID=8\nMESSAGE=x\n\n\n"
		   "__REALTIME_TIMESTAMP=1785837602000000\nMESSAGE=y"),
	  "2026-08-04T10:00:01Z web app[7]: x|app|7|x\n"
	  "2026-08-04T10:00:02Z  : y||0|y\n",
	  0 },
	{ SMI_SPAN("__CURSOR=1\n__REALTIME_TIMESTAMP=1785837601000000\n" BINARY
		   "_HOSTNAME=web\nSYSLOG_IDENTIFIER=x\n\n__CURSOR=2\n"
		   "MESSAGE=z\n\n"),
	  "2026-08-04T10:00:01Z web x: one\x1b\ntwo\xff tx|x|0|one\x1b\n"
	  "two\xff tx\n :"
	  " z||0|z\n",
	  0 },
	/* its own time, and of a field that comes twice the first */
	{ SMI_SPAN("__CURSOR=1\n__REALTIME_TIMESTAMP=1785837609000000\n"
		   "_SOURCE_REALTIME_TIMESTAMP=1785837601000000\n"
		   "MESSAGE=a\nMESSAGE=b\n" BINARY "\n"),
	  "2026-08-04T10:00:01Z  : a||0|a\n", 0 },
	/* a value of no meaning here */
	{ SMI_SPAN("__CURSOR=1\nCODE\n\x05\0\0\0\0\0\0\0\n\n\n\n\n\n"
		   "MESSAGE=a\n\n"),
	  " : a||0|a\n", 0 },
	/* cut in a value, and in a length */
	{ SMI_SPAN("__CURSOR=1\nMESSAGE\n\x0c\0\0\0\0\0\0\0one"), "", 1 },
	{ SMI_SPAN("__CURSOR=1\nMESSAGE\n\x0c\0"), "", 1 },
	/* a length that no stream has */
	{ SMI_SPAN("__CURSOR=1\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff\n\n"
		   "__CURSOR=2\nMESSAGE=a\n\n"),
	  " : ||0|\n : a||0|a\n", 0 },
};

struct run {
	struct smi_buf out;
	uint64_t skipped;
	int error;
};

static void add(struct smi_buf *b, const struct smi_line *l)
{
	smi_buf_span_add(b, l->raw);
	smi_buf_char(b, '|');
	smi_buf_span_add(b, l->program);
	smi_buf_printf(b, "|%d|", l->pid);
	smi_buf_span_add(b, l->message);
	smi_buf_char(b, '\n');
}

/* Feeds text in pieces of size step. */
static struct run read_all(struct smi_span text, size_t step)
{
	SMI_CLEANUP(smi_line_room_done) struct smi_line_room room = { 0 };
	SMI_CLEANUP(smi_export_done) struct smi_export e = { 0 };
	struct smi_line line = { .room = &room };
	struct run run = { 0 };
	struct smi_lines l;

	ck_assert_int_eq(smi_lines_init(&l, SMI_LINES_MIN), 0);
	for (;;) {
		struct smi_span first;
		uint64_t offset;
		size_t len;
		char *p;

		if (!e.on && smi_lines_next(&l, &first, &offset)) {
			ck_assert(smi_export_starts(first));
			smi_export_first(&e, first, offset);
		}
		while (e.on &&
		       (run.error = smi_export_next(&e, &l, &line)) == 1)
			add(&run.out, &line);
		if (l.at_end || run.error < 0)
			break;
		p = smi_lines_room(&l, &len);
		len = SMI_MIN(SMI_MIN(len, step), text.len);
		memcpy(p, text.p, len);
		smi_lines_filled(&l, len);
		text = smi_span_skip(text, len);
	}
	run.skipped = e.skipped + l.skipped;
	smi_lines_done(&l);
	return run;
}

START_TEST(an_export_gives_the_lines_that_the_journal_gives)
{
	for (size_t step = 1; step < 300; step += step < 20 ? 1 : 93) {
		struct run run = read_all(exports[_i].text, step);

		ck_assert_int_eq(run.error, 0);
		ck_assert_str_eq(smi_buf_cstr(&run.out), exports[_i].lines);
		ck_assert_uint_eq(run.skipped, exports[_i].skipped);
		smi_buf_free(&run.out);
	}
}
END_TEST

START_TEST(a_value_that_is_too_long_takes_its_entry_with_it)
{
	static const char head[] = "__CURSOR=1\nA=1\nMESSAGE\n\0\0\x10\0\0\0\0";
	static const char tail[] = "\nB=2\n\n__CURSOR=2\nMESSAGE=";
	static const char end[] = "\n\n__CURSOR=3\nMESSAGE=c\n\n";
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct run run;

	smi_buf_add(&b, head, sizeof(head)); /* a million bytes */
	smi_buf_fill(&b, 'x', 0x100000);
	smi_buf_add(&b, tail, sizeof(tail) - 1);
	smi_buf_fill(&b, 'y', SMI_LINE_MAX);
	smi_buf_add(&b, end, sizeof(end) - 1);
	run = read_all(smi_buf_span(&b), 10000);
	ck_assert_str_eq(smi_buf_cstr(&run.out), " : c||0|c\n");
	ck_assert_uint_eq(run.skipped, 2);
	smi_buf_free(&run.out);
}
END_TEST

START_TEST(an_export_without_memory_is_an_error)
{
	/* The first is the buffer of the lines. */
	for (int n = 2; n < 4; n++) {
		struct run run;

		fail_alloc_at(n);
		run = read_all(exports[0].text, 1000);
		fail_alloc_off();
		ck_assert_int_eq(run.error, -ENOMEM);
		smi_buf_free(&run.out);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("export");
	TCase *tc = tcase_create("export");

	tcase_add_loop_test(tc,
			    an_export_gives_the_lines_that_the_journal_gives, 0,
			    SMI_COUNT(exports));
	tcase_add_test(tc, a_value_that_is_too_long_takes_its_entry_with_it);
	tcase_add_test(tc, an_export_without_memory_is_an_error);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
