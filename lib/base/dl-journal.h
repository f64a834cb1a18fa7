/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_DL_JOURNAL_H
#define SMI_BASE_DL_JOURNAL_H

#include "base/dl.h"

/* What is used of sd-journal(3). Its header is not needed to build. */
struct sd_journal;
#define SMI_SD_LOCAL_ONLY 1 /* SD_JOURNAL_LOCAL_ONLY */

struct smi_sd {
	int (*sd_journal_open)(struct sd_journal **out, int flags);
	int (*sd_journal_open_directory)(struct sd_journal **out,
					 const char *path, int flags);
	int (*sd_journal_open_files)(struct sd_journal **out,
				     const char **paths, int flags);
	void (*sd_journal_close)(struct sd_journal *j);
	int (*sd_journal_set_data_threshold)(struct sd_journal *j, size_t size);
	int (*sd_journal_add_match)(struct sd_journal *j, const void *p,
				    size_t len);
	int (*sd_journal_add_disjunction)(struct sd_journal *j);
	int (*sd_journal_seek_head)(struct sd_journal *j);
	int (*sd_journal_seek_realtime_usec)(struct sd_journal *j, uint64_t t);
	int (*sd_journal_next)(struct sd_journal *j);
	int (*sd_journal_get_realtime_usec)(struct sd_journal *j, uint64_t *t);
	int (*sd_journal_get_data)(struct sd_journal *j, const char *field,
				   const void **p, size_t *len);
	int (*sd_journal_get_fd)(struct sd_journal *j);
	int (*sd_journal_process)(struct sd_journal *j);
	int (*sd_journal_reliable_fd)(struct sd_journal *j);
	int (*sd_journal_get_cursor)(struct sd_journal *j, char **cursor);
	int (*sd_journal_seek_cursor)(struct sd_journal *j, const char *cursor);
	int (*sd_journal_test_cursor)(struct sd_journal *j, const char *cursor);
};

/* -ENOTSUP and why when this build or this system has none. */
int smi_dl_journal(struct smi_dl *dl, struct smi_sd *fns, char *why,
		   size_t why_len);

#endif
