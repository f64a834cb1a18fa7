/* SPDX-License-Identifier: CC0-1.0 */
/*
 * ps [N]: the N busiest processes at this moment (10 without a number), and what is
 * wrong with any.
 *
 * cc ps.c $(pkg-config --cflags --libs sysmon)
 */
#include <stdio.h>
#include <stdlib.h>

#include <sysmon/sysmon.h>

static int show(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_proc *p = sm_record_proc(rec);
	const sm_finding *f = sm_record_finding(rec);
	const sm_notice *n = sm_record_notice(rec);

	(void)user;
	if (p)
		printf("%7d %-12s %6.1f %6.1f  %s\n", (int)sm_proc_pid(p),
		       sm_proc_user(p), sm_proc_cpu_percent(p),
		       sm_proc_memory_percent(p), sm_proc_name(p));
	if (f)
		printf("%s: %s\n    %s\n",
		       sm_severity_name(sm_finding_severity(f)),
		       sm_finding_title(f), sm_finding_next_step(f));
	if (n)
		fprintf(stderr, "%s\n", sm_notice_text(n));
	return SM_CONTINUE;
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10;
	sm_proc_opts *opts = NULL;
	sm_ctx *ctx = NULL;
	int r = sm_ctx_new(&ctx);

	if (r == 0)
		r = sm_proc_opts_new(ctx, &opts);
	if (r == 0) {
		/* Unchecked: a setter that fails makes the list fail. */
		sm_proc_opts_set_sort(opts, SM_PROC_BY_CPU);
		sm_proc_opts_set_top(opts, (uint32_t)n);
		r = sm_list_processes(ctx, opts, show, NULL);
	}
	if (r < 0)
		fprintf(stderr, "ps: %s\n", sm_ctx_errmsg(ctx));
	sm_proc_opts_free(opts);
	sm_ctx_unref(ctx);
	return r != 0;
}
