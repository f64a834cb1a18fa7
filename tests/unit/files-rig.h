/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FILES_RIG_H
#define TESTS_FILES_RIG_H

#include "process/proc.h"
#include "process/snapshot.h"
#include "snapshot-rig.h"

/* Lines as kernels write them; addresses are in this machine's byte order. */
#define REST " 00000000:00000000 00:00000000 00000000     0        0 "
#define HEAD                                                                   \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "  \
	"retrnsmt   uid  timeout inode\n"
#define SSH "   0: 00000000:0016 00000000:0000 0A" REST "501 1 00000000b 1\n"

static inline void add_net(int pid, const char *ns, const char *file,
			   const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/ns/net", pid);
	tree_link(path, ns);
	snprintf(path, sizeof(path), "net/%s", file);
	write_file(pid, path, text);
}

static inline void add_link(int pid, int fd, const char *target)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/fd/%d", pid, fd);
	tree_link(path, target);
}

/* With fields that only checks read. */
static inline void list_with(unsigned a, unsigned b)
{
	struct smi_fieldset also = { { 0, 0 } };
	const sm_event *ev;
	sm_job *job;
	void *src;
	int r;

	smi_fieldset_add(&also, a);
	smi_fieldset_add(&also, b);
	forget();
	ck_assert_int_eq(smi_proc_source_new(ctx, opts, also, &src), 0);
	ck_assert_int_eq(smi_job_new(ctx, &smi_proc_source_ops, src, &job), 0);
	while ((r = sm_job_next(job, &ev)) != 0)
		if (r == 1)
			keep(ev);
	sm_job_free(job);
}

#endif
