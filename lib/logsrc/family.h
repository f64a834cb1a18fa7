/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_FAMILY_H
#define SMI_LOGSRC_FAMILY_H

#include "base/fsroot.h"
#include "base/vec.h"

/* A file of a rotated family, as its directory has it. */
struct smi_member {
	char *path;
	int64_t order; /* of smi_rotated_parse() */
	bool packed;   /* by its name */
	uint64_t dev, ino, size;
	int64_t mtime; /* ns */
};

struct smi_family {
	SMI_VEC(struct smi_member) v;
};

/* The files of path's family that are not newer than path, oldest first. A
 * directory that cannot be read has none. -ENOMEM. */
int smi_family_list(const struct smi_fsroot *root, const char *path,
		    struct smi_family *out);
void smi_family_free(struct smi_family *f);
/* The same files under the same names. */
bool smi_family_same(const struct smi_family *a, const struct smi_family *b);

#endif
