/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail-alloc.h"
#include "portscan/local.h"
#include "suite.h"

static struct smi_ip ip_of(const char *text)
{
	struct smi_ip ip;

	ck_assert_int_eq(smi_ip_parse_zone(smi_span_str(text), &ip), 0);
	return ip;
}

/* By port, as the module keeps them; the inode tells them apart. */
static const struct {
	const char *address;
	uint16_t port;
	bool v6only;
	uint64_t inode;
	uint32_t device; /* 1: lo; 7 has 192.0.2.1 and 2001:db8::1 */
} made_up[] = {
	{ "0.0.0.0", 22, false, 1, 0 },	   { "127.0.0.1", 22, false, 2, 0 },
	{ "::", 80, false, 3, 0 },	   { "0.0.0.0", 81, false, 4, 0 },
	{ "::", 81, false, 5, 0 },	   { "::", 443, true, 6, 0 },
	{ "0.0.0.0", 4448, false, 8, 1 },  { "0.0.0.0", 4448, false, 9, 7 },
	{ "::", 4449, true, 10, 1 },	   { "::", 4449, true, 11, 7 },
	{ "0.0.0.0", 4450, false, 12, 7 }, { "0.0.0.0", 4451, false, 13, 0 },
	{ "0.0.0.0", 4451, false, 14, 7 }, { "127.0.0.1", 4452, false, 15, 7 },
	{ "0.0.0.0", 4452, false, 16, 0 }, { "192.0.2.1", 8080, false, 7, 0 },
};

static const struct {
	const char *address;
	uint16_t port;
	uint64_t inode; /* 0: nobody */
} asked[] = {
	{ "127.0.0.1", 22, 2 },
	{ "192.0.2.1", 22, 1 },
	{ "::1", 22, 0 },
	{ "127.0.0.1", 80, 3 },
	{ "::1", 80, 3 },
	{ "127.0.0.1", 81, 4 },
	{ "::1", 81, 5 },
	{ "127.0.0.1", 443, 0 },
	{ "::1", 443, 6 },
	{ "192.0.2.1", 8080, 7 },
	{ "192.0.2.2", 8080, 0 },
	{ "127.0.0.1", 23, 0 },
	{ "127.0.0.1", 65535, 0 },
	{ "127.0.0.1", 4448, 8 },
	{ "192.0.2.1", 4448, 9 },
	{ "::1", 4449, 10 },
	{ "2001:db8::1", 4449, 11 },
	{ "127.0.0.1", 4450, 12 },
	{ "127.0.0.1", 4451, 13 },
	{ "192.0.2.1", 4451, 14 },
	{ "127.0.0.1", 4452, 16 },
};

START_TEST(the_most_exact_listener_answers)
{
	struct smi_listeners l = { .list = { NULL, 0, 0 } };
	struct smi_own_ip own[] = { { ip_of("192.0.2.1"), 7 },
				    { ip_of("2001:db8::1"), 7 } };
	struct smi_ip ip = ip_of(asked[_i].address);
	const struct smi_listener *found;

	for (size_t i = 0; i < SMI_COUNT(made_up); i++) {
		struct smi_listener x = { .ip = ip_of(made_up[i].address),
					  .port = made_up[i].port,
					  .v6only = made_up[i].v6only,
					  .device = made_up[i].device,
					  .inode = made_up[i].inode };

		ck_assert(smi_vec_push(&l.list, x));
	}
	for (size_t i = 0; i < SMI_COUNT(own); i++)
		ck_assert(smi_vec_push(&l.own, own[i]));
	found = smi_listeners_find(&l, &ip, asked[_i].port, false);
	ck_assert_uint_eq(found ? found->inode : 0, asked[_i].inode);
	smi_listeners_free(&l);
}
END_TEST

static const struct {
	const char *address;
	int local;
} addresses[] = {
	{ "127.0.0.1", 1 },  { "127.9.9.9", 1 },    { "::1", 1 },
	{ "192.0.2.77", 0 }, { "2001:db8::77", 0 },
};

START_TEST(loopback_is_this_machine_and_others_are_not)
{
	struct smi_ip ip = ip_of(addresses[_i].address);

	ck_assert_int_eq(smi_ip_is_local(&ip), addresses[_i].local);
}
END_TEST

START_TEST(the_lowest_pid_but_the_service_manager_has_a_socket)
{
	struct smi_owner v[] = { { 5, 17 }, { 9, 1 } };
	struct smi_owners o = { .list = { v, 2, 2 } };

	ck_assert_int_eq(smi_owners_pid(&o, 5), 17);
	ck_assert_int_eq(smi_owners_pid(&o, 9), 1);
	ck_assert_int_eq(smi_owners_pid(&o, 7), 0);
}
END_TEST

/* A listener of our own, by its inode. */
static int listen_here(struct smi_listeners *l)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct smi_listener x = { .port = 0 };
	struct stat st;

	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	x.inode = st.st_ino;
	ck_assert(smi_vec_push(&l->list, x));
	return fd;
}

/* One that holds what its parent does. */
static pid_t hold(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(the_lowest_pid_has_a_socket_that_many_hold)
{
	struct smi_listeners l = { .list = { NULL, 0, 0 } };
	struct smi_owners o = { .list = { NULL, 0, 0 } };
	int ours = listen_here(&l), passed_on = listen_here(&l), gone;
	pid_t a = hold(), b = hold();

	close(passed_on);
	gone = listen_here(&l);
	close(gone);
	ck_assert(smi_vec_push(&l.list, l.list.v[0])); /* it is listed twice */
	ck_assert_int_eq(smi_owners_read(&o, &l, SMI_OWNERS_BUDGET), 0);
	ck_assert_int_eq(smi_owners_pid(&o, l.list.v[0].inode), getpid());
	ck_assert_int_eq(smi_owners_pid(&o, l.list.v[1].inode), SMI_MIN(a, b));
	ck_assert_int_eq(smi_owners_pid(&o, l.list.v[2].inode), 0);
	ck_assert_uint_eq(o.nleft, 1);
	end(a);
	end(b);
	/* All have one now: the pass may end there. */
	close(ours);
	l.list.n = 0;
	ours = listen_here(&l);
	a = hold();
	ck_assert_int_eq(smi_owners_read(&o, &l, SMI_OWNERS_BUDGET), 0);
	ck_assert_int_eq(smi_owners_pid(&o, l.list.v[0].inode), getpid());
	ck_assert_uint_eq(o.nleft, 0);
	end(a);
	close(ours);
	smi_owners_free(&o);
	smi_listeners_free(&l);
}
END_TEST

START_TEST(the_look_for_owners_ends_with_its_budget)
{
	struct smi_listeners l = { .list = { NULL, 0, 0 } };
	struct smi_owners o = { .list = { NULL, 0, 0 } };
	int fd = listen_here(&l);

	ck_assert_int_eq(smi_owners_read(&o, &l, 1), 0);
	ck_assert_int_eq(smi_owners_pid(&o, l.list.v[0].inode), 0);
	ck_assert(o.cut);
	/* Behind others of its process, it is found when those are done. */
	ck_assert_int_eq(dup2(fd, 600), 600);
	close(fd);
	for (int i = 300; i < 590; i++)
		ck_assert_int_eq(dup2(0, i), i);
	ck_assert_int_eq(smi_owners_read(&o, &l, SMI_OWNERS_BUDGET), 0);
	ck_assert_int_eq(smi_owners_pid(&o, l.list.v[0].inode), getpid());
	ck_assert(!o.cut);
	smi_owners_free(&o);
	smi_listeners_free(&l);
}
END_TEST

/* A listener on 127.0.0.1, at port or one that is free. */
static int listen_at(uint16_t *port, uint64_t *inode)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(*port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct stat st;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	*port = ntohs(a.sin_port);
	*inode = st.st_ino;
	return fd;
}

START_TEST(a_listener_that_took_over_is_told_when_the_list_is_old)
{
	struct smi_local l = { .udp = false };
	struct smi_ip ip = ip_of("127.0.0.1");
	uint64_t before, after;
	uint16_t port = 0;
	int fd = listen_at(&port, &before);

	ck_assert_uint_eq(smi_local_find(&l, &ip, port, 0)->inode, before);
	close(fd);
	fd = listen_at(&port, &after);
	ck_assert_uint_eq(smi_local_find(&l, &ip, port, SMI_SEC)->inode,
			  before);
	ck_assert_uint_eq(smi_local_find(&l, &ip, port, 3 * SMI_SEC)->inode,
			  after);
	close(fd);
	smi_local_free(&l);
}
END_TEST

START_TEST(owners_without_memory_are_an_error)
{
	struct smi_listeners l = { .list = { NULL, 0, 0 } };
	struct smi_owners o = { .list = { NULL, 0, 0 } };
	int fd = listen_here(&l), r = -ENOMEM, n = 0;

	while (r == -ENOMEM) {
		fail_alloc_from(++n);
		r = smi_owners_read(&o, &l, SMI_OWNERS_BUDGET);
		fail_alloc_off();
		smi_owners_free(&o);
		o = (struct smi_owners){ .list = { NULL, 0, 0 } };
	}
	ck_assert_int_eq(r, 0);
	ck_assert_int_gt(n, 2);
	close(fd);
	smi_listeners_free(&l);
}
END_TEST

START_TEST(out_of_memory_is_an_error_and_leaves_an_empty_list)
{
	struct smi_listeners l = { .list = { NULL, 0, 0 } };

	fail_alloc_from(1);
	ck_assert_int_eq(smi_listeners_read(&l, SMI_LISTEN_TCP), -ENOMEM);
	fail_alloc_off();
	ck_assert_uint_eq(l.list.n, 0);
	ck_assert_int_eq(smi_listeners_read(&l, SMI_LISTEN_TCP), 0);
	smi_listeners_free(&l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sockdiag");
	TCase *tc = tcase_create("sockdiag");

	tcase_add_loop_test(tc, the_most_exact_listener_answers, 0,
			    (int)SMI_COUNT(asked));
	tcase_add_loop_test(tc, loopback_is_this_machine_and_others_are_not, 0,
			    (int)SMI_COUNT(addresses));
	tcase_add_test(tc, the_lowest_pid_but_the_service_manager_has_a_socket);
	tcase_add_test(tc, the_lowest_pid_has_a_socket_that_many_hold);
	tcase_add_test(tc, the_look_for_owners_ends_with_its_budget);
	tcase_add_test(tc,
		       a_listener_that_took_over_is_told_when_the_list_is_old);
	tcase_add_test(tc, owners_without_memory_are_an_error);
	tcase_add_test(tc, out_of_memory_is_an_error_and_leaves_an_empty_list);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
