/* SPDX-License-Identifier: MIT */
#include "fail-alloc.h"
#include "logsrc/export.h"
#include "suite.h"

/* By systemd.io/JOURNAL_EXPORT_FORMATS. */
#define CURSOR "__CURSOR=s=0f;i=2;b=9e;m=3;t=4;x=5\n"
#define BINARY "MESSAGE\n\x0c\0\0\0\0\0\0\0one\x1b\ntwo\xff tx\n"

static const struct {
	struct smi_span text;
	const char *lines; /* what must come out: raw, program, pid, message */
	unsigned skipped, broken;
} exports[] = {
	{ SMI_SPAN(CURSOR
		   "__REALTIME_TIMESTAMP=1785837601500000\n"
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
	{ SMI_SPAN(CURSOR "__REALTIME_TIMESTAMP=1785837601000000\n" BINARY
			  "_HOSTNAME=web\nSYSLOG_IDENTIFIER=x\n\n" CURSOR
			  "MESSAGE=z\n\n"),
	  "2026-08-04T10:00:01Z web x: one\x1b\ntwo\xff tx|x|0|one\x1b\n"
	  "two\xff tx\n :"
	  " z||0|z\n",
	  0 },
	/* only the kernel is the kernel */
	{ SMI_SPAN("__REALTIME_TIMESTAMP=1785837601000000\n_HOSTNAME=web\n"
		   "_TRANSPORT=syslog\nSYSLOG_IDENTIFIER=kernel\n_COMM=logger\n"
		   "MESSAGE=a\n\n__REALTIME_TIMESTAMP=1785837602000000\n"
		   "_HOSTNAME=web\n_TRANSPORT=kernel\n"
		   "SYSLOG_IDENTIFIER=kernel\nMESSAGE=b\n\n"),
	  "2026-08-04T10:00:01Z web logger: a|logger|0|a\n"
	  "2026-08-04T10:00:02Z web kernel: b|kernel|0|b\n",
	  0 },
	/* its own time, and of a field that comes twice the first */
	{ SMI_SPAN(CURSOR "__REALTIME_TIMESTAMP=1785837609000000\n"
			  "_SOURCE_REALTIME_TIMESTAMP=1785837601000000\n"
			  "MESSAGE=a\nMESSAGE=b\n" BINARY "\n"),
	  "2026-08-04T10:00:01Z  : a||0|a\n", 0 },
	/* a value of no meaning here */
	{ SMI_SPAN(CURSOR "CODE\n\x05\0\0\0\0\0\0\0\n\n\n\n\n\n"
			  "MESSAGE=a\n\n"),
	  " : a||0|a\n", 0 },
	/* cut in a value, and in a length */
	{ SMI_SPAN(CURSOR "MESSAGE\n\x0c\0\0\0\0\0\0\0one"), "", 1 },
	{ SMI_SPAN(CURSOR "MESSAGE\n\x0c\0"), "", 1 },
	/* lengths that systemd does not write: 2^64 - 1, 2^31 */
	{ SMI_SPAN(CURSOR "MESSAGE=x\nEVIL\n"
			  "\xff\xff\xff\xff\xff\xff\xff\xffzz\n\n" CURSOR
			  "MESSAGE=a\n\n"),
	  " : x||0|x\nplain zz\nplain \n : a||0|a\n", 0, 1 },
	{ SMI_SPAN(CURSOR "MESSAGE=x\nEVIL\n\0\0\0\x80\0\0\0\0zz\n" CURSOR
			  "MESSAGE=a\n\n"),
	  " : x||0|x\nplain zz\n : a||0|a\n", 0, 1 },
	/* a length that is too small */
	{ SMI_SPAN(CURSOR "MESSAGE=x\nEVIL\n\0\0\0\0\0\0\0\0zz\n" CURSOR
			  "MESSAGE=a\n\n"),
	  " : x||0|x\nplain z\n : a||0|a\n", 0, 1 },
	/* What is no field ends the entry, and is a line. */
	{ SMI_SPAN(CURSOR "A=1\nx - - [x]\nMESSAGE=b\n\n"
			  "__REALTIME_TIMESTAMP=7\nMESSAGE=a\nlower=1\n"),
	  " : ||0|\nplain x - - [x]\nplain MESSAGE=b\nplain \n"
	  "1970-01-01T00:00:00.000007Z  : a||0|a\nplain lower=1\n",
	  0, 2 },
};

struct run {
	struct smi_buf out;
	uint64_t skipped, broken;
	int error;
};

static void add(struct smi_buf *b, const struct smi_line *l, int what)
{
	if (what == SMI_EXPORT_LINE) {
		smi_buf_str(b, "plain ");
		smi_buf_span_add(b, l->raw);
		smi_buf_char(b, '\n');
		return;
	}
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
		while (e.on && (run.error = smi_export_next(&e, &l, &line)) > 0)
			add(&run.out, &line, run.error);
		if (l.at_end || run.error < 0)
			break;
		p = smi_lines_room(&l, &len);
		len = SMI_MIN(SMI_MIN(len, step), text.len);
		memcpy(p, text.p, len);
		smi_lines_filled(&l, len);
		text = smi_span_skip(text, len);
	}
	run.skipped = e.skipped + l.skipped;
	run.broken = e.broken;
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
		ck_assert_uint_eq(run.broken, exports[_i].broken);
		smi_buf_free(&run.out);
	}
}
END_TEST

START_TEST(a_value_that_is_too_long_takes_its_entry_with_it)
{
	static const char head[] = CURSOR "A=1\nMESSAGE\n\0\0\x10\0\0\0\0";
	static const char tail[] = "\nB=2\n\n" CURSOR "MESSAGE=";
	static const char end[] = "\n\n" CURSOR "MESSAGE=c\n\n";
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

/* A client may choose how the first line of a log begins. */
START_TEST(only_a_line_of_journald_begins_an_export)
{
	static const struct {
		const char *line;
		bool starts;
	} rows[] = {
		{ "__CURSOR=s=0f;i=2;b=9e;m=3;t=4;x=5", true },
		{ "__REALTIME_TIMESTAMP=1785837601500000", true },
		{ "__CURSOR=x 198.51.100.7 - - [x] \"GET / HTTP/1.1\"", false },
		{ "__CURSOR=s=0f;i=2;b=9e;m=3;t=4;x=5 - -", false },
		{ "__CURSOR=s=0f;i=2;b=9e;m=3;t=4;x=", false },
		{ "__CURSOR=s=0f;i=2;b=9e;m=3;t=4", false },
		{ "__CURSOR=", false },
		{ "__REALTIME_TIMESTAMP=1 198.51.100.7 - -", false },
		{ "__REALTIME_TIMESTAMP=", false },
	};

	for (size_t i = 0; i < SMI_COUNT(rows); i++)
		ck_assert_int_eq(smi_export_starts(smi_span_str(rows[i].line)),
				 rows[i].starts);
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
	tcase_add_test(tc, only_a_line_of_journald_begins_an_export);
	tcase_add_test(tc, an_export_without_memory_is_an_error);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
