/* SPDX-License-Identifier: MIT */
#include "process/relays.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "process/guard.h"
#include "record/program.h"

/* One that holds more of them is no tool of a shell's. */
#define SOCKETS_MAX 256
#define KEPT_NS	    SMI_SEC

struct smi_relays {
	pthread_mutex_t lock;
	bool is_read;
	int64_t until; /* it is not read again */
	SMI_VEC(struct smi_relay) list;
	struct smi_pids pids;
	struct smi_buf link;
	struct smi_fds fds;
	smi_socket_list held;
};

struct smi_relays *smi_relays_new(void)
{
	struct smi_relays *t = smi_zalloc(sizeof(*t));

	if (!t)
		return NULL;
	if (pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t);
		return NULL;
	}
	return t;
}

void smi_relays_free(struct smi_relays *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	smi_vec_free(&t->list);
	smi_vec_free(&t->pids.list);
	smi_buf_free(&t->link);
	smi_fds_free(&t->fds);
	smi_vec_free(&t->held);
	free(t);
}

void smi_relays_forget(struct smi_relays *t, int64_t now)
{
	if (t && now >= t->until)
		t->is_read = false;
}

bool smi_relay_is_one(struct smi_span path)
{
	static const char *const more[] = { "telnet", "openssl", "gnutls-cli",
					    "busybox" };
	struct smi_span name = smi_program_name(path);

	for (size_t i = 0; i < SMI_COUNT(more); i++)
		if (smi_span_eq_str(name, more[i]))
			return true;
	return smi_program_class(path) & SMI_PROGRAM_NETCAT;
}

/* A file of the network, of a server that does not answer, is not asked. */
struct smi_pipe smi_pipe_of(const struct smi_procdir *d, int32_t pid, int fd)
{
	char path[SMI_PROC_PATH], name[16] = "fd/0";
	struct smi_pipe none = { 0, 0 };
	struct stat st;

	name[3] = (char)('0' + fd);
	if (!d->procfs ||
	    smi_guard_stat_known(d, pid, smi_procdir_path(path, pid, pid, name),
				 &st) < 0)
		return none;
	if (!S_ISFIFO(st.st_mode))
		return none;
	return (struct smi_pipe){ st.st_dev, st.st_ino };
}

static bool is_same(struct smi_pipe a, struct smi_pipe b)
{
	return a.inode != 0 && a.inode == b.inode && a.device == b.device;
}

static const struct smi_socket *find_connection(const smi_socket_list *held)
{
	for (size_t i = 0; i < held->n; i++)
		if (held->v[i].kind == SMI_SOCKET_TCP &&
		    smi_socket_has_peer(&held->v[i]))
			return &held->v[i];
	return NULL;
}

/* What has gone, or may not be looked into, is none. */
static int add_one(struct smi_relays *t, const struct smi_procdir *d,
		   struct smi_sockets *sockets, int32_t pid)
{
	char path[SMI_PROC_PATH];
	struct smi_relay one = { .pid = pid };
	const struct smi_socket *peer;
	struct smi_span name;
	int r = smi_guard_readlink(
		d, pid, smi_procdir_path(path, pid, pid, "exe"), &t->link);

	if (r < 0 || !smi_relay_is_one(smi_buf_span(&t->link)))
		return r == -ENOMEM ? r : 0;
	r = smi_fds_read(d, pid, smi_procdir_path(path, pid, pid, "fd"),
			 SOCKETS_MAX, &t->fds);
	t->held.n = 0;
	if (r == 0 && t->fds.sockets.n > 0)
		r = smi_sockets_find(sockets, d, pid, pid, t->fds.sockets.v,
				     t->fds.sockets.n, &t->held);
	peer = r == 0 ? find_connection(&t->held) : NULL;
	if (!peer)
		return r == -ENOMEM ? r : 0;
	one.peer = *peer;
	one.in = smi_pipe_of(d, pid, 0);
	one.out = smi_pipe_of(d, pid, 1);
	name = smi_span_head(smi_program_name(smi_buf_span(&t->link)),
			     sizeof(one.name) - 1);
	memcpy(one.name, name.p, name.len);
	return smi_vec_push(&t->list, one) ? 0 : -ENOMEM;
}

static int read_all(struct smi_relays *t, int64_t now, struct smi_procdir *d,
		    struct smi_sockets *sockets)
{
	int r = smi_procdir_list(d, &t->pids);

	t->list.n = 0;
	for (size_t i = 0; r == 0 && i < t->pids.list.n; i++)
		r = add_one(t, d, sockets, t->pids.list.v[i]);
	t->is_read = r == 0;
	t->until = now + KEPT_NS;
	return r;
}

static bool fits(const struct smi_relay *one, const struct smi_relay_ask *ask)
{
	return (ask->parent > 0 && one->pid == ask->parent) ||
	       is_same(one->out, ask->in) ||
	       (is_same(one->in, ask->out) && ask->in.inode != 0 &&
		one->out.inode != 0);
}

int smi_relays_find(struct smi_relays *t, int64_t now, struct smi_procdir *d,
		    struct smi_sockets *sockets,
		    const struct smi_relay_ask *ask, struct smi_relay *out)
{
	int r;

	pthread_mutex_lock(&t->lock);
	r = t->is_read ? 0 : read_all(t, now, d, sockets);
	for (size_t i = 0; r == 0 && i < t->list.n; i++) {
		if (fits(&t->list.v[i], ask)) {
			*out = t->list.v[i];
			r = 1;
		}
	}
	pthread_mutex_unlock(&t->lock);
	return r;
}
