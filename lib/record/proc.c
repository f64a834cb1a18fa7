/* SPDX-License-Identifier: MIT */
#include "record/record.h"

/* A process is its record under another name. */
static const sm_record *record_of(const sm_proc *p)
{
	return (const sm_record *)p;
}

static const char *str(const sm_proc *p, unsigned field)
{
	return smi_rec_str(record_of(p), SM_KIND_PROCESS, field);
}

static int64_t num(const sm_proc *p, unsigned field)
{
	return smi_rec_int(record_of(p), SM_KIND_PROCESS, field);
}

static double real(const sm_proc *p, unsigned field)
{
	return smi_rec_real(record_of(p), SM_KIND_PROCESS, field);
}

static int64_t when(const sm_proc *p, unsigned field)
{
	return smi_rec_time(record_of(p), SM_KIND_PROCESS, field);
}

static const void *raw(const sm_proc *p, unsigned field, size_t *len)
{
	struct smi_span s = smi_rec_raw(record_of(p), SM_KIND_PROCESS, field);

	if (len)
		*len = s.len;
	return s.p;
}

static size_t count(const sm_proc *p, unsigned field)
{
	const struct smi_strs *list =
		smi_rec_strs(record_of(p), SM_KIND_PROCESS, field);

	return list ? list->n : 0;
}

static const char *item(const sm_proc *p, unsigned field, size_t i)
{
	const struct smi_strs *list =
		smi_rec_strs(record_of(p), SM_KIND_PROCESS, field);

	return list && i < list->n ? list->v[i] : "";
}

SM_EXPORT const sm_proc *sm_record_proc(const sm_record *rec)
{
	return rec && rec->kind == SM_KIND_PROCESS ? (const sm_proc *)rec
						   : NULL;
}

SM_EXPORT int32_t sm_proc_pid(const sm_proc *p)
{
	return (int32_t)num(p, SMI_PROC_PID);
}

SM_EXPORT int32_t sm_proc_ppid(const sm_proc *p)
{
	return (int32_t)num(p, SMI_PROC_PPID);
}

SM_EXPORT uint32_t sm_proc_uid(const sm_proc *p)
{
	return (uint32_t)num(p, SMI_PROC_UID);
}

SM_EXPORT uint32_t sm_proc_euid(const sm_proc *p)
{
	return (uint32_t)num(p, SMI_PROC_EUID);
}

SM_EXPORT const char *sm_proc_user(const sm_proc *p)
{
	return str(p, SMI_PROC_USER);
}

SM_EXPORT const char *sm_proc_euser(const sm_proc *p)
{
	return str(p, SMI_PROC_EUSER);
}

SM_EXPORT const char *sm_proc_name(const sm_proc *p)
{
	return str(p, SMI_PROC_NAME);
}

SM_EXPORT const void *sm_proc_name_raw(const sm_proc *p, size_t *len)
{
	return raw(p, SMI_PROC_NAME_RAW, len);
}

SM_EXPORT int sm_proc_state(const sm_proc *p)
{
	return (int)num(p, SMI_PROC_STATE_CODE);
}

SM_EXPORT const char *sm_proc_exe(const sm_proc *p)
{
	return str(p, SMI_PROC_EXE);
}

SM_EXPORT size_t sm_proc_nargs(const sm_proc *p)
{
	return count(p, SMI_PROC_ARGS);
}

SM_EXPORT const char *sm_proc_arg(const sm_proc *p, size_t i)
{
	return item(p, SMI_PROC_ARGS, i);
}

SM_EXPORT const char *sm_proc_cmdline(const sm_proc *p)
{
	return str(p, SMI_PROC_CMDLINE);
}

SM_EXPORT const void *sm_proc_cmdline_raw(const sm_proc *p, size_t *len)
{
	return raw(p, SMI_PROC_CMDLINE_RAW, len);
}

SM_EXPORT int64_t sm_proc_start(const sm_proc *p)
{
	return when(p, SMI_PROC_START);
}

SM_EXPORT const char *sm_proc_boot_id(const sm_proc *p)
{
	return str(p, SMI_PROC_BOOT_ID);
}

SM_EXPORT int64_t sm_proc_time(const sm_proc *p)
{
	return when(p, SMI_PROC_TIME);
}

SM_EXPORT double sm_proc_cpu_percent(const sm_proc *p)
{
	return real(p, SMI_PROC_CPU_PERCENT);
}

SM_EXPORT double sm_proc_cpu_percent_lifetime(const sm_proc *p)
{
	return real(p, SMI_PROC_CPU_PERCENT_LIFETIME);
}

SM_EXPORT double sm_proc_memory_percent(const sm_proc *p)
{
	return real(p, SMI_PROC_MEMORY_PERCENT);
}

SM_EXPORT uint64_t sm_proc_rss_bytes(const sm_proc *p)
{
	return (uint64_t)num(p, SMI_PROC_RSS);
}

SM_EXPORT uint32_t sm_proc_threads(const sm_proc *p)
{
	return (uint32_t)num(p, SMI_PROC_THREADS);
}

SM_EXPORT const char *sm_proc_cgroup(const sm_proc *p)
{
	return str(p, SMI_PROC_CGROUP);
}

SM_EXPORT const char *sm_proc_container(const sm_proc *p)
{
	return str(p, SMI_PROC_CONTAINER);
}

SM_EXPORT int sm_proc_kernel_thread(const sm_proc *p)
{
	return (int)num(p, SMI_PROC_KERNEL_THREAD);
}

SM_EXPORT size_t sm_proc_nunreadable(const sm_proc *p)
{
	return count(p, SMI_PROC_UNREADABLE);
}

SM_EXPORT const char *sm_proc_unreadable(const sm_proc *p, size_t i)
{
	return item(p, SMI_PROC_UNREADABLE, i);
}
