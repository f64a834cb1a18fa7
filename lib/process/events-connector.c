/* SPDX-License-Identifier: MIT */
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process/events.h"

/* The proc connector, drivers/connector/cn_proc.c: in the first namespaces; before
 * Linux 6.6 for CAP_NET_ADMIN only. */

#define RECEIVE_BUFFER (8 << 20)
#define CPUS_MAX       8192
#define MESSAGE_MAX    4096

struct connector {
	int fd;
	SMI_VEC(uint32_t) next; /* of each processor; 0: none seen */
	uint64_t lost;
	bool broken; /* the kernel said that some were lost */
	_Alignas(struct nlmsghdr) char room[MESSAGE_MAX];
};

static bool take_fork(const struct proc_event *e, struct smi_proc_event *ev)
{
	ev->what = SMI_PROC_FORK;
	ev->pid = e->event_data.fork.child_tgid;
	ev->ppid = e->event_data.fork.parent_tgid;
	return e->event_data.fork.child_pid == ev->pid;
}

static bool take_exec(const struct proc_event *e, struct smi_proc_event *ev)
{
	ev->what = SMI_PROC_EXEC;
	ev->pid = e->event_data.exec.process_tgid;
	return true;
}

static bool take_exit(const struct proc_event *e, struct smi_proc_event *ev)
{
	ev->what = SMI_PROC_EXIT;
	ev->pid = e->event_data.exit.process_tgid;
	ev->has_exit = true;
	ev->status = (int)e->event_data.exit.exit_code;
	return e->event_data.exit.process_pid == ev->pid;
}

static const struct {
	uint32_t what;
	bool (*take)(const struct proc_event *e, struct smi_proc_event *ev);
} kinds[] = {
	{ PROC_EVENT_FORK, take_fork },
	{ PROC_EVENT_EXEC, take_exec },
	{ PROC_EVENT_EXIT, take_exit },
};

int smi_connector_parse(struct smi_span m, struct smi_proc_event *ev,
			uint32_t *cpu, uint32_t *seq)
{
	struct proc_event e = { 0 };
	struct cn_msg cn;
	uint32_t what;

	*ev = (struct smi_proc_event){ .pid = 0 };
	if (m.len < sizeof(cn))
		return -EBADMSG;
	memcpy(&cn, m.p, sizeof(cn));
	m = smi_span_skip(m, sizeof(cn));
	if (cn.id.idx != CN_IDX_PROC || cn.id.val != CN_VAL_PROC ||
	    cn.len > m.len || cn.len < offsetof(struct proc_event, event_data))
		return -EBADMSG;
	/* Newer kernels may tell more, older ones less. */
	memcpy(&e, m.p, SMI_MIN(cn.len, sizeof(e)));
	memcpy(&what, &e.what, sizeof(what));
	*cpu = e.cpu;
	*seq = cn.seq;
	ev->mono = (int64_t)SMI_MIN(e.timestamp_ns, (uint64_t)INT64_MAX);
	for (size_t i = 0; i < SMI_COUNT(kinds); i++)
		if (kinds[i].what == what)
			return kinds[i].take(&e, ev) && ev->pid > 0;
	return 0;
}

/* Each processor numbers its events: what is missing in between was lost. */
static bool count_lost(struct connector *c, uint32_t cpu, uint32_t seq)
{
	if (cpu >= CPUS_MAX)
		return true;
	if (cpu >= c->next.n) {
		if (!smi_vec_reserve(&c->next, cpu + 1U))
			return false;
		memset(c->next.v + c->next.n, 0,
		       (cpu + 1 - c->next.n) * sizeof(*c->next.v));
		c->next.n = cpu + 1U;
	}
	if (c->next.v[cpu] != 0)
		c->lost += (uint32_t)(seq - c->next.v[cpu]);
	/* 0 stands for none: around there, one may go uncounted. */
	c->next.v[cpu] = seq + 1;
	return true;
}

/* The bytes behind the netlink header; empty where there are none. */
static struct smi_span payload_of(const char *p, size_t n)
{
	struct nlmsghdr h;

	if (n < NLMSG_HDRLEN)
		return (struct smi_span){ p, 0 };
	memcpy(&h, p, sizeof(h));
	if (h.nlmsg_len < NLMSG_HDRLEN || h.nlmsg_len > n)
		return (struct smi_span){ p, 0 };
	return smi_span_of(p + NLMSG_HDRLEN, h.nlmsg_len - NLMSG_HDRLEN);
}

/* A message of the kernel and of nobody else. 1; 0 for none now. */
static int receive(struct connector *c, struct smi_span *out)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t len = sizeof(from);
		ssize_t n =
			recvfrom(c->fd, c->room, sizeof(c->room), MSG_DONTWAIT,
				 (struct sockaddr *)&from, &len);

		if (n < 0 && errno == ENOBUFS) {
			c->broken = true;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (from.nl_pid != 0)
			continue;
		*out = payload_of(c->room, (size_t)n);
		return 1;
	}
}

static int next_event(void *self, struct smi_proc_event *ev)
{
	struct connector *c = self;
	struct smi_span m;
	int r;

	while ((r = receive(c, &m)) == 1) {
		uint32_t cpu, seq;
		int is = smi_connector_parse(m, ev, &cpu, &seq);

		if (is >= 0 && !count_lost(c, cpu, seq))
			return -ENOMEM;
		if (is > 0)
			return 1;
	}
	return r;
}

static int send_op(int fd, enum proc_cn_mcast_op op)
{
	struct {
		struct nlmsghdr h;
		struct cn_msg m;
		uint32_t op;
	} q = {
		.h = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct cn_msg) +
						 sizeof(uint32_t)),
		       .nlmsg_type = NLMSG_DONE },
		.m = { .id = { CN_IDX_PROC, CN_VAL_PROC },
		       .len = sizeof(uint32_t) },
		.op = op,
	};

	return send(fd, &q, q.h.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* In a namespace of its own the kernel refuses, or does not even answer. */
static int wait_for_answer(struct connector *c)
{
	struct smi_span m;
	int r;

	while ((r = receive(c, &m)) == 1) {
		struct proc_event e = { 0 };

		m = smi_span_skip(m, sizeof(struct cn_msg));
		memcpy(&e, m.p, SMI_MIN(m.len, sizeof(e)));
		if (e.what == PROC_EVENT_NONE)
			return e.event_data.ack.err ? -(int)e.event_data.ack.err
						    : 0;
	}
	return r < 0 ? r : -ENOTSUP;
}

static void close_connector(void *self)
{
	struct connector *c = self;

	if (!c)
		return;
	smi_closep(&c->fd);
	smi_vec_free(&c->next);
	free(c);
}

static int open_connector(const sm_ctx *ctx, const struct smi_procdir *dir,
			  void **self)
{
	struct sockaddr_nl group = { .nl_family = AF_NETLINK,
				     .nl_groups = CN_IDX_PROC };
	struct connector *c = smi_zalloc(sizeof(*c));
	int room = RECEIVE_BUFFER, r;

	(void)ctx;
	(void)dir;
	if (!c)
		return -ENOMEM;
	c->fd = socket(PF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC,
		       NETLINK_CONNECTOR);
	if (c->fd < 0 ||
	    bind(c->fd, (const struct sockaddr *)&group, sizeof(group)) < 0) {
		r = -errno;
	} else {
		if (setsockopt(c->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room,
			       sizeof(room)) < 0)
			(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &room,
					 sizeof(room));
		r = send_op(c->fd, PROC_CN_MCAST_LISTEN);
	}
	if (r == 0)
		r = wait_for_answer(c);
	if (r < 0) {
		close_connector(c);
		return r;
	}
	*self = c;
	return 0;
}

static int fd_of(void *self)
{
	struct connector *c = self;

	return c->fd;
}

/* Where not even a later event shows how many, at least one. */
static uint64_t lost(void *self)
{
	struct connector *c = self;

	return c->lost ? c->lost : c->broken;
}

const struct smi_events_ops smi_events_connector = {
	.name = "connector",
	.sentence = "What processes start and how they end comes from the "
		    "kernel's proc connector: of one that ends at once, only "
		    "its number and its parent may be known.",
	.open = open_connector,
	.fd = fd_of,
	.next = next_event,
	.lost = lost,
	.close = close_connector,
};
