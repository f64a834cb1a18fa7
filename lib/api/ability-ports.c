/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "api/ability.h"
#include "portscan/sockdiag.h"
#include "portscan/syn-socket.h"

#define PORTS "ports"

int smi_ability_raw_sockets(sm_ctx *ctx, struct smi_out *out)
{
	struct smi_ability a = {
		.name = "raw-sockets",
		.part = PORTS,
		.status = SM_ABILITY_OK,
		.sentence = "Half-open scans (syn) are possible.",
	};
	int fd = smi_syn_open_out(4, 4096);

	(void)ctx;
	if (fd >= 0) {
		close(fd);
		return smi_ability_tell(out, &a);
	}
	a.status = SM_ABILITY_LIMITED;
	a.sentence = "There are no raw sockets: scans connect to each port, "
		     "which takes longer and is seen by the services. ({why})";
	a.next_step = "Run it as root, or with the capability CAP_NET_RAW.";
	a.args[0] = "why";
	a.args[1] = smi_strerror(-fd);
	return smi_ability_tell(out, &a);
}

int smi_ability_own_sockets(sm_ctx *ctx, struct smi_out *out)
{
	struct smi_ability a = {
		.name = "own-sockets",
		.part = PORTS,
		.status = SM_ABILITY_OK,
		.sentence = "The kernel tells who listens here ({count}).",
		.args = { "count" },
	};
	struct smi_listeners l = { { 0 }, { 0 } };
	char count[24];
	int r = smi_listeners_read(&l, SMI_LISTEN_TCP | SMI_LISTEN_UDP);

	snprintf(count, sizeof(count), "%zu", l.list.n);
	smi_listeners_free(&l);
	if (r == -ENOMEM)
		return smi_fail_nomem(ctx);
	a.args[1] = count;
	if (r < 0) {
		a.status = SM_ABILITY_LIMITED;
		a.sentence = "The kernel does not tell who listens here: ports "
			     "of this machine have no owner. ({why})";
		a.next_step = "Load the kernel modules tcp_diag and udp_diag.";
		a.args[0] = "why";
		a.args[1] = smi_strerror(-r);
	}
	return smi_ability_tell(out, &a);
}

int smi_ability_tls(sm_ctx *ctx, struct smi_out *out)
{
	bool has = sm_has_feature(SM_FEATURE_TLS);
	const struct smi_ability a = {
		.name = "tls",
		.part = PORTS,
		.status = has ? SM_ABILITY_OK : SM_ABILITY_LIMITED,
		.sentence = has ? "TLS and certificates of services are told."
				: "TLS and certificates of services are not "
				  "told: the "
				  "library of OpenSSL 3 is not there.",
		.next_step = has ? NULL
				 : "Install OpenSSL 3 (libssl.so.3), and a "
				   "libsysmon that "
				   "was built with it.",
	};

	(void)ctx;
	return smi_ability_tell(out, &a);
}
