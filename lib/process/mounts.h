/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_MOUNTS_H
#define SMI_PROCESS_MOUNTS_H

#include "base/fsroot.h"
#include "base/vec.h"

/* One line of proc_pid_mountinfo(5): each text as it stands there, where a blank is
 * \040. */
struct smi_mount {
	struct smi_span root, point, type, source, super_options;
};
bool smi_mount_parse(struct smi_span line, struct smi_mount *out);
/* Adds a text of it to b as it is. */
void smi_mount_text(struct smi_buf *b, struct smi_span escaped);
/* Whether the mount lies on /proc/PID or below it. */
bool smi_mount_on_process(struct smi_span point, int32_t *pid);

/* What the mounts of this process say about the view of /proc. */
struct smi_mount_over {
	int32_t pid;
	char *what; /* "/tmp/empty (ext4 /dev/sda1)"; not escaped for people */
};
struct smi_mounts {
	SMI_VEC(struct smi_mount_over) over; /* in the order of the file */
	uint64_t more;			     /* over their limit */
	char *cgroups; /* where the unified hierarchy is; NULL: nowhere */
	bool hidepid;  /* /proc hides some processes from some users */
};
/* Most mounts over processes that are kept. */
#define SMI_MOUNTS_OVER_MAX ((size_t)1024)

/* What of a text of mountinfo is kept; false when memory is out. */
bool smi_mounts_parse(struct smi_mounts *m, struct smi_span text) SMI_CHECKED;
/* 0, also where there is nothing to read, or -ENOMEM. */
int smi_mounts_read(struct smi_mounts *m, const struct smi_fsroot *root);
void smi_mounts_free(struct smi_mounts *m);

#endif
