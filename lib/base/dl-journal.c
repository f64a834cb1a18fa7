/* SPDX-License-Identifier: MIT */
#include "base/dl-journal.h"

#include <stdio.h>

#ifdef SMI_WITH_JOURNAL

static const struct smi_dl_sym syms[] = {
	SMI_DL_SYM(struct smi_sd, sd_journal_open),
	SMI_DL_SYM(struct smi_sd, sd_journal_open_directory),
	SMI_DL_SYM(struct smi_sd, sd_journal_open_files),
	SMI_DL_SYM(struct smi_sd, sd_journal_close),
	SMI_DL_SYM(struct smi_sd, sd_journal_set_data_threshold),
	SMI_DL_SYM(struct smi_sd, sd_journal_add_match),
	SMI_DL_SYM(struct smi_sd, sd_journal_add_disjunction),
	SMI_DL_SYM(struct smi_sd, sd_journal_seek_head),
	SMI_DL_SYM(struct smi_sd, sd_journal_seek_realtime_usec),
	SMI_DL_SYM(struct smi_sd, sd_journal_next),
	SMI_DL_SYM(struct smi_sd, sd_journal_get_realtime_usec),
	SMI_DL_SYM(struct smi_sd, sd_journal_get_data),
	SMI_DL_SYM(struct smi_sd, sd_journal_get_fd),
	SMI_DL_SYM(struct smi_sd, sd_journal_process),
	SMI_DL_SYM(struct smi_sd, sd_journal_reliable_fd),
	SMI_DL_SYM(struct smi_sd, sd_journal_get_cursor),
	SMI_DL_SYM(struct smi_sd, sd_journal_seek_cursor),
	SMI_DL_SYM(struct smi_sd, sd_journal_test_cursor),
};

SMI_DL_NOTE("journal", "recommended", "read the systemd journal",
	    SMI_SONAME_JOURNAL);

int smi_dl_journal(struct smi_dl *dl, struct smi_sd *fns, char *why,
		   size_t why_len)
{
	return smi_dl_open(dl, SMI_SONAME_JOURNAL, syms, SMI_COUNT(syms), fns,
			   why, why_len);
}

#else

int smi_dl_journal(struct smi_dl *dl, struct smi_sd *fns, char *why,
		   size_t why_len)
{
	(void)dl;
	(void)fns;
	snprintf(why, why_len, "this libsysmon was built without it");
	return -ENOTSUP;
}

#endif
