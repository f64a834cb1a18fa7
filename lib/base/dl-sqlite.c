/* SPDX-License-Identifier: MIT */
#include "base/dl-sqlite.h"

#ifdef SMI_WITH_SQLITE

static const struct smi_dl_sym syms[] = {
	SMI_DL_SYM(struct smi_sqlite, sqlite3_open_v2),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_close_v2),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_extended_errcode),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_system_errno),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_errmsg),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_busy_timeout),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_db_config),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_limit),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_exec),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_prepare_v2),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_step),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_reset),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_finalize),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_bind_int64),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_bind_null),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_bind_text),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_column_int64),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_column_text),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_column_bytes),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_last_insert_rowid),
	SMI_DL_SYM(struct smi_sqlite, sqlite3_changes),
};

SMI_DL_NOTE("sqlite", "recommended", "keep the history of runs",
	    SMI_SONAME_SQLITE);

int smi_dl_sqlite(struct smi_dl *dl, struct smi_sqlite *fns, char *why,
		  size_t why_len)
{
	return smi_dl_open(dl, SMI_SONAME_SQLITE, syms, SMI_COUNT(syms), fns,
			   why, why_len);
}

#endif
