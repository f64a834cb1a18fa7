/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cgroup.h"
#include "base/utf8.h"
#include "process/environ.h"
#include "process/maps.h"
#include "process/row.h"
#include "record/program.h"
#include "record/shell-args.h"

#define PRELOAD_MAX ((size_t)4 << 10)
#define VALUES_MAX  ((size_t)64 << 10) /* of one name */

static const struct {
	const char *file;
	unsigned space;
} spaces[SMI_OWN_SPACES] = {
	{ "ns/pid", SMI_SPACE_PID },
	{ "ns/mnt", SMI_SPACE_MNT },
	{ "ns/user", SMI_SPACE_USER },
};

static int read_own_spaces(struct smi_setting *t, const struct smi_procdir *d)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	int r;

	for (size_t i = 0; i < SMI_OWN_SPACES; i++) {
		char path[SMI_PROC_PATH];

		snprintf(path, sizeof(path), "self/%s", spaces[i].file);
		r = smi_procdir_readlink(d, path, &text);
		if (r == -ENOMEM)
			return r;
		if (r == 0 && text.len < sizeof(t->own_spaces[i]))
			memcpy(t->own_spaces[i], text.p, text.len);
	}
	r = smi_procdir_read(d, "self/cgroup", SMI_PROCFILE_MAX, &text);
	if (r == 0)
		t->in_container = smi_cgroup_container(
					  smi_cgroup_path(smi_buf_span(&text)))
					  .len > 0;
	return r == -ENOMEM ? r : 0;
}

int smi_setting_read(struct smi_setting *t, const struct smi_fsroot *root,
		     const struct smi_procdir *d,
		     const struct smi_fieldset *fields)
{
	int r = 0;

	if (smi_fieldset_has(fields, SMI_PROC_OUR_SPACES))
		r = read_own_spaces(t, d);
	if (r == 0 && smi_fieldset_has(fields, SMI_PROC_PRELOAD_FILE) &&
	    smi_fsroot_read(root, "/etc/ld.so.preload", PRELOAD_MAX,
			    &t->preload) == -ENOMEM)
		r = -ENOMEM;
	return r;
}

void smi_setting_free(struct smi_setting *t)
{
	smi_buf_free(&t->preload);
}

static void count_cut(struct smi_row *row, bool is_cut)
{
	struct smi_tally *t = &row->s->tally;

	if (is_cut && t->evidence_cut++ == 0)
		t->evidence_of = row->pid;
}

/* The values of that name as one list: whoever sets it twice, or a thousand times, hides
 * none of them behind the others. */
static bool join_values(struct smi_buf *out, struct smi_span text,
			const char *name)
{
	struct smi_span of, value;
	bool whole = true;

	while (smi_environ_next_told(&text, &of, &value)) {
		size_t room = VALUES_MAX - SMI_MIN(out->len, VALUES_MAX);

		if (!smi_span_eq_str(of, name))
			continue;
		/* A shell takes the last one. */
		if (name[0] == 'H')
			smi_buf_clear(out);
		if (out->len > 0)
			smi_buf_char(out, ':');
		else
			smi_buf_printf(out, "%s=", name);
		whole &= value.len <= room;
		smi_utf8_escape(out, smi_span_head(value, room));
	}
	return whole;
}

static int keep_variables(struct smi_row *row, struct smi_span text)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	const char *found[SMI_ENVIRON_TOLD], **v;
	struct smi_span rest = text, name, value;
	bool whole = true;
	size_t n = 0;

	if (!smi_environ_next_told(&rest, &name, &value))
		return 0;
	for (size_t i = 0; i < SMI_ENVIRON_TOLD; i++) {
		smi_buf_clear(&b);
		whole &= join_values(&b, text, smi_environ_told[i]);
		if (b.len > 0)
			found[n++] = smi_arena_strndup(row->a, b.p, b.len);
	}
	count_cut(row, !whole);
	v = smi_arena_alloc(row->a, n * sizeof(*v));
	if (!v || smi_buf_error(&b))
		return -ENOMEM;
	memcpy(v, found, n * sizeof(*v));
	smi_set_strs(row->a, row->rec, SMI_PROC_ENVIRON, v, n);
	return smi_arena_error(row->a);
}

static int read_environ(struct smi_row *row)
{
	struct smi_snapshot *s = row->s;
	int r;

	if (row->has_env)
		return keep_variables(row, row->env);
	r = smi_row_read(row, "environ", SMI_ONE_PIECE,
			 smi_tally_room(s->tally.environs, SMI_ENVIRONS_MAX,
					SMI_ENVIRON_MAX, SMI_ENVIRON_MIN),
			 &s->text);
	if (r < 0 && r != -E2BIG)
		return smi_row_failure(row, SMI_FROM_ENVIRON, r);
	count_cut(row, r == -E2BIG);
	s->tally.environs += s->text.len;
	return keep_variables(row, smi_buf_span(&s->text));
}

/* "7f00-7f10 r-xp /usr/lib/x.so"; "" for none. */
static const char *map_text(struct smi_arena *a, const struct smi_mapping *m)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	if (m->rights.len == 0)
		return "";
	smi_buf_printf(&text, "%llx-%llx ", (unsigned long long)m->start,
		       (unsigned long long)m->end);
	smi_utf8_escape(&text, m->rights);
	if (m->path.len > 0)
		smi_buf_char(&text, ' ');
	smi_utf8_escape(&text, m->path);
	return smi_buf_cstr(&text) ? smi_arena_strndup(a, text.p, text.len)
				   : NULL;
}

static int keep_maps(struct smi_row *row, const struct smi_maps *m)
{
	const char **v = smi_arena_alloc(row->a, SMI_MAP_NKINDS * sizeof(*v));
	bool any = false;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < SMI_MAP_NKINDS; i++) {
		v[i] = map_text(row->a, &m->kinds[i]);
		if (!v[i])
			return -ENOMEM;
		any |= v[i][0] != '\0';
	}
	if (!any)
		return 0;
	smi_set_strs(row->a, row->rec, SMI_PROC_MAPS, v, SMI_MAP_NKINDS);
	smi_set_int(row->rec, SMI_PROC_MAPS_BYTES,
		    (int64_t)SMI_MIN(m->anonymous, (uint64_t)INT64_MAX));
	smi_set_int(row->rec, SMI_PROC_MAPS_JIT,
		    m->jit	   ? 2
		    : m->small_jit ? 1
				   : 0);
	return 0;
}

/* A library may really be called "x (deleted)". */
static void forget_fake_deleted(struct smi_row *row, struct smi_maps *m)
{
	struct smi_mapping *map = &m->kinds[SMI_MAP_DELETED];
	struct stat st;

	if (map->rights.len > 0 && smi_row_path_stat(row, map->path, &st) == 0)
		*map = (struct smi_mapping){ .start = 0 };
}

static int read_maps(struct smi_row *row)
{
	struct smi_snapshot *s = row->s;
	struct smi_span exe = smi_span_str(
		smi_rec_str(row->rec, SM_KIND_PROCESS, SMI_PROC_EXE));
	struct smi_maps m;
	int r = smi_row_read(row, "maps", SMI_PIECES,
			     smi_tally_room(s->tally.maps, SMI_ALL_MAPS_MAX,
					    SMI_MAPS_MAX, SMI_MAPS_MIN),
			     &s->maps);

	if (r < 0 && r != -E2BIG)
		return smi_row_failure(row, SMI_FROM_MAPS, r);
	count_cut(row, r == -E2BIG);
	s->tally.maps += s->maps.len;
	smi_maps_read(smi_buf_span(&s->maps), exe,
		      row->has_exe_file ? row->exe_file.st_ino : 0, &m);
	if (r == 0)
		smi_row_exe_mapped(row, &m);
	forget_fake_deleted(row, &m);
	return keep_maps(row, &m);
}

/*
 * Where it matters only: of what is in a container, and of users who have the
 * capabilities of root.
 */
static bool needs_spaces(const struct smi_row *row)
{
	if (smi_rec_has(row->rec, SMI_PROC_CONTAINER))
		return true;
	return row->has_status && row->status.euid != 0 &&
	       row->status.cap_eff != 0;
}

static int read_spaces(struct smi_row *row)
{
	char path[SMI_PROC_PATH];
	struct smi_snapshot *s = row->s;
	unsigned ours = 0;

	if (!needs_spaces(row) || s->setting->in_container)
		return 0;
	for (size_t i = 0; i < SMI_OWN_SPACES; i++) {
		int r = smi_guard_readlink(&s->dir, row->pid,
					   smi_procdir_path(path, row->pid,
							    row->pid,
							    spaces[i].file),
					   &s->text);

		if (r == -ENOMEM)
			return r;
		/* Who does not see all of them says nothing. */
		if (r < 0 || !s->setting->own_spaces[i][0])
			return 0;
		if (smi_span_eq_str(smi_buf_span(&s->text),
				    s->setting->own_spaces[i]))
			ours |= spaces[i].space;
	}
	smi_set_int(row->rec, SMI_PROC_OUR_SPACES, ours);
	return 0;
}

/* The file that an interpreter was given, where it is told by its whole path. */
static const char *script_of(const struct smi_row *row)
{
	const struct smi_strs *args =
		smi_rec_strs(row->rec, SM_KIND_PROCESS, SMI_PROC_ARGS);
	const char *exe = smi_rec_str(row->rec, SM_KIND_PROCESS, SMI_PROC_EXE);

	const char *script;

	if (!args ||
	    !(smi_program_class(smi_span_str(exe)) & SMI_PROGRAM_SCRIPTS))
		return NULL;
	script = smi_shell_args_read(smi_span_str(exe), *args).script;
	return script && script[0] == '/' ? script : NULL;
}

/* Of that process, where it says "self"; for us it would be ours. */
static bool is_own_path(struct smi_span path)
{
	return smi_span_starts(path, SMI_SPAN("/dev/fd/")) ||
	       smi_span_starts(path, SMI_SPAN("/dev/std")) ||
	       smi_span_starts(path, SMI_SPAN("/proc/"));
}

static void look_for_script(struct smi_row *row)
{
	const char *script = script_of(row);
	struct stat st;

	if (script && !is_own_path(smi_span_str(script)) &&
	    smi_row_path_stat(row, smi_span_str(script), &st) == -ENOENT)
		smi_set_const(row->rec, SMI_PROC_SCRIPT_DELETED, script);
}

/* What ld.so takes of it, which ends names at any blank, on one line. */
static void set_from_setting(struct smi_row *row)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_span rest = smi_buf_span(&row->s->setting->preload), line;

	if (row->pid != 1 || !smi_row_wants(row, SMI_PROC_PRELOAD_FILE))
		return;
	while (smi_span_split(&rest, '\n', &line)) {
		line = smi_span_trim(
			smi_span_head(line, smi_span_find(line, '#')));
		if (line.len == 0)
			continue;
		if (text.len > 0)
			smi_buf_char(&text, ' ');
		smi_buf_span_add(&text, line);
	}
	if (text.len > 0)
		smi_set_text(row->a, row->rec, SMI_PROC_PRELOAD_FILE,
			     smi_buf_span(&text));
	if (smi_buf_error(&text))
		row->a->failed = true;
}

int smi_row_evidence(struct smi_row *row, bool has_program)
{
	static const struct {
		unsigned from;
		int (*read)(struct smi_row *row);
	} parts[] = {
		{ SMI_FROM_PARENT, smi_row_parent },
		{ SMI_FROM_TRACER, smi_row_tracer },
		{ SMI_FROM_RELAY, smi_row_relay },
		{ SMI_FROM_ENVIRON, read_environ },
		{ SMI_FROM_MAPS, read_maps },
		{ SMI_FROM_SPACES, read_spaces },
		{ SMI_FROM_PACKAGE, smi_row_package },
	};
	int r = 0;

	set_from_setting(row);
	/* That is who leaves them. */
	if (!has_program && smi_has_ended(smi_row_state(row)) &&
	    row->s->files & SMI_FROM_PARENT)
		return smi_row_parent(row);
	for (size_t i = 0; has_program && r == 0 && i < SMI_COUNT(parts); i++)
		if (row->s->files & parts[i].from)
			r = parts[i].read(row);
	if (has_program && r == 0 &&
	    smi_row_wants(row, SMI_PROC_SCRIPT_DELETED))
		look_for_script(row);
	return r;
}
