/* SPDX-License-Identifier: MIT */
/*
 * A slow line, for kernels without netem: "ports-line NAME DELAY_US RATE QUEUE" makes
 * two TUN devices, NAME0 and NAME1, one a direction. What is routed into one comes out
 * of it again DELAY_US later; at most RATE packets a second leave it (0: any number),
 * QUEUE more wait, and the others are dropped. Writes "ready"; ends with its standard
 * input.
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
	PACKET_MAX = 2048,
	BURST = 64, /* read from one direction before the other has its turn */
	ON_WAY = 1 << 17 /* a power of two */
};

struct packet {
	int64_t due;
	size_t len;
	unsigned char bytes[];
};

/* One direction: packets come out in the order in which they went in. */
struct way {
	int fd;
	int64_t leaves; /* when the last one left, or will leave, the queue */
	struct packet *ring[ON_WAY];
	unsigned head, tail;
};

static int64_t delay_ns, gap_ns;
static long queue;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int open_tun(const char *name, unsigned char which)
{
	struct ifreq req = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%.12s%u", name, which);
	if (fd >= 0 && ioctl(fd, TUNSETIFF, &req) == 0)
		return fd;
	perror(req.ifr_name);
	return -1;
}

static void deliver(struct way *w, int64_t now)
{
	while (w->head != w->tail) {
		struct packet *p = w->ring[w->head % ON_WAY];

		if (p->due > now)
			return;
		/* A device that is down loses it, as a line would. */
		if (write(w->fd, p->bytes, p->len) < 0)
			w->leaves = now;
		free(p);
		w->head++;
	}
}

/* When it leaves the queue; -1: the queue is full. */
static int64_t departure(struct way *w, int64_t now)
{
	int64_t from = w->leaves > now ? w->leaves : now;

	if (!gap_ns)
		return now;
	if ((from - now) / gap_ns >= queue)
		return -1;
	return w->leaves = from + gap_ns;
}

static void take(struct way *w)
{
	unsigned char bytes[PACKET_MAX];

	for (int i = 0; i < BURST; i++) {
		ssize_t len = read(w->fd, bytes, sizeof(bytes));
		struct packet *p;
		int64_t leaves;

		if (len <= 0)
			return;
		leaves = departure(w, now_ns());
		if (leaves < 0 || w->tail - w->head == ON_WAY)
			continue;
		p = malloc(sizeof(*p) + (size_t)len);
		if (!p)
			continue;
		p->due = leaves + delay_ns;
		p->len = (size_t)len;
		memcpy(p->bytes, bytes, p->len);
		w->ring[w->tail++ % ON_WAY] = p;
	}
}

/* Until the next packet is due; NULL: none is on its way. */
static struct timespec *until_due(const struct way ways[2], struct timespec *t)
{
	int64_t due = INT64_MAX, now = now_ns();

	for (int i = 0; i < 2; i++) {
		const struct way *w = &ways[i];

		if (w->head != w->tail && w->ring[w->head % ON_WAY]->due < due)
			due = w->ring[w->head % ON_WAY]->due;
	}
	if (due == INT64_MAX)
		return NULL;
	due = due > now ? due - now : 0;
	t->tv_sec = due / 1000000000;
	t->tv_nsec = due % 1000000000;
	return t;
}

int main(int argc, char **argv)
{
	static struct way ways[2];
	struct pollfd p[3] = { { .fd = STDIN_FILENO, .events = POLLIN } };
	struct timespec t;
	long rate;

	if (argc != 5)
		return 2;
	delay_ns = strtol(argv[2], NULL, 10) * INT64_C(1000);
	rate = strtol(argv[3], NULL, 10);
	gap_ns = rate ? 1000000000 / rate : 0;
	queue = strtol(argv[4], NULL, 10);
	prctl(PR_SET_TIMERSLACK, 1);
	for (int i = 0; i < 2; i++) {
		ways[i].fd = open_tun(argv[1], i);
		if (ways[i].fd < 0)
			return 1;
		p[i + 1] = (struct pollfd){ ways[i].fd, POLLIN, 0 };
	}
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		return 1;
	for (;;) {
		for (int i = 0; i < 2; i++)
			deliver(&ways[i], now_ns());
		if (ppoll(p, 3, until_due(ways, &t), NULL) > 0 && p[0].revents)
			return 0;
		for (int i = 0; i < 2; i++)
			take(&ways[i]);
	}
}
