/* SPDX-License-Identifier: MIT */
#include "detect/check-look.h"

static const char *const setuid_abuse[] = { "T1548.001" };

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
};
SMI_CHECKS(privilege);
