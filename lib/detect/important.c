/* SPDX-License-Identifier: MIT */
#include "detect/important.h"

#include <stdlib.h>

#include "detect/check.h"
#include "record/program.h"

static const char *const service_stop[] = { "T1489", "T1562.001" };

const struct smi_check smi_check_missing = {
	.id = "important-missing",
	.kind = "important_missing",
	.severity = SM_SEV_HIGH,
	SMI_CHECK_ATTACK(service_stop),
	SMI_CHECK_FIELDS(SMI_PROC_EXE, SMI_PROC_ARGS, SMI_PROC_STATE,
			 SMI_PROC_KERNEL_THREAD),
	.title = "{name} does not run",
	.why = "No process has {name} for its name, its program or its first "
	       "argument; zombies and kernel threads do not count.",
	.next_step = "Start it again, and find out from the logs who or what "
		     "stopped it.",
};

const struct smi_check smi_check_restarted = {
	.id = "important-restarted",
	.kind = "important_restarted",
	.severity = SM_SEV_LOW,
	SMI_CHECK_ATTACK(service_stop),
	SMI_CHECK_FIELDS(SMI_PROC_EXE, SMI_PROC_ARGS, SMI_PROC_STATE,
			 SMI_PROC_KERNEL_THREAD, SMI_PROC_PPID, SMI_PROC_START),
	.title = "{name} was started anew",
	.why = "The process that goes by {name} is another one than in the "
	       "look before.",
	.innocent = "An upgrade, or a service manager that starts again what "
		    "has failed, does the same.",
	.next_step = "Find out from the logs why the one before ended; what "
		     "it is told at its start may have been changed.",
};

int smi_importants_init(struct smi_importants *list, const char *const *names,
			size_t n)
{
	list->v = smi_zalloc(n * sizeof(*list->v));
	if (!list->v)
		return -ENOMEM;
	for (; list->n < n; list->n++) {
		list->v[list->n].name = smi_strdup(names[list->n]);
		if (!list->v[list->n].name)
			return -ENOMEM;
	}
	return 0;
}

void smi_importants_free(struct smi_importants *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].name);
	free(list->v);
}

/* The last part of a path, without what the kernel adds when it is deleted. */
static bool has_basename(struct smi_span path, const char *name)
{
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;
	struct smi_span base =
		slash ? smi_span_skip(path, (size_t)(slash - path.p) + 1)
		      : path;

	return smi_span_eq_str(base, name) ||
	       smi_span_eq_str(smi_program_path(base), name);
}

static bool has_name(const sm_record *rec, const char *name)
{
	const sm_proc *p = sm_record_proc(rec);

	return smi_span_eq_str(
		       smi_rec_raw(rec, SM_KIND_PROCESS, SMI_PROC_NAME_RAW),
		       name) ||
	       has_basename(smi_span_str(sm_proc_exe(p)), name) ||
	       has_basename(smi_span_str(sm_proc_arg(p, 0)), name);
}

static void see(struct smi_important *one, const sm_record *rec)
{
	int64_t start = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_START);
	int64_t ppid = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_PPID);
	int64_t *began = ppid > 1 ? &one->child_began : &one->began;

	one->seen = true;
	if (start > 0 && (*began == 0 || start < *began))
		*began = start;
}

void smi_importants_see(struct smi_importants *list, const sm_record *rec)
{
	const sm_proc *p = sm_record_proc(rec);

	if (list->n == 0 || sm_proc_state(p) == 'Z' || sm_proc_kernel_thread(p))
		return;
	for (size_t i = 0; i < list->n; i++)
		if (has_name(rec, list->v[i].name))
			see(&list->v[i], rec);
}

static int64_t began(const struct smi_important *one)
{
	return one->began ? one->began : one->child_began;
}

bool smi_important_restarted(const struct smi_important *one)
{
	return one->seen && one->before > 0 && began(one) > one->before;
}

/* What is missing for a while and comes back is another one too. */
void smi_importants_next(struct smi_importants *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct smi_important *one = &list->v[i];

		if (began(one) > 0)
			one->before = began(one);
		one->seen = false;
		one->began = one->child_began = 0;
	}
}
