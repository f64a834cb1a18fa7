/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysmon/sysmon.h>

/*
 * Reads "DIRECTORY TAB RULES TAB LOG TAB NOW TAB ZONE" a line, and prints for each
 * failure "RUN TAB LINE TAB NANOSECONDS TAB PEER"; RUN counts from 0. What is wrong
 * with rules is "RUN TAB ! TAB SENTENCE".
 */
struct shown {
	long run;
};

static int show_event(const sm_event *ev, void *user)
{
	const struct shown *s = user;
	const sm_record *rec = sm_event_record(ev);
	const sm_logevent *e = sm_record_logevent(rec);
	const sm_line *l = sm_record_line(rec);
	const char *ip = sm_logevent_source_ip(e);

	if (!e || !sm_logevent_failure(e))
		return SM_CONTINUE;
	printf("%ld\t%llu\t%lld\t%s\n", s->run,
	       (unsigned long long)sm_line_number(l),
	       (long long)sm_line_time(l),
	       ip[0] ? ip : sm_logevent_source_host(e));
	return SM_CONTINUE;
}

static int scan(sm_ctx *ctx, sm_ruleset *rs, char *const *field, long run)
{
	struct shown s = { run };
	sm_log_opts *o;
	int r = sm_log_opts_new(ctx, &o);

	if (r < 0)
		return r;
	sm_log_opts_set_rules(o, rs);
	sm_log_opts_add_file(o, field[2]);
	sm_log_opts_set_now(o, atoll(field[3]) * 1000000000);
	sm_log_opts_set_zone(o, field[4]);
	sm_log_opts_set_keywords(o, 0);
	r = sm_scan_log(ctx, o, show_event, &s);
	sm_log_opts_free(o);
	return r;
}

static int run_one(sm_ctx *ctx, char *const *field, long run)
{
	sm_ruleset *rs;
	int r = sm_ruleset_new(ctx, &rs);

	if (r < 0)
		return r;
	r = sm_ruleset_set_fail2ban_dir(rs, field[0]);
	if (r >= 0)
		r = sm_ruleset_add(rs, field[1]);
	for (size_t i = 0; i < sm_ruleset_nproblems(rs); i++)
		printf("%ld\t!\t%s:%u: %s\n", run,
		       sm_ruleset_problem_file(rs, i),
		       (unsigned)sm_ruleset_problem_line(rs, i),
		       sm_ruleset_problem(rs, i));
	if (r >= 0)
		r = scan(ctx, rs, field, run);
	sm_ruleset_unref(rs);
	return r;
}

int main(void)
{
	char line[4096];
	sm_ctx *ctx;
	long run;

	if (sm_ctx_new(&ctx) < 0)
		return 1;
	for (run = 0; fgets(line, sizeof(line), stdin); run++) {
		char *field[5], *at = line;

		line[strcspn(line, "\n")] = '\0';
		for (int i = 0; i < 5; i++) {
			field[i] = at ? at : line + strlen(line);
			at = at ? strchr(at, '\t') : NULL;
			if (at)
				*at++ = '\0';
		}
		if (run_one(ctx, field, run) < 0)
			printf("%ld\t!\t%s\n", run, sm_ctx_errmsg(ctx));
	}
	sm_ctx_unref(ctx);
	return 0;
}
