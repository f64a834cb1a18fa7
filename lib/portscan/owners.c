/* SPDX-License-Identifier: MIT */
#include "portscan/owners.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/dents.h"

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

/* A socket whose owner is found: no process that is listed later changes it. */
static bool is_settled(const struct smi_owner *x)
{
	return x->pid > 1;
}

static void claim(struct smi_owners *o, struct smi_owner *x, int32_t pid)
{
	if (is_settled(x))
		return;
	x->pid = pid;
	o->nleft -= is_settled(x);
}

/* "socket:[12345]", proc(5); what is longer is none and may come cut off. */
#define LINK_MAX_LEN 32

static bool socket_inode(struct smi_span link, uint64_t *inode)
{
	if (!smi_span_starts(link, SMI_SPAN("socket:[")) ||
	    !smi_span_ends(link, SMI_SPAN("]")))
		return false;
	link = smi_span_skip(link, 8);
	return smi_span_uint(smi_span_head(link, link.len - 1), UINT64_MAX,
			     inode);
}

/* Of each process these are looked at first: servers listen before they serve, and
 * a process that has very many must not hide the others. */
#define FIRST 256

/* Too large for a stack. */
struct pass {
	struct smi_dents processes, descriptors;
	size_t from, to; /* the descriptors of a process that it looks at */
};

static void scan_descriptors(struct smi_owners *o, struct pass *p, int dir,
			     int32_t pid)
{
	struct smi_dents *d = &p->descriptors;
	const struct smi_dent *e;
	size_t at = 0;

	d->n = d->at = 0;
	while (o->nleft > 0 && o->budget > 0 && at < p->to &&
	       smi_dents_next(d, dir, &e) > 0) {
		char link[LINK_MAX_LEN];
		uint64_t inode;
		struct smi_owner *x;
		ssize_t n;

		if (e->name[0] == '.' || at++ < p->from)
			continue;
		o->budget--;
		n = readlinkat(dir, e->name, link, sizeof(link));
		if (n <= 0 ||
		    !socket_inode(smi_span_of(link, (size_t)n), &inode))
			continue;
		x = find(o, inode);
		if (x)
			claim(o, x, pid);
	}
}

static void scan_process(struct smi_owners *o, struct pass *p, int proc,
			 const char *name)
{
	char path[64];
	uint64_t pid;
	SMI_AUTOCLOSE int fd = -1;

	if (!smi_span_uint(smi_span_str(name), INT32_MAX, &pid) || pid == 0)
		return;
	snprintf(path, sizeof(path), "%d/fd", (int)pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		scan_descriptors(o, p, fd, (int32_t)pid);
	else
		o->refused |= errno == EACCES || errno == EPERM;
}

static int list_sockets(struct smi_owners *o, const struct smi_listeners *l)
{
	size_t n = 0;

	o->list.n = 0;
	o->refused = false;
	for (size_t i = 0; i < l->list.n; i++) {
		struct smi_owner x = { .inode = l->list.v[i].inode };

		if (!smi_vec_push(&o->list, x))
			return -ENOMEM;
	}
	if (o->list.n > 0)
		qsort(o->list.v, o->list.n, sizeof(*o->list.v), cmp_inode);
	for (size_t i = 0; i < o->list.n; i++)
		if (n == 0 || o->list.v[i].inode != o->list.v[n - 1].inode)
			o->list.v[n++] = o->list.v[i];
	o->list.n = n;
	o->nleft = n;
	return 0;
}

/*
 * The kernel lists processes by ascending pid, so the first one that holds a socket,
 * but pid 1, is its owner, and what comes when all have theirs need not be read. That
 * is the most that can be left out: a socket is passed on to any process, of another
 * namespace or cgroup too. A BPF iterator over open files reads faster, and takes more
 * time to load than this whole pass, and root.
 */
static int scan_all(struct smi_owners *o, struct pass *p, size_t from,
		    size_t to)
{
	const struct smi_dent *e;
	SMI_AUTOCLOSE int proc =
		open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	if (proc < 0)
		return -errno;
	p->processes.n = p->processes.at = 0;
	p->from = from;
	p->to = to;
	while (o->nleft > 0 && o->budget > 0 &&
	       (r = smi_dents_next(&p->processes, proc, &e)) > 0)
		scan_process(o, p, proc, e->name);
	return r < 0 ? r : 0;
}

int smi_owners_read(struct smi_owners *o, const struct smi_listeners *l,
		    size_t budget)
{
	SMI_AUTOFREE struct pass *pass = NULL;
	int r = list_sockets(o, l);

	o->budget = budget;
	o->cut = false;
	if (r < 0 || o->nleft == 0)
		return r;
	pass = smi_zalloc(sizeof(*pass));
	if (!pass)
		return -ENOMEM;
	r = scan_all(o, pass, 0, FIRST);
	if (r == 0 && o->nleft > 0)
		r = scan_all(o, pass, FIRST, SIZE_MAX);
	o->cut = o->nleft > 0 && o->budget == 0;
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
