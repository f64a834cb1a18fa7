/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_USERS_H
#define SMI_BASE_USERS_H

#include "base/fsroot.h"

/* User names of one scan: /etc/passwd below a sysroot, getpwuid_r(3) without
 * one; each number is asked for once. */
struct smi_users;
int smi_users_new(const struct smi_fsroot *root, struct smi_users **out);
void smi_users_free(struct smi_users *u);
/* The name, escaped for people and borrowed from u; the number as text where it
 * has no name. NULL when memory is out. */
const char *smi_users_name(struct smi_users *u, uint32_t uid);
/* "root" or "0" to a number: -ENOENT for a name that nobody has. */
int smi_users_uid(struct smi_users *u, const char *name, uint32_t *out);

#endif
