/* SPDX-License-Identifier: MIT */
#include "process/maps.h"

#include "record/program.h"

#define DELETED SMI_SPAN(SMI_DELETED)

/* As the kernel writes them: in lower case, without 0x. */
static bool read_hex(struct smi_span s, uint64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (unsigned)(c - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return s.len > 0 && s.len <= 16;
}

/* What stands before the next blank. */
static struct smi_span take_word(struct smi_span *s)
{
	struct smi_span word = smi_span_head(*s, smi_span_find(*s, ' '));

	*s = smi_span_skip(*s, word.len + 1);
	return word;
}

/* "55d0-55e0 r-xp 00001000 fe:01 1234   /usr/bin/x"; the addresses stay unread. */
static bool split_line(struct smi_span s, struct smi_span *range,
		       struct smi_mapping *out)
{
	*range = take_word(&s);
	out->rights = take_word(&s);
	if (out->rights.len != 4)
		return false;
	out->write = out->rights.p[1] == 'w';
	out->exec = out->rights.p[2] == 'x';
	(void)take_word(&s); /* offset */
	(void)take_word(&s); /* device */
	if (take_word(&s).len == 0)
		return false; /* inode */
	while (s.len > 0 && s.p[0] == ' ')
		s = smi_span_skip(s, 1);
	out->path = s;
	return true;
}

static bool read_range(struct smi_span range, struct smi_mapping *out)
{
	size_t n = smi_span_find(range, '-');

	return read_hex(smi_span_head(range, n), &out->start) &&
	       read_hex(smi_span_skip(range, n + 1), &out->end) &&
	       out->end >= out->start;
}

static struct smi_span file_name(struct smi_span path)
{
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;

	return slash ? smi_span_skip(path, (size_t)(slash - path.p) + 1) : path;
}

/* Virtual machines and compilers. */
static bool is_jit(struct smi_span name)
{
	static const char *const names[] = {
		"libjvm.",	   "libj9jit",
		"libnode.",	   "libv8",
		"libcoreclr.",	   "libclrjit.",
		"libmono",	   "libluajit",
		"libLLVM",	   "libpypy",
		"libruby",	   "libgccjit",
		"libjulia",	   "libmozjs",
		"libxul.",	   "libjavascriptcore",
		"libwebkit2gtk",   "libQt5WebEngine",
		"libQt6WebEngine", "libQt5Qml",
		"libQt6Qml",	   "libQt5Script",
		"llvmjit.",	   "opcache.",
		"libtcc",	   "liborc-",
		"libunicorn",	   "libR.",
		"libwine.",	   "ntdll.",
		"vgpreload_",	   "libhs.",
		"libGLX_nvidia",   "libnvidia-",
		"swrast_dri.",	   "libgallium",
	};

	return smi_span_starts_one(name, names, SMI_COUNT(names));
}

/* What such programs have beside them. */
static bool is_jit_data(struct smi_span name)
{
	static const char *const names[] = {
		"icudtl.dat",
		"v8_context_snapshot",
		"snapshot_blob",
	};

	return smi_span_starts_one(name, names, SMI_COUNT(names));
}

/* They make single functions: regular expressions, callbacks. */
static bool is_small_jit(struct smi_span name)
{
	static const char *const names[] = { "libpcre", "libffi", "libonig" };

	return smi_span_starts_one(name, names, SMI_COUNT(names));
}

/* No file that anybody can look at afterwards. */
static bool is_anonymous(const struct smi_mapping *m)
{
	static const char *const names[] = { "[anon", "/dev/zero", "/SYSV",
					     "/anon_hugepage" };

	return m->path.len == 0 ||
	       smi_span_starts_one(m->path, names, SMI_COUNT(names));
}

/* What honest programs run from a memfd: closures of libffi, code that a virtual
 * machine maps twice. */
static bool is_known_memfd(struct smi_span path)
{
	static const char *const names[] = {
		"/memfd:libffi", "/memfd:doublemapper", "/memfd:JITCode",
		"/memfd:jit",	 "/memfd:wasm",		"/memfd:pcre",
		"/memfd:sljit",
	};

	return smi_span_starts_one(path, names, SMI_COUNT(names));
}

static bool is_memfd(struct smi_span path)
{
	return smi_span_starts(path, SMI_SPAN("/memfd:")) &&
	       smi_span_ends(path, DELETED);
}

static bool is_in_temp_dir(struct smi_span path)
{
	static const char *const dirs[] = { "/tmp/", "/var/tmp/", "/dev/shm/",
					    "/run/user/" };

	return smi_span_starts_one(path, dirs, SMI_COUNT(dirs));
}

static int file_kind(const struct smi_mapping *m)
{
	if (is_memfd(m->path))
		return SMI_MAP_MEMFD;
	if (is_in_temp_dir(m->path))
		return SMI_MAP_TEMP;
	return smi_span_ends(m->path, DELETED) ? SMI_MAP_DELETED : -1;
}

static int kind_of(const struct smi_mapping *m)
{
	if (is_anonymous(m))
		return m->write ? SMI_MAP_WRITABLE : SMI_MAP_ANONYMOUS;
	if (smi_span_starts(m->path, SMI_SPAN("[stack")))
		return SMI_MAP_STACK;
	if (smi_span_starts(m->path, SMI_SPAN("[heap]")))
		return SMI_MAP_HEAP;
	return m->path.p[0] == '/' ? file_kind(m) : -1;
}

static void add(struct smi_maps *out, const struct smi_mapping *m)
{
	int kind = kind_of(m);

	if (kind < 0)
		return;
	if (out->kinds[kind].rights.len == 0)
		out->kinds[kind] = *m;
	if (kind == SMI_MAP_WRITABLE)
		out->anonymous += m->end - m->start;
}

/*
 * Most lines tell nothing new: they are not executable, and what they are of is the
 * file of the line before, or has no name that begins with a slash.
 */
static bool is_more_of(struct smi_span line, struct smi_span file)
{
	size_t rights = smi_span_find(line, ' ') + 1;
	size_t at = line.len - file.len;

	if (rights + 4 >= line.len || line.p[rights + 2] == 'x' ||
	    line.p[rights + 4] != ' ')
		return false;
	if (file.len > 0 && at > rights + 4 && at < line.len &&
	    line.p[at - 1] == ' ' && smi_span_ends(line, file))
		return true;
	return smi_span_find(line, '/') == line.len;
}

/* Anybody may give a file such a name: it has to be run, and not from where everybody
 * may put it. */
static void look_for_jit(struct smi_maps *out, struct smi_span path)
{
	struct smi_span name = file_name(path);

	if (is_in_temp_dir(path) || is_memfd(path))
		return;
	out->jit |= is_jit(name);
	out->small_jit |= is_small_jit(name);
}

static void look_for_jit_data(struct smi_maps *out, struct smi_span path,
			      struct smi_span exe)
{
	struct smi_span name = file_name(path);
	size_t dir = path.len - name.len;

	if (is_jit_data(name) && !is_in_temp_dir(path) &&
	    dir + file_name(exe).len == exe.len &&
	    smi_span_eq(smi_span_head(path, dir), smi_span_head(exe, dir)))
		out->jit = true;
}

/* A path may have been changed, or is written in another way there. */
static bool runs_inode(struct smi_span text, uint64_t inode)
{
	struct smi_span line, word;
	uint64_t v;

	while (smi_span_split(&text, '\n', &line)) {
		struct smi_span rest = line;

		(void)take_word(&rest);
		word = take_word(&rest);
		if (word.len != 4 || word.p[2] != 'x')
			continue;
		(void)take_word(&rest); /* offset */
		(void)take_word(&rest); /* device */
		if (smi_span_digits(take_word(&rest), &v) > 0 && v == inode)
			return true;
	}
	return false;
}

/* What is known at the end only. */
static void conclude(struct smi_maps *out, struct smi_span text,
		     struct smi_span exe, uint64_t inode,
		     const struct smi_mapping *known_memfd)
{
	struct smi_mapping *memfd = &out->kinds[SMI_MAP_MEMFD];

	if (!out->exe_runs && out->code && inode != 0)
		out->exe_runs = runs_inode(text, inode);
	if (out->exe_runs && !is_in_temp_dir(exe))
		out->jit |= (smi_program_class(exe) & SMI_PROGRAM_JIT) != 0;
	if (memfd->rights.len == 0 && !out->jit && !out->small_jit)
		*memfd = *known_memfd;
}

/* One that can be run, and is not of the program. */
static void take(struct smi_maps *out, const struct smi_mapping *m,
		 struct smi_mapping *known_memfd)
{
	if (!is_memfd(m->path) || !is_known_memfd(m->path))
		add(out, m);
	else if (known_memfd->rights.len == 0)
		*known_memfd = *m;
}

void smi_maps_read(struct smi_span text, struct smi_span exe, uint64_t inode,
		   struct smi_maps *out)
{
	struct smi_span line, range, last = SMI_SPAN(""), all = text;
	struct smi_mapping known_memfd = { .start = 0 };

	*out = (struct smi_maps){ .jit = false };
	while (smi_span_split(&text, '\n', &line)) {
		struct smi_mapping m = { .start = 0 };
		bool is_exe;

		if (is_more_of(line, last) || !split_line(line, &range, &m))
			continue;
		is_exe = m.path.len > 0 && smi_span_eq(m.path, exe);
		out->exe_lies |= is_exe;
		/* A library has several, one after the other. */
		if (m.path.len > 0 && !smi_span_eq(m.path, last)) {
			look_for_jit_data(out, m.path, exe);
			last = m.path;
		}
		if (!m.exec)
			continue;
		out->code |= !smi_span_starts(m.path, SMI_SPAN("[stack"));
		out->exe_runs |= is_exe;
		if (is_exe || !read_range(range, &m))
			continue;
		look_for_jit(out, m.path);
		take(out, &m, &known_memfd);
	}
	conclude(out, all, exe, inode, &known_memfd);
}
