/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

#include "base/utf8.h"
#include "detect/fail2ban.h"
#include "detect/ruleset.h"
#include "detect/yaml.h"

static int check_format(sm_ruleset *rs, int format)
{
	if (format >= SM_RULES_AUTO && format <= SM_RULES_FAIL2BAN)
		return 0;
	return smi_fail(rs->ctx, -ENOTSUP,
			"rule format %d is not supported: use SM_RULES_AUTO",
			format);
}

static bool is_filter(const char *name, int format)
{
	return format == SM_RULES_FAIL2BAN ||
	       (format == SM_RULES_AUTO &&
		smi_span_ends(smi_span_str(name), SMI_SPAN(".conf")));
}

static int load_text(sm_ruleset *rs, const char *name, struct smi_span text)
{
	const char *file = smi_utf8_escape_dup(&rs->arena, smi_span_str(name));
	int r;

	if (!file)
		return smi_fail_nomem(rs->ctx);
	if (text.len > SMI_YAML_MAX_BYTES)
		return smi_fail(rs->ctx, -E2BIG,
				"%s: a rule file has at most %u bytes", name,
				SMI_YAML_MAX_BYTES);
	r = smi_native_load(rs, file, text);
	return r == -ENOMEM ? smi_fail_nomem(rs->ctx) : r;
}

SM_EXPORT int sm_ruleset_add_text(sm_ruleset *rs, const char *name,
				  const char *text, size_t len, int format)
{
	int r = smi_ruleset_check_open(rs);

	if (r < 0)
		return r;
	if (!name || (!text && len))
		return smi_fail(rs->ctx, -EINVAL,
				"rules need a name and a text");
	struct smi_span all = smi_span_of(text, len);

	r = check_format(rs, format);
	if (r < 0)
		return r;
	return is_filter(name, format) ? smi_f2b_load_file(rs, name, &all)
				       : load_text(rs, name, all);
}

/* What others may write may make this machine blind. */
static int note_mode(sm_ruleset *rs, const char *file, const struct stat *st)
{
	if (!(st->st_mode & S_IWOTH))
		return 0;
	return smi_ruleset_problem(rs, SM_SEV_LOW, file, 0, "",
				   "every user may write this file");
}

static int add_file(sm_ruleset *rs, const char *path, int fd,
		    const struct stat *st)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	const char *file;
	int r = smi_fd_read(fd, SMI_YAML_MAX_BYTES, &text);

	if (r == -ENOMEM)
		return smi_fail_nomem(rs->ctx);
	if (r < 0)
		return smi_fail(rs->ctx, r, "cannot read the rule file %s: %s",
				path,
				r == -E2BIG ? "it is larger than 4 MiB"
					    : smi_strerror(-r));
	file = smi_utf8_escape_dup(&rs->arena, smi_span_str(path));
	if (!file)
		return smi_fail_nomem(rs->ctx);
	r = note_mode(rs, file, st);
	return r < 0 ? r : load_text(rs, path, smi_buf_span(&text));
}

static int add_path(sm_ruleset *rs, const char *path, bool directory);

static int wanted(const struct dirent *d)
{
	struct smi_span name = smi_span_str(d->d_name);

	return d->d_name[0] != '.' && (smi_span_ends(name, SMI_SPAN(".yaml")) ||
				       smi_span_ends(name, SMI_SPAN(".yml")));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	SMI_VEC(char *) list;
};

static void free_names(struct names *n)
{
	for (size_t i = 0; i < n->list.n; i++)
		free(n->list.v[i]);
	smi_vec_free(&n->list);
}

static void close_dirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int read_names(sm_ruleset *rs, const char *path, struct names *out)
{
	SMI_CLEANUP(close_dirp) DIR *dir = opendir(path);
	const struct dirent *d;

	if (!dir)
		return smi_fail(rs->ctx, -errno, "cannot read %s: %s", path,
				smi_strerror(errno));
	while ((d = readdir(dir))) {
		SMI_AUTOFREE char *name = NULL;

		if (!wanted(d))
			continue;
		name = smi_strdup(d->d_name);
		if (!name || !smi_vec_push(&out->list, name))
			return smi_fail_nomem(rs->ctx);
		name = NULL;
	}
	if (out->list.n)
		qsort(out->list.v, out->list.n, sizeof(*out->list.v), by_name);
	return 0;
}

static int add_directory(sm_ruleset *rs, const char *path)
{
	SMI_CLEANUP(free_names) struct names names = { 0 };
	int r = read_names(rs, path, &names), total = 0;

	for (size_t i = 0; r >= 0 && i < names.list.n; i++) {
		SMI_CLEANUP(smi_buf_free) struct smi_buf full = { 0 };

		smi_buf_printf(&full, "%s/%s", path, names.list.v[i]);
		if (!smi_buf_cstr(&full))
			return smi_fail_nomem(rs->ctx);
		r = add_path(rs, full.p, false);
		total += SMI_MAX(r, 0);
	}
	return r < 0 ? r : total;
}

/* O_NONBLOCK: a FIFO must not hold us up; it is refused below. */
static int add_path(sm_ruleset *rs, const char *path, bool directory)
{
	SMI_AUTOCLOSE int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return smi_fail(rs->ctx, -errno,
				"cannot open the rule file %s: %s", path,
				smi_strerror(errno));
	if (S_ISDIR(st.st_mode) && directory)
		return add_directory(rs, path);
	if (!S_ISREG(st.st_mode))
		return smi_fail(rs->ctx, -EINVAL,
				"%s is no rule file: a file or directory is "
				"needed",
				path);
	return add_file(rs, path, fd, &st);
}

SM_EXPORT int sm_ruleset_add_path(sm_ruleset *rs, const char *path, int format)
{
	int r = smi_ruleset_check_open(rs);

	if (r < 0)
		return r;
	if (!path || !path[0])
		return smi_fail(rs->ctx, -EINVAL, "a rule file needs a name");
	r = check_format(rs, format);
	if (r < 0)
		return r;
	return is_filter(path, format) ? smi_f2b_load_file(rs, path, NULL)
				       : add_path(rs, path, true);
}

SM_EXPORT int sm_ruleset_set_fail2ban_dir(sm_ruleset *rs, const char *path)
{
	int r = smi_ruleset_check_open(rs);
	char *copy;

	if (r < 0)
		return r;
	if (!path || !path[0])
		return smi_fail(rs->ctx, -EINVAL,
				"the directory of fail2ban needs a name");
	copy = smi_strdup(path);
	if (!copy)
		return smi_fail_nomem(rs->ctx);
	free(rs->fail2ban_dir);
	rs->fail2ban_dir = copy;
	return 0;
}

SM_EXPORT int sm_ruleset_add(sm_ruleset *rs, const char *spec)
{
	int r = smi_ruleset_check_open(rs);

	if (r < 0)
		return r;
	if (!spec || !spec[0])
		return smi_fail(rs->ctx, -EINVAL,
				"rules are \"builtin\", a file or a directory");
	if (strcmp(spec, "builtin") == 0)
		return sm_ruleset_add_builtin(rs);
	if (strncmp(spec, "builtin:", 8) == 0)
		return smi_ruleset_add_builtin(rs, smi_span_str(spec + 8));
	if (strncmp(spec, "fail2ban:", 9) == 0)
		return smi_f2b_load(rs, spec + 9);
	if (strncmp(spec, "fail2ban-jails:", 15) == 0)
		return smi_f2b_load_jails(rs, spec + 15);
	if (strncmp(spec, "sigma:", 6) == 0)
		return smi_fail(rs->ctx, -ENOTSUP,
				"rules \"%s\": this version reads no sigma "
				"rules; use \"builtin\", a file or a "
				"directory",
				spec);
	return sm_ruleset_add_path(rs, spec, SM_RULES_AUTO);
}
