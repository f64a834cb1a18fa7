/* SPDX-License-Identifier: MIT */
#ifndef CLI_HISTORY_H
#define CLI_HISTORY_H

#include <sysmon/sysmon.h>

#include <stdbool.h>

struct run;

/* What --history, --baseline and their sisters ask for. */
struct history {
	bool keep;	  /* the run goes into it */
	const char *file; /* NULL: the default */
	int64_t days, mib;
	const char *baseline;
	int fail_on_new; /* severity of a finding that the baseline has not */

	sm_store *store;    /* where the run goes */
	sm_report *before;  /* the baseline */
	bool has_no_before; /* the history is empty: all is new */
};

/* --syslog tells of what is found now. A negative errno with run_why(). */
int history_refuse_syslog(struct run *run);
/* When all options are known. A negative errno with run_why(). */
int history_ready(struct run *run);
/* Before the work, with and for the outputs. What fails has been told, and the work
 * goes on. */
void history_begin(struct run *run);
void history_take(struct run *run, const sm_event *ev);
/* Before the outputs are written: what differs. */
void history_compare(struct run *run);
/* Behind them: the run is kept, unless it was not whole. */
void history_end(struct run *run, bool whole);
void history_done(struct run *run);

/* Opens the database to be read. A negative errno with run_reason(). */
int history_open(struct run *run, sm_store **out);
/* Where it is or would be; false: nowhere. */
bool history_path(const struct run *run, char *out, size_t size);
/* Whether it names a saved file: a name of a run has no slash and no dot. */
bool history_is_file(const char *name);
/* A run of a history or a saved file into a new report. The same; 1 for a file that is not
 * whole. */
int history_load(struct run *run, const char *name, sm_report **out);

#endif
