/* SPDX-License-Identifier: CC0-1.0 */
/* Who tries passwords here? bruteforce [LOG]...; without a name, the logs that this
 * machine has. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysmon/sysmon.h>

static int print(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_finding *f = sm_record_finding(rec);

	(void)user;
	if (sm_record_notice(rec))
		fprintf(stderr, "%s\n", sm_notice_text(sm_record_notice(rec)));
	if (strcmp(sm_finding_kind(f), "brute_force") != 0)
		return SM_CONTINUE;
	printf("%-40s %6" PRIu64 "  %s\n", sm_finding_source_ip(f),
	       sm_finding_count(f), sm_finding_next_step(f));
	return SM_CONTINUE;
}

static int scan(sm_ctx *ctx, char **logs)
{
	sm_log_opts *opts;
	int r = sm_log_opts_new(ctx, &opts);

	if (r < 0)
		return r;
	if (!*logs)
		sm_log_opts_add_found(opts);
	for (; *logs; logs++)
		sm_log_opts_add_file(opts, *logs);
	sm_log_opts_set_events(opts, 0);
	sm_log_opts_set_keywords(opts, 0);
	r = sm_scan_log(ctx, opts, print, NULL);
	sm_log_opts_free(opts);
	return r;
}

int main(int argc, char **argv)
{
	sm_ctx *ctx;
	int r = sm_ctx_new(&ctx);

	(void)argc;
	if (r < 0) {
		fprintf(stderr, "bruteforce: error %d\n", -r);
		return 1;
	}
	r = scan(ctx, argv + 1);
	if (r < 0)
		fprintf(stderr, "bruteforce: %s\n", sm_ctx_errmsg(ctx));
	sm_ctx_unref(ctx);
	return r < 0;
}
