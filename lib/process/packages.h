/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_PACKAGES_H
#define SMI_PROCESS_PACKAGES_H

#include <sys/stat.h>

#include "base/fsroot.h"

/* What is read of a package database, and not more. */
#define SMI_PACKAGES_MAX      (((size_t)1 << 15) - 1)
#define SMI_PACKAGE_FILES_MAX ((size_t)1 << 20)
#define SMI_PACKAGE_LIST_MAX  ((size_t)16 << 20)

/*
 * Which package installed a file: dpkg's database below a root, /var/lib/dpkg/info/NAME.list
 * and /var/lib/dpkg/diversions, dpkg-divert(1). Eight bytes a file are kept: a hash of
 * its path, and its package. For any thread.
 */
struct smi_packages;
struct smi_packages *smi_packages_new(void);
void smi_packages_free(struct smi_packages *t);

/* The parts of loading: three lines each, of which the diverted path, where it is put
 * instead, and the package that is not diverted; then one path a line. -ENOMEM. */
int smi_packages_divert(struct smi_packages *t, struct smi_span text);
int smi_packages_add(struct smi_packages *t, struct smi_span package,
		     struct smi_span text);
/* Where /bin is a link, /bin/x and /usr/bin/x are one file. */
void smi_packages_merge_usr(struct smi_packages *t);
/* By path alone; NULL where it is in no package. It lives as long as t. */
const char *smi_packages_name(struct smi_packages *t, struct smi_span path);
/* Files or packages over the limits were left out. */
bool smi_packages_is_cut(struct smi_packages *t);

/* What is known of a file that runs. */
struct smi_package_of {
	/* Another file has its path here: it was deleted, or the process sees other
	 * files. */
	bool is_elsewhere;
	/* The database tells: its package, or NULL where none has it. It does not where
	 * there is none, or where it is cut. */
	bool is_told;
	const char *name;
};
/* What was found of it before: 1, or 0. */
int smi_packages_known(struct smi_packages *t, struct smi_span path,
		       const struct stat *file, struct smi_package_of *out);
/* Finds it, and keeps it for others; here is the file that has the path here, NULL where
 * there is none. The database is read at the first call. 0 or -ENOMEM. */
int smi_packages_find(struct smi_packages *t, const struct smi_fsroot *root,
		      struct smi_span path, const struct stat *file,
		      const struct stat *here, struct smi_package_of *out);

#endif
