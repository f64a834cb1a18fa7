/* SPDX-License-Identifier: MIT */
/*
 * For scripts. scan_show [-m METHOD] PORTS TARGET...: all ports that are not closed,
 * as "address port state reason pid", then "closed N".
 * scan_show -l ADDRESS PORT...: listens there (port 0: any), writes "ready" and the
 * ports, and ends with its standard input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

#include "net.h"

static unsigned closed;

static int show(const sm_event *ev, void *user)
{
	const sm_port *p = sm_record_port(sm_event_record(ev));
	static const char *const names[] = { "unknown", "open", "closed",
					     "filtered" };

	(void)user;
	if (!p)
		return SM_CONTINUE;
	if (sm_port_state(p) == SM_PORT_CLOSED)
		closed++;
	else
		printf("%s %u %s %s %d\n", sm_port_address(p),
		       (unsigned)sm_port_number(p), names[sm_port_state(p)],
		       sm_port_reason(p), (int)sm_port_pid(p));
	return SM_CONTINUE;
}

static int listen_on(const char *address, char **ports)
{
	char byte;

	for (; *ports; ports++) {
		uint16_t port = (uint16_t)strtoul(*ports, NULL, 10);

		if (net_listen(address, &port) < 0) {
			perror(*ports);
			return 1;
		}
		printf("%u\n", port);
	}
	printf("ready\n");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}

static int method_of(const char *name)
{
	return strcmp(name, "syn") ? SM_SCAN_CONNECT : SM_SCAN_SYN;
}

int main(int argc, char **argv)
{
	int method = SM_SCAN_AUTO;
	sm_scan_opts *opts;
	sm_ctx *ctx;
	int r;

	if (argc > 2 && strcmp(argv[1], "-l") == 0)
		return listen_on(argv[2], argv + 3);
	if (argc > 3 && strcmp(argv[1], "-m") == 0) {
		method = method_of(argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc < 3 || sm_ctx_new(&ctx) < 0 ||
	    sm_scan_opts_new(ctx, &opts) < 0)
		return 2;
	sm_scan_opts_set_ports(opts, argv[1]);
	sm_scan_opts_set_method(opts, method);
	sm_scan_opts_set_show(opts, SM_SCAN_SHOW_ALL);
	for (int i = 2; i < argc; i++)
		sm_scan_opts_add_target(opts, argv[i]);
	r = sm_scan_ports(ctx, opts, show, NULL);
	if (r < 0)
		fprintf(stderr, "%s\n", sm_ctx_errmsg(ctx));
	printf("closed %u\n", closed);
	sm_scan_opts_free(opts);
	sm_ctx_unref(ctx);
	return r != 0;
}
