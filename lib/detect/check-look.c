/* SPDX-License-Identifier: MIT */
#include "detect/check-look.h"

bool smi_look_lives(const sm_record *rec)
{
	const sm_proc *p = sm_record_proc(rec);

	return sm_proc_state(p) != 'Z' && sm_proc_state(p) != 'X' &&
	       !sm_proc_kernel_thread(p);
}

bool smi_look_exe_is_deleted(const sm_record *rec)
{
	return smi_rec_has(rec, SMI_PROC_EXE_NLINK) &&
	       rec->v[SMI_PROC_EXE_NLINK].i == 0;
}

struct smi_span smi_look_exe(const sm_record *rec)
{
	struct smi_span exe = smi_span_str(sm_proc_exe(sm_record_proc(rec)));

	return smi_look_exe_is_deleted(rec) ? smi_program_path(exe) : exe;
}

/* A file of that name in the root directory has a link. */
bool smi_look_exe_is_memfd(const sm_record *rec)
{
	return smi_look_exe_is_deleted(rec) &&
	       smi_span_starts(smi_look_exe(rec), SMI_SPAN("/memfd:"));
}

struct smi_span smi_look_program(const sm_record *rec)
{
	struct smi_span exe = smi_look_exe(rec);

	return exe.len ? exe
		       : smi_span_str(sm_proc_arg(sm_record_proc(rec), 0));
}

unsigned smi_look_class(const sm_record *rec)
{
	return smi_program_class(smi_look_program(rec));
}

struct smi_strs smi_look_args(const sm_record *rec)
{
	const struct smi_strs *args =
		smi_rec_strs(rec, SM_KIND_PROCESS, SMI_PROC_ARGS);

	return args ? *args : (struct smi_strs){ 0, NULL };
}

bool smi_look_is_one(struct smi_span text, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (smi_span_eq_str(text, v[i]))
			return true;
	return false;
}

bool smi_look_in_temp_dir(struct smi_span path)
{
	static const char *const dirs[] = {
		"/tmp/",     "/var/tmp/",  "/dev/shm/",
		"/run/shm/", "/run/user/", "/var/run/user/",
	};

	return smi_span_starts_one(path, dirs, SMI_COUNT(dirs));
}

bool smi_look_in_system_dir(struct smi_span path)
{
	static const char *const dirs[] = {
		"/usr/bin/",   "/usr/sbin/",  "/usr/lib",    "/usr/libexec/",
		"/usr/games/", "/usr/share/", "/bin/",	     "/sbin/",
		"/lib",	       "/snap/",      "/nix/store/", "/gnu/store/",
	};

	return smi_span_starts_one(path, dirs, SMI_COUNT(dirs));
}

bool smi_look_exe_is_elsewhere(const sm_record *rec)
{
	return smi_rec_has(rec, SMI_PROC_EXE_ELSEWHERE);
}

bool smi_look_is_installed(const sm_record *rec)
{
	return smi_look_in_system_dir(smi_look_exe(rec)) &&
	       !smi_look_exe_is_deleted(rec) &&
	       !smi_look_exe_is_elsewhere(rec) &&
	       !smi_rec_has(rec, SMI_PROC_UNPACKAGED);
}

/* Tools that build and install make these in the trees of their users. */
struct smi_span smi_look_hidden_part(struct smi_span path)
{
	static const char *const tools[] = {
		".libs", ".venv",  ".tox",    ".nox",	".cargo",
		".npm",	 ".build", ".rustup", ".cache", ".stack-work",
	};
	struct smi_span part;

	while (smi_span_split(&path, '/', &part))
		if (part.len > 1 && part.p[0] == '.' &&
		    !smi_look_is_one(part, tools, SMI_COUNT(tools)))
			return part;
	return SMI_SPAN("");
}

bool smi_look_contains(struct smi_span text, const char *part)
{
	size_t len = strlen(part);

	return text.len >= len && memmem(text.p, text.len, part, len);
}
