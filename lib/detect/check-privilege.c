/* SPDX-License-Identifier: MIT */
#include "detect/check-look.h"

static const char *const setuid_abuse[] = { "T1548.001" };
static const char *const elevation[] = { "T1548" };

/*
 * Programs that are set-user-id root by design run so all the time, from where only
 * root may put them.
 */
static bool has_become_root(const sm_record *rec, double threshold,
			    struct smi_verdict *v)
{
	const sm_proc *p = sm_record_proc(rec);
	struct smi_span exe = smi_look_exe(rec);
	unsigned class = smi_look_class(rec);
	bool system = smi_look_in_system_dir(exe) ||
		      smi_span_starts(exe, SMI_SPAN("/opt/"));

	(void)threshold;
	if (!smi_rec_has(rec, SMI_PROC_EUID) || sm_proc_euid(p) != 0 ||
	    sm_proc_uid(p) == 0 || !smi_look_lives(rec))
		return false;
	if (class & (SMI_PROGRAM_SCRIPTS | SMI_PROGRAM_NETCAT)) {
		v->note = "A shell or an interpreter does whatever {user} "
			  "tells it.";
		return true;
	}
	if (exe.len > 0 && !system)
		return true;
	v->severity = SM_SEV_LOW;
	return !(class & SMI_PROGRAM_SETUID);
}

/* capabilities(7), by number. */
#define CAP(n) (UINT64_C(1) << (n))
enum {
	CAP_DAC_OVERRIDE = 1,
	CAP_DAC_READ_SEARCH = 2,
	CAP_SETUID = 7,
	CAP_NET_RAW = 13,
	CAP_SYS_MODULE = 16,
	CAP_SYS_RAWIO = 17,
	CAP_SYS_PTRACE = 19,
	CAP_SYS_ADMIN = 21,
	CAP_BPF = 39,
};

/*
 * The powers of root, which set-user-id and service files give to programs of the
 * system; in a user namespace of its own a process has them over nothing of ours.
 */
static bool has_root_capabilities(const sm_record *rec, double threshold,
				  struct smi_verdict *v)
{
	const uint64_t strong =
		CAP(CAP_DAC_OVERRIDE) | CAP(CAP_DAC_READ_SEARCH) |
		CAP(CAP_SETUID) | CAP(CAP_SYS_MODULE) | CAP(CAP_SYS_RAWIO) |
		CAP(CAP_SYS_PTRACE) | CAP(CAP_SYS_ADMIN) | CAP(CAP_BPF);
	const sm_proc *p = sm_record_proc(rec);
	uint64_t caps =
		(uint64_t)smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_CAP_EFF);
	unsigned class = smi_look_class(rec);
	bool system = smi_look_in_system_dir(smi_look_exe(rec));

	(void)threshold;
	if (!(caps & (strong | CAP(CAP_NET_RAW))) || sm_proc_euid(p) == 0 ||
	    !smi_rec_has(rec, SMI_PROC_EUID) || !smi_look_lives(rec) ||
	    !(smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_OUR_SPACES) &
	      SMI_SPACE_USER))
		return false;
	if (class & SMI_PROGRAM_SCRIPTS)
		return true;
	v->severity = SM_SEV_MEDIUM;
	if (!system)
		return true;
	/* As a service file or the program's own file gives them. */
	v->severity = SM_SEV_INFO;
	return caps & strong && !(class & SMI_PROGRAM_SNIFFER);
}

static const struct smi_check privilege_checks[] = {
	{
		.id = "setuid-root",
		.kind = "setuid_root",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(setuid_abuse),
		SMI_CHECK_FIELDS(SMI_PROC_UID, SMI_PROC_EUID, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_ARGS,
				 SMI_PROC_STATE, SMI_PROC_KERNEL_THREAD),
		.key = SMI_PROC_EXE,
		.fn = has_become_root,
		.title = "{name} (pid {pid}) of {user} acts as root",
		.why = "Its real user is {user}, its effective one root.",
		.innocent = "sudo, su, passwd, mount and their like from "
			    "system directories are not told.",
		.next_step = "Look at its program: whether it has the "
			     "set-user-id bit, and from which package "
			     "it is.",
	},
	{
		.id = "root-capabilities",
		.kind = "root_capabilities",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(elevation),
		SMI_CHECK_FIELDS(
			SMI_PROC_CAPABILITIES, SMI_PROC_CAP_EFF, SMI_PROC_EUID,
			SMI_PROC_OUR_SPACES, SMI_PROC_EXE, SMI_PROC_EXE_NLINK,
			SMI_PROC_ARGS, SMI_PROC_STATE, SMI_PROC_KERNEL_THREAD),
		.key = SMI_PROC_EXE,
		.fn = has_root_capabilities,
		.title = "{name} (pid {pid}) of {user} has powers of root",
		.why = "It is not root, but has {capabilities}.",
		.innocent = "Programs of the system are given what they need "
			    "by service files and by their own (getcap).",
		.next_step = "Look for capabilities of its file (getcap) and "
			     "for the service that started it.",
	},
};
SMI_CHECKS(privilege);
