/* SPDX-License-Identifier: MIT */
#include "base/cgroup.h"

#define ID_LEN 64

/* One line: hierarchy number, controllers, path. */
static bool split_line(struct smi_span line, struct smi_span *controllers,
		       struct smi_span *path)
{
	struct smi_span number;

	if (!smi_span_split(&line, ':', &number) ||
	    !smi_span_split(&line, ':', controllers))
		return false;
	/* The path goes to the end of the line, colons included. */
	*path = line;
	return path->len > 0 && path->p[0] == '/';
}

struct smi_span smi_cgroup_path(struct smi_span text)
{
	struct smi_span line, controllers, path, unified = SMI_SPAN("");
	struct smi_span named = SMI_SPAN("");

	while (smi_span_split(&text, '\n', &line)) {
		if (!split_line(line, &controllers, &path))
			continue;
		if (controllers.len == 0)
			unified = path;
		else if (smi_span_eq_str(controllers, "name=systemd"))
			named = path;
	}
	return unified.len > 1 || named.len == 0 ? unified : named;
}

struct smi_span smi_cgroup_v1_path(struct smi_span text,
				   struct smi_span controller)
{
	struct smi_span line, controllers, path, one;

	while (smi_span_split(&text, '\n', &line)) {
		if (!split_line(line, &controllers, &path))
			continue;
		while (smi_span_split(&controllers, ',', &one))
			if (smi_span_eq(one, controller))
				return path;
	}
	return SMI_SPAN("");
}

static struct smi_span without_end(struct smi_span s, struct smi_span end)
{
	return smi_span_ends(s, end) ? smi_span_head(s, s.len - end.len) : s;
}

static bool is_hex(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!memchr("0123456789abcdef", s.p[i], 16))
			return false;
	return true;
}

/*
 * What watches a container lies beside it, under a name that has the container's id
 * in it.
 */
static const struct smi_span watchers[] = {
	{ "libpod-conmon-", 14 },
	{ "crio-conmon-", 12 },
	{ "lxc.monitor.", 12 },
};

/*
 * Docker, containerd, Podman and CRI-O: 64 hexadecimal digits, alone, or behind a
 * name of the runtime and '-' or ':' ("docker-ID.scope", "libpod-ID",
 * "kubepods-besteffort-podX.slice:cri-containerd:ID").
 */
static struct smi_span id_of(struct smi_span part)
{
	struct smi_span id;
	char before;

	part = without_end(part, SMI_SPAN(".scope"));
	part = without_end(part, SMI_SPAN(".service"));
	if (part.len < ID_LEN)
		return SMI_SPAN("");
	id = smi_span_skip(part, part.len - ID_LEN);
	before = part.len > ID_LEN ? part.p[part.len - ID_LEN - 1] : '-';
	return is_hex(id) && (before == '-' || before == ':') ? id
							      : SMI_SPAN("");
}

/* Runtimes that name their containers: what stands before and behind. */
static const struct {
	struct smi_span parent, prefix, suffix;
	struct smi_span runtime;
} named[] = {
	{ { "lxc", 3 }, { "", 0 }, { "", 0 }, { "lxc", 3 } },
	{ { "lxc.payload", 11 }, { "", 0 }, { "", 0 }, { "lxc", 3 } },
	{ { "", 0 }, { "lxc.payload.", 12 }, { "", 0 }, { "lxc", 3 } },
	{ { "machine.slice", 13 },
	  { "systemd-nspawn@", 15 },
	  { ".service", 8 },
	  { "systemd-nspawn", 14 } },
};

/* What stands before an id, or is the directory of ids without more. */
static const struct {
	struct smi_span before, parent, runtime;
} makers[] = {
	{ { "docker", 6 }, { "docker", 6 }, { "docker", 6 } },
	{ { "cri-containerd", 14 }, { "", 0 }, { "containerd", 10 } },
	{ { "nerdctl", 7 }, { "", 0 }, { "containerd", 10 } },
	{ { "libpod", 6 }, { "libpod_parent", 13 }, { "podman", 6 } },
	{ { "crio", 4 }, { "", 0 }, { "cri-o", 5 } },
};

struct container {
	struct smi_span id, runtime;
};

static bool ends_in_word(struct smi_span s, struct smi_span word)
{
	return smi_span_ends(s, word) &&
	       (s.len == word.len || s.p[s.len - word.len - 1] == ':');
}

static struct smi_span maker_of(struct smi_span parent, struct smi_span part,
				struct smi_span id)
{
	struct smi_span before = smi_span_head(part, (size_t)(id.p - part.p));

	if (before.len > 0)
		before.len--;
	for (size_t i = 0; i < SMI_COUNT(makers); i++)
		if (before.len > 0
			    ? ends_in_word(before, makers[i].before)
			    : makers[i].parent.len > 0 &&
				      smi_span_eq(parent, makers[i].parent))
			return makers[i].runtime;
	return SMI_SPAN("");
}

static struct container name_of(struct smi_span parent, struct smi_span part)
{
	for (size_t i = 0; i < SMI_COUNT(named); i++) {
		struct smi_span pre = named[i].prefix, post = named[i].suffix;

		if ((named[i].parent.len > 0 &&
		     !smi_span_eq(parent, named[i].parent)) ||
		    !smi_span_starts(part, pre) || !smi_span_ends(part, post) ||
		    part.len <= pre.len + post.len)
			continue;
		part = smi_span_skip(part, pre.len);
		part = smi_span_head(part, part.len - post.len);
		return (struct container){ part, named[i].runtime };
	}
	return (struct container){ SMI_SPAN(""), SMI_SPAN("") };
}

static bool is_watcher(struct smi_span part)
{
	for (size_t i = 0; i < SMI_COUNT(watchers); i++)
		if (smi_span_starts(part, watchers[i]))
			return true;
	return false;
}

static struct container find_container(struct smi_span path)
{
	struct container found = { SMI_SPAN(""), SMI_SPAN("") };
	struct smi_span part, parent = SMI_SPAN("");

	while (smi_span_split(&path, '/', &part)) {
		struct smi_span id =
			is_watcher(part) ? SMI_SPAN("") : id_of(part);
		struct container one = { id, SMI_SPAN("") };

		if (id.len > 0)
			one.runtime = maker_of(parent, part, id);
		else if (!is_watcher(part))
			one = name_of(parent, part);
		if (one.id.len > 0)
			found = one;
		parent = part;
	}
	return found;
}

struct smi_span smi_cgroup_container(struct smi_span path)
{
	return find_container(path).id;
}

struct smi_span smi_cgroup_runtime(struct smi_span path)
{
	return find_container(path).runtime;
}
