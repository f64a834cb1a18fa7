/* SPDX-License-Identifier: MIT */
/*
 * log-dump [-q] [-z TZ] [-n NOW] FILE...: what a scan of logs tells, a line each,
 * separated by tabs: for tests that compare with counts made by other means.
 *   event ACTION FAILURE COUNT SOURCE_IP USER TIME
 *   finding KIND SUBJECT COUNT FIRST LAST
 *   coverage SOURCE LINES MATCHED UNPARSED SKIPPED BYTES
 *   notice ERRNO TEXT
 * -q leaves the events out. The status is 1 when the scan failed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

static void event(const sm_record *r)
{
	const sm_logevent *e = sm_record_logevent(r);

	printf("event\t%s\t%d\t%" PRIu64 "\t%s\t%s\t%" PRId64 "\n",
	       sm_logevent_action(e), sm_logevent_failure(e),
	       sm_logevent_count(e), sm_logevent_source_ip(e),
	       sm_logevent_user(e), sm_line_time(sm_record_line(r)));
}

static void finding(const sm_finding *f)
{
	printf("finding\t%s\t%s\t%" PRIu64 "\t%" PRId64 "\t%" PRId64 "\n",
	       sm_finding_kind(f), sm_finding_subject(f), sm_finding_count(f),
	       sm_finding_first(f), sm_finding_last(f));
}

static void coverage(const sm_coverage *c)
{
	printf("coverage\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
	       "\t%" PRIu64 "\n",
	       sm_coverage_source(c), sm_coverage_lines(c),
	       sm_coverage_matched(c), sm_coverage_unparsed(c),
	       sm_coverage_skipped(c), sm_coverage_bytes(c));
}

static int print(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);

	(void)user;
	switch (sm_record_kind(r)) {
	case SM_KIND_EVENT:
		event(r);
		break;
	case SM_KIND_FINDING:
		finding(sm_record_finding(r));
		break;
	case SM_KIND_COVERAGE:
		coverage(sm_record_coverage(r));
		break;
	case SM_KIND_NOTICE:
		printf("notice\t%d\t%s\n", sm_notice_errno(sm_record_notice(r)),
		       sm_notice_text(sm_record_notice(r)));
		break;
	default:
		break;
	}
	return SM_CONTINUE;
}

int main(int argc, char **argv)
{
	sm_ctx *ctx;
	sm_log_opts *o;
	int64_t now;
	int c, r;

	if (sm_ctx_new(&ctx) < 0 || sm_log_opts_new(ctx, &o) < 0)
		return 1;
	while ((c = getopt(argc, argv, "n:qz:")) != -1) {
		if (c == 'q')
			sm_log_opts_set_events(o, 0);
		else if (c == 'z')
			sm_log_opts_set_zone(o, optarg);
		else if (c == 'n' && sm_time_parse(optarg, &now) == 0)
			sm_log_opts_set_now(o, now);
		else
			return 2;
	}
	for (int i = optind; i < argc; i++)
		sm_log_opts_add_file(o, argv[i]);
	r = sm_scan_log(ctx, o, print, NULL);
	if (r < 0)
		fprintf(stderr, "log-dump: %s\n", sm_ctx_errmsg(ctx));
	sm_log_opts_free(o);
	sm_ctx_unref(ctx);
	return r < 0;
}
