/* SPDX-License-Identifier: MIT */
#include "inputs.h"

#include <limits.h>
#include <stdio.h>

#include "run.h"
#include "target.h"

static bool is_file(const char *path, const char *file)
{
	return file && target_is_one_of(path, &file, 1);
}

/* The database, and what SQLite has beside it. */
static bool is_history(const char *path, const struct run *run)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	const struct history *h = &run->history;
	char db[PATH_MAX], file[PATH_MAX + 16];

	if (!h->keep && run->cmd != &cmd_history &&
	    (!h->baseline || history_is_file(h->baseline)))
		return false;
	if (!history_path(run, db, sizeof(db)))
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(file, sizeof(file), "%s%s", db, ends[i]);
		if (is_file(path, file))
			return true;
	}
	return false;
}

static bool is_configuration(const char *path, const struct conf *c)
{
	for (size_t i = 0; c && i < c->nfiles; i++)
		if (is_file(path, c->files[i].path))
			return true;
	return false;
}

const char *input_named(const char *path, const void *run_)
{
	const struct run *run = run_;
	const char *baseline = run->history.baseline;

	if (target_is_one_of(path, run->files, run->nfiles))
		return "one of the logs that are read";
	if (is_history(path, run))
		return "a file of the history; name another one";
	if (is_file(path, run->from))
		return "the saved run that --from reads; name another file";
	if (baseline && history_is_file(baseline) && is_file(path, baseline))
		return "the run that --baseline reads; name another file";
	if (is_file(path, run->state))
		return "what the next run goes on with; name another file";
	if (is_configuration(path, run->conf))
		return "a file of the configuration; name another one";
	return NULL;
}
