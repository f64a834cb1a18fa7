/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_EVIDENCE_H
#define SMI_PROCESS_EVIDENCE_H

#include "core/ctx.h"
#include "process/procdir.h"
#include "record/fields.h"

/*
 * What checks ask beside the rows: of the machine once, of parents and tracers while
 * rows are made.
 */
#define SMI_OWN_SPACES 3
struct smi_setting {
	char own_spaces[SMI_OWN_SPACES]
		       [64]; /* "pid:[4026531836]"; "" unknown */
	bool in_container;
	struct smi_buf preload; /* /etc/ld.so.preload */
};
/* Which parts are wanted follows from the fields. 0 or -ENOMEM: what cannot be read
 * is left out. */
int smi_setting_read(struct smi_setting *t, const struct smi_fsroot *root,
		     const struct smi_procdir *d,
		     const struct smi_fieldset *fields);
void smi_setting_free(struct smi_setting *t);
/* Another process, as far as its child or its victim is judged by it. */
struct smi_kin {
	int32_t pid;
	int64_t until; /* when it has to be read anew, monotonic */
	bool is_there;
	uint32_t uid;
	char name[64], exe[256];
};
/* Few parents have most processes. */
#define SMI_KIN_ROOM 64
struct smi_kin_room {
	struct smi_kin v[SMI_KIN_ROOM];
};

#endif
