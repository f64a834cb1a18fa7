/* SPDX-License-Identifier: MIT */
/*
 * "proc-dump [FIELDS]": the processes, with one look and no checks, as NDJSON; what the
 * comparisons with other tools read.
 */
#include <stdio.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

int main(int argc, char **argv)
{
	sm_proc_opts *opts = NULL;
	sm_writer *writer = NULL;
	sm_ctx *ctx = NULL;
	int r = sm_ctx_new(&ctx);

	if (r == 0)
		r = sm_proc_opts_new(ctx, &opts);
	if (r == 0)
		r = sm_writer_new_fd(ctx, SM_FORMAT_NDJSON, NULL, STDOUT_FILENO,
				     &writer);
	if (r == 0) {
		sm_proc_opts_set_interval_ms(opts, 0);
		sm_proc_opts_set_checks(opts, 0);
		sm_proc_opts_set_fields(opts, argc > 1 ? argv[1] : NULL);
		r = sm_list_processes(ctx, opts, sm_writer_collect, writer);
	}
	if (r == 0)
		r = sm_writer_finish(writer);
	if (r < 0)
		fprintf(stderr, "proc-dump: %s\n", sm_ctx_errmsg(ctx));
	sm_writer_free(writer);
	sm_proc_opts_free(opts);
	sm_ctx_unref(ctx);
	return r != 0;
}
