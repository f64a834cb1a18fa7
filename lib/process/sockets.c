/* SPDX-License-Identifier: MIT */
#include "process/sockets.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/siphash.h"
#include "process/guard.h"
#include "process/procfs.h"

/* A line is about 180 bytes. */
#define READ_ROOM  ((size_t)8192)
#define FIRST_ROOM ((size_t)256)

struct smi_sockets {
	pthread_mutex_t lock;
	struct smi_siphash_key sip;
	struct smi_socket *slots; /* inode 0: free */
	size_t n, cap;		  /* a power of two, at most half full */
	SMI_VEC(uint64_t) namespaces;
	struct smi_sockets_left_out left_out;
};

static const struct {
	const char *name;
	enum smi_socket_kind kind;
} tables[] = {
	{ "tcp", SMI_SOCKET_TCP },	 { "tcp6", SMI_SOCKET_TCP },
	{ "udp", SMI_SOCKET_UDP },	 { "udp6", SMI_SOCKET_UDP },
	{ "raw", SMI_SOCKET_RAW },	 { "raw6", SMI_SOCKET_RAW },
	{ "packet", SMI_SOCKET_PACKET },
};

struct smi_sockets *smi_sockets_new(void)
{
	struct smi_sockets *t = smi_zalloc(sizeof(*t));

	if (!t)
		return NULL;
	if (pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t);
		return NULL;
	}
	smi_siphash_random_key(&t->sip);
	return t;
}

void smi_sockets_free(struct smi_sockets *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t->slots);
	smi_vec_free(&t->namespaces);
	free(t);
}

void smi_sockets_forget(struct smi_sockets *t)
{
	if (!t)
		return;
	if (t->n > 0)
		memset(t->slots, 0, t->cap * sizeof(*t->slots));
	t->n = 0;
	t->namespaces.n = 0;
	t->left_out = (struct smi_sockets_left_out){ 0, 0 };
}

struct smi_sockets_left_out smi_sockets_left_out(struct smi_sockets *t)
{
	return t ? t->left_out : (struct smi_sockets_left_out){ 0, 0 };
}

/* Where it is, or where it goes. */
static struct smi_socket *slot_of(const struct smi_sockets *t, uint64_t inode)
{
	size_t at = smi_siphash_u64(&t->sip, inode) & (t->cap - 1);

	while (t->slots[at].inode != 0 && t->slots[at].inode != inode)
		at = (at + 1) & (t->cap - 1);
	return &t->slots[at];
}

static int make_room(struct smi_sockets *t)
{
	struct smi_sockets bigger = *t;

	if (2 * (t->n + 1) <= t->cap)
		return 0;
	bigger.cap = SMI_MAX(2 * t->cap, FIRST_ROOM);
	bigger.slots = smi_zalloc(bigger.cap * sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < t->cap; i++)
		if (t->slots[i].inode)
			*slot_of(&bigger, t->slots[i].inode) = t->slots[i];
	free(t->slots);
	t->slots = bigger.slots;
	t->cap = bigger.cap;
	return 0;
}

static int add_socket(struct smi_sockets *t, const struct smi_socket *s)
{
	struct smi_socket *slot;
	int r;

	if (t->n >= SMI_SOCKETS_MAX) {
		t->left_out.sockets++;
		return 0;
	}
	r = make_room(t);
	if (r < 0)
		return r;
	slot = slot_of(t, s->inode);
	t->n += slot->inode == 0;
	*slot = *s;
	return 0;
}

/* Takes the whole lines off the beginning of text. */
static int add_lines(struct smi_sockets *t, enum smi_socket_kind kind,
		     struct smi_span *text)
{
	struct smi_socket s;

	for (;;) {
		size_t end = smi_span_find(*text, '\n');
		int r;

		if (end == text->len)
			return 0;
		if (smi_socket_parse(smi_span_head(*text, end), kind, &s) &&
		    (r = add_socket(t, &s)) < 0)
			return r;
		*text = smi_span_skip(*text, end + 1);
	}
}

/* The kernel writes such a file in pieces of whole lines: it ends where a read
 * gives nothing. */
static int read_table(struct smi_sockets *t, int dir, size_t i)
{
	SMI_AUTOCLOSE int fd = smi_procdir_openat(dir, tables[i].name);
	char room[READ_ROOM];
	size_t len = 0;

	/* A kernel without IPv6, or without packet sockets. */
	if (fd < 0)
		return fd == -ESRCH ? 0 : fd;
	for (;;) {
		ptrdiff_t n = smi_read(fd, room + len, sizeof(room) - len);
		struct smi_span text;
		int r;

		if (n <= 0)
			return n < 0 ? (int)n : 0;
		text = smi_span_of(room, len + (size_t)n);
		r = add_lines(t, tables[i].kind, &text);
		if (r < 0)
			return r;
		/* No line of the kernel is as long as that. */
		if (text.len == sizeof(room))
			return -EBADMSG;
		memmove(room, text.p, text.len);
		len = text.len;
	}
}

/* "net:[4026531840]", namespaces(7); 0 in a kernel that has none. */
static int namespace_of(const struct smi_procdir *d, int32_t pid, int32_t tid,
			uint64_t *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf link = { 0 };
	char path[SMI_PROC_PATH];
	int r = smi_guard_readlink(
		d, pid, smi_procdir_path(path, pid, tid, "ns/net"), &link);

	*out = 0;
	if (r < 0)
		return r == -ENOENT || r == -ESRCH ? 0 : r;
	return smi_procfs_inode(smi_buf_span(&link), SMI_SPAN("net"), out)
		       ? 0
		       : -EBADMSG;
}

static int read_namespace(struct smi_sockets *t, const struct smi_procdir *d,
			  int32_t pid, int32_t tid)
{
	char path[SMI_PROC_PATH];
	SMI_AUTOCLOSE int dir =
		smi_procdir_opendir(d, smi_procdir_path(path, pid, tid, "net"));
	int r = SMI_MIN(dir, 0);

	for (size_t i = 0; r == 0 && i < SMI_COUNT(tables); i++)
		r = read_table(t, dir, i);
	/* Of a process that has gone, the tables are empty. */
	return r == 0 && !smi_procdir_has(d, pid) ? -ESRCH : r;
}

static bool is_known(const struct smi_sockets *t, uint64_t ns)
{
	for (size_t i = 0; i < t->namespaces.n; i++)
		if (t->namespaces.v[i] == ns)
			return true;
	return false;
}

static int add_namespace(struct smi_sockets *t, const struct smi_procdir *d,
			 int32_t pid, int32_t tid)
{
	uint64_t ns;
	int r = namespace_of(d, pid, tid, &ns);

	if (r < 0 || is_known(t, ns))
		return r;
	if (t->namespaces.n >= SMI_NAMESPACES_MAX) {
		t->left_out.namespaces++;
		return 0;
	}
	r = read_namespace(t, d, pid, tid);
	if (r == 0 && !smi_vec_push(&t->namespaces, ns))
		r = -ENOMEM;
	return r;
}

static int find_all(struct smi_sockets *t, const struct smi_fd_socket *v,
		    size_t n, smi_socket_list *out)
{
	for (size_t i = 0; t->cap > 0 && i < n; i++) {
		const struct smi_socket *s = slot_of(t, v[i].inode);

		if (v[i].inode != 0 && s->inode == v[i].inode &&
		    !smi_vec_push(out, *s))
			return -ENOMEM;
	}
	return 0;
}

int smi_sockets_find(struct smi_sockets *t, const struct smi_procdir *d,
		     int32_t pid, int32_t tid, const struct smi_fd_socket *v,
		     size_t n, smi_socket_list *out)
{
	int r;

	pthread_mutex_lock(&t->lock);
	r = add_namespace(t, d, pid, tid);
	if (r == 0)
		r = find_all(t, v, n, out);
	pthread_mutex_unlock(&t->lock);
	return r;
}
