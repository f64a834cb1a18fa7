/* SPDX-License-Identifier: MIT */
#include "process/row.h"

/* What costs much is read of the rows that are shown, when it is known which. */
#define DEAR (SMI_FROM_CMDLINE | SMI_FROM_SMAPS | SMI_FROM_SOCKETS)

void smi_snapshot_defer(struct smi_snapshot *s,
			const struct smi_fieldset *needed)
{
	unsigned anyway = smi_files_of(needed);

	s->late = smi_fields_from(&s->fields, DEAR & ~anyway);
	for (size_t i = 0; i < SMI_COUNT(s->late.w); i++)
		s->fields.w[i] &= ~s->late.w[i];
	/* To know it again. */
	if (!smi_fieldset_empty(&s->late))
		smi_fieldset_add(&s->fields, SMI_PROC_START_TICKS);
}

static int add_late(struct smi_row *row)
{
	struct smi_snapshot *s = row->s;
	bool bystander;
	int r = smi_row_basics(row, &bystander);

	if (r != 1)
		return r;
	if (!row->has_stat && (row->late || row->unasked)) {
		row->refused |= s->files;
		return 0;
	}
	/* Another one. */
	if (!row->has_stat || !smi_rec_has(row->rec, SMI_PROC_START_TICKS) ||
	    (int64_t)row->stat.start != row->rec->v[SMI_PROC_START_TICKS].i)
		return -ESRCH;
	if (!smi_row_has_program(row))
		return 0;
	r = s->files & SMI_FROM_CMDLINE ? smi_row_cmdline(row) : 0;
	return r < 0 ? r : smi_row_files(row);
}

static void name_what_is_missing(struct smi_row *row)
{
	struct smi_snapshot *s = row->s;

	if (smi_fieldset_has(&s->chosen, SMI_PROC_UNREADABLE))
		smi_fieldset_add(&s->fields, SMI_PROC_UNREADABLE);
	if (row->refused || row->cut)
		smi_row_set_unreadable(row);
}

int smi_snapshot_add_late(struct smi_snapshot *s, struct smi_arena *a,
			  sm_record *rec)
{
	int32_t pid = (int32_t)smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_PID);
	struct smi_row row = {
		.s = s, .a = a, .rec = rec, .pid = pid, .tid = pid
	};
	struct smi_fieldset fields = s->fields;
	const struct smi_procs *procs = s->procs;
	const char *user = s->user;
	unsigned files = s->files;
	int r;

	if (smi_fieldset_empty(&s->late))
		return 0;
	/* What the backend told is of another moment. */
	s->procs = NULL;
	s->user = NULL;
	s->fields = s->late;
	s->files = smi_files_of(&s->late);
	r = add_late(&row);
	if (r == 0) {
		name_what_is_missing(&row);
		r = 1;
	}
	s->procs = procs;
	s->user = user;
	s->fields = fields;
	s->files = files;
	return r == -ESRCH ? 0 : r;
}
