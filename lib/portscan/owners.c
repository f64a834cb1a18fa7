/* SPDX-License-Identifier: MIT */
#include "portscan/owners.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void smi_owners_free(struct smi_owners *o)
{
	smi_vec_free(&o->list);
}

static int cmp_inode(const void *a, const void *b)
{
	const struct smi_owner *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static struct smi_owner *find(const struct smi_owners *o, uint64_t inode)
{
	struct smi_owner key = { .inode = inode };

	if (o->list.n == 0)
		return NULL;
	return bsearch(&key, o->list.v, o->list.n, sizeof(key), cmp_inode);
}

int32_t smi_owners_pid(const struct smi_owners *o, uint64_t inode)
{
	const struct smi_owner *x = find(o, inode);

	return x ? x->pid : 0;
}

static void claim(struct smi_owner *x, int32_t pid)
{
	if (!x->pid || x->pid == 1 || (pid != 1 && pid < x->pid))
		x->pid = pid;
}

/* "socket:[12345]", proc(5). */
static bool socket_inode(struct smi_span link, uint64_t *inode)
{
	if (!smi_span_starts(link, SMI_SPAN("socket:[")) ||
	    !smi_span_ends(link, SMI_SPAN("]")))
		return false;
	link = smi_span_skip(link, 8);
	return smi_span_uint(smi_span_head(link, link.len - 1), UINT64_MAX,
			     inode);
}

static void scan_descriptors(struct smi_owners *o, DIR *dir, int32_t pid)
{
	const struct dirent *e;

	while ((e = readdir(dir))) {
		char link[64];
		uint64_t inode;
		struct smi_owner *x;
		ssize_t n;

		if (e->d_name[0] == '.')
			continue;
		n = readlinkat(dirfd(dir), e->d_name, link, sizeof(link));
		if (n <= 0 ||
		    !socket_inode(smi_span_of(link, (size_t)n), &inode))
			continue;
		x = find(o, inode);
		if (x)
			claim(x, pid);
	}
}

static int scan_process(struct smi_owners *o, int proc, const char *name)
{
	char path[64];
	uint64_t pid;
	DIR *dir;
	int fd;

	if (!smi_span_uint(smi_span_str(name), INT32_MAX, &pid) || pid == 0)
		return 0;
	snprintf(path, sizeof(path), "%d/fd", (int)pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		o->refused |= errno == EACCES || errno == EPERM;
		return 0;
	}
	dir = fdopendir(fd);
	if (!dir) {
		int r = errno == ENOMEM ? -ENOMEM : 0;

		close(fd);
		return r;
	}
	scan_descriptors(o, dir, (int32_t)pid);
	closedir(dir);
	return 0;
}

int smi_owners_read(struct smi_owners *o, const struct smi_listeners *l)
{
	const struct dirent *e;
	DIR *proc;
	int r = 0;

	o->list.n = 0;
	o->refused = false;
	for (size_t i = 0; i < l->list.n; i++) {
		struct smi_owner x = { .inode = l->list.v[i].inode };

		if (!smi_vec_push(&o->list, x))
			return -ENOMEM;
	}
	if (o->list.n == 0)
		return 0;
	qsort(o->list.v, o->list.n, sizeof(*o->list.v), cmp_inode);
	proc = opendir("/proc");
	if (!proc)
		return -errno;
	while (r == 0 && (e = readdir(proc)))
		r = scan_process(o, dirfd(proc), e->d_name);
	closedir(proc);
	return r;
}

#define PATH_MAX_LEN 64

static struct smi_span read_file(int32_t pid, const char *name,
				 char space[SMI_PROCESS_TEXT_MAX])
{
	char path[PATH_MAX_LEN];
	SMI_AUTOCLOSE int fd = -1;
	ptrdiff_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : smi_read(fd, space, SMI_PROCESS_TEXT_MAX);
	return smi_span_of(space, n > 0 ? (size_t)n : 0);
}

struct smi_span smi_process_name(int32_t pid, char space[SMI_PROCESS_TEXT_MAX])
{
	struct smi_span name = read_file(pid, "comm", space);

	if (smi_span_ends(name, SMI_SPAN("\n")))
		name.len--;
	return name;
}

struct smi_span smi_process_exe(int32_t pid, char space[SMI_PROCESS_TEXT_MAX])
{
	char path[PATH_MAX_LEN];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, space, SMI_PROCESS_TEXT_MAX);
	return smi_span_of(space, n > 0 ? (size_t)n : 0);
}

struct smi_span smi_process_cgroup(int32_t pid,
				   char space[SMI_PROCESS_TEXT_MAX])
{
	return read_file(pid, "cgroup", space);
}
