/* SPDX-License-Identifier: MIT */
#include <stdio.h>

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
	return smi_tally_room(s->tally.links, SMI_FDS_ALL_MAX, SMI_FDS_MAX,
			      SMI_FDS_MIN);
}

static int take_plain_fds(struct smi_row *row)
{
	smi_fds_clear(&row->s->fds);
	row->s->fds.n = row->fds;
	return 0;
}

static void count_links(struct smi_row *row, const struct smi_fds *fds)
{
	struct smi_tally *t = &row->s->tally;

	t->links += (size_t)(fds->n - fds->unread);
	if (fds->unread > 0 && !(row->cut & SMI_FROM_FDS))
		t->fds_cut++;
	if (fds->unread > 0)
		row->cut |= SMI_FROM_FDS;
}

static int read_links_of(struct smi_row *row, const char *path)
{
	struct smi_snapshot *s = row->s;
	int r = smi_fds_read(&s->dir, row->pid, path, links_max(s), &s->fds);

	if (r == 0)
		count_links(row, &s->fds);
	return r;
}

static int read_links_of_thread(struct smi_row *row, int32_t tid)
{
	SMI_CLEANUP(smi_fds_free) struct smi_fds more = { 0 };
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	int r = smi_fds_read(&s->dir, row->pid,
			     smi_procdir_path(path, row->pid, tid, "fd"),
			     links_max(s), &more);

	/* The thread has ended, or is of another user than the process. */
	s->tally.threads += r == -EACCES;
	if (r == -ESRCH || r == -EACCES)
		return 0;
	if (r < 0)
		return r;
	count_links(row, &more);
	return smi_fds_add(&s->fds, &more);
}

/* What threads have open in tables of their own: not counted with the others, but no less
 * evidence. */
static int read_fds_of_threads(struct smi_row *row)
{
	struct smi_snapshot *s = row->s;
	struct smi_tables t;
	int r;

	if (!s->kernel.own_pids || smi_row_threads(row) < 2)
		return 0;
	r = smi_guard_tables(&s->dir, row->pid, row->tid, &t);
	for (size_t i = 0; r == 0 && i < t.n; i++)
		r = read_links_of_thread(row, t.tids[i]);
	if (r == 0)
		s->tally.threads += t.unknown;
	return r;
}

static void fill_from_fds(struct smi_row *row)
{
	const struct smi_fds *fds = &row->s->fds;
	unsigned std = 0;

	for (size_t i = 0; i < fds->sockets.n; i++)
		if (fds->sockets.v[i].fd <= 2)
			std |= 1U << fds->sockets.v[i].fd;
	set_int(row, SMI_PROC_STD_SOCKETS, std);
	set_int(row, SMI_PROC_IO_URING, fds->io_uring);
	set_int(row, SMI_PROC_OPEN_FILES, fds->n);
}

/* No limit that anybody works with is below. */
#define FEW_FILES 64

/* For all processes the limit costs as much as their descriptors do. */
static int look_at_limit(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	uint64_t limit;
	int r;

	if (!smi_row_wants(row, SMI_PROC_DESCRIPTORS_LIMIT) ||
	    !smi_rec_has(row->rec, SMI_PROC_OPEN_FILES) ||
	    row->rec->v[SMI_PROC_OPEN_FILES].i < FEW_FILES)
		return 0;
	r = smi_procdir_read(
		&s->dir, smi_procdir_path(path, row->pid, row->tid, "limits"),
		SMI_PROCFILE_MAX, &s->text);
	if (r < 0)
		return smi_row_failure(row, SMI_FROM_LIMITS, r);
	if (smi_procfs_number(smi_buf_span(&s->text),
			      SMI_SPAN("Max open files"), &limit))
		smi_set_int(row->rec, SMI_PROC_DESCRIPTORS_LIMIT,
			    (int64_t)SMI_MIN(limit, (uint64_t)INT64_MAX));
	return 0;
}

/* Percent of the memory: less is not worth to be killed for. */
#define MUCH_MEMORY 10.0

static int read_pressure(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	uint64_t score;
	int r;

	if (!row->has_status || s->kernel.memory == 0 ||
	    100.0 * (double)row->status.rss <
		    MUCH_MEMORY * (double)s->kernel.memory)
		return 0;
	r = smi_procdir_read(
		&s->dir,
		smi_procdir_path(path, row->pid, row->tid, "oom_score"),
		SMI_PROCFILE_MAX, &s->text);
	if (r < 0)
		return smi_row_failure(row, SMI_FROM_OOM_SCORE, r);
	if (smi_span_digits(smi_buf_span(&s->text), &score) > 0)
		set_int(row, SMI_PROC_OOM_NEAR, score);
	return 0;
}

static int read_fds(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	uint64_t n;
	int r;

	smi_procdir_path(path, row->pid, row->tid, "fd");
	if (s->files & SMI_FROM_FDS) {
		r = row->has_plain_fds ? take_plain_fds(row)
				       : read_links_of(row, path);
		if (r == 0)
			r = read_fds_of_threads(row);
		if (r == 0)
			fill_from_fds(row);
		else
			r = smi_row_failure(row, SMI_FROM_FDS, r);
		if (r < 0)
			return r;
		if (smi_rec_has(row->rec, SMI_PROC_OPEN_FILES))
			return look_at_limit(row);
	}
	if (!(s->files & SMI_FROM_FD_COUNT))
		return 0;
	r = smi_fds_count(&s->dir, row->pid, path, &n);
	if (r < 0)
		return smi_row_failure(row, SMI_FROM_FD_COUNT, r);
	set_int(row, SMI_PROC_OPEN_FILES, n);
	return look_at_limit(row);
}

/*
 * Numbers behind a key at the beginning of a line; those of one field add up.
 * proc_pid_limits(5): the first number is the limit that holds; proc_pid_io(5);
 * proc_pid_smaps(5): what is private is what would be free without the process.
 */
static const struct {
	unsigned file;
	const char *name, *key;
	unsigned field, unit;
} numbers[] = {
	{ SMI_FROM_LIMITS, "limits", "Max open files",
	  SMI_PROC_OPEN_FILES_LIMIT, 1 },
	{ SMI_FROM_IO, "io", "read_bytes:", SMI_PROC_READ_BYTES, 1 },
	{ SMI_FROM_IO, "io", "write_bytes:", SMI_PROC_WRITE_BYTES, 1 },
	{ SMI_FROM_SMAPS, "smaps_rollup", "Pss:", SMI_PROC_PSS, 1024 },
	{ SMI_FROM_SMAPS, "smaps_rollup", "Private_Clean:", SMI_PROC_USS,
	  1024 },
	{ SMI_FROM_SMAPS, "smaps_rollup", "Private_Dirty:", SMI_PROC_USS,
	  1024 },
	{ SMI_FROM_SMAPS, "smaps_rollup", "Private_Hugetlb:", SMI_PROC_USS,
	  1024 },
	{ SMI_FROM_OOM_SCORE, "oom_score", "", SMI_PROC_OOM_SCORE, 1 },
};

static void add_number(struct smi_row *row, size_t i)
{
	unsigned field = numbers[i].field, unit = numbers[i].unit;
	uint64_t v, before = 0;

	if (!smi_row_wants(row, field) ||
	    !smi_procfs_number(smi_buf_span(&row->s->text),
			       smi_span_str(numbers[i].key), &v))
		return;
	if (i > 0 && numbers[i - 1].field == field &&
	    smi_rec_has(row->rec, field))
		before = (uint64_t)row->rec->v[field].i;
	set_int(row, field,
		before + SMI_MIN(v, (uint64_t)INT64_MAX / 2 / unit) * unit);
}

static int read_numbers(struct smi_row *row)
{
	const char *open = NULL;

	for (size_t i = 0; i < SMI_COUNT(numbers); i++) {
		struct smi_snapshot *s = row->s;
		int r;

		if (!(s->files & numbers[i].file) ||
		    row->refused & numbers[i].file)
			continue;
		if (!open || strcmp(open, numbers[i].name) != 0) {
			open = numbers[i].name;
			r = smi_row_read(row, open, SMI_ONE_PIECE,
					 SMI_PROCFILE_MAX, &s->text);
			if (r < 0) {
				smi_buf_clear(&s->text);
				r = smi_row_failure(row, numbers[i].file, r);
			}
			if (r < 0)
				return r;
		}
		add_number(row, i);
	}
	return 0;
}

static const struct {
	unsigned file;
	const char *name;
	unsigned field;
} links[] = {
	{ SMI_FROM_CWD, "cwd", SMI_PROC_CWD },
	{ SMI_FROM_ROOT, "root", SMI_PROC_ROOT },
};

static int read_links(struct smi_row *row)
{
	for (size_t i = 0; i < SMI_COUNT(links); i++) {
		char path[SMI_PROC_PATH];
		struct smi_snapshot *s = row->s;
		int r;

		if (!(s->files & links[i].file))
			continue;
		smi_procdir_path(path, row->pid, row->tid, links[i].name);
		r = smi_guard_readlink(&s->dir, row->pid, path, &s->link);
		/* It is about to end. */
		if (r == -ENOENT)
			continue;
		if (r < 0)
			r = smi_row_failure(row, links[i].file, r);
		else
			smi_set_text(row->a, row->rec, links[i].field,
				     smi_buf_span(&s->link));
		if (r < 0)
			return r;
	}
	return 0;
}

/* namespaces(7); those that only its children will be in are left out. */
static const char *const namespaces[] = {
	"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts",
};

static int read_namespaces(struct smi_row *row)
{
	char path[SMI_PROC_PATH], name[16], text[48];
	const char *v[SMI_COUNT(namespaces)], **list;
	struct smi_snapshot *s = row->s;
	size_t n = 0;

	for (size_t i = 0; i < SMI_COUNT(namespaces); i++) {
		struct smi_span type = smi_span_str(namespaces[i]);
		uint64_t inode;
		int r;

		snprintf(name, sizeof(name), "ns/%s", type.p);
		smi_procdir_path(path, row->pid, row->tid, name);
		r = smi_guard_readlink(&s->dir, row->pid, path, &s->link);
		/* A kernel without it. */
		if (r == -ENOENT && smi_procdir_has(&s->dir, row->pid))
			continue;
		if (r < 0)
			return smi_row_failure(row, SMI_FROM_NAMESPACES,
					       r == -ENOENT ? -ESRCH : r);
		if (!smi_procfs_inode(smi_buf_span(&s->link), type, &inode))
			continue;
		r = snprintf(text, sizeof(text), "%s:%llu", type.p,
			     (unsigned long long)inode);
		v[n] = smi_arena_strndup(row->a, text, (size_t)r);
		if (!v[n++])
			return 0;
	}
	list = smi_arena_alloc(row->a, SMI_MAX(n, 1) * sizeof(*list));
	if (!list)
		return 0;
	memcpy(list, v, n * sizeof(*v));
	smi_set_strs(row->a, row->rec, SMI_PROC_NAMESPACES, list, n);
	return 0;
}

/* proc_pid_loginuid(5): all bits are set where nobody has logged in. */
static int read_login(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	const char *name;
	uint64_t uid;
	int r = smi_procdir_read(
		&s->dir, smi_procdir_path(path, row->pid, row->tid, "loginuid"),
		SMI_PROCFILE_MAX, &s->text);

	if (r < 0)
		return smi_row_failure(row, SMI_FROM_LOGIN, r);
	if (smi_span_digits(smi_buf_span(&s->text), &uid) == 0 ||
	    uid >= UINT32_MAX)
		return 0;
	name = smi_users_name(s->users, (uint32_t)uid);
	if (!name)
		return -ENOMEM;
	smi_set_const(row->rec, SMI_PROC_LOGIN_USER, name);
	return 0;
}

static const struct {
	unsigned files;
	int (*read)(struct smi_row *row);
} readers[] = {
	{ SMI_FROM_FD_COUNT | SMI_FROM_FDS, read_fds },
	{ SMI_FROM_SOCKETS, smi_row_sockets },
	{ SMI_FROM_LIMITS | SMI_FROM_IO | SMI_FROM_SMAPS | SMI_FROM_OOM_SCORE,
	  read_numbers },
	{ SMI_FROM_PRESSURE, read_pressure },
	{ SMI_FROM_CWD | SMI_FROM_ROOT, read_links },
	{ SMI_FROM_NAMESPACES, read_namespaces },
	{ SMI_FROM_LOGIN, read_login },
};

int smi_row_files(struct smi_row *row)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < SMI_COUNT(readers); i++)
		if (row->s->files & readers[i].files)
			r = readers[i].read(row);
	return r;
}
