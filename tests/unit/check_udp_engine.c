/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "portscan/engine.h"
#include "portscan/sockaddr.h"
#include "suite.h"

static const struct smi_engine_ops *ops = &smi_engine_udp;
static void *engine;
static struct smi_ip here;

static void setup(void)
{
	static const struct smi_ports none;

	ck_assert(smi_ip_parse(SMI_SPAN("127.0.0.1"), &here));
	ck_assert_int_eq(ops->open(4, &none, &engine), 0);
}

static void teardown(void)
{
	ops->free(engine);
}

static uint16_t port_of(int fd)
{
	union smi_sockaddr a;
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.sa, &len) < 0 || a.sa.sa_family != AF_INET)
		return 0;
	return ntohs(a.in.sin_port);
}

/* The port of the newest socket of this process that is one of the engine. */
static uint16_t own_port(void)
{
	for (int fd = 255; fd > 2; fd--) {
		int type = 0;
		socklen_t len = sizeof(type);

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
		    type == SOCK_DGRAM && port_of(fd))
			return port_of(fd);
	}
	return 0;
}

static uint16_t closed_port(void)
{
	union smi_sockaddr a;
	socklen_t len = smi_sockaddr_set(&a, &here, 0);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint16_t port;

	ck_assert_int_eq(bind(fd, &a.sa, len), 0);
	port = port_of(fd);
	close(fd);
	return port;
}

static struct smi_answer answer_of(unsigned slot, uint16_t port)
{
	struct pollfd p = { ops->fd(engine), POLLIN, 0 };
	struct smi_answer a[4];

	ck_assert_int_eq(
		ops->send(engine, slot, &here, port, 0, true, false, a),
		SMI_SENT);
	ck_assert_int_eq(poll(&p, 1, 10000), 1);
	ck_assert_int_eq(ops->poll(engine, a, 4), 1);
	ck_assert_uint_eq(a[0].slot, slot);
	return a[0];
}

START_TEST(no_socket_asks_its_own_port)
{
	uint16_t own;

	ck_assert_int_eq(answer_of(0, closed_port()).verdict,
			 SMI_VERDICT_CLOSED);
	own = own_port();
	ck_assert_uint_ne(own, 0);
	ck_assert_int_eq(answer_of(0, own).verdict, SMI_VERDICT_CLOSED);
}
END_TEST

START_TEST(a_port_of_another_socket_waits_until_that_is_done)
{
	union smi_sockaddr a;
	socklen_t len = smi_sockaddr_set(&a, &here, 0);
	int silent = socket(AF_INET, SOCK_DGRAM, 0);
	struct smi_answer answer;
	uint16_t own;

	ck_assert_int_eq(bind(silent, &a.sa, len), 0);
	ck_assert_int_eq(ops->send(engine, 0, &here, port_of(silent), 0, true,
				   false, &answer),
			 SMI_SENT);
	own = own_port();
	ck_assert_uint_ne(own, port_of(silent));
	ck_assert_int_eq(
		ops->send(engine, 1, &here, own, 0, true, false, &answer),
		SMI_SENT_NOT_NOW);
	ops->drop(engine, 0);
	ck_assert_int_eq(answer_of(1, own).verdict, SMI_VERDICT_CLOSED);
	close(silent);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("udp-engine");
	TCase *tc = tcase_create("own-ports");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_socket_asks_its_own_port);
	tcase_add_test(tc, a_port_of_another_socket_waits_until_that_is_done);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
