/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_JOIN_H
#define SYSMON_JOIN_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Findings that rest on what several jobs saw: failed logins, an accepted one, then
 * a new listener of that user. Feed it from any number of jobs, finish it once. The
 * rules are correlations of the type join, see sysmon-rules(5). It belongs to the
 * thread of its context.
 */
typedef struct sm_join sm_join;
/*
 * ruleset NULL: the built-in rules. The set is frozen, if it is not yet, and kept by
 * reference. -EINVAL where ctx or out is NULL, -ENOMEM.
 */
int sm_join_new(sm_ctx *ctx, sm_ruleset *ruleset, sm_join **out);
/* Without finish: what was collected is let go. NULL is fine. */
void sm_join_free(sm_join *j);

/*
 * A callback: sm_scan_log(ctx, o, sm_join_collect, j). Keeps what rules ask for, up
 * to 16 MiB each of findings, processes and ports, 8 MiB of events and 1 MiB of hosts; of
 * findings the gravest. A record that comes again replaces the one with its id. 0,
 * -ENOMEM, or -EINVAL for NULL and behind sm_join_finish().
 */
int sm_join_collect(const sm_event *ev, void *join);

/*
 * Gives each joined finding to fn: sm_join_finish(j, sm_report_collect, r), behind those
 * of a rule a notice where it has more of them than are told, or than could be tried; at
 * the end notices of what did not fit in memory, and a summary with "allowed" where allow
 * entries accepted findings. Once. 0, fn's non-zero result,
 * -ENOMEM, or -EINVAL for NULL and the second time.
 */
int sm_join_finish(sm_join *j, sm_event_fn fn, void *user);

#ifdef __cplusplus
}
#endif

#endif
