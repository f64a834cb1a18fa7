/* SPDX-License-Identifier: CC0-1.0 */
/*
 * report [FILE.json|FILE.csv|FILE.txt]...: looks at the processes of this machine
 * and writes one report to every file that is named, each in the format of its
 * suffix; without one, for people on standard output.
 *
 * cc report.c $(pkg-config --cflags --libs sysmon)
 */
#include <stdio.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

static int write_files(const sm_report *report, char **paths)
{
	int r = 0;

	if (!*paths)
		r = sm_report_write_fd(report, SM_FORMAT_TXT, NULL,
				       STDOUT_FILENO);
	for (; r == 0 && *paths; paths++) {
		int format = sm_format_by_path(*paths);

		if (format < 0)
			format = SM_FORMAT_TXT;
		r = sm_report_write_file(report, format, NULL, *paths);
	}
	return r;
}

int main(int argc, char **argv)
{
	sm_ctx *ctx = NULL;
	sm_report *report = NULL;
	int r = sm_ctx_new(&ctx);

	(void)argc;
	if (r == 0)
		r = sm_report_new(ctx, &report);
	/* any number of verbs may tell one report */
	if (r == 0)
		r = sm_list_processes(ctx, NULL, sm_report_collect, report);
	if (r == 0)
		r = write_files(report, argv + 1);
	if (r < 0)
		fprintf(stderr, "report: %s\n", sm_ctx_errmsg(ctx));
	sm_report_free(report);
	sm_ctx_unref(ctx);
	return r != 0;
}
