/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/utf8.h"
#include "process/maps.h"
#include "process/row.h"
#include "record/program.h"

/* In the arena: the arguments, each ended by NUL, and an array of them. */
static void set_args(struct smi_row *row, const struct smi_args *args)
{
	char *copy = smi_arena_strndup(row->a, args->text.p, args->text.len);
	const char **v = smi_arena_alloc(row->a, args->n * sizeof(*v));
	const char *p = copy;

	if (!copy || !v)
		return;
	for (size_t i = 0; i < args->n; i++) {
		struct smi_span arg = smi_span_str(p);

		v[i] = smi_utf8_clean(arg) ? p
					   : smi_utf8_escape_dup(row->a, arg);
		if (!v[i])
			return;
		p += arg.len + 1;
	}
	smi_set_strs(row->a, row->rec, SMI_PROC_ARGS, v, args->n);
}

static void set_cmdline(struct smi_row *row, const struct smi_args *args)
{
	struct smi_span text = args->text;
	char *line = smi_arena_strndup(row->a, text.p, text.len);

	for (size_t i = 0; line && i < text.len; i++)
		if (line[i] == '\0')
			line[i] = ' ';
	if (!line || text.len == 0)
		return;
	if (smi_utf8_clean(smi_span_of(line, text.len)))
		smi_set_const(row->rec, SMI_PROC_CMDLINE, line);
	else
		smi_set_text(row->a, row->rec, SMI_PROC_CMDLINE,
			     smi_span_of(line, text.len));
}

/* Any user can have many processes with arguments of megabytes. */
static size_t cmdline_max(const struct smi_snapshot *s)
{
	return smi_tally_room(s->tally.cmdlines, SMI_CMDLINES_MAX,
			      SMI_CMDLINE_MAX, SMI_CMDLINE_MIN);
}

/* What there is in raw, in the row's text where it had to be read. */
static int read_cmdline(struct smi_row *row, struct smi_span *raw)
{
	struct smi_snapshot *s = row->s;
	int r;

	*raw = row->args;
	if (row->has_args)
		return 0;
	r = smi_row_read(row, "cmdline", SMI_ENDS_IN_NUL, cmdline_max(s),
			 &s->text);
	if (r < 0 && r != -E2BIG)
		return smi_row_failure(row, SMI_FROM_CMDLINE, r);
	if (r == -E2BIG) {
		s->tally.cut++;
		row->cut |= SMI_FROM_CMDLINE;
	}
	*raw = smi_buf_span(&s->text);
	return 0;
}

/* So many of them as there is room for. */
static void limit_args(struct smi_row *row, size_t max, struct smi_args *args)
{
	size_t at = 0;

	if (args->n <= max)
		return;
	for (size_t i = 0; i < max; i++)
		at += smi_span_find(smi_span_skip(args->text, at), '\0') + 1;
	args->text = smi_span_head(args->text, at - 1);
	args->n = max;
	row->s->tally.cut++;
	row->cut |= SMI_FROM_CMDLINE;
}

static void set_raw_args(struct smi_row *row, struct smi_span raw)
{
	struct smi_args args = smi_procfs_args(raw);

	limit_args(row, cmdline_max(row->s) / SMI_ARG_WEIGHT, &args);
	row->s->tally.cmdlines += args.n * SMI_ARG_WEIGHT;
	if (args.n == 0) {
		if (raw.len > 0 && smi_row_wants(row, SMI_PROC_ARGS_WIPED))
			smi_set_int(row->rec, SMI_PROC_ARGS_WIPED, 1);
		return;
	}
	if (smi_row_wants(row, SMI_PROC_CMDLINE)) {
		set_cmdline(row, &args);
		smi_set_raw(row->a, row->rec, SMI_PROC_CMDLINE_RAW, raw);
	}
	if (smi_row_wants(row, SMI_PROC_ARGS))
		set_args(row, &args);
}

int smi_row_cmdline(struct smi_row *row)
{
	struct smi_span raw;
	int r = read_cmdline(row, &raw);

	if (r < 0)
		return r;
	row->s->tally.cmdlines += raw.len;
	set_raw_args(row, raw);
	return 0;
}

void smi_snapshot_set_args(struct smi_snapshot *s, struct smi_arena *a,
			   sm_record *rec, struct smi_span cmdline)
{
	struct smi_row row = { .s = s, .a = a, .rec = rec };

	set_raw_args(&row, cmdline);
}

int smi_row_path_stat(struct smi_row *row, struct smi_span path,
		      struct stat *st)
{
	char root[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	SMI_AUTOCLOSE int fd = -1;

	smi_buf_clear(&s->text);
	smi_buf_span_add(&s->text, path);
	if (!smi_buf_cstr(&s->text))
		return -ENOMEM;
	if (s->dir.procfs) {
		int r = smi_guard_stat_in(
			&s->dir, row->pid,
			smi_procdir_path(root, row->pid, row->tid, "root"),
			s->text.p, st);

		row->late |= r == -ETIMEDOUT;
		row->unasked |= r == -ECANCELED;
		return r;
	}
	fd = smi_fsroot_open(&s->ctx->root, s->text.p, O_PATH);
	if (fd < 0 || fstat(fd, st) < 0)
		return fd < 0 ? fd : -errno;
	return 0;
}

static void set_int(struct smi_row *row, unsigned field, int64_t v)
{
	if (smi_row_wants(row, field))
		smi_set_int(row->rec, field, v);
}

static int read_exe_dir(struct smi_row *row, struct smi_memo_exe *exe)
{
	struct smi_span path = exe->link;
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;
	int r;

	/* No directory has it. */
	if (!slash || path.p[0] != '/' ||
	    smi_span_starts(path, SMI_SPAN("/memfd:")))
		return 0;
	path = smi_span_head(path, SMI_MAX((size_t)(slash - path.p), 1));
	r = smi_row_path_stat(row, path, &exe->dir);
	exe->has_dir = r == 0;
	return r == -ENOMEM ? r : 0;
}

static void set_exe_dir(struct smi_row *row, const struct smi_memo_exe *exe)
{
	if (!exe->has_dir)
		return;
	set_int(row, SMI_PROC_EXE_DIR_MODE, exe->dir.st_mode);
	set_int(row, SMI_PROC_EXE_DIR_UID, exe->dir.st_uid);
}

/* An upgrade puts another file in the place of the running one. */
static int look_for_successor(struct smi_row *row, struct smi_span exe)
{
	struct smi_span path = smi_program_path(exe);
	struct stat st;
	int r;

	if (!smi_row_wants(row, SMI_PROC_EXE_REPLACED) || exe.len == 0 ||
	    exe.p[0] != '/' || path.len == exe.len)
		return 0;
	r = smi_row_path_stat(row, path, &st);
	if (r == 0 && S_ISREG(st.st_mode))
		smi_set_int(row->rec, SMI_PROC_EXE_REPLACED, 1);
	return r == -ENOMEM ? r : 0;
}

static void set_exe_device(struct smi_row *row, dev_t dev)
{
	char text[24];

	if (!smi_row_wants(row, SMI_PROC_EXE_DEVICE))
		return;
	snprintf(text, sizeof(text), "%u:%u", major(dev), minor(dev));
	smi_set_text(row->a, row->rec, SMI_PROC_EXE_DEVICE, smi_span_str(text));
}

static void set_exe_file(struct smi_row *row, const struct stat *st)
{
	row->exe_file = *st;
	row->has_exe_file = true;
	set_exe_device(row, st->st_dev);
	set_int(row, SMI_PROC_EXE_INODE, (int64_t)st->st_ino);
	/* Not by the path: a file may be called "x (deleted)". */
	set_int(row, SMI_PROC_EXE_DELETED, st->st_nlink == 0);
	set_int(row, SMI_PROC_EXE_NLINK, (int64_t)st->st_nlink);
	set_int(row, SMI_PROC_EXE_MODE, st->st_mode);
	set_int(row, SMI_PROC_EXE_UID, st->st_uid);
	if (st->st_ctim.tv_sec > 0 && st->st_ctim.tv_sec < INT64_MAX / SMI_SEC)
		set_int(row, SMI_PROC_EXE_CTIME,
			st->st_ctim.tv_sec * SMI_SEC + st->st_ctim.tv_nsec);
}

/* The link of a tree of files does not lead to the running one. */
static int read_exe_file(struct smi_row *row, const char *path,
			 struct smi_memo_exe *exe)
{
	struct smi_snapshot *s = row->s;
	int r;

	if (!(s->files & SMI_FROM_EXE_FILE) || !s->dir.procfs)
		return 0;
	r = smi_guard_stat(&s->dir, row->pid, path, &exe->file);
	/* It has let go of its program. */
	if (r == -ENOENT || r == -ESRCH)
		return 0;
	/* Even root may be kept out of a file system of somebody's own. */
	if (r < 0)
		return smi_row_failure(row, SMI_FROM_EXE_FILE, r);
	set_exe_file(row, &exe->file);
	return exe->file.st_nlink == 0 ? look_for_successor(row, exe->link) : 0;
}

/* What we have there, 1; 0 where there is nothing; or a negative errno. */
static int stat_here(struct smi_row *row, struct smi_span path, struct stat *st)
{
	struct smi_snapshot *s = row->s;
	SMI_AUTOCLOSE int fd = -1;
	int r;

	smi_buf_clear(&s->text);
	smi_buf_span_add(&s->text, path);
	if (!smi_buf_cstr(&s->text))
		return -ENOMEM;
	if (s->dir.procfs && s->ctx->root.fd < 0) {
		/* By whoever reads it, whose root is ours. */
		r = smi_guard_stat_in(&s->dir, row->pid, "self/root", s->text.p,
				      st);
	} else {
		fd = smi_fsroot_open(&s->ctx->root, s->text.p, O_PATH);
		r = fd < 0 ? fd : fstat(fd, st) < 0 ? -errno : 0;
	}
	return r == 0 ? 1 : r == -ENOENT || r == -ENOTDIR ? 0 : r;
}

/* 1; 0 where it cannot be told; or a negative errno that ends the list. */
static int find_package(struct smi_row *row, struct smi_span exe,
			struct smi_package_of *out)
{
	struct smi_snapshot *s = row->s;
	struct stat here;
	int r;

	if (smi_packages_known(s->packages, exe, &row->exe_file, out) == 1)
		return 1;
	r = stat_here(row, exe, &here);
	row->late |= r == -ETIMEDOUT;
	row->unasked |= r == -ECANCELED;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = smi_packages_find(s->packages, &s->ctx->root, exe, &row->exe_file,
			      r == 1 ? &here : NULL, out);
	return r < 0 ? r : 1;
}

/* A path inside of a container is of other packages. */
int smi_row_package(struct smi_row *row)
{
	struct smi_span exe = smi_span_str(
		smi_rec_str(row->rec, SM_KIND_PROCESS, SMI_PROC_EXE));
	struct smi_package_of found;
	int r;

	if (!row->has_exe_file || exe.len == 0 || exe.p[0] != '/' ||
	    smi_rec_has(row->rec, SMI_PROC_CONTAINER))
		return 0;
	r = find_package(row, exe, &found);
	if (r != 1)
		return r;
	if (found.is_elsewhere && row->exe_file.st_nlink > 0)
		set_int(row, SMI_PROC_EXE_ELSEWHERE, 1);
	if (!found.is_told)
		return 0;
	if (!found.name)
		smi_set_int(row->rec, SMI_PROC_UNPACKAGED, 1);
	else if (smi_row_wants(row, SMI_PROC_PACKAGE))
		smi_set_const(row->rec, SMI_PROC_PACKAGE, found.name);
	return 0;
}

/* Whoever executes another program meanwhile has the memory of that. */
static bool is_still_there(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct stat st;

	return smi_guard_stat(&row->s->dir, row->pid,
			      smi_procdir_path(path, row->pid, row->tid, "exe"),
			      &st) == 0 &&
	       st.st_dev == row->exe_file.st_dev &&
	       st.st_ino == row->exe_file.st_ino;
}

void smi_row_exe_mapped(struct smi_row *row, const struct smi_maps *m)
{
	if (!smi_row_wants(row, SMI_PROC_EXE_UNMAPPED) || !row->has_exe_file ||
	    !m->code || m->exe_runs)
		return;
	if (is_still_there(row))
		smi_set_int(row->rec, SMI_PROC_EXE_UNMAPPED,
			    m->exe_lies ? 1 : 2);
}

static void set_exe(struct smi_row *row, struct smi_span link)
{
	if (smi_row_wants(row, SMI_PROC_EXE) && link.len > 0)
		smi_set_text(row->a, row->rec, SMI_PROC_EXE, link);
}

/* What has no name any more may be followed by another. */
static int keep_exe(struct smi_row *row, const struct smi_memo_exe *exe)
{
	bool whole = row->has_exe_file && exe->file.st_nlink > 0 &&
		     (exe->has_dir || !(row->s->files & SMI_FROM_EXE_DIR));

	return whole ? smi_memo_keep_exe(&row->s->memo, &row->like, exe) : 0;
}

int smi_row_exe(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	const struct smi_memo_exe *known = smi_memo_exe(&s->memo, &row->like);
	struct smi_memo_exe exe = { .has_dir = false };
	int r;

	if (known) {
		set_exe(row, known->link);
		set_exe_file(row, &known->file);
		set_exe_dir(row, known);
		return 0;
	}
	smi_procdir_path(path, row->pid, row->tid, "exe");
	r = smi_guard_readlink(&s->dir, row->pid, path, &s->link);
	/* It has let go of its program: it is about to end. */
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return smi_row_failure(row, SMI_FROM_EXE | SMI_FROM_EXE_FILE,
				       r);
	exe.link = smi_buf_span(&s->link);
	set_exe(row, exe.link);
	r = read_exe_file(row, path, &exe);
	if (r == 0 && s->files & SMI_FROM_EXE_DIR)
		r = read_exe_dir(row, &exe);
	set_exe_dir(row, &exe);
	return r == 0 ? keep_exe(row, &exe) : r;
}
