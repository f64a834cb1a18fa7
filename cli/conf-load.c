/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf-parse.h"
#include "conf.h"
#include "lang.h"
#include "term.h"
#include "trust.h"

/* A file while it is read. */
struct reading {
	struct conf *c;
	const char *file;
};

static void warn_section(const struct reading *f, const struct conf_line *l)
{
	const char *near = conf_nearest(l->section, -1);

	if (near)
		say("%s:%u: no section [%.100s], and what is in it is left "
		    "out; did you mean [%s]?",
		    f->file, l->line, l->section, near);
	else
		say("%s:%u: no section [%.100s], and what is in it is left out",
		    f->file, l->line, l->section);
}

static void warn_unknown(const struct reading *f, const struct conf_line *l,
			 int section)
{
	const char *near = conf_nearest(l->name, section);

	if (near)
		say("%s:%u: unknown key '%.100s'; did you mean '%s'?", f->file,
		    l->line, l->name, near);
	else
		say("%s:%u: unknown key '%.100s'", f->file, l->line, l->name);
}

/* Which sections do have it. */
static void warn_elsewhere(const struct reading *f, const struct conf_line *l,
			   const struct conf_key *k, int section)
{
	char list[100] = "";
	size_t n = 0;

	for (int i = 0; i < CONF_NSECTIONS; i++)
		if (k->in & CONF_BIT(i))
			n += (size_t)snprintf(list + n, sizeof(list) - n,
					      "%s[%s]", n ? ", " : "",
					      conf_section_name(i));
	say("%s:%u: '%s' has no effect in [%s]; its place is %s", f->file,
	    l->line, l->name, conf_section_name(section), list);
}

static int add_entry(struct reading *f, const struct conf_line *l,
		     const struct conf_key *k, int section)
{
	struct conf *c = f->c;
	struct conf_entry *v =
		reallocarray(c->entries, c->nentries + 1, sizeof(*v));
	char *value = strdup(l->value);

	if (v)
		c->entries = v;
	if (!v || !value) {
		free(value);
		return -ENOMEM;
	}
	v[c->nentries++] = (struct conf_entry){
		.key = k,
		.file = f->file,
		.value = value,
		.line = l->line,
		.rank = (unsigned)c->nfiles,
		.section = section,
	};
	return 0;
}

static int take_line(const struct conf_line *l, void *user)
{
	struct reading *f = user;
	int section = conf_section_find(l->section);
	const struct conf_key *k;

	if (!l->name && section < 0)
		warn_section(f, l);
	if (!l->name || section < 0)
		return 0;
	k = conf_key_find(l->name);
	if (!k)
		warn_unknown(f, l, section);
	else if (!k->in)
		say("%s:%u: '%s' is for the command line alone, and has no "
		    "effect here",
		    f->file, l->line, l->name);
	else if (!(k->in & CONF_BIT(section)))
		warn_elsewhere(f, l, k, section);
	else
		return add_entry(f, l, k, section);
	return 0;
}

static int add_file(struct conf *c, const char *path)
{
	struct conf_file *v = reallocarray(c->files, c->nfiles + 1, sizeof(*v));
	char *copy = strdup(path);

	if (v)
		c->files = v;
	if (!v || !copy) {
		free(copy);
		return -ENOMEM;
	}
	v[c->nfiles++] = (struct conf_file){ copy, false };
	return 0;
}

/* What may not be read is not meant for this user; what cannot be, or may have been
 * written by others, are settings that would be missing. */
static int refuse(const char *path, int rc, const char *why)
{
	if (rc == -EACCES && geteuid() != 0) {
		say("%s: %s; the run goes on without it", path, why);
		return 0;
	}
	say("%s: not read, and nothing is done without it: %s", path, why);
	return rc;
}

static int parse(struct conf *c, const char *text, size_t len)
{
	struct reading f = { c, c->files[c->nfiles - 1].path };
	struct conf_error err = { 0, "" };
	int r = conf_parse(text, len, take_line, &f, &err);

	c->files[c->nfiles - 1].is_read = r >= 0;
	if (r == -EBADMSG)
		say("%s:%u: %s", f.file, err.line, tr(err.why));
	return r;
}

static int load_file(struct conf *c, const char *path, bool is_named)
{
	char why[TRUST_WHY] = "", *text = NULL;
	size_t len = 0;
	int r = add_file(c, path);

	if (r < 0)
		return r;
	r = trust_read(path, CONF_MAX_BYTES, &text, &len, why);
	if (r == -ENOENT && !is_named)
		return 0;
	if (r < 0)
		return refuse(path, is_named && r == -EACCES ? -EPERM : r, why);
	r = parse(c, text, len);
	free(text);
	return r;
}

static int load_dir(struct conf *c, const char *path)
{
	struct trust_names names = { NULL, 0 };
	char why[TRUST_WHY] = "";
	int r = trust_list(path, ".conf", &names, why);

	if (r < 0)
		r = r == -ENOENT ? 0 : refuse(path, r, why);
	for (size_t i = 0; i < names.n && r >= 0; i++)
		r = load_file(c, names.v[i], false);
	trust_names_free(&names);
	return r;
}

/* The home of another user, as sudo may leave it, is not this user's. */
static bool is_own(const struct conf *c, const char *dir)
{
	struct stat st;

	if (stat(dir, &st) < 0 || st.st_uid == geteuid() ||
	    (st.st_uid == 0 && !access(dir, X_OK)))
		return true;
	if (c->verbose)
		say("%s: no configuration is read there: it belongs to "
		    "another user",
		    dir);
	return false;
}

static int load_own(struct conf *c)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	bool is_xdg = config && *config == '/';
	char path[PATH_MAX];

	if (!is_xdg && (!home || *home != '/'))
		return 0;
	if (!is_own(c, is_xdg ? config : home))
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s%s/libsysmon/sysmon.conf",
			     is_xdg ? config : home,
			     is_xdg ? "" : "/.config") >= sizeof(path))
		return 0;
	return load_file(c, path, false);
}

static int load_system(struct conf *c)
{
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/sysmon.conf", etc_dir());
	r = load_file(c, path, false);
	snprintf(path, sizeof(path), "%s/conf.d", etc_dir());
	return r < 0 ? r : load_dir(c, path);
}

int conf_load(struct conf *c)
{
	const char *slash = c->file ? strrchr(c->file, '/') : NULL;
	int r;

	if (c->none)
		return 0;
	if (!c->file)
		r = asprintf(&c->rules_dir, "%s/rules.d", etc_dir());
	else
		r = asprintf(&c->rules_dir, "%.*srules.d",
			     slash ? (int)(slash - c->file) + 1 : 0, c->file);
	if (r < 0) {
		c->rules_dir = NULL;
		return -ENOMEM;
	}
	if (c->file)
		return load_file(c, c->file, true);
	r = load_system(c);
	return r < 0 ? r : load_own(c);
}
