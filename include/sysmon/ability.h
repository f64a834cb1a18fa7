/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_ABILITY_H
#define SYSMON_ABILITY_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sm_ability_status {
	SM_ABILITY_OK = 1,
	SM_ABILITY_LIMITED = 2, /* work goes on, and sees less */
	SM_ABILITY_MISSING = 3 /* something cannot do what it does by default */
};

/*
 * What this build can see here for this user: libraries that are opened at run time,
 * raw sockets, /proc, other users' processes, the sources of process events, the
 * journal and other logs, the built-in rules. It opens, looks and closes, and sends
 * nothing to a network. Each is a record of kind SM_KIND_ABILITY with the fields name
 * ("raw-sockets"), part ("ports", "processes", "logs", "rules", "history"), status ("ok",
 * "limited", "missing"), text (what that means, a sentence) and, where something can be
 * done about it, next_step; as SM_EVENT_RECORD. Names are stable, new ones may come. What
 * logs leave out is told by notices, too. 0, fn's non-zero result, or -EINVAL, -ENOMEM.
 */
int sm_list_abilities(sm_ctx *ctx, sm_event_fn fn, void *user);
/* The same as a job. -EINVAL, -ENOMEM. */
int sm_job_new_abilities(sm_ctx *ctx, sm_job **out);

/*
 * Gives fn one such record of the caller's own: what a program needs beside. text and
 * next_step (may be NULL) are copied; {name} in them becomes what args (nargs texts:
 * name, value, name, value, ...) have for it. fn's result, or -EINVAL for a NULL, a
 * status that is none or an odd nargs, or -ENOMEM.
 */
int sm_tell_ability(sm_ctx *ctx, const char *name, const char *part, int status,
		    const char *text, const char *next_step,
		    const char *const *args, size_t nargs, sm_event_fn fn,
		    void *user);

#ifdef __cplusplus
}
#endif

#endif
