/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/ability.h"
#include "process/events.h"
#include "process/procdir.h"

#define PROCESSES "processes"

static int list(sm_ctx *ctx, struct smi_procdir *d, size_t *n, bool *hidden)
{
	struct smi_pids pids = { { 0 } };
	int r = smi_procdir_open(d, &ctx->root);

	if (r < 0)
		return r;
	r = smi_procdir_list(d, &pids);
	*n = pids.list.n;
	/* There is always a first one. */
	*hidden = !smi_pids_have(&pids, 1);
	smi_vec_free(&pids.list);
	smi_procdir_close(d);
	return r;
}

int smi_ability_proc(sm_ctx *ctx, struct smi_out *out)
{
	struct smi_ability a = {
		.name = "proc",
		.part = PROCESSES,
		.status = SM_ABILITY_OK,
		.sentence = "/proc is there ({count} processes).",
		.args = { "count" },
	};
	struct smi_procdir d = { .fd = -1 };
	bool hidden = false;
	char count[24];
	size_t n = 0;
	int r = list(ctx, &d, &n, &hidden);

	if (r == -ENOMEM)
		return smi_fail_nomem(ctx);
	snprintf(count, sizeof(count), "%zu", n);
	a.args[1] = count;
	if (r < 0) {
		a.status = SM_ABILITY_MISSING;
		a.sentence = "Processes cannot be listed: /proc is not there. "
			     "({why})";
		a.next_step = "Mount it: mount -t proc proc /proc.";
		a.args[0] = "why";
		a.args[1] = smi_strerror(-r);
	} else if (hidden) {
		a.status = SM_ABILITY_LIMITED;
		a.sentence =
			"/proc hides the processes of "
			"other users (mount option hidepid; {count} are seen).";
		a.next_step = "Run it as root, or in the group that the mount "
			      "option gid of /proc names.";
	}
	return smi_ability_tell(out, &a);
}

/* The first process is root's, as a rule. */
int smi_ability_other_users(sm_ctx *ctx, struct smi_out *out)
{
	struct smi_ability a = {
		.name = "other-users",
		.part = PROCESSES,
		.status = SM_ABILITY_OK,
		.sentence = "Programs, descriptors and environments of "
			    "all users' processes "
			    "may be looked at.",
	};
	SMI_AUTOCLOSE int fd = smi_fsroot_open(&ctx->root, "/proc/1/fd",
					       O_RDONLY | O_DIRECTORY);

	if (fd == -EACCES || fd == -EPERM) {
		a.status = SM_ABILITY_LIMITED;
		a.sentence = "Of other users' processes neither programs nor "
			     "descriptors and environments may be looked at: "
			     "checks see less, and ports of theirs have no "
			     "process.";
		a.next_step = "Run it as root, or with the capabilities "
			      "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.";
	} else if (fd < 0) {
		return 0; /* the row about /proc says it */
	}
	return smi_ability_tell(out, &a);
}

static int try_events(sm_ctx *ctx, const struct smi_events_ops *ops)
{
	struct smi_procdir d = { .fd = -1 };
	void *self = NULL;
	int r = smi_procdir_open(&d, &ctx->root);

	if (r < 0)
		return r;
	r = ops->open(ctx, &d, &self);
	if (r == 0)
		ops->close(self);
	smi_procdir_close(&d);
	return r;
}

int smi_ability_events(sm_ctx *ctx, struct smi_out *out)
{
	static const struct smi_events_ops *const ways[] = {
		&smi_events_bpf,
		&smi_events_connector,
	};
	struct smi_ability a = {
		.name = "process-events",
		.part = PROCESSES,
		.status = SM_ABILITY_OK,
		.sentence = "Starts and ends of processes are told by the "
			    "kernel, as they happen ({way}).",
		.args = { "way" },
	};
	int r = -ENOTSUP;

	for (size_t i = 0; i < SMI_COUNT(ways); i++) {
		r = try_events(ctx, ways[i]);
		a.args[1] = ways[i]->name;
		if (r == -ENOMEM)
			return smi_fail_nomem(ctx);
		if (r == 0)
			return smi_ability_tell(out, &a);
	}
	a.status = SM_ABILITY_LIMITED;
	a.sentence =
		"Starts and ends of processes are seen by looking again "
		"and again, and what is short-lived may be missed. ({why})";
	a.next_step = "Run it as root, or with the capabilities CAP_BPF and "
		      "CAP_PERFMON, or with CAP_NET_ADMIN.";
	a.args[0] = "why";
	a.args[1] = smi_strerror(-r);
	return smi_ability_tell(out, &a);
}

/* A thousand connections at once, and what else is open. */
#define ENOUGH 1100

int smi_ability_descriptors(sm_ctx *ctx, struct smi_out *out)
{
	struct smi_ability a = {
		.name = "descriptors",
		.part = "ports",
		.status = SM_ABILITY_OK,
		.sentence = "{count} files and sockets may be open at once.",
		.args = { "count" },
	};
	struct rlimit l;
	char count[24];

	(void)ctx;
	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return 0;
	snprintf(count, sizeof(count), "%llu", (unsigned long long)l.rlim_cur);
	a.args[1] = count;
	if (l.rlim_cur < ENOUGH) {
		a.status = SM_ABILITY_LIMITED;
		a.sentence = "{count} files and sockets may be open at once: "
			     "scans by connection take longer.";
		a.next_step = "Raise the limit: ulimit -n 4096.";
	}
	return smi_ability_tell(out, &a);
}
