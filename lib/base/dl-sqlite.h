/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_DL_SQLITE_H
#define SMI_BASE_DL_SQLITE_H

#include "base/dl.h"

#ifdef SMI_WITH_SQLITE
#include <sqlite3.h>

struct smi_sqlite {
	int (*sqlite3_open_v2)(const char *path, sqlite3 **db, int flags,
			       const char *vfs);
	int (*sqlite3_close_v2)(sqlite3 *db);
	int (*sqlite3_extended_errcode)(sqlite3 *db);
	int (*sqlite3_system_errno)(sqlite3 *db);
	const char *(*sqlite3_errmsg)(sqlite3 *db);
	int (*sqlite3_busy_timeout)(sqlite3 *db, int ms);
	int (*sqlite3_db_config)(sqlite3 *db, int op, ...);
	int (*sqlite3_limit)(sqlite3 *db, int id, int value);
	int (*sqlite3_exec)(sqlite3 *db, const char *sql,
			    int (*fn)(void *, int, char **, char **),
			    void *user, char **msg);
	int (*sqlite3_prepare_v2)(sqlite3 *db, const char *sql, int len,
				  sqlite3_stmt **stmt, const char **tail);
	int (*sqlite3_step)(sqlite3_stmt *stmt);
	int (*sqlite3_reset)(sqlite3_stmt *stmt);
	int (*sqlite3_finalize)(sqlite3_stmt *stmt);
	int (*sqlite3_bind_int64)(sqlite3_stmt *stmt, int i, sqlite3_int64 v);
	int (*sqlite3_bind_null)(sqlite3_stmt *stmt, int i);
	int (*sqlite3_bind_text)(sqlite3_stmt *stmt, int i, const char *p,
				 int len, void (*done)(void *));
	sqlite3_int64 (*sqlite3_column_int64)(sqlite3_stmt *stmt, int i);
	const unsigned char *(*sqlite3_column_text)(sqlite3_stmt *stmt, int i);
	int (*sqlite3_column_bytes)(sqlite3_stmt *stmt, int i);
	sqlite3_int64 (*sqlite3_last_insert_rowid)(sqlite3 *db);
	int (*sqlite3_changes)(sqlite3 *db);
};

/* -ENOTSUP and why when this system has none. */
int smi_dl_sqlite(struct smi_dl *dl, struct smi_sqlite *fns, char *why,
		  size_t why_len);
#endif

#endif
