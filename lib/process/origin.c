/* SPDX-License-Identifier: MIT */
#include "process/row.h"
#include "record/schema.h"

/* The files that each field is read from. */
static const struct {
	uint8_t field;
	uint32_t from;
} sources[] = {
	{ SMI_PROC_ID, SMI_FROM_STAT },
	{ SMI_PROC_PPID, SMI_FROM_EITHER },
	{ SMI_PROC_NAME, SMI_FROM_EITHER },
	{ SMI_PROC_USER, SMI_FROM_STATUS },
	{ SMI_PROC_UID, SMI_FROM_STATUS },
	{ SMI_PROC_EUSER, SMI_FROM_STATUS },
	{ SMI_PROC_EUID, SMI_FROM_STATUS },
	{ SMI_PROC_STATE, SMI_FROM_EITHER },
	{ SMI_PROC_CPU_PERCENT, SMI_FROM_STAT | SMI_FROM_CPU },
	{ SMI_PROC_CPU_PERCENT_LIFETIME, SMI_FROM_STAT | SMI_FROM_CPU },
	{ SMI_PROC_MEMORY_PERCENT, SMI_FROM_STATUS },
	{ SMI_PROC_RSS, SMI_FROM_STATUS },
	{ SMI_PROC_THREADS, SMI_FROM_EITHER },
	{ SMI_PROC_START, SMI_FROM_STAT },
	{ SMI_PROC_EXE, SMI_FROM_STAT | SMI_FROM_EXE },
	{ SMI_PROC_CMDLINE, SMI_FROM_EITHER | SMI_FROM_CMDLINE },
	{ SMI_PROC_ARGS, SMI_FROM_EITHER | SMI_FROM_CMDLINE },
	{ SMI_PROC_CGROUP, SMI_FROM_CGROUP },
	{ SMI_PROC_CONTAINER, SMI_FROM_CGROUP },
	{ SMI_PROC_KERNEL_THREAD, SMI_FROM_STAT },
	{ SMI_PROC_SESSION, SMI_FROM_STAT | SMI_FROM_MORE_STAT },
	{ SMI_PROC_TTY, SMI_FROM_STAT | SMI_FROM_MORE_STAT },
	{ SMI_PROC_NICE, SMI_FROM_STAT | SMI_FROM_MORE_STAT },
	{ SMI_PROC_SCHEDULER, SMI_FROM_STAT | SMI_FROM_MORE_STAT },
	{ SMI_PROC_MINOR_FAULTS, SMI_FROM_STAT | SMI_FROM_MORE_STAT },
	{ SMI_PROC_MAJOR_FAULTS, SMI_FROM_STAT | SMI_FROM_MORE_STAT },
	{ SMI_PROC_SWAP, SMI_FROM_STATUS | SMI_FROM_MORE_STATUS },
	{ SMI_PROC_TRACER_PID, SMI_FROM_STATUS | SMI_FROM_POWERS },
	{ SMI_PROC_CAPABILITIES, SMI_FROM_STATUS | SMI_FROM_POWERS },
	{ SMI_PROC_SECCOMP, SMI_FROM_STATUS | SMI_FROM_MORE_STATUS },
	{ SMI_PROC_NO_NEW_PRIVS, SMI_FROM_STATUS | SMI_FROM_MORE_STATUS },
	{ SMI_PROC_OPEN_FILES, SMI_FROM_STAT | SMI_FROM_FD_COUNT },
	{ SMI_PROC_OPEN_FILES_LIMIT, SMI_FROM_STAT | SMI_FROM_LIMITS },
	{ SMI_PROC_LISTENING, SMI_FROM_STAT | SMI_FROM_FDS | SMI_FROM_SOCKETS },
	{ SMI_PROC_CONNECTIONS,
	  SMI_FROM_STAT | SMI_FROM_FDS | SMI_FROM_SOCKETS },
	{ SMI_PROC_READ_BYTES, SMI_FROM_STAT | SMI_FROM_IO },
	{ SMI_PROC_WRITE_BYTES, SMI_FROM_STAT | SMI_FROM_IO },
	{ SMI_PROC_PACKAGE, SMI_FROM_STAT | SMI_FROM_EXE | SMI_FROM_EXE_FILE |
				    SMI_FROM_CGROUP | SMI_FROM_PACKAGE },
	{ SMI_PROC_UNPACKAGED, SMI_FROM_STAT | SMI_FROM_EXE |
				       SMI_FROM_EXE_FILE | SMI_FROM_CGROUP |
				       SMI_FROM_PACKAGE },
	{ SMI_PROC_EXE_ELSEWHERE, SMI_FROM_STAT | SMI_FROM_EXE |
					  SMI_FROM_EXE_FILE | SMI_FROM_CGROUP |
					  SMI_FROM_PACKAGE },
	{ SMI_PROC_EXE_UNMAPPED,
	  SMI_FROM_STAT | SMI_FROM_EXE | SMI_FROM_EXE_FILE | SMI_FROM_MAPS },
	{ SMI_PROC_IONICE, SMI_FROM_STAT | SMI_FROM_MORE_STAT },
	{ SMI_PROC_READ_RATE, SMI_FROM_STAT | SMI_FROM_IO | SMI_FROM_CPU },
	{ SMI_PROC_WRITE_RATE, SMI_FROM_STAT | SMI_FROM_IO | SMI_FROM_CPU },
	{ SMI_PROC_PSS, SMI_FROM_STAT | SMI_FROM_SMAPS },
	{ SMI_PROC_USS, SMI_FROM_STAT | SMI_FROM_SMAPS },
	{ SMI_PROC_CWD, SMI_FROM_STAT | SMI_FROM_CWD },
	{ SMI_PROC_ROOT, SMI_FROM_STAT | SMI_FROM_ROOT },
	{ SMI_PROC_EXE_DEVICE, SMI_FROM_STAT | SMI_FROM_EXE_FILE },
	{ SMI_PROC_EXE_INODE, SMI_FROM_STAT | SMI_FROM_EXE_FILE },
	{ SMI_PROC_EXE_DELETED, SMI_FROM_STAT | SMI_FROM_EXE_FILE },
	{ SMI_PROC_NAMESPACES, SMI_FROM_STAT | SMI_FROM_NAMESPACES },
	{ SMI_PROC_UNIT, SMI_FROM_CGROUP },
	{ SMI_PROC_SLICE, SMI_FROM_CGROUP },
	{ SMI_PROC_RUNTIME, SMI_FROM_CGROUP },
	{ SMI_PROC_GID, SMI_FROM_STATUS | SMI_FROM_MORE_STATUS },
	{ SMI_PROC_EGID, SMI_FROM_STATUS | SMI_FROM_MORE_STATUS },
	{ SMI_PROC_VOLUNTARY_SWITCHES, SMI_FROM_STATUS | SMI_FROM_MORE_STATUS },
	{ SMI_PROC_INVOLUNTARY_SWITCHES,
	  SMI_FROM_STATUS | SMI_FROM_MORE_STATUS },
	{ SMI_PROC_CPU, SMI_FROM_STAT | SMI_FROM_MORE_STAT },
	{ SMI_PROC_CPUS_ALLOWED, SMI_FROM_STATUS | SMI_FROM_MORE_STATUS },
	{ SMI_PROC_OOM_SCORE, SMI_FROM_STAT | SMI_FROM_OOM_SCORE },
	{ SMI_PROC_LOGIN_USER, SMI_FROM_STAT | SMI_FROM_LOGIN },
	{ SMI_PROC_START_TICKS, SMI_FROM_STAT },
	{ SMI_PROC_CPU_NS, SMI_FROM_STAT | SMI_FROM_CPU },
	{ SMI_PROC_CPU_WHEN, SMI_FROM_STAT | SMI_FROM_CPU },
	{ SMI_PROC_EXE_NLINK, SMI_FROM_STAT | SMI_FROM_EXE_FILE },
	{ SMI_PROC_CAP_EFF, SMI_FROM_STATUS | SMI_FROM_POWERS },
	{ SMI_PROC_EXE_DIR_MODE,
	  SMI_FROM_STAT | SMI_FROM_EXE | SMI_FROM_EXE_DIR },
	{ SMI_PROC_ARGS_WIPED, SMI_FROM_EITHER | SMI_FROM_CMDLINE },
	{ SMI_PROC_STD_SOCKETS, SMI_FROM_STAT | SMI_FROM_FDS },
	{ SMI_PROC_STD_PEERS, SMI_FROM_STAT | SMI_FROM_FDS | SMI_FROM_SOCKETS },
	{ SMI_PROC_STD_PEER, SMI_FROM_STAT | SMI_FROM_FDS | SMI_FROM_SOCKETS },
	{ SMI_PROC_RAW_SOCKETS,
	  SMI_FROM_STAT | SMI_FROM_FDS | SMI_FROM_SOCKETS },
	{ SMI_PROC_IO_URING, SMI_FROM_STAT | SMI_FROM_FDS },
	{ SMI_PROC_EXE_MODE, SMI_FROM_STAT | SMI_FROM_EXE_FILE },
	{ SMI_PROC_EXE_UID, SMI_FROM_STAT | SMI_FROM_EXE_FILE },
	{ SMI_PROC_EXE_CTIME, SMI_FROM_STAT | SMI_FROM_EXE_FILE },
	{ SMI_PROC_EXE_DIR_UID,
	  SMI_FROM_STAT | SMI_FROM_EXE | SMI_FROM_EXE_DIR },
	{ SMI_PROC_EXE_REPLACED,
	  SMI_FROM_STAT | SMI_FROM_EXE | SMI_FROM_EXE_FILE },
	{ SMI_PROC_SCRIPT_DELETED,
	  SMI_FROM_STAT | SMI_FROM_EXE | SMI_FROM_CMDLINE },
	{ SMI_PROC_ENVIRON, SMI_FROM_STAT | SMI_FROM_ENVIRON },
	{ SMI_PROC_MAPS, SMI_FROM_STAT | SMI_FROM_EXE | SMI_FROM_MAPS },
	{ SMI_PROC_PARENT_NAME, SMI_FROM_EITHER | SMI_FROM_PARENT },
	{ SMI_PROC_PARENT_EXE, SMI_FROM_EITHER | SMI_FROM_PARENT },
	{ SMI_PROC_PARENT_UID, SMI_FROM_EITHER | SMI_FROM_PARENT },
	{ SMI_PROC_TRACER_NAME,
	  SMI_FROM_STATUS | SMI_FROM_POWERS | SMI_FROM_TRACER },
	{ SMI_PROC_DESCRIPTORS_LIMIT, SMI_FROM_STAT | SMI_FROM_FD_COUNT },
	{ SMI_PROC_OOM_NEAR,
	  SMI_FROM_STAT | SMI_FROM_STATUS | SMI_FROM_PRESSURE },
	{ SMI_PROC_RELAY, SMI_FROM_STAT | SMI_FROM_EXE | SMI_FROM_PARENT |
				  SMI_FROM_SOCKETS | SMI_FROM_RELAY },
	{ SMI_PROC_BLOCKS, SMI_FROM_STAT },
	{ SMI_PROC_OUR_SPACES, SMI_FROM_STATUS | SMI_FROM_POWERS |
				       SMI_FROM_CGROUP | SMI_FROM_SPACES },
};

unsigned smi_files_of(const struct smi_fieldset *fields)
{
	unsigned files = 0;

	for (size_t i = 0; i < SMI_COUNT(sources); i++)
		if (smi_fieldset_has(fields, sources[i].field))
			files |= sources[i].from;
	if (files & SMI_FROM_EITHER && !(files & SMI_FROM_STATUS))
		files |= SMI_FROM_STAT;
	return files & ~(unsigned)SMI_FROM_EITHER;
}

struct smi_fieldset smi_fields_from(const struct smi_fieldset *fields,
				    unsigned files)
{
	struct smi_fieldset out = { { 0, 0 } };

	for (size_t i = 0; i < SMI_COUNT(sources); i++)
		if (smi_fieldset_has(fields, sources[i].field) &&
		    sources[i].from & files)
			smi_fieldset_add(&out, sources[i].field);
	return out;
}

/* Who holds up one of these holds up nearly all. */
#define ALL_FILES (SMI_FROM_STAT | SMI_FROM_EXE)

/* What is read of it later may make it another. */
static void count(struct smi_row *row)
{
	enum smi_not_whole now = row->late	? SMI_LATE
				 : row->unasked ? SMI_UNASKED
				 : row->refused ? SMI_REFUSED
						: SMI_WHOLE;
	int64_t before =
		smi_rec_int(row->rec, SM_KIND_PROCESS, SMI_PROC_NOT_WHOLE);

	now = smi_tally_process(&row->s->tally, (enum smi_not_whole)before,
				now);
	smi_set_int(row->rec, SMI_PROC_NOT_WHOLE, now);
}

void smi_row_set_unreadable(struct smi_row *row)
{
	const struct smi_kind *kind = smi_kind(SM_KIND_PROCESS);
	const struct smi_strs *before =
		smi_rec_strs(row->rec, SM_KIND_PROCESS, SMI_PROC_UNREADABLE);
	const char *names[2 * SMI_COUNT(sources)];
	size_t n = before ? before->n : 0;
	const char **v;

	if (n > 0)
		memcpy(names, before->v, n * sizeof(*names));
	for (size_t i = 0; i < SMI_COUNT(sources); i++) {
		unsigned field = sources[i].field, from = sources[i].from;
		bool bad;

		if (from & SMI_FROM_EITHER)
			from |= row->s->files &
				(SMI_FROM_STAT | SMI_FROM_STATUS);
		bad = from & row->cut ||
		      (from & row->refused && !smi_rec_has(row->rec, field));
		if (bad && field < SMI_PROC_NFIELDS &&
		    smi_fieldset_has(&row->s->chosen, field) &&
		    smi_row_wants(row, field))
			names[n++] = kind->fields[field].name;
	}
	if (row->late && smi_row_wants(row, SMI_PROC_BLOCKS))
		smi_set_int(row->rec, SMI_PROC_BLOCKS,
			    row->refused & ALL_FILES ? 2 : 1);
	count(row);
	if (n == 0 || !smi_row_wants(row, SMI_PROC_UNREADABLE))
		return;
	v = smi_arena_alloc(row->a, n * sizeof(*v));
	if (!v)
		return;
	memcpy(v, names, n * sizeof(*v));
	smi_set_strs(row->a, row->rec, SMI_PROC_UNREADABLE, v, n);
}
