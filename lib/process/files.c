/* SPDX-License-Identifier: MIT */
#include "process/row.h"

/* The files of a process that only few ask for: one reader each. */

static void set_int(struct smi_row *row, unsigned field, uint64_t v)
{
	if (smi_row_wants(row, field))
		smi_set_int(row->rec, field,
			    (int64_t)SMI_MIN(v, (uint64_t)INT64_MAX));
}

/* Any user can have many processes with very many descriptors. */
static size_t links_max(const struct smi_snapshot *s)
{
	size_t left =
		SMI_FDS_ALL_MAX - SMI_MIN(s->tally.links, SMI_FDS_ALL_MAX);

	return SMI_MAX(SMI_MIN(left, SMI_FDS_MAX), SMI_FDS_MIN);
}

static void fill_from_fds(struct smi_row *row)
{
	struct smi_snapshot *s = row->s;
	const struct smi_fds *fds = &s->fds;
	unsigned std = 0;

	s->tally.links += (size_t)(fds->n - fds->unread);
	if (fds->unread > 0) {
		s->tally.fds_cut++;
		row->cut |= SMI_FROM_FDS;
	}
	for (size_t i = 0; i < fds->sockets.n; i++)
		if (fds->sockets.v[i].fd <= 2)
			std |= 1U << fds->sockets.v[i].fd;
	set_int(row, SMI_PROC_STD_SOCKETS, std);
	set_int(row, SMI_PROC_IO_URING, fds->io_uring);
	set_int(row, SMI_PROC_OPEN_FILES, fds->n);
}

static int read_fds(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	uint64_t n;
	int r;

	smi_procdir_path(path, row->pid, row->tid, "fd");
	if (s->files & SMI_FROM_FDS) {
		r = smi_fds_read(&s->dir, path, links_max(s), &s->fds);
		if (r == 0)
			fill_from_fds(row);
		else
			r = smi_row_failure(row, SMI_FROM_FDS, r);
		if (r < 0 || smi_rec_has(row->rec, SMI_PROC_OPEN_FILES))
			return r;
	}
	if (!(s->files & SMI_FROM_FD_COUNT))
		return 0;
	r = smi_fds_count(&s->dir, path, &n);
	if (r < 0)
		return smi_row_failure(row, SMI_FROM_FD_COUNT, r);
	set_int(row, SMI_PROC_OPEN_FILES, n);
	return 0;
}

/* proc_pid_limits(5): the first number is the limit that holds. */
static int read_limits(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	uint64_t v;
	int r = smi_procdir_read(
		&s->dir, smi_procdir_path(path, row->pid, row->tid, "limits"),
		SMI_PROCFILE_MAX, &s->text);

	if (r < 0)
		return smi_row_failure(row, SMI_FROM_LIMITS, r);
	if (smi_procfs_number(smi_buf_span(&s->text),
			      SMI_SPAN("Max open files"), &v))
		set_int(row, SMI_PROC_OPEN_FILES_LIMIT, v);
	return 0;
}

static const struct {
	unsigned files;
	int (*read)(struct smi_row *row);
} readers[] = {
	{ SMI_FROM_FD_COUNT | SMI_FROM_FDS, read_fds },
	{ SMI_FROM_SOCKETS, smi_row_sockets },
	{ SMI_FROM_LIMITS, read_limits },
};

int smi_row_files(struct smi_row *row)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < SMI_COUNT(readers); i++)
		if (row->s->files & readers[i].files)
			r = readers[i].read(row);
	return r;
}
