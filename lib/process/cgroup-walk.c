/* SPDX-License-Identifier: MIT */
#include "process/cgroup-walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/dents.h"

#define DIR_FLAGS (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY)
/* A million processes. */
#define PROCS_MAX ((size_t)8 << 20)

static bool push(struct smi_cgroup_walk *w, const char *parent,
		 const char *name)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	char *path;

	if (w->seen == SMI_CGROUPS_MAX ||
	    strlen(parent) + strlen(name) + 1 >= PATH_MAX) {
		w->cut = true;
		return true;
	}
	w->seen++;
	smi_buf_str(&b, parent);
	smi_buf_str(&b, parent[0] ? "/" : "");
	smi_buf_str(&b, name);
	path = smi_buf_error(&b) ? NULL : smi_strndup(b.p, b.len);
	if (path && smi_vec_push(&w->todo, path))
		return true;
	free(path);
	return false;
}

int smi_cgroup_walk_begin(struct smi_cgroup_walk *w, const char *mount)
{
	int fd = open(mount, DIR_FLAGS);

	if (fd < 0)
		return -errno;
	w->fd = fd;
	w->begun = true;
	w->seen = 0;
	w->cut = false;
	return push(w, "", ".") ? 0 : -ENOMEM;
}

static int read_procs(int dir, struct smi_buf *text, struct smi_pids *pids)
{
	SMI_AUTOCLOSE int fd =
		openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct smi_span rest, line;
	uint64_t pid;

	smi_buf_clear(text);
	/* A threaded cgroup does not say. */
	if (fd < 0 || smi_fd_read(fd, PROCS_MAX, text) == -ENOMEM)
		return fd < 0 ? 0 : -ENOMEM;
	rest = smi_buf_span(text);
	/* 0 is a process that our pid namespace has no number for. */
	while (smi_span_split(&rest, '\n', &line))
		if (smi_span_uint(line, INT32_MAX, &pid) && pid > 0 &&
		    !smi_vec_push(&pids->list, (int32_t)pid))
			return -ENOMEM;
	return 0;
}

static int push_children(struct smi_cgroup_walk *w, int dir, const char *path)
{
	const struct smi_dent *e;
	struct smi_dents d;

	d.n = d.at = 0;
	while (smi_dents_next(&d, dir, &e) == 1)
		if (e->type == DT_DIR && strcmp(e->name, ".") != 0 &&
		    strcmp(e->name, "..") != 0 && !push(w, path, e->name))
			return -ENOMEM;
	return 0;
}

int smi_cgroup_walk_next(struct smi_cgroup_walk *w, struct smi_pids *pids)
{
	SMI_AUTOFREE char *path = NULL;
	SMI_AUTOCLOSE int dir = -1;
	int r;

	if (w->todo.n == 0)
		return 0;
	path = w->todo.v[--w->todo.n];
	dir = openat(w->fd, path, DIR_FLAGS);
	if (dir < 0) {
		w->cut |= errno != ENOENT;
		return 1;
	}
	r = read_procs(dir, &w->text, pids);
	if (r == 0)
		r = push_children(w, dir, path);
	return r < 0 ? r : 1;
}

void smi_cgroup_walk_end(struct smi_cgroup_walk *w)
{
	while (w->todo.n > 0)
		free(w->todo.v[--w->todo.n]);
	smi_vec_free(&w->todo);
	smi_buf_free(&w->text);
	if (w->begun)
		smi_closep(&w->fd);
	w->begun = false;
}
