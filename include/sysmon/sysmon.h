/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_SYSMON_H
#define SYSMON_SYSMON_H

/*
 * libsysmon: port scan, process list, log analysis, reports.
 * This is the only header to include; the others are its chapters.
 *
 * Six conventions hold for every function:
 *  1. Verbs return int: 0 or more is success, less is a negative errno value.
 *     sm_ctx_errmsg() then has one sentence about it.
 *  2. Nouns are getters: they cannot fail, do no I/O, never allocate, never
 *     write, and give the neutral value (0, "", NULL) for what is unknown or
 *     for a NULL object.
 *  3. T **out comes last and is written only on success; the caller owns it.
 *     const T * from a getter is borrowed and lives as long as its owner.
 *  4. What you pass in is copied, or referenced where it has a _ref().
 *  5. A callback gives 0 to go on. Anything else stops the work at once and is
 *     what the calling function returns.
 *  6. An object is used by one thread at a time. Records and frozen rulesets
 *     are immutable and may be shared. The library starts no thread and
 *     no process unless an option asks for it, handles no signal, prints
 *     nothing, sets no locale, reads no environment variable.
 */
#define SM_INCLUDED_FROM_SYSMON_H 1
/* clang-format off */
#include <sysmon/version.h>
#include <sysmon/ctx.h>
#include <sysmon/record.h>
#include <sysmon/finding.h>
#include <sysmon/event.h>
#include <sysmon/job.h>
#include <sysmon/rules.h>
#include <sysmon/scan.h>
#include <sysmon/proc.h>
#include <sysmon/log.h>
#include <sysmon/join.h>
#include <sysmon/report.h>
#include <sysmon/store.h>
#include <sysmon/ability.h>
/* clang-format on */
#undef SM_INCLUDED_FROM_SYSMON_H

#endif
