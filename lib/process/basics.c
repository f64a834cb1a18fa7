/* SPDX-License-Identifier: MIT */
#include "process/backend.h"

int smi_row_failure(struct smi_row *row, unsigned file, int r)
{
	const unsigned always = SMI_FROM_STAT | SMI_FROM_STATUS;

	if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
		return r;
	/* Without cgroups in the kernel, no process has that file. */
	if (r == -ESRCH)
		return file & always || !smi_procdir_has(&row->s->dir, row->pid)
			       ? r
			       : 0;
	row->refused |= file;
	row->late |= r == -ETIMEDOUT;
	row->unasked |= r == -ECANCELED;
	return 0;
}

int smi_row_read(struct smi_row *row, const char *name, enum smi_shape shape,
		 size_t max, struct smi_buf *b)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;

	smi_procdir_path(path, row->pid, row->tid, name);
	return smi_guard_read(&s->dir, row->pid, path, shape, max, b);
}

int smi_row_stat(struct smi_row *row)
{
	struct smi_snapshot *s = row->s;
	int r = smi_row_read(row, "stat", SMI_ONE_PIECE, SMI_PROCFILE_MAX,
			     &s->stat);

	if (r == 0)
		row->has_stat = smi_procfs_stat(smi_buf_span(&s->stat),
						s->files & SMI_FROM_MORE_STAT,
						&row->stat);
	return r == 0 && row->has_stat ? 0
				       : smi_row_failure(row, SMI_FROM_STAT, r);
}

int smi_row_status(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	int r = smi_procdir_read(
		&s->dir, smi_procdir_path(path, row->pid, row->tid, "status"),
		SMI_PROCFILE_MAX, &s->status);

	if (r == 0)
		row->has_status = smi_procfs_status(
			smi_buf_span(&s->status),
			s->files & (SMI_FROM_MORE_STATUS | SMI_FROM_POWERS),
			&row->status);
	return r == 0 && row->has_status
		       ? 0
		       : smi_row_failure(row, SMI_FROM_STATUS, r);
}

static int read_thread(struct smi_row *row, int32_t tid, const char *name)
{
	char path[SMI_PROC_PATH];

	return smi_guard_read(&row->s->dir, row->pid,
			      smi_procdir_path(path, row->pid, tid, name),
			      SMI_ONE_PIECE, SMI_PROCFILE_MAX, &row->s->text);
}

/*
 * The first thread may end while others live: the process then looks like a zombie
 * without memory, program and arguments, which another thread still has.
 */
static int find_living_thread(struct smi_row *row)
{
	struct smi_pids *tids = &row->s->tids;
	struct smi_status status;
	struct smi_stat stat;
	int r = smi_guard_threads(&row->s->dir, row->pid, tids);

	for (size_t i = 0; r == 0 && i < tids->list.n; i++) {
		int32_t tid = tids->list.v[i];

		if (tid == row->pid)
			continue;
		r = read_thread(row, tid, "stat");
		if (r < 0 ||
		    !smi_procfs_stat(smi_buf_span(&row->s->text), false,
				     &stat) ||
		    smi_has_ended(stat.state)) {
			r = r == -ESRCH ? 0 : r;
			continue;
		}
		row->tid = tid;
		row->like = (struct smi_likeness){ .cgroups = 0 };
		row->stat.state = row->status.state = stat.state;
		if (row->has_status)
			r = read_thread(row, tid, "status");
		if (row->has_status && r == 0 &&
		    smi_procfs_status(smi_buf_span(&row->s->text), false,
				      &status))
			row->status.rss = status.rss;
		break;
	}
	return r < 0 ? smi_row_failure(row, 0, r) : 0;
}

int smi_row_basics(struct smi_row *row, bool *bystander)
{
	struct smi_snapshot *s = row->s;
	int r = 0;

	row->since = smi_now_mono(s->ctx);
	if (s->procs && s->procs->ops->take) {
		row->since = s->procs->seen;
		s->procs->ops->take(s->procs->data, row);
	}
	if (s->files & SMI_FROM_STATUS && !row->has_status)
		r = smi_row_status(row);
	if (r < 0)
		return r;
	*bystander = s->user && !(row->has_status && row->status.uid == s->uid);
	if (*bystander && !s->bystanders)
		return 0;
	if (s->files & SMI_FROM_STAT && !row->has_stat)
		r = smi_row_stat(row);
	/* What never waits tells who it is. */
	if (r == 0 && (row->late || row->unasked) && !row->has_status)
		r = smi_row_status(row);
	if (r == 0 && smi_has_ended(smi_row_state(row)) &&
	    smi_row_threads(row) > 1)
		r = find_living_thread(row);
	return r < 0 ? r : 1;
}
