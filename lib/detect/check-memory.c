/* SPDX-License-Identifier: MIT */
#include "detect/check-look.h"

static const char *const injection[] = { "T1055" };
static const char *const reflective_loading[] = { "T1620" };
static const char *const library_swap[] = { "T1055", "T1574.006" };

#define SMALL_JIT (INT64_C(1) << 20)

/* The first line of a kind; empty where there is none. */
static struct smi_span line_of(const sm_record *rec, enum smi_map_kind kind)
{
	const struct smi_strs *lines =
		smi_rec_strs(rec, SM_KIND_PROCESS, SMI_PROC_MAPS);

	return smi_span_str(kind < lines->n ? lines->v[kind] : "");
}

static bool has(const sm_record *rec, enum smi_map_kind kind,
		struct smi_verdict *v)
{
	v->detail = line_of(rec, kind);
	return v->detail.len > 0;
}

/* It makes code while it runs, by design. */
static bool is_jit(const sm_record *rec)
{
	return smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_MAPS_JIT) == 2 &&
	       !smi_look_exe_is_elsewhere(rec);
}

static bool has_executable_memory(const sm_record *rec, double threshold,
				  struct smi_verdict *v)
{
	int64_t bytes = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_MAPS_BYTES);
	bool small = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_MAPS_JIT) > 0 &&
		     !smi_look_exe_is_elsewhere(rec);

	(void)threshold;
	if (is_jit(rec))
		return false;
	if (has(rec, SMI_MAP_STACK, v)) {
		v->severity = SM_SEV_LOW;
		v->note = "Its program asks for a stack of that kind, as some "
			  "old ones do.";
		return true;
	}
	if (has(rec, SMI_MAP_WRITABLE, v)) {
		if (small && bytes <= SMALL_JIT) {
			v->severity = SM_SEV_LOW;
			v->note = "It has a library that makes single "
				  "functions, and no more memory of that "
				  "kind than those need.";
		}
		return true;
	}
	if (has(rec, SMI_MAP_HEAP, v))
		return true;
	v->severity = SM_SEV_LOW;
	return !small && has(rec, SMI_MAP_ANONYMOUS, v);
}

static bool has_memfd_code(const sm_record *rec, double threshold,
			   struct smi_verdict *v)
{
	(void)threshold;
	if (!has(rec, SMI_MAP_MEMFD, v))
		return false;
	if (is_jit(rec)) {
		v->severity = SM_SEV_LOW;
		v->note = "It makes code while it runs, which may lie there.";
	}
	return true;
}

/* An upgrade does that to everything that runs; virtual machines unpack libraries
 * and delete them at once. */
static bool has_temp_library(const sm_record *rec, double threshold,
			     struct smi_verdict *v)
{
	(void)threshold;
	if (!has(rec, SMI_MAP_TEMP, v))
		return false;
	if (smi_look_in_temp_dir(smi_look_exe(rec))) {
		v->severity = SM_SEV_LOW;
		v->note = "Its program lies there, too.";
	} else if (is_jit(rec) || smi_look_contains(v->detail, "/.mount_") ||
		   smi_look_contains(v->detail, "/_MEI")) {
		v->severity = SM_SEV_LOW;
		v->note = "Programs of its kind unpack their own libraries "
			  "there.";
	}
	return true;
}

static bool has_deleted_library(const sm_record *rec, double threshold,
				struct smi_verdict *v)
{
	(void)threshold;
	return has(rec, SMI_MAP_DELETED, v);
}

static const struct smi_check memory_checks[] = {
	{
		.id = "executable-memory",
		.kind = "executable_memory",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(injection),
		SMI_CHECK_FIELDS(SMI_PROC_MAPS, SMI_PROC_MAPS_BYTES,
				 SMI_PROC_MAPS_JIT, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_EXE_ELSEWHERE),
		.key = SMI_PROC_EXE,
		.fn = has_executable_memory,
		.title = "{name} (pid {pid}) can run code that no file holds",
		.why = "Memory of no file is executable: {detail}.",
		.innocent = "What makes code while it runs needs that: virtual "
			    "machines, browsers, emulators, regular "
			    "expressions; those that are known are not told.",
		.next_step = "If {name} is no such program, keep its memory "
			     "(gcore) before you stop it.",
	},
	{
		.id = "memfd-code",
		.kind = "memfd_code",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(reflective_loading),
		SMI_CHECK_FIELDS(SMI_PROC_MAPS, SMI_PROC_MAPS_JIT, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_EXE_ELSEWHERE),
		.key = SMI_PROC_EXE,
		.fn = has_memfd_code,
		.title = "{name} (pid {pid}) runs a library that was never a "
			 "file",
		.why = "Executable memory comes from a memfd: {detail}.",
		.innocent = "libffi and .NET do this under names that are "
			    "known and not told.",
		.next_step = "Copy the memory (gcore) before you stop it, and "
			     "find out what loaded it.",
	},
	{
		.id = "temp-library",
		.kind = "temp_library",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(library_swap),
		SMI_CHECK_FIELDS(SMI_PROC_MAPS, SMI_PROC_MAPS_JIT, SMI_PROC_EXE,
				 SMI_PROC_EXE_NLINK, SMI_PROC_EXE_ELSEWHERE),
		.key = SMI_PROC_EXE,
		.fn = has_temp_library,
		.title = "{name} (pid {pid}) runs a library from a directory "
			 "for temporary files",
		.why = "It has mapped and can run {detail}.",
		.innocent = "Java and Node unpack libraries there.",
		.next_step = "Keep the file (/proc/{pid}/map_files has it, "
			     "deleted or not), and find out how it was loaded.",
	},
	{
		.id = "deleted-library",
		.kind = "deleted_library",
		.severity = SM_SEV_LOW,
		SMI_CHECK_ATTACK(injection),
		SMI_CHECK_FIELDS(SMI_PROC_MAPS, SMI_PROC_EXE),
		.key = SMI_PROC_EXE,
		.fn = has_deleted_library,
		.title = "{name} (pid {pid}) runs a library that has been "
			 "deleted",
		.why = "It has mapped and can run {detail}.",
		.innocent = "An upgrade leaves this behind until the program "
			    "is started again.",
		.next_step = "Restart it: until then it also runs without "
			     "the fixes of that upgrade.",
	},
};
SMI_CHECKS(memory);
