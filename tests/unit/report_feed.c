/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "report-sample.h"

/*
 * report_feed FORMAT: reads lines of hexadecimal digits and writes a report on
 * standard output in which the bytes of each line are the texts of a process, an
 * event, a finding and a notice. For readers in other languages.
 */
static size_t from_hex(const char *line, char *out)
{
	size_t n = 0;
	unsigned int byte;

	while (sscanf(line + 2 * n, "%2x", &byte) == 1)
		out[n++] = (char)byte;
	return n;
}

static int tell(sm_report *r, const sm_record *rec)
{
	return sample_tell(sm_report_collect, r, rec);
}

/* The command line is as no source would give it: not clean. */
static int add(struct smi_arena *a, sm_report *r, struct smi_span s, int i)
{
	const char **args = smi_arena_alloc(a, sizeof(*args));
	sm_record *p = sample_process(a, i, "", 0);
	sm_record *e = sample_event(a, i, "");
	sm_record *n = sample_notice(a, "");
	sm_record *f;
	char id[32];
	int rc;

	snprintf(id, sizeof(id), "f%d", i);
	f = sample_finding(a, id, SM_SEV_LOW, "");
	smi_set_text(a, p, SMI_PROC_NAME, s);
	smi_set_const(p, SMI_PROC_CMDLINE, smi_arena_strndup(a, s.p, s.len));
	args[0] = p->v[SMI_PROC_NAME].s;
	smi_set_strs(a, p, SMI_PROC_ARGS, args, 1);
	smi_set_text(a, e, SMI_EVENT_MESSAGE, s);
	smi_set_text(a, f, SMI_FINDING_TITLE, s);
	smi_set_text(a, f, SMI_FINDING_WHY, s);
	smi_set_text(a, n, SMI_NOTICE_TEXT, s);
	rc = tell(r, p);
	rc = rc ? rc : tell(r, e);
	rc = rc ? rc : tell(r, f);
	return rc ? rc : tell(r, n);
}

int main(int argc, char **argv)
{
	struct smi_arena arena = { 0 };
	char line[4096], bytes[2048];
	sm_report_opts *opts;
	sm_report *report;
	sm_ctx *ctx;
	int rc = 0;

	if (argc != 2 || sm_ctx_new(&ctx) < 0 ||
	    sm_report_new(ctx, &report) < 0 ||
	    sm_report_opts_new(ctx, &opts) < 0)
		return 2;
	for (int i = 1; !rc && fgets(line, sizeof(line), stdin); i++)
		rc = add(&arena, report,
			 smi_span_of(bytes, from_hex(line, bytes)), i);
	sm_report_opts_set_title(opts, "\033]0;title\a\n=1");
	sm_report_opts_set_width(opts, 0);
	if (!rc)
		rc = sm_report_write_fd(report, sm_format_by_name(argv[1]),
					opts, STDOUT_FILENO);
	if (rc)
		fprintf(stderr, "report_feed: %s\n", sm_ctx_errmsg(ctx));
	sm_report_opts_free(opts);
	sm_report_free(report);
	sm_ctx_unref(ctx);
	smi_arena_free(&arena);
	return rc != 0;
}
