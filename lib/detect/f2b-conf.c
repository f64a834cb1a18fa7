/* SPDX-License-Identifier: MIT */
#include "detect/f2b-conf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsroot.h"
#include "base/utf8.h"
#include "core/ctx.h"
#include "detect/ini.h"

#define DEFAULT_SECTION SMI_SPAN("DEFAULT")

/* The files on the way to the one that is read, to see loops. */
struct chain {
	const char *path;
	const struct chain *up;
	unsigned depth;
};

void smi_f2b_conf_init(struct smi_f2b_conf *c, struct smi_arena *names)
{
	*c = (struct smi_f2b_conf){ .names = names };
}

void smi_f2b_conf_free(struct smi_f2b_conf *c)
{
	smi_map_free(&c->index);
	smi_vec_free(&c->values);
	smi_vec_free(&c->remarks);
	smi_arena_free(&c->arena);
}

int smi_f2b_fail(struct smi_f2b_conf *c, const char *file, uint32_t line,
		 const char *fmt, ...)
{
	va_list ap;

	c->err.file = file;
	c->err.line = line;
	va_start(ap, fmt);
	vsnprintf(c->err.text, sizeof(c->err.text), fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

static void make_key(struct smi_buf *b, struct smi_span section,
		     struct smi_span name)
{
	smi_buf_span_add(b, section);
	smi_buf_char(b, '\0');
	smi_buf_span_add(b, name);
}

static struct smi_f2b_value *find(struct smi_f2b_conf *c,
				  struct smi_span section, struct smi_span name)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf key = { 0 };

	make_key(&key, section, name);
	if (smi_buf_error(&key)) {
		c->failed = true;
		return NULL;
	}
	return smi_map_get(&c->index, smi_buf_span(&key));
}

const struct smi_f2b_value *smi_f2b_own(struct smi_f2b_conf *c,
					struct smi_span section,
					struct smi_span name)
{
	return name.len ? find(c, section, name) : NULL;
}

const struct smi_f2b_value *smi_f2b_raw(struct smi_f2b_conf *c,
					struct smi_span section,
					struct smi_span name)
{
	const struct smi_f2b_value *v = smi_f2b_own(c, section, name);

	return v ? v : smi_f2b_own(c, DEFAULT_SECTION, name);
}

bool smi_f2b_has_section(struct smi_f2b_conf *c, struct smi_span section)
{
	return find(c, section, SMI_SPAN("")) != NULL;
}

int smi_f2b_put(struct smi_f2b_conf *c, const struct smi_f2b_value *v)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf key = { 0 };
	struct smi_f2b_value *old;

	make_key(&key, v->section, v->name);
	if (smi_buf_error(&key) || c->failed)
		return -ENOMEM;
	old = smi_map_get(&c->index, smi_buf_span(&key));
	if (old) {
		*old = *v;
		return 0;
	}
	if (c->values.n >= SMI_F2B_MAX_VALUES)
		return smi_f2b_fail(c, v->file, v->line,
				    "there are more than %d options",
				    SMI_F2B_MAX_VALUES);
	old = smi_arena_alloc(&c->arena, sizeof(*old));
	if (!old)
		return -ENOMEM;
	*old = *v;
	return smi_vec_push(&c->values, old) &&
			       smi_map_put(&c->index, smi_buf_span(&key), old)
		       ? 0
		       : -ENOMEM;
}

/* "Init?family=inet6" has options of [Init] for one case. */
static struct smi_span cut_condition(struct smi_span *section)
{
	size_t at = smi_span_find(*section, '?');
	struct smi_span condition = smi_span_skip(*section, at);

	if (at == 0 || condition.len < 2)
		return SMI_SPAN("");
	*section = smi_span_head(*section, at);
	return condition;
}

static int join(struct smi_f2b_conf *c, struct smi_span a, struct smi_span b,
		struct smi_span *out)
{
	char *p = smi_arena_alloc(&c->arena, a.len + b.len + 1);

	if (!p)
		return -ENOMEM;
	if (a.len)
		memcpy(p, a.p, a.len);
	if (b.len)
		memcpy(p + a.len, b.p, b.len);
	*out = smi_span_of(p, a.len + b.len);
	return 0;
}

static int merge_entry(struct smi_f2b_conf *c, const struct smi_ini_entry *e,
		       const char *file)
{
	struct smi_f2b_value v = { .section = e->section,
				   .name = e->name,
				   .text = e->value,
				   .file = file,
				   .line = e->line };
	struct smi_span condition = cut_condition(&v.section);
	const struct smi_f2b_value *old;
	struct smi_f2b_value known;
	int r = 0;

	if (v.name.len && condition.len)
		r = join(c, v.name, condition, &v.name);
	old = smi_f2b_own(c, v.section, v.name);
	if (r == 0 && old && !smi_span_eq(v.section, DEFAULT_SECTION)) {
		known = *old;
		r = join(c, SMI_SPAN("KNOWN/"), v.section, &known.section);
		if (r == 0)
			r = smi_f2b_put(c, &known);
	}
	return r < 0 ? r : smi_f2b_put(c, &v);
}

/* As of rule files: what others may write may make this machine blind. */
static int note_mode(struct smi_f2b_conf *c, const char *file,
		     const struct stat *st)
{
	struct smi_f2b_error e = { .file = file,
				   .text = "every user may write this file" };

	if (!(st->st_mode & S_IWOTH))
		return 0;
	return smi_vec_push(&c->remarks, e) ? 0 : -ENOMEM;
}

/* 1 and the text; 0 where there is no such file. */
static int read_text(struct smi_f2b_conf *c, const char *path, const char *file,
		     struct smi_buf *out)
{
	SMI_AUTOCLOSE int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		return smi_f2b_fail(c, file, 0, "this is no file");
	else
		r = smi_fd_read(fd, SMI_INI_MAX_BYTES, out);
	if (r == -ENOMEM)
		return r;
	if (r == -E2BIG)
		return smi_f2b_fail(c, file, 0,
				    "the file is larger than 1 MiB");
	if (r < 0) {
		smi_f2b_fail(c, file, 0, "cannot be read: %s",
			     smi_strerror(-r));
		return r;
	}
	r = note_mode(c, file, &st);
	return r < 0 ? r : 1;
}

static int read_file(struct smi_f2b_conf *c, const char *path,
		     const struct chain *up);

/* path with its suffix changed to .local, when it has another one. */
static const char *local_of(struct smi_f2b_conf *c, const char *path)
{
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	size_t n = dot && (!slash || dot > slash) ? (size_t)(dot - path)
						  : strlen(path);
	char *local;

	if (strcmp(path + n, ".local") == 0)
		return path;
	local = smi_arena_alloc(&c->arena, n + sizeof(".local"));
	if (local) {
		memcpy(local, path, n);
		memcpy(local + n, ".local", sizeof(".local"));
	}
	return local;
}

/* A file, and the local one that stands beside it. */
static int read_pair(struct smi_f2b_conf *c, const char *path,
		     const struct chain *up)
{
	const char *local = local_of(c, path);
	int r = local ? read_file(c, path, up) : -ENOMEM, found = r;

	if (r >= 0 && local != path)
		r = read_file(c, local, up);
	return r < 0 ? r : found;
}

static const char *path_beside(struct smi_f2b_conf *c, const char *path,
			       struct smi_span name)
{
	const char *slash = strrchr(path, '/');
	struct smi_span dir =
		smi_span_of(path, slash ? (size_t)(slash - path) + 1 : 0);
	struct smi_span full;

	if (name.len && name.p[0] == '/')
		dir.len = 0;
	if (join(c, dir, name, &full) < 0)
		return NULL;
	return smi_arena_strndup(&c->arena, full.p, full.len);
}

/* fail2ban goes on without such a file. */
static int remark_missing(struct smi_f2b_conf *c, const char *file,
			  uint32_t line, const char *path)
{
	struct smi_f2b_error e = { .file = file, .line = line };

	snprintf(e.text, sizeof(e.text),
		 "the file includes \"%s\", which is not there", path);
	return smi_vec_push(&c->remarks, e) ? 0 : -ENOMEM;
}

static int read_includes(struct smi_f2b_conf *c, const struct smi_ini *ini,
			 const char *which, const char *path, const char *file,
			 const struct chain *up)
{
	for (size_t i = 0; i < ini->entries.n; i++) {
		const struct smi_ini_entry *e = &ini->entries.v[i];
		struct smi_span rest = e->value, name;

		if (!smi_span_eq_str(e->section, "INCLUDES") ||
		    !smi_span_eq_str(e->name, which))
			continue;
		while (smi_span_split(&rest, '\n', &name)) {
			const char *other = path_beside(c, path, name);
			int r;

			if (!name.len)
				continue;
			if (!other)
				return -ENOMEM;
			for (const struct chain *k = up; k; k = k->up)
				if (strcmp(k->path, other) == 0)
					return smi_f2b_fail(
						c, file, e->line,
						"the file includes \"%s\", "
						"which includes it: a loop",
						other);
			if (up->depth >= SMI_F2B_MAX_DEPTH)
				return smi_f2b_fail(c, file, e->line,
						    "files include one another "
						    "more than %d deep",
						    SMI_F2B_MAX_DEPTH);
			r = read_pair(c, other, up);
			if (r == 0 && !smi_span_ends(name, SMI_SPAN(".local")))
				r = remark_missing(c, file, e->line, other);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static void free_ini(struct smi_ini *ini)
{
	smi_ini_free(ini);
}

static int take_text(struct smi_f2b_conf *c, const char *path, const char *file,
		     struct smi_span text, const struct chain *up)
{
	SMI_CLEANUP(free_ini) struct smi_ini ini = { { 0 } };
	struct chain here = { path, up, up ? up->depth + 1 : 0 };
	struct smi_ini_error bad = { 0 };
	int r;

	if (++c->nfiles > SMI_F2B_MAX_FILES)
		return smi_f2b_fail(c, file, 0, "more than %d files are read",
				    SMI_F2B_MAX_FILES);
	r = smi_ini_parse(&ini, &c->arena, text, &bad);
	if (r == -EBADMSG)
		return smi_f2b_fail(c, file, bad.line, "%s", bad.text);
	if (r == 0)
		r = read_includes(c, &ini, "before", path, file, &here);
	for (size_t i = 0; r == 0 && i < ini.entries.n; i++)
		r = merge_entry(c, &ini.entries.v[i], file);
	if (r == 0)
		r = read_includes(c, &ini, "after", path, file, &here);
	return r < 0 ? r : 1;
}

/* 1; 0 where there is no such file. */
static int read_file(struct smi_f2b_conf *c, const char *path,
		     const struct chain *up)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	const char *file = smi_utf8_escape_dup(c->names, smi_span_str(path));
	int r = file ? read_text(c, path, file, &text) : -ENOMEM;

	return r <= 0 ? r : take_text(c, path, file, smi_buf_span(&text), up);
}

int smi_f2b_conf_file(struct smi_f2b_conf *c, const char *path)
{
	return read_pair(c, path, NULL);
}

int smi_f2b_conf_text(struct smi_f2b_conf *c, const char *path,
		      struct smi_span text)
{
	const char *file = smi_utf8_escape_dup(c->names, smi_span_str(path));

	return file ? take_text(c, path, file, text, NULL) : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

struct paths {
	SMI_VEC(const char *) list;
};

static void free_paths(struct paths *p)
{
	smi_vec_free(&p->list);
}

/* The files of a directory with a suffix, sorted. */
static int read_dir(struct smi_f2b_conf *c, const char *base,
		    const char *suffix)
{
	SMI_CLEANUP(free_paths) struct paths paths = { { 0 } };
	SMI_CLEANUP(smi_buf_free) struct smi_buf path = { 0 };
	SMI_CLEANUP(close_dir) DIR *dir = NULL;
	const struct dirent *d;
	int r = 0;

	smi_buf_printf(&path, "%s.d", base);
	if (!smi_buf_cstr(&path))
		return -ENOMEM;
	dir = opendir(path.p);
	while (dir && (d = readdir(dir))) {
		struct smi_span name = smi_span_str(d->d_name);
		const char *full;

		if (name.p[0] == '.' ||
		    !smi_span_ends(name, smi_span_str(suffix)))
			continue;
		smi_buf_clear(&path);
		smi_buf_printf(&path, "%s.d/%s", base, d->d_name);
		full = smi_arena_strndup(&c->arena, path.p, path.len);
		if (smi_buf_error(&path) || !full ||
		    !smi_vec_push(&paths.list, full))
			return -ENOMEM;
		if (paths.list.n > SMI_F2B_MAX_FILES)
			return smi_f2b_fail(c, full, 0,
					    "more than %d files are read",
					    SMI_F2B_MAX_FILES);
	}
	if (paths.list.n)
		qsort(paths.list.v, paths.list.n, sizeof(*paths.list.v),
		      by_name);
	for (size_t i = 0; r >= 0 && i < paths.list.n; i++)
		r = read_file(c, paths.list.v[i], NULL);
	return r < 0 ? r : (int)paths.list.n;
}

int smi_f2b_conf_read(struct smi_f2b_conf *c, const char *base)
{
	static const char *const suffixes[] = { ".conf", ".local" };
	int found = 0;

	for (size_t i = 0; i < SMI_COUNT(suffixes); i++) {
		struct smi_span path;
		const char *file;
		int r = join(c, smi_span_str(base), smi_span_str(suffixes[i]),
			     &path);

		file = r < 0 ? NULL
			     : smi_arena_strndup(&c->arena, path.p, path.len);
		if (!file)
			return -ENOMEM;
		r = read_file(c, file, NULL);
		if (r >= 0) {
			found += r;
			r = read_dir(c, base, suffixes[i]);
		}
		if (r < 0)
			return r;
		found += r;
	}
	return found > 0;
}
