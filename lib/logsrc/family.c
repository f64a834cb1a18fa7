/* SPDX-License-Identifier: MIT */
#include "logsrc/family.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "logsrc/rotation.h"

void smi_family_free(struct smi_family *f)
{
	for (size_t i = 0; i < f->v.n; i++)
		free(f->v.v[i].path);
	smi_vec_free(&f->v);
}

bool smi_family_same(const struct smi_family *a, const struct smi_family *b)
{
	if (a->v.n != b->v.n)
		return false;
	for (size_t i = 0; i < a->v.n; i++) {
		const struct smi_member *x = &a->v.v[i], *y = &b->v.v[i];

		if (x->dev != y->dev || x->ino != y->ino ||
		    strcmp(x->path, y->path) != 0)
			return false;
	}
	return true;
}

static bool is_before(const struct smi_member *a, const struct smi_member *b)
{
	if (a->order != b->order)
		return a->order < b->order;
	return a->packed && !b->packed;
}

static int insert(struct smi_family *f, struct smi_member m)
{
	size_t i;

	if (!smi_vec_push(&f->v, m))
		return -ENOMEM;
	for (i = f->v.n - 1; i > 0 && is_before(&m, &f->v.v[i - 1]); i--)
		f->v.v[i] = f->v.v[i - 1];
	f->v.v[i] = m;
	return 0;
}

/* Adds name when it is a file of the family. */
static int consider(struct smi_family *f, int dir, struct smi_span prefix,
		    const char *name, const struct smi_rotated *of)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf path = { 0 };
	struct smi_rotated mine;
	struct stat st;
	struct smi_member m;

	smi_buf_span_add(&path, prefix);
	smi_buf_str(&path, name);
	if (!smi_buf_cstr(&path))
		return -ENOMEM;
	mine = smi_rotated_parse(path.p);
	if (!smi_span_eq(mine.base, of->base) || mine.order > of->order)
		return 0;
	if (fstatat(dir, name, &st, 0) < 0 || !S_ISREG(st.st_mode))
		return 0;
	m = (struct smi_member){
		.path = path.p,
		.order = mine.order,
		.packed = mine.packed,
		.dev = st.st_dev,
		.ino = st.st_ino,
		.size = (uint64_t)st.st_size,
		.mtime = st.st_mtim.tv_sec * SMI_SEC + st.st_mtim.tv_nsec,
	};
	if (insert(f, m) < 0)
		return -ENOMEM;
	path = (struct smi_buf){ 0 };
	return 0;
}

int smi_family_list(const struct smi_fsroot *root, const char *path,
		    struct smi_family *out)
{
	const char *slash = strrchr(path, '/');
	struct smi_span prefix =
		smi_span_of(path, slash ? (size_t)(slash - path) + 1 : 0);
	SMI_AUTOFREE char *dir =
		prefix.len ? smi_strndup(path, prefix.len) : smi_strdup(".");
	struct smi_rotated of = smi_rotated_parse(path);
	const struct dirent *e;
	DIR *d;
	int fd, r = 0;

	if (!dir)
		return -ENOMEM;
	fd = smi_fsroot_open(root, dir, O_RDONLY | O_DIRECTORY);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		smi_closep(&fd);
		return 0;
	}
	while (r == 0 && (e = readdir(d)))
		r = consider(out, fd, prefix, e->d_name, &of);
	closedir(d);
	if (r < 0)
		smi_family_free(out);
	return r;
}
