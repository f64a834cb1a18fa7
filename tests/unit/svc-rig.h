/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SVC_RIG_H
#define TESTS_SVC_RIG_H

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "portscan/svc.h"
#include "suite.h"

/* Services of a child process on loopback, and a prober that knows a few of them. */

#define SERVERS 8
static pid_t servers[SERVERS];
static int nservers;

/* Each connection of the port is handed to talk, and closed. */
static uint16_t serve(void (*talk)(int conn))
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, len), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		for (;;) {
			int conn = accept(fd, NULL, NULL);

			if (conn < 0)
				_exit(1);
			talk(conn);
			close(conn);
		}
	}
	close(fd);
	servers[nservers++] = pid;
	return ntohs(a.sin_port);
}

static void stop_servers(void)
{
	while (nservers) {
		pid_t pid = servers[--nservers];

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static void say(int conn, const char *text)
{
	(void)!write(conn, text, strlen(text));
}

/* What came first, NUL-terminated; and to wait until the peer is gone. */
static inline void hear(int conn, char *text, size_t len)
{
	ptrdiff_t n = read(conn, text, len - 1);

	text[n > 0 ? n : 0] = '\0';
}

static inline void wait_for_end(int conn)
{
	char c[256];

	while (read(conn, c, sizeof(c)) > 0)
		;
}

/* ns that a test says something took, on top. */
static int64_t computed;

static inline int64_t mono(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SMI_SEC + t.tv_nsec + computed;
}

static inline int64_t mono_of(void *user)
{
	(void)user;
	return mono();
}

static const struct smi_clock rig_clock = { NULL, mono_of, NULL };

static inline int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* What was found of a port, by its cookie. */
struct told {
	int times, order;
	bool asked, late, spoke, anyone, starttls, tls, self_signed;
	char service[32], product[300], version[300], info[300];
	char banner[SMI_SVC_BANNER], subject[300], alpn[32], tls_version[32];
	size_t banner_len, nsan;
	int64_t took;
};
static struct told told[SERVERS];
static int ntold;
static int64_t began;

static inline void copy(char *to, size_t len, const char *text)
{
	snprintf(to, len, "%s", text ? text : "");
}

static int tell(void *user, uint64_t cookie, const struct smi_svc_found *f)
{
	struct told *x = &told[cookie];

	(void)user;
	x->times++;
	x->order = ntold++;
	x->took = mono() - began;
	x->asked = f->asked;
	x->late = f->late;
	x->spoke = f->spoke;
	x->anyone = f->anyone;
	x->starttls = f->starttls;
	copy(x->service, sizeof(x->service), f->service);
	copy(x->product, sizeof(x->product), f->product);
	copy(x->version, sizeof(x->version), f->version);
	copy(x->info, sizeof(x->info), f->info);
	x->banner_len = f->banner.len;
	if (f->banner.len)
		memcpy(x->banner, f->banner.p, f->banner.len);
	x->tls = f->tls != NULL;
	if (f->tls) {
		x->self_signed = f->tls->self_signed;
		x->nsan = f->tls->nsan;
		copy(x->subject, sizeof(x->subject), f->tls->subject);
		copy(x->alpn, sizeof(x->alpn), f->tls->alpn);
		copy(x->tls_version, sizeof(x->tls_version), f->tls->version);
	}
	return 0;
}

static inline int start(struct smi_svc *s, const uint16_t *ports, int n)
{
	memset(told, 0, sizeof(told));
	ntold = 0;
	began = mono();
	for (int i = 0; i < n; i++) {
		struct smi_svc_target t = { .ip = { 4, { 127, 0, 0, 1 }, 0 },
					    .port = ports[i],
					    .cookie = (uint64_t)i };
		int r = smi_svc_start(s, &t, mono());

		if (r < 0)
			return r;
	}
	return 0;
}

/* Until all are told. */
static inline int run(struct smi_svc *s, int n)
{
	while (ntold < n) {
		struct pollfd p = { .fd = smi_svc_fd(s), .events = POLLIN };
		int64_t left = smi_svc_alarm(s) - mono();
		int r;

		poll(&p, 1, left > 0 ? (int)(left / SMI_MSEC) + 1 : 0);
		r = smi_svc_step(s, mono(), tell, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static inline int ask_ports(const struct smi_svc_opts *o, const uint16_t *ports,
			    int n)
{
	struct smi_svc *s = NULL;
	int r = smi_svc_new(o, &s);

	if (r == 0)
		r = start(s, ports, n);
	if (r == 0)
		r = run(s, n);
	smi_svc_free(s);
	return r;
}

#endif
