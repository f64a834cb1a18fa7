/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_DENTS_H
#define SMI_BASE_DENTS_H

#include "base/base.h"

/*
 * The entries of a directory as the kernel lists them: getdents64(2), asked by
 * number, so that no preloaded readdir(3) has filtered them. n and at are 0 before
 * the first read.
 */
struct smi_dent {
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type; /* DT_DIR, ... of <dirent.h> */
	char name[];
};
struct smi_dents {
	_Alignas(struct smi_dent) char room[8192];
	long n, at;
};

/* From the position of fd on. 1 and an entry, which is good until the next call; 0 at
 * the end; or a negative errno. */
int smi_dents_next(struct smi_dents *d, int fd, const struct smi_dent **out);

#endif
