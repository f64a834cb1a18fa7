/* SPDX-License-Identifier: MIT */
#include "portscan/svc.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "portscan/sockaddr.h"
#include "portscan/svc-state.h"

#define CHUNK 4096
/* Bytes of one handshake and what is behind it; certificates are less than 100 KiB. */
#define RAW_MAX ((size_t)256 * 1024)

/* One step; what is longer than HEAVY is counted, and one port gets COST_MAX in all: a
 * server chooses how much there is to compute in a handshake. */
#define SLICE	 (5 * SMI_MSEC)
#define HEAVY	 SMI_MSEC
#define COST_MAX (200 * SMI_MSEC)
/* So many times its own time a port waits for others at most. */
#define PUT_OFF 4

int smi_svc_new(const struct smi_svc_opts *o, struct smi_svc **out)
{
	struct smi_svc *s =
		smi_zalloc(sizeof(*s) + o->parallel * sizeof(s->talks[0]));

	if (!s)
		return -ENOMEM;
	s->o = *o;
	s->alarm = INT64_MAX;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0) {
		int r = -errno;

		free(s);
		return r;
	}
	for (unsigned i = 0; i < o->parallel; i++)
		s->talks[i].fd = -1;
	*out = s;
	return 0;
}

static void free_talk(struct smi_svc *s, struct smi_svc_talk *t)
{
	smi_svc_hang_up(s, t);
	smi_buf_free(&t->in);
	smi_buf_free(&t->out);
	smi_arena_free(&t->arena);
}

void smi_svc_free(struct smi_svc *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->o.parallel; i++)
		if (s->talks[i].used)
			free_talk(s, &s->talks[i]);
	smi_tls_lib_free(s->tls);
	close(s->epoll);
	free(s);
}

int smi_svc_fd(const struct smi_svc *s)
{
	return s->epoll;
}

int64_t smi_svc_alarm(const struct smi_svc *s)
{
	return s->nused ? s->alarm : INT64_MAX;
}

unsigned smi_svc_room(const struct smi_svc *s)
{
	return s->o.parallel - s->nused;
}

const char *smi_svc_no_tls(const struct smi_svc *s)
{
	return s->tls_tried && !s->tls ? s->no_tls : NULL;
}

struct smi_tls_lib *smi_svc_tls(struct smi_svc *s)
{
	if (!s->tls_tried) {
		s->tls_tried = true;
		if (smi_tls_lib_new(SMI_TLS_LOOK, &s->tls, s->no_tls,
				    sizeof(s->no_tls)) == -ENOMEM)
			s->failed = true;
	}
	return s->tls;
}

void smi_svc_hang_up(struct smi_svc *s, struct smi_svc_talk *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->generation++;
	smi_tls_free(t->tls);
	t->tls = NULL;
	t->raw = 0;
	smi_svc_empty(s, &t->out);
}

static void watch(struct smi_svc *s, struct smi_svc_talk *t, int op)
{
	bool writes = t->phase == SMI_SVC_CONNECTING || t->out.len;
	struct epoll_event ev = {
		.events = EPOLLIN | (writes ? EPOLLOUT : 0),
		.data.u64 = (uint64_t)t->generation << 32 |
			    (uint32_t)(t - s->talks),
	};

	/* It can fail for want of memory alone; then the time of the port ends it. */
	(void)epoll_ctl(s->epoll, op, t->fd, &ev);
}

int smi_svc_connect(struct smi_svc *s, struct smi_svc_talk *t)
{
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	union smi_sockaddr a;
	socklen_t len = smi_sockaddr_set(&a, &t->target.ip, t->target.port);
	SMI_AUTOCLOSE int fd =
		socket(a.sa.sa_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return -errno;
	/* By RST nothing of ours stays in TIME_WAIT. */
	if (!s->o.fin)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset,
				 sizeof(reset));
	if (connect(fd, &a.sa, len) < 0 && errno != EINPROGRESS)
		return -errno;
	t->fd = fd;
	fd = -1;
	t->phase = SMI_SVC_CONNECTING;
	watch(s, t, EPOLL_CTL_ADD);
	return 0;
}

static void flush(struct smi_svc *s, struct smi_svc_talk *t)
{
	ptrdiff_t n = 0;

	while (t->out.len) {
		n = send(t->fd, t->out.p, t->out.len, MSG_NOSIGNAL);
		if (n < 0)
			break;
		t->out.len -= (size_t)n;
		memmove(t->out.p, t->out.p + n, t->out.len);
	}
	s->failed |= t->out.failed;
	/* Whoever does not take it may still have said something. */
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		smi_svc_empty(s, &t->out);
	watch(s, t, EPOLL_CTL_MOD);
}

/* What TLS wants to send. */
static void pump(struct smi_svc *s, struct smi_svc_talk *t)
{
	char chunk[CHUNK];
	size_t n;

	while ((n = smi_tls_take(t->tls, chunk, sizeof(chunk))) > 0)
		smi_buf_add(&t->out, chunk, n);
	flush(s, t);
}

void smi_svc_say(struct smi_svc *s, struct smi_svc_talk *t,
		 struct smi_span bytes)
{
	if (t->fd < 0)
		return;
	if (t->tls) {
		(void)smi_tls_write(t->tls, bytes);
		pump(s, t);
	} else {
		smi_buf_span_add(&t->out, bytes);
		flush(s, t);
	}
}

/* What a server may be called in a handshake: no address, and nothing strange. */
static const char *server_name(const struct smi_svc_talk *t)
{
	struct smi_span name = smi_span_str(t->target.name);
	struct smi_ip ip;

	if (!name.len || name.len > 253 || name.p[name.len - 1] == '.' ||
	    smi_ip_parse(name, &ip))
		return NULL;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_')
			return NULL;
	}
	return t->target.name;
}

/* Mail servers refuse what is not their own. */
static bool wants_alpn(const struct smi_svc_talk *t)
{
	static const uint16_t others[] = { 465, 563, 636,  853,	 990,  992,
					   993, 995, 3269, 5671, 6697, 8883 };

	for (size_t i = 0; i < SMI_COUNT(others); i++)
		if (others[i] == t->target.port)
			return false;
	return t->stage != SMI_SVC_STARTTLS && !t->no_alpn;
}

/* Goes on with the handshake; true: it is over, and *up tells how. */
static bool shake_on(struct smi_svc *s, struct smi_svc_talk *t, bool *up)
{
	enum smi_tls_state state = smi_tls_shake(t->tls);

	pump(s, t);
	*up = state == SMI_TLS_UP;
	return state != SMI_TLS_MORE;
}

bool smi_svc_shake(struct smi_svc *s, struct smi_svc_talk *t)
{
	bool up;

	smi_tls_free(t->tls);
	t->raw = 0;
	t->tls = smi_tls_new(s->tls, server_name(t),
			     wants_alpn(t) ? SMI_SPAN("\x08http/1.1")
					   : SMI_SPAN(""));
	if (!t->tls)
		return false;
	/* The first flight always waits for the server. */
	(void)shake_on(s, t, &up);
	return true;
}

/* Bytes that were read to t->in; -1: it ended. */
static ptrdiff_t read_inside(struct smi_svc *s, struct smi_svc_talk *t)
{
	char chunk[CHUNK];
	size_t most = SMI_MIN(s->o.max_reply - t->in.len, sizeof(chunk)), all;
	ptrdiff_t n = 0;

	for (all = 0; most; all += (size_t)n) {
		n = smi_tls_read(t->tls, chunk, most);
		if (n <= 0)
			break;
		smi_buf_add(&t->in, chunk, (size_t)n);
		most = SMI_MIN(s->o.max_reply - t->in.len, sizeof(chunk));
	}
	s->failed |= t->in.failed;
	pump(s, t);
	return all ? (ptrdiff_t)all : n;
}

static void heard_tls(struct smi_svc *s, struct smi_svc_talk *t,
		      struct smi_span bytes, int64_t now)
{
	uint32_t generation = t->generation;
	ptrdiff_t n;
	bool up;

	t->raw += bytes.len;
	if (!smi_tls_put(t->tls, bytes)) {
		s->failed = true;
		return;
	}
	if (t->phase == SMI_SVC_SHAKING) {
		/* Kept in case that this is no handshake at all. */
		smi_buf_span_add(
			&t->in,
			smi_span_head(bytes, s->o.max_reply - t->in.len));
		if (!shake_on(s, t, &up)) {
			if (t->raw > RAW_MAX)
				smi_svc_closed(s, t, now);
			return;
		}
		smi_svc_shaken(s, t, up, now);
		if (t->done || t->generation != generation ||
		    t->phase != SMI_SVC_WAITING)
			return;
	}
	n = read_inside(s, t);
	if (n > 0)
		smi_svc_heard(s, t, now);
	else if (n < 0 || t->raw > RAW_MAX)
		smi_svc_closed(s, t, now);
}

static void read_some(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	char chunk[CHUNK];
	size_t most =
		t->tls ? sizeof(chunk)
		       : SMI_MIN(s->o.max_reply - t->in.len, sizeof(chunk));
	ptrdiff_t n = recv(t->fd, chunk, most, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		smi_svc_closed(s, t, now);
	} else if (t->tls) {
		heard_tls(s, t, smi_span_of(chunk, (size_t)n), now);
	} else {
		smi_buf_add(&t->in, chunk, (size_t)n);
		s->failed |= t->in.failed;
		smi_svc_heard(s, t, now);
	}
}

/* A socket that met itself is no service. */
static bool is_own(int fd)
{
	union smi_sockaddr own, peer;
	socklen_t own_len = sizeof(own), peer_len = sizeof(peer);

	memset(&own, 0, sizeof(own));
	memset(&peer, 0, sizeof(peer));
	return getsockname(fd, &own.sa, &own_len) == 0 &&
	       getpeername(fd, &peer.sa, &peer_len) == 0 &&
	       own_len == peer_len && memcmp(&own, &peer, own_len) == 0;
}

static void connecting(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 || err ||
	    is_own(t->fd)) {
		smi_svc_refused(s, t, now);
		return;
	}
	t->phase = SMI_SVC_WAITING;
	watch(s, t, EPOLL_CTL_MOD);
	smi_svc_connected(s, t, now);
}

static void handle(struct smi_svc *s, const struct epoll_event *ev, int64_t now)
{
	struct smi_svc_talk *t = &s->talks[(uint32_t)ev->data.u64];

	if (!t->used || t->done || t->fd < 0 ||
	    t->generation != ev->data.u64 >> 32)
		return;
	if (t->phase == SMI_SVC_CONNECTING) {
		connecting(s, t, now);
		return;
	}
	if (ev->events & EPOLLOUT)
		flush(s, t);
	if (ev->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_some(s, t, now);
}

/* What was done for one port, or elsewhere, is not of the time of the others. */
static void put_off(struct smi_svc *s, const struct smi_svc_talk *but,
		    int64_t took)
{
	for (unsigned i = 0; i < s->o.parallel; i++) {
		struct smi_svc_talk *t = &s->talks[i];
		int64_t most = PUT_OFF * s->o.timeout - t->put_off;
		int64_t more = SMI_MIN(took, most);

		if (!t->used || t->done || t == but)
			continue;
		t->put_off += more;
		t->until += more;
		t->deadline += more;
	}
}

/* When it was over. */
static int64_t handle_timed(struct smi_svc *s, const struct epoll_event *ev,
			    int64_t now)
{
	struct smi_svc_talk *t = &s->talks[(uint32_t)ev->data.u64];
	int64_t end;

	handle(s, ev, now);
	end = s->o.clock->mono(s->o.clock->user);
	if (end - now < HEAVY)
		return end;
	put_off(s, t, end - now);
	t->cost += end - now;
	if (t->used && !t->done && t->cost > COST_MAX)
		smi_svc_end(s, t);
	return end;
}

static void check_time(struct smi_svc *s, int64_t now)
{
	s->alarm = INT64_MAX;
	for (unsigned i = 0; i < s->o.parallel; i++) {
		struct smi_svc_talk *t = &s->talks[i];

		if (t->used && !t->done &&
		    now >= SMI_MIN(t->until, t->deadline))
			smi_svc_late(s, t, now);
		if (t->used && !t->done)
			s->alarm = SMI_MIN(s->alarm,
					   SMI_MIN(t->until, t->deadline));
	}
}

static int hand_over(struct smi_svc *s, smi_svc_fn *fn, void *user)
{
	int n = 0, r = 0;

	for (unsigned i = 0; r >= 0 && i < s->o.parallel; i++) {
		struct smi_svc_talk *t = &s->talks[i];

		if (!t->used || !t->done)
			continue;
		r = fn(user, t->target.cookie, &t->found);
		free_talk(s, t);
		t->used = false;
		s->nused--;
		n++;
	}
	return r < 0 ? r : n;
}

int smi_svc_start(struct smi_svc *s, const struct smi_svc_target *target,
		  int64_t now)
{
	struct smi_svc_talk *t = s->talks;
	uint32_t generation;
	int r;

	while (t->used)
		t++;
	generation = t->generation;
	*t = (struct smi_svc_talk){ .target = *target,
				    .generation = generation + 1,
				    .fd = -1,
				    .deadline = now + s->o.timeout };
	r = smi_svc_connect(s, t);
	if (r == -EMFILE || r == -ENFILE || r == -ENOMEM || r == -ENOBUFS ||
	    r == -EADDRNOTAVAIL)
		return r;
	t->used = true;
	s->nused++;
	smi_svc_begin(s, t, now);
	if (r < 0)
		smi_svc_refused(s, t, now);
	s->alarm = SMI_MIN(s->alarm, SMI_MIN(t->until, t->deadline));
	return s->failed ? -ENOMEM : 0;
}

int smi_svc_step(struct smi_svc *s, int64_t now, smi_svc_fn *fn, void *user)
{
	struct epoll_event ev[64];
	int64_t began = now;
	int n;

	if (!s->nused)
		return 0;
	n = epoll_wait(s->epoll, ev, SMI_COUNT(ev), 0);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0 && now < s->alarm)
		return 0;
	if (now - HEAVY > s->alarm)
		put_off(s, NULL, now - s->alarm);
	/* Those that are left are ready at the next step, too, and come first then. */
	for (int i = 0; i < n && now - began < SLICE; i++)
		now = handle_timed(s, &ev[i], now);
	check_time(s, now);
	if (s->failed)
		return -ENOMEM;
	return hand_over(s, fn, user);
}

int smi_svc_stop(struct smi_svc *s, smi_svc_fn *fn, void *user)
{
	for (unsigned i = 0; i < s->o.parallel; i++)
		if (s->talks[i].used)
			smi_svc_end(s, &s->talks[i]);
	return s->failed ? -ENOMEM : hand_over(s, fn, user);
}
