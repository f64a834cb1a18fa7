/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CHECKS_RIG_H
#define TESTS_CHECKS_RIG_H

#include <stdio.h>

#include "detect/check.h"
#include "record/build.h"
#include "record/program.h"
#include "record/schema.h"
#include "record/shell-args.h"
#include "suite.h"

/* Each check by itself, on what it reads: what it is for, and what looks like it. */
struct process {
	const char *name, *exe;
	const char *args[6];
	int uid, euid;
	int state; /* 0: 'S' */
	int dir_mode;
	double cpu, cpu_lifetime; /* 0: not known */
	bool deleted, kernel_thread, no_exe, wiped, replaced;
	int mode, owner, dir_owner; /* of the program; mode 0: not known */
	int64_t changed, start;	    /* s; 0: not known */
	const char *variable, *other, *preload_file, *tracer, *container;
	int map; /* 0: none, else 1 + enum smi_map_kind */
	const char *map_line;
	int64_t map_bytes;
	int map_jit;
	const char *parent, *parent_exe;
	int parent_uid;
	int spaces; /* 0: not known, else 1 + bits */
	uint64_t caps;
	int peers; /* bits of descriptors 0, 1, 2 */
	const char *raw, *listening;
	bool io_uring;
	bool unpackaged, elsewhere;
	int unmapped;
	int oom, threads, files, limit, read_rate, write_rate, blocks;
};

static struct smi_arena arena;

static const struct smi_check *check_of(const char *id)
{
	const struct smi_check *c;
	size_t theme = 0, at = 0;

	while ((c = smi_check_next(&theme, &at)))
		if (strcmp(c->id, id) == 0)
			return c;
	ck_abort_msg("no check %s", id);
	return NULL;
}

static void set_args(sm_record *r, const struct process *p)
{
	size_t n = 0;

	while (n < SMI_COUNT(p->args) && p->args[n])
		n++;
	if (n > 0)
		smi_set_strs(&arena, r, SMI_PROC_ARGS, p->args, n);
}

static void set_real(sm_record *r, unsigned field, double v)
{
	if (v > 0)
		smi_set_real(r, field, v);
}

static void set_str(sm_record *r, unsigned field, const char *s)
{
	if (s)
		smi_set_const(r, field, s);
}

static void set_int(sm_record *r, unsigned field, bool known, int64_t v)
{
	if (known)
		smi_set_int(r, field, v);
}

static void set_map(sm_record *r, const struct process *p)
{
	const char **v = smi_arena_alloc(&arena, SMI_MAP_NKINDS * sizeof(*v));

	if (p->map == 0)
		return;
	for (int i = 0; i < SMI_MAP_NKINDS; i++)
		v[i] = i == p->map - 1 ? p->map_line : "";
	smi_set_strs(&arena, r, SMI_PROC_MAPS, v, SMI_MAP_NKINDS);
	smi_set_int(r, SMI_PROC_MAPS_BYTES, p->map_bytes);
	smi_set_int(r, SMI_PROC_MAPS_JIT, p->map_jit);
}

static void set_evidence(sm_record *r, const struct process *p)
{
	set_int(r, SMI_PROC_EXE_MODE, p->mode, p->mode);
	set_int(r, SMI_PROC_EXE_UID, p->mode, p->owner);
	set_int(r, SMI_PROC_EXE_DIR_UID, p->mode, p->dir_owner);
	set_int(r, SMI_PROC_EXE_REPLACED, p->replaced, 1);
	set_int(r, SMI_PROC_EXE_CTIME, p->changed, p->changed * SMI_SEC);
	set_int(r, SMI_PROC_START, p->start, p->start * SMI_SEC);
	if (p->variable)
		smi_set_strs(&arena, r, SMI_PROC_ENVIRON, &p->variable,
			     p->other ? 2 : 1);
	set_str(r, SMI_PROC_PRELOAD_FILE, p->preload_file);
	set_str(r, SMI_PROC_TRACER_NAME, p->tracer);
	set_int(r, SMI_PROC_TRACER_PID, p->tracer, 7);
	set_str(r, SMI_PROC_CONTAINER, p->container);
	set_map(r, p);
	set_str(r, SMI_PROC_PARENT_NAME, p->parent);
	set_str(r, SMI_PROC_PARENT_EXE, p->parent_exe);
	set_int(r, SMI_PROC_PARENT_UID, p->parent, p->parent_uid);
	set_int(r, SMI_PROC_OUR_SPACES, p->spaces, p->spaces - 1);
	set_int(r, SMI_PROC_CAP_EFF, p->caps, (int64_t)p->caps);
	set_int(r, SMI_PROC_STD_PEERS, p->peers, p->peers);
	set_str(r, SMI_PROC_STD_PEER, p->peers ? "a tcp b" : NULL);
	set_int(r, SMI_PROC_IO_URING, p->io_uring, 1);
	set_int(r, SMI_PROC_UNPACKAGED, p->unpackaged, 1);
	set_int(r, SMI_PROC_EXE_ELSEWHERE, p->elsewhere, 1);
	set_int(r, SMI_PROC_EXE_UNMAPPED, p->unmapped, p->unmapped);
	set_int(r, SMI_PROC_BLOCKS, p->blocks, p->blocks);
	set_int(r, SMI_PROC_OOM_NEAR, p->oom, p->oom);
	set_int(r, SMI_PROC_THREADS, p->threads, p->threads);
	set_int(r, SMI_PROC_OPEN_FILES, p->files, p->files);
	set_int(r, SMI_PROC_DESCRIPTORS_LIMIT, p->limit, p->limit);
	set_int(r, SMI_PROC_READ_RATE, p->read_rate, p->read_rate);
	set_int(r, SMI_PROC_WRITE_RATE, p->write_rate, p->write_rate);
	if (p->raw)
		smi_set_strs(&arena, r, SMI_PROC_RAW_SOCKETS, &p->raw, 1);
	if (p->listening)
		smi_set_strs(&arena, r, SMI_PROC_LISTENING, &p->listening, 1);
}

static sm_record *record_of(const struct process *p)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PROCESS);

	smi_set_int(r, SMI_PROC_STATE_CODE, p->state ? p->state : 'S');
	smi_set_int(r, SMI_PROC_KERNEL_THREAD, p->kernel_thread);
	smi_set_const(r, SMI_PROC_NAME, p->name ? p->name : "x");
	if (!p->no_exe && !p->kernel_thread) {
		smi_set_const(r, SMI_PROC_EXE, p->exe ? p->exe : "/usr/bin/x");
		smi_set_int(r, SMI_PROC_EXE_NLINK, !p->deleted);
	}
	set_args(r, p);
	smi_set_int(r, SMI_PROC_UID, p->uid);
	smi_set_int(r, SMI_PROC_EUID, p->euid);
	smi_set_int(r, SMI_PROC_EXE_DIR_MODE, p->dir_mode);
	set_real(r, SMI_PROC_CPU_PERCENT, p->cpu);
	set_real(r, SMI_PROC_CPU_PERCENT_LIFETIME, p->cpu_lifetime);
	if (p->wiped)
		smi_set_int(r, SMI_PROC_ARGS_WIPED, 1);
	set_evidence(r, p);
	return r;
}

#define NONE	      0
#define INFO	      SM_SEV_INFO
#define LOW	      SM_SEV_LOW
#define MEDIUM	      SM_SEV_MEDIUM
#define HIGH	      SM_SEV_HIGH
#define DELETED(path) .exe = path " (deleted)", .deleted = true

struct row {
	const char *check;
	int severity; /* NONE: it is not found */
	struct process p;
};

/* Nothing is read of a process for a check but what the check names. */
static const sm_record *only_named(const struct smi_check *c, sm_record *r)
{
	struct smi_fieldset known = { { 0, 0 } };

	for (size_t i = 0; i < c->nfields; i++)
		if (smi_rec_has(r, c->fields[i]))
			smi_fieldset_add(&known, c->fields[i]);
		else if (c->fields[i] == SMI_PROC_STATE)
			smi_fieldset_add(&known, SMI_PROC_STATE_CODE);
	smi_fieldset_add(&known, SMI_PROC_NAME);
	r->known = known;
	return r;
}

static void judge(const struct row *row)
{
	const struct smi_check *c = check_of(row->check);
	struct smi_verdict v = { .severity = c->severity };
	bool found = c->fn(only_named(c, record_of(&row->p)),
			   smi_load_kinds[c->load].threshold, &v);

	ck_assert_msg(found == (row->severity != NONE), "%s: %sfound", c->id,
		      found ? "" : "not ");
	if (found)
		ck_assert_msg(v.severity == row->severity,
			      "%s: found as %s, not %s", c->id,
			      sm_severity_name(v.severity),
			      sm_severity_name(row->severity));
}

static void teardown(void)
{
	smi_arena_free(&arena);
	arena = (struct smi_arena){ 0 };
}

#endif
