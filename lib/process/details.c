/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process/row.h"

static void set_int(struct smi_row *row, unsigned field, uint64_t v)
{
	if (smi_row_wants(row, field))
		smi_set_int(row->rec, field,
			    (int64_t)SMI_MIN(v, (uint64_t)INT64_MAX));
}

static void set_name(struct smi_row *row, unsigned field, const char *name)
{
	if (smi_row_wants(row, field) && name[0])
		smi_set_const(row->rec, field, name);
}

static void set_tty(struct smi_row *row)
{
	char room[SMI_TTY_MAX];
	const char *name = smi_procfs_tty(row->stat.tty, room);

	if (smi_row_wants(row, SMI_PROC_TTY) && name[0])
		smi_set_text(row->a, row->rec, SMI_PROC_TTY,
			     smi_span_str(name));
}

static void set_capabilities(struct smi_row *row)
{
	const char *names[64], **v;
	size_t n = 0;

	for (unsigned i = 0; smi_procfs_capability(i); i++)
		if (row->status.cap_eff >> i & 1)
			names[n++] = smi_procfs_capability(i);
	v = smi_arena_alloc(row->a, SMI_MAX(n, 1) * sizeof(*v));
	if (!v)
		return;
	memcpy(v, names, n * sizeof(*v));
	smi_set_strs(row->a, row->rec, SMI_PROC_CAPABILITIES, v, n);
}

/* include/uapi/linux/ioprio.h: the class above 13 bits, of which the lowest three are the
 * level. */
#define WHO_PROCESS 1
#define CLASS_SHIFT 13
#define LEVEL_MASK  7

static void set_ionice(struct smi_row *row)
{
	static const char *const classes[] = { "none", "realtime",
					       "best-effort", "idle" };
	char text[24];
	unsigned class;
	long v;
	int r;

	if (!smi_row_wants(row, SMI_PROC_IONICE) || !row->s->kernel.own_pids)
		return;
	v = syscall(SYS_ioprio_get, WHO_PROCESS, row->pid);
	class = (unsigned)(v >> CLASS_SHIFT);
	if (v < 0 || class >= SMI_COUNT(classes))
		return;
	r = class == 1 || class == 2
		    ? snprintf(text, sizeof(text), "%s %ld", classes[class],
			       v & LEVEL_MASK)
		    : snprintf(text, sizeof(text), "%s", classes[class]);
	smi_set_text(row->a, row->rec, SMI_PROC_IONICE,
		     smi_span_of(text, (size_t)r));
}

static void fill_from_stat(struct smi_row *row)
{
	const struct smi_stat *st = &row->stat;

	set_int(row, SMI_PROC_SESSION, (uint64_t)st->session);
	set_tty(row);
	if (smi_row_wants(row, SMI_PROC_NICE))
		smi_set_int(row->rec, SMI_PROC_NICE, st->nice);
	set_name(row, SMI_PROC_SCHEDULER, smi_procfs_policy(st->policy));
	set_int(row, SMI_PROC_MINOR_FAULTS, st->minor_faults);
	set_int(row, SMI_PROC_MAJOR_FAULTS, st->major_faults);
	set_int(row, SMI_PROC_CPU, st->cpu);
	set_ionice(row);
}

static void fill_from_status(struct smi_row *row)
{
	const struct smi_status *st = &row->status;

	set_int(row, SMI_PROC_SWAP, st->swap);
	set_name(row, SMI_PROC_SECCOMP, smi_procfs_seccomp(st->seccomp));
	set_int(row, SMI_PROC_NO_NEW_PRIVS, st->no_new_privs);
	set_int(row, SMI_PROC_GID, st->gid);
	set_int(row, SMI_PROC_EGID, st->egid);
	set_int(row, SMI_PROC_VOLUNTARY_SWITCHES, st->voluntary);
	set_int(row, SMI_PROC_INVOLUNTARY_SWITCHES, st->involuntary);
	if (smi_row_wants(row, SMI_PROC_CPUS_ALLOWED) && st->cpus.len > 0)
		smi_set_text(row->a, row->rec, SMI_PROC_CPUS_ALLOWED, st->cpus);
}

static void fill_powers(struct smi_row *row)
{
	const struct smi_status *st = &row->status;

	if (st->tracer)
		set_int(row, SMI_PROC_TRACER_PID, (uint64_t)st->tracer);
	if (smi_row_wants(row, SMI_PROC_CAPABILITIES))
		set_capabilities(row);
	set_int(row, SMI_PROC_CAP_EFF, st->cap_eff);
}

void smi_row_details(struct smi_row *row)
{
	if (row->has_stat && row->s->files & SMI_FROM_MORE_STAT)
		fill_from_stat(row);
	if (row->has_status && row->s->files & SMI_FROM_MORE_STATUS)
		fill_from_status(row);
	if (row->has_status && row->s->files & SMI_FROM_POWERS)
		fill_powers(row);
}
