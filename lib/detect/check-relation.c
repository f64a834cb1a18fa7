/* SPDX-License-Identifier: MIT */
#include "detect/check-look.h"
#include "record/shell-args.h"

static const char *const ptrace[] = { "T1055.008" };
static const char *const web_shell[] = { "T1505.003", "T1190" };
static const char *const escalation[] = { "T1068" };
static const char *const escape[] = { "T1611" };

static struct smi_span text_of(const sm_record *rec, unsigned field)
{
	return smi_span_str(smi_rec_str(rec, SM_KIND_PROCESS, field));
}

static bool is_traced(const sm_record *rec, double threshold,
		      struct smi_verdict *v)
{
	(void)threshold;
	if (smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_TRACER_PID) <= 0)
		return false;
	v->detail = text_of(rec, SMI_PROC_TRACER_NAME);
	if (v->detail.len == 0)
		v->detail = SMI_SPAN("a process that cannot be seen");
	if (smi_program_class(v->detail) &
	    (SMI_PROGRAM_DEBUGGER | SMI_PROGRAM_RUNTIME)) {
		v->severity = SM_SEV_INFO;
		v->note = "That is a debugger or a tracer.";
	}
	return true;
}

/* Where the program is not to be seen, by the name. */
static unsigned parent_class(const sm_record *rec)
{
	struct smi_span exe = text_of(rec, SMI_PROC_PARENT_EXE);

	return smi_program_class(exe.len ? exe
					 : text_of(rec, SMI_PROC_PARENT_NAME));
}

/* Only shells: a server may be written for an interpreter, and start more of it. */
static bool is_server_shell(const sm_record *rec, double threshold,
			    struct smi_verdict *v)
{
	unsigned parent = parent_class(rec);
	struct smi_shell_args does;

	(void)threshold;
	v->detail = text_of(rec, SMI_PROC_PARENT_NAME);
	if (!(parent & SMI_PROGRAM_SERVER) ||
	    !(smi_look_class(rec) & SMI_PROGRAM_SHELL))
		return false;
	does = smi_shell_args_read(smi_look_program(rec), smi_look_args(rec));
	if (!does.code && !does.script)
		return true;
	if (parent & SMI_PROGRAM_WEB &&
	    smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_PARENT_UID) != 0) {
		v->severity = SM_SEV_MEDIUM;
		return true;
	}
	v->severity = SM_SEV_LOW;
	v->note = "Databases, mail servers and what writes logs for others "
		  "start commands of their own like this.";
	return true;
}

#define SERVICE_UIDS 1000
#define NOBODY	     65534

/* By what set-user-id programs are for, root starts below a user of a service too. */
static bool is_root_below_service(const sm_record *rec, double threshold,
				  struct smi_verdict *v)
{
	const sm_proc *p = sm_record_proc(rec);
	int64_t uid = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_PARENT_UID);
	struct smi_span exe = smi_look_exe(rec);

	(void)threshold;
	v->detail = text_of(rec, SMI_PROC_PARENT_NAME);
	if (!smi_rec_has(rec, SMI_PROC_PARENT_UID) ||
	    !smi_rec_has(rec, SMI_PROC_UID) || sm_proc_uid(p) != 0 ||
	    !smi_look_lives(rec) || uid == 0 ||
	    (uid >= SERVICE_UIDS && uid != NOBODY))
		return false;
	if (smi_span_starts(v->detail, SMI_SPAN("dbus-daemon")))
		return false;
	return !(smi_look_class(rec) & SMI_PROGRAM_SETUID &&
		 smi_look_in_system_dir(exe));
}

static bool is_outside_its_container(const sm_record *rec, double threshold,
				     struct smi_verdict *v)
{
	int64_t ours = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_OUR_SPACES);

	(void)threshold;
	if (!smi_rec_has(rec, SMI_PROC_CONTAINER) || !smi_look_lives(rec) ||
	    smi_look_class(rec) & SMI_PROGRAM_RUNTIME)
		return false;
	if (ours & SMI_SPACE_MNT) {
		v->detail = SMI_SPAN("the files");
		return true;
	}
	v->detail = SMI_SPAN("the processes");
	v->severity = SM_SEV_INFO;
	v->note = "What watches a machine from a container is started so on "
		  "purpose.";
	return ours & SMI_SPACE_PID;
}

static const struct smi_check relation_checks[] = {
	{
		.id = "traced",
		.kind = "traced",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(ptrace),
		SMI_CHECK_FIELDS(SMI_PROC_TRACER_PID, SMI_PROC_TRACER_NAME),
		.key = SMI_PROC_TRACER_NAME,
		.fn = is_traced,
		.title = "{name} (pid {pid}) is traced by another process",
		.why = "Process {tracer_pid}, {detail}, reads its memory and "
		       "can change it.",
		.innocent = "Debuggers, crash handlers and some sandboxes do "
			    "so.",
		.next_step = "Find out who started process {tracer_pid}.",
	},
	{
		.id = "server-shell",
		.kind = "server_shell",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(web_shell),
		SMI_CHECK_FIELDS(SMI_PROC_PARENT_NAME, SMI_PROC_PARENT_EXE,
				 SMI_PROC_PARENT_UID, SMI_PROC_PPID,
				 SMI_PROC_ARGS, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK),
		.key = SMI_PROC_PARENT_NAME,
		.fn = is_server_shell,
		.title = "{detail} has started the shell {name} (pid {pid})",
		.why = "Its parent, process {ppid}, is a server that strangers "
		       "talk to.",
		.innocent = "CGI scripts, hooks of backups and piped logs look "
			    "the same.",
		.next_step = "Read its arguments, and the log of {detail} from "
			     "just before it was started.",
	},
	{
		.id = "root-below-service",
		.kind = "root_below_service",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(escalation),
		SMI_CHECK_FIELDS(SMI_PROC_PARENT_NAME, SMI_PROC_PARENT_UID,
				 SMI_PROC_PPID, SMI_PROC_UID, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_ARGS,
				 SMI_PROC_STATE, SMI_PROC_KERNEL_THREAD),
		.key = SMI_PROC_EXE,
		.fn = is_root_below_service,
		.title = "{name} (pid {pid}) is root, and its parent a "
			 "service that is not",
		.why = "Its parent is {detail}, process {ppid}, with the user "
		       "number {parent_uid}.",
		.innocent = "sudo, su and the like from system directories "
			    "are not told.",
		.next_step = "Find out by which program it became root. Look "
			     "at what the service did before.",
	},
	{
		.id = "container-escape",
		.kind = "container_escape",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(escape),
		SMI_CHECK_FIELDS(SMI_PROC_CONTAINER, SMI_PROC_OUR_SPACES,
				 SMI_PROC_EXE, SMI_PROC_EXE_NLINK,
				 SMI_PROC_ARGS, SMI_PROC_STATE,
				 SMI_PROC_KERNEL_THREAD),
		.key = SMI_PROC_EXE,
		.fn = is_outside_its_container,
		.title = "{name} (pid {pid}) of a container is not kept in it",
		.why = "It counts as part of the container {container}, but "
		       "sees {detail} of the machine (its namespace is "
		       "ours).",
		.innocent = "Runtimes do for moments, agents with privileges "
			    "always.",
		.next_step = "Look how the container was started; if not like "
			     "this, take the machine off the network.",
	},
};
SMI_CHECKS(relation);
