/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include "detect/check-look.h"

static const char *const file_deletion[] = { "T1070.004" };
static const char *const reflective_loading[] = { "T1620", "T1027.011" };
static const char *const tool_transfer[] = { "T1105" };
static const char *const hidden_files[] = { "T1564.001" };
static const char *const weak_permissions[] = { "T1574.010" };
static const char *const weak_file[] = { "T1574.010", "T1222.002" };
static const char *const compromised_binary[] = { "T1554" };
static const char *const legitimate_name[] = { "T1036.005" };

static bool is_exe_deleted(const sm_record *rec, double threshold,
			   struct smi_verdict *v)
{
	(void)threshold;
	if (!smi_look_exe_is_deleted(rec) || smi_look_exe_is_memfd(rec))
		return false;
	if (smi_look_in_temp_dir(smi_look_exe(rec))) {
		v->severity = SM_SEV_HIGH;
		v->note = "It was in a directory for temporary files, where "
			  "no package puts a program.";
	} else if (smi_rec_has(rec, SMI_PROC_EXE_REPLACED)) {
		v->severity = SM_SEV_LOW;
		v->note = "Another file has its path now, as after an "
			  "upgrade.";
	}
	return true;
}

/* The runtimes of containers run from a copy of themselves that no container can
 * write to. */
static bool is_exe_memfd(const sm_record *rec, double threshold,
			 struct smi_verdict *v)
{
	static const char *const clones[] = {
		"/memfd:runc_cloned:", "/memfd:crun", "/memfd:systemd-executor"
	};
	struct smi_span exe = smi_look_exe(rec);

	(void)threshold;
	if (!smi_look_exe_is_memfd(rec))
		return false;
	if (smi_span_starts_one(exe, clones, SMI_COUNT(clones))) {
		v->severity = SM_SEV_INFO;
		v->note = "The name is that of a container runtime's own "
			  "copy, which anybody can choose too.";
	}
	return true;
}

static struct smi_span skip_part(struct smi_span path)
{
	return smi_span_skip(path, smi_span_find(path, '/') + 1);
}

/* What unpacks itself there and runs: the first directories below the one for
 * temporary files. */
static bool is_unpacked(struct smi_span path)
{
	static const char *const dirs[] = {
		".mount_", "_MEI",	  "go-build",	"cargo-install",
		"go-link", "rustdoctest", "nix-build-", "pip-",
	};

	while (path.len > 0) {
		if (smi_span_starts_one(path, dirs, SMI_COUNT(dirs)))
			return true;
		path = skip_part(path);
	}
	return false;
}

static bool is_exe_in_temp_dir(const sm_record *rec, double threshold,
			       struct smi_verdict *v)
{
	struct smi_span exe = smi_look_exe(rec);

	(void)threshold;
	if (!smi_look_in_temp_dir(exe))
		return false;
	if (is_unpacked(exe)) {
		v->severity = SM_SEV_LOW;
		v->note = "The directory has the name of one where AppImage, "
			  "PyInstaller or a compiler unpacks what it runs.";
	} else if (smi_span_starts(exe, SMI_SPAN("/dev/shm/")) ||
		   smi_look_hidden_part(exe).len > 0) {
		v->severity = SM_SEV_HIGH;
		v->note = "Nothing honest hides there: it is memory, or has "
			  "a name that lists leave out.";
	}
	return true;
}

static bool is_only_dots(struct smi_span part)
{
	for (size_t i = 0; i < part.len; i++)
		if (part.p[i] != '.' && part.p[i] != ' ')
			return false;
	return true;
}

/* People's own programs do live in ~/.local, ~/.cargo and the like. */
static bool is_exe_hidden(const sm_record *rec, double threshold,
			  struct smi_verdict *v)
{
	static const char *const homes[] = { "/home/", "/root/", "/nix/",
					     "/var/lib/", "/var/home/" };
	struct smi_span exe = smi_look_exe(rec);
	struct smi_span part = smi_look_hidden_part(exe);

	(void)threshold;
	if (part.len == 0 || smi_look_in_temp_dir(exe))
		return false;
	v->detail = part;
	if (is_only_dots(part)) {
		v->severity = SM_SEV_HIGH;
		v->note = "Dots and blanks alone are made to be overlooked.";
		return true;
	}
	return !smi_span_starts_one(exe, homes, SMI_COUNT(homes));
}

/* Where the sticky bit is set, nobody can put another file in its place. */
static bool is_exe_dir_writable(const sm_record *rec, double threshold,
				struct smi_verdict *v)
{
	int64_t mode = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_EXE_DIR_MODE);

	(void)threshold;
	(void)v;
	return mode & S_IWOTH && !(mode & S_ISVTX);
}

/*
 * Who may change what somebody else runs: everybody, or one who is neither root nor
 * the one who runs it. Users of other user namespaces have numbers of their own.
 */
static bool is_exe_open_to_others(const sm_record *rec, double threshold,
				  struct smi_verdict *v)
{
	const sm_proc *p = sm_record_proc(rec);
	int64_t mode = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_EXE_MODE);
	int64_t owner = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_EXE_UID);
	int64_t dir_owner =
		smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_EXE_DIR_UID);
	int64_t uid = sm_proc_euid(p);

	(void)threshold;
	if (!smi_rec_has(rec, SMI_PROC_EXE_MODE) ||
	    smi_look_exe_is_memfd(rec) || !smi_rec_has(rec, SMI_PROC_EUID))
		return false;
	if (mode & S_IWOTH) {
		v->detail = SMI_SPAN("everybody");
		return true;
	}
	v->severity = uid == 0 ? SM_SEV_MEDIUM : SM_SEV_LOW;
	v->detail = SMI_SPAN("its owner, who is another user,");
	if (owner != 0 && owner != uid)
		return !smi_rec_has(rec, SMI_PROC_CONTAINER);
	v->detail = SMI_SPAN("the owner of its directory, another user,");
	return dir_owner != 0 && dir_owner != uid &&
	       !smi_rec_has(rec, SMI_PROC_CONTAINER);
}

#define SLACK (2 * SMI_SEC) /* of the boot time, which start is counted from */

/* Its own change of mode or owner, or of links, counts; its bytes cannot change
 * while it runs. */
static bool is_exe_changed(const sm_record *rec, double threshold,
			   struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return smi_rec_has(rec, SMI_PROC_EXE_CTIME) &&
	       smi_rec_has(rec, SMI_PROC_START) &&
	       !smi_look_exe_is_deleted(rec) &&
	       rec->v[SMI_PROC_EXE_CTIME].i > rec->v[SMI_PROC_START].i + SLACK;
}

/* Elsewhere that is how programs are installed that no package is made of. */
static bool is_exe_unpackaged(const sm_record *rec, double threshold,
			      struct smi_verdict *v)
{
	static const char *const dirs[] = { "/usr/bin/", "/usr/sbin/",
					    "/usr/lib",	 "/bin/",
					    "/sbin/",	 "/lib" };

	(void)threshold;
	(void)v;
	return smi_rec_has(rec, SMI_PROC_UNPACKAGED) &&
	       smi_span_starts_one(smi_look_exe(rec), dirs, SMI_COUNT(dirs));
}

/* prctl(2), PR_SET_MM_EXE_FILE: who lets go of all of its program may name another. */
static bool is_exe_forged(const sm_record *rec, double threshold,
			  struct smi_verdict *v)
{
	(void)threshold;
	if (!smi_rec_has(rec, SMI_PROC_EXE_UNMAPPED))
		return false;
	v->detail = SMI_SPAN("that can be run");
	if (rec->v[SMI_PROC_EXE_UNMAPPED].i == 1) {
		v->severity = SM_SEV_LOW;
		v->note = "Something else of that file is in its memory, as of "
			  "programs that move their code to large pages.";
	} else {
		v->detail = SMI_SPAN("at all");
	}
	return true;
}

static bool is_exe_elsewhere(const sm_record *rec, double threshold,
			     struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return smi_look_exe_is_elsewhere(rec);
}

static const struct smi_check exe_checks[] = {
	{
		.id = "exe-deleted",
		.kind = "exe_deleted",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(file_deletion),
		SMI_CHECK_FIELDS(SMI_PROC_EXE_NLINK, SMI_PROC_EXE,
				 SMI_PROC_EXE_REPLACED),
		.key = SMI_PROC_EXE,
		.fn = is_exe_deleted,
		.title = "{name} (pid {pid}) runs a program that has been "
			 "deleted",
		.why = "The file that it runs has no name in any directory "
		       "(link count 0): {exe}.",
		.innocent = "An upgrade leaves this behind until the program "
			    "is started again.",
		.next_step = "If its package was upgraded, restart it. If not, "
			     "copy /proc/{pid}/exe before you stop it: that is "
			     "the only copy.",
	},
	{
		.id = "exe-memfd",
		.kind = "exe_memfd",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(reflective_loading),
		SMI_CHECK_FIELDS(SMI_PROC_EXE_NLINK, SMI_PROC_EXE),
		.key = SMI_PROC_NAME,
		.fn = is_exe_memfd,
		.title = "{name} (pid {pid}) runs a program that was never a "
			 "file",
		.why = "Its program lies only in memory: {exe}.",
		.innocent = "Container runtimes (runc, crun) do so for "
			    "moments.",
		.next_step = "Copy /proc/{pid}/exe before you stop it, and "
			     "find out which process started it.",
	},
	{
		.id = "exe-in-temp-dir",
		.kind = "exe_in_temp_dir",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(tool_transfer),
		SMI_CHECK_FIELDS(SMI_PROC_EXE_NLINK, SMI_PROC_EXE),
		.key = SMI_PROC_EXE,
		.fn = is_exe_in_temp_dir,
		.title = "{name} (pid {pid}) runs from a directory for "
			 "temporary files",
		.why = "Its program is {exe}, where everybody may put one.",
		.innocent = "Builds and tests, AppImages and PyInstaller "
			    "programs run from there too.",
		.next_step = "Ask {user} about it; keep the file, and look "
			     "what fetched it.",
	},
	{
		.id = "exe-hidden",
		.kind = "exe_hidden",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(hidden_files),
		SMI_CHECK_FIELDS(SMI_PROC_EXE_NLINK, SMI_PROC_EXE),
		.key = SMI_PROC_EXE,
		.fn = is_exe_hidden,
		.title = "{name} (pid {pid}) runs from a hidden place",
		.why = "\"{detail}\" in {exe} begins with a dot: lists leave "
		       "it out.",
		.innocent = "In home directories that is usual and not "
			    "told.",
		.next_step = "Look when it was put there, and what else lies "
			     "beside it.",
	},
	{
		.id = "exe-world-writable-dir",
		.kind = "exe_world_writable_dir",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(weak_permissions),
		SMI_CHECK_FIELDS(SMI_PROC_EXE_DIR_MODE, SMI_PROC_EXE),
		.key = SMI_PROC_EXE,
		.fn = is_exe_dir_writable,
		.title = "{name} (pid {pid}) runs from a directory that "
			 "everybody may write to",
		.why = "Every user may put another file in the place of {exe}.",
		.next_step = "Find out who put it there and when. Programs "
			     "belong where only root may write.",
	},
	{
		.id = "exe-open-to-others",
		.kind = "exe_open_to_others",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(weak_file),
		SMI_CHECK_FIELDS(SMI_PROC_EXE_MODE, SMI_PROC_EXE_UID,
				 SMI_PROC_EXE_DIR_UID, SMI_PROC_EUID,
				 SMI_PROC_CONTAINER, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK),
		.key = SMI_PROC_EXE,
		.fn = is_exe_open_to_others,
		.title = "Others than {user} may change the program of {name} "
			 "(pid {pid})",
		.why = "{exe} may be written by {detail}.",
		.innocent = "Trees of developers, and programs that people "
			    "share, are like this.",
		.next_step = "Give the file and its directory to root, or to "
			     "the one who runs it, and to nobody else.",
	},
	{
		.id = "exe-changed",
		.kind = "exe_changed",
		.severity = SM_SEV_LOW,
		SMI_CHECK_ATTACK(compromised_binary),
		SMI_CHECK_FIELDS(SMI_PROC_EXE_CTIME, SMI_PROC_START,
				 SMI_PROC_EXE, SMI_PROC_EXE_NLINK),
		.key = SMI_PROC_EXE,
		.fn = is_exe_changed,
		.title = "The program of {name} (pid {pid}) was changed since "
			 "it was started",
		.why = "The inode of {exe} was changed at {exe_ctime}, the "
		       "process was started at {start}.",
		.innocent = "A new mode, owner or link is such a change, too; "
			    "a clock that was set may look like one.",
		.next_step = "Compare the file with its package's.",
	},
	{
		.id = "exe-forged",
		.kind = "exe_forged",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(legitimate_name),
		SMI_CHECK_FIELDS(SMI_PROC_EXE_UNMAPPED, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK),
		.key = SMI_PROC_EXE,
		.fn = is_exe_forged,
		.title = "{name} (pid {pid}) runs something else than the "
			 "program it names",
		.why = "Its program is said to be {exe}, of which nothing "
		       "{detail} is in its memory.",
		.innocent = "Packers such as UPX let go of the file that they "
			    "unpack.",
		.next_step = "Keep its memory (gcore) before you stop it: "
			     "/proc/{pid}/exe is not what it runs.",
	},
	{
		.id = "exe-elsewhere",
		.kind = "exe_elsewhere",
		.severity = SM_SEV_LOW,
		SMI_CHECK_ATTACK(legitimate_name),
		SMI_CHECK_FIELDS(SMI_PROC_EXE_ELSEWHERE, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK),
		.key = SMI_PROC_EXE,
		.fn = is_exe_elsewhere,
		.title = "{name} (pid {pid}) runs another file than the one of "
			 "that path",
		.why = "It sees other files than this program does: what it "
		       "runs as {exe} is not what is found here.",
		.innocent = "Sandboxes and builds make a root of their own; "
			    "those of containers are known.",
		.next_step = "Look at /proc/{pid}/root and at who made it.",
	},
	{
		.id = "exe-unpackaged",
		.kind = "exe_unpackaged",
		.severity = SM_SEV_LOW,
		SMI_CHECK_ATTACK(compromised_binary),
		SMI_CHECK_FIELDS(SMI_PROC_UNPACKAGED, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK),
		.key = SMI_PROC_EXE,
		.fn = is_exe_unpackaged,
		.title = "{name} (pid {pid}) runs a program of the system that "
			 "no package has",
		.why = "{exe} lies where packages put programs, and dpkg knows "
		       "no package that has it.",
		.innocent = "What is built on this machine belongs into "
			    "/usr/local; some people put it here.",
		.next_step = "Find out who put it there and when.",
	},
};
SMI_CHECKS(exe);
