/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_RIGHTS_H
#define SMI_CORE_RIGHTS_H

#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether it belongs to this user or root. */
static inline bool smi_is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() || st->st_uid == 0;
}

/* Whether another than its owner may write it. A group of root is root; of others, it
 * is often theirs alone, which is no matter but to root. */
static inline bool smi_others_may_write(const struct stat *st)
{
	return st->st_mode & S_IWOTH ||
	       (st->st_mode & S_IWGRP && st->st_gid != 0 && geteuid() == 0);
}

#endif
