/* SPDX-License-Identifier: CC0-1.0 */
/*
 * Shows the open ports of a host and who listens there:
 *     scan TARGET [PORTS]
 */
#include <stdio.h>
#include <sysmon/sysmon.h>

static int show_port(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_port *port = sm_record_port(rec);
	const sm_notice *notice = sm_record_notice(rec);

	(void)user;
	if (port)
		printf("%s\t%u\t%s\t%s\n", sm_port_address(port),
		       (unsigned)sm_port_number(port), sm_port_service(port),
		       sm_port_process(port));
	if (notice)
		fprintf(stderr, "%s\n", sm_notice_text(notice));
	return SM_CONTINUE;
}

int main(int argc, char **argv)
{
	sm_ctx *ctx;
	sm_scan_opts *opts;
	int r;

	if (argc < 2) {
		fprintf(stderr, "usage: scan TARGET [PORTS]\n");
		return 2;
	}
	if (sm_ctx_new(&ctx) < 0)
		return 4;
	r = sm_scan_opts_new(ctx, &opts);
	if (r == 0) {
		/* Unchecked: an error stays in opts, and the scan fails. */
		sm_scan_opts_add_target(opts, argv[1]);
		sm_scan_opts_set_ports(opts, argc > 2 ? argv[2] : NULL);
		r = sm_scan_ports(ctx, opts, show_port, NULL);
		sm_scan_opts_free(opts);
	}
	if (r < 0)
		fprintf(stderr, "scan: %s\n", sm_ctx_errmsg(ctx));
	sm_ctx_unref(ctx);
	return r < 0 ? 3 : 0;
}
