/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_STORE_H
#define SYSMON_STORE_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * History: runs that are kept, in a database of SQLite that is opened at run time. A
 * run is there whole or not at all, whenever the process is killed; several processes
 * may write to one database, and read meanwhile. It belongs to the thread of its
 * context.
 *
 * Log events and lines have ids that are the same when the same thing is read again,
 * and are kept once, with the run that met them first. Ports, processes, findings and
 * all else are kept for each run.
 *
 * A run has the id and the start that reports and writers of the same context give it
 * when they are there as its first record comes; a second run while they are there has
 * its own.
 *
 * Any call may fail with -ENOMEM, -EIO (a full disk, too), -EACCES, -EBADMSG for a
 * database that is damaged, -E2BIG for a record that is too large, and -EBUSY when
 * another process kept it locked for 30 s.
 */
typedef struct sm_store sm_store;
/*
 * The URL is "sqlite:" and a path. A missing file is made, with mode 0600; one of an
 * earlier version gets today's tables. -EPERM for a file that is of another user but
 * root, or that every user may write (for root: or a group but root's), and for such a
 * directory (for root: any on the way there); -EINVAL for what is no regular file, a
 * symbolic link among them, for a database of somebody else, and for another URL;
 * -ENOTSUP for a database of a later version, and where SQLite is not there.
 */
int sm_store_open(sm_ctx *ctx, const char *url, sm_store **out);
/* To be read only: no file is made, and nothing that is kept changes. -ENOENT too, and
 * -ENOTSUP for a database of an earlier version: the next run that is kept changes it. */
int sm_store_open_existing(sm_ctx *ctx, const char *url, sm_store **out);
/*
 * With each run that is written, the oldest ones go: those that began more than so
 * many nanoseconds before it, and as many as make the database larger than that, first
 * what they have of logs. 0 is no limit, for both the default. The run itself stays in
 * any case. -ERANGE.
 */
int sm_store_set_retention(sm_store *s, int64_t age, uint64_t bytes);
/*
 * A callback: sm_scan_log(ctx, o, sm_store_collect, s). The first record begins a run.
 * Up to 8 MiB wait in memory, the rest in a file without a name beside the database,
 * which is locked for other writers only while the run ends. After a failure the run is
 * lost; sm_store_flush() gives the same error.
 */
int sm_store_collect(const sm_event *ev, void *store);
/* Ends the run. 0: it is on the disk. 1: it is, but for log events and lines beyond a
 * quarter of what the database may have; the sentence has their number. Else nothing of
 * it is; the next one may begin. Nothing happens where no record came. */
int sm_store_flush(sm_store *s);

/* What queries are about, from the next one on. */
enum sm_store_match {
	/* "192.0.2.7": who an event or finding is about, or whose a port is. */
	SM_STORE_ADDRESS = 1,
	SM_STORE_USER = 2,
	/* A name or a pid. */
	SM_STORE_PROCESS = 3,
	/* A number. */
	SM_STORE_PORT = 4,
	/* The id of a rule or check, or the kind of a finding. */
	SM_STORE_RULE = 5,
	/* Its number or id; "last" is the last one of this machine. */
	SM_STORE_RUN = 6
};
/* All that are set have to fit; of runs and their summaries SM_STORE_RUN alone. NULL or
 * "" takes one away. -EINVAL for another by. */
int sm_store_match(sm_store *s, int by, const char *value);
/*
 * What is kept, as events, in the order it was written. kind is one of SM_KIND_*, or
 * 0 for all. SM_KIND_RUN gives the runs, one record each, and SM_KIND_SUMMARY their
 * summaries; with a run that is matched, 0 begins with its summary. Where no run is,
 * what several have seen is told as the last of them saw it. since and until bound the
 * time of the records, of runs their start; SM_TIME_NONE is no bound, and records
 * without a time fit only there.
 *
 * 0, fn's non-zero result, -ENOENT where there is no such run, -EINVAL for a port that
 * is no number.
 */
int sm_store_query(sm_store *s, int kind, int64_t since, int64_t until,
		   sm_event_fn fn, void *user);
/* Drops a run that was not ended. NULL is fine. */
void sm_store_free(sm_store *s);

#ifdef __cplusplus
}
#endif

#endif
