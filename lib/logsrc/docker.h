/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_DOCKER_H
#define SMI_LOGSRC_DOCKER_H

#include "base/fsroot.h"
#include "base/vec.h"

struct smi_paths {
	SMI_VEC(char *) v;
};
void smi_paths_free(struct smi_paths *p);

/*
 * The logs that Docker's json-file driver has written below path: a directory of
 * containers (/var/lib/docker/containers) or of one of them; rotated ones too. None
 * where it is neither. -EACCES and the like, -ENOMEM.
 */
int smi_docker_list(const struct smi_fsroot *root, const char *path,
		    struct smi_paths *out);

#endif
