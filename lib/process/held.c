/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "process/row.h"

static int by_inode(const void *pa, const void *pb)
{
	const struct smi_fd_socket *a = pa, *b = pb;

	if (a->inode != b->inode)
		return (a->inode > b->inode) - (a->inode < b->inode);
	return (a->fd > b->fd) - (a->fd < b->fd);
}

static int by_fd(const void *pa, const void *pb)
{
	const struct smi_fd_socket *a = pa, *b = pb;

	return (a->fd > b->fd) - (a->fd < b->fd);
}

/* Many descriptors may lead to one socket: the lowest stays. */
static void drop_doubles(struct smi_fds *fds)
{
	struct smi_fd_socket *v = fds->sockets.v;
	size_t n = fds->sockets.n, kept = 1;

	if (n < 2)
		return;
	qsort(v, n, sizeof(*v), by_inode);
	for (size_t i = 1; i < n; i++)
		if (v[i].inode != v[i - 1].inode)
			v[kept++] = v[i];
	fds->sockets.n = kept;
	qsort(v, kept, sizeof(*v), by_fd);
}

static const char *text_of(struct smi_row *row, const struct smi_socket *s)
{
	char text[SMI_SOCKET_TEXT];

	smi_socket_text(s, text);
	return smi_arena_strndup(row->a, text, strlen(text));
}

static bool is_raw(const struct smi_socket *s)
{
	return s->kind == SMI_SOCKET_RAW || s->kind == SMI_SOCKET_PACKET;
}

/* Those that is_one says, as a list of texts. */
static void set_list(struct smi_row *row, unsigned field,
		     bool (*is_one)(const struct smi_socket *))
{
	const smi_socket_list *held = &row->s->held;
	size_t max =
		smi_tally_room(row->s->tally.sockets, SMI_SOCKETS_NAMED_MAX,
			       SMI_SOCKETS_OF_ONE_MAX, SMI_SOCKETS_OF_ONE_MIN);
	size_t n = 0, all = 0;
	const char **v;

	if (!smi_row_wants(row, field))
		return;
	for (size_t i = 0; i < held->n; i++)
		all += is_one(&held->v[i]);
	v = smi_arena_alloc(row->a, SMI_MAX(SMI_MIN(all, max), 1) * sizeof(*v));
	if (!v)
		return;
	for (size_t i = 0; n < max && i < held->n; i++)
		if (is_one(&held->v[i]) &&
		    !(v[n++] = text_of(row, &held->v[i])))
			return;
	if (n < all)
		row->cut |= SMI_FROM_SOCKETS;
	row->s->tally.sockets += n;
	smi_set_strs(row->a, row->rec, field, v, n);
}

/* Of the first three descriptors, those that are sockets. */
struct std {
	uint64_t inode[3];
};

static struct std std_of(const struct smi_fds *fds)
{
	struct std std = { { 0 } };

	for (size_t i = 0; i < fds->sockets.n; i++)
		if (fds->sockets.v[i].fd <= 2)
			std.inode[fds->sockets.v[i].fd] =
				fds->sockets.v[i].inode;
	return std;
}

static const struct smi_socket *find_held(const struct smi_snapshot *s,
					  uint64_t inode)
{
	for (size_t i = 0; inode && i < s->held.n; i++)
		if (s->held.v[i].inode == inode)
			return &s->held.v[i];
	return NULL;
}

static void set_std(struct smi_row *row, const struct std *std)
{
	const struct smi_socket *first = NULL;
	unsigned which = 0;

	for (unsigned fd = 0; fd < SMI_COUNT(std->inode); fd++) {
		const struct smi_socket *s = find_held(row->s, std->inode[fd]);

		if (!s || !smi_socket_has_peer(s))
			continue;
		first = first ? first : s;
		which |= 1U << fd;
	}
	if (smi_row_wants(row, SMI_PROC_STD_PEERS))
		smi_set_int(row->rec, SMI_PROC_STD_PEERS, which);
	if (first && smi_row_wants(row, SMI_PROC_STD_PEER))
		smi_set_const(row->rec, SMI_PROC_STD_PEER, text_of(row, first));
}

int smi_row_sockets(struct smi_row *row)
{
	struct smi_snapshot *s = row->s;
	struct smi_fds *fds = &s->fds;
	struct std std = std_of(fds);
	int r = 0;

	/* Nobody knows which they are. */
	if (row->refused & SMI_FROM_FDS)
		return 0;
	drop_doubles(fds);
	s->held.n = 0;
	if (fds->sockets.n > 0)
		r = smi_sockets_find(s->sockets, &s->dir, row->pid, row->tid,
				     fds->sockets.v, fds->sockets.n, &s->held);
	if (r < 0)
		return smi_row_failure(row, SMI_FROM_SOCKETS, r);
	set_std(row, &std);
	set_list(row, SMI_PROC_LISTENING, smi_socket_listens);
	set_list(row, SMI_PROC_CONNECTIONS, smi_socket_has_peer);
	set_list(row, SMI_PROC_RAW_SOCKETS, is_raw);
	s->tally.sockets_cut += (row->cut & SMI_FROM_SOCKETS) != 0;
	return 0;
}
