/* SPDX-License-Identifier: MIT */
#include "process/memo.h"

/* More are read of each process anew. */
#define MEMO_MAX ((size_t)4 << 20)

struct cgroup {
	struct smi_span path;
	bool is_sure;
};

void smi_memo_free(struct smi_memo *m)
{
	smi_map_free(&m->exes);
	smi_map_free(&m->cgroups);
	smi_arena_free(&m->arena);
}

void smi_memo_forget(struct smi_memo *m)
{
	smi_map_free(&m->exes);
	smi_map_free(&m->cgroups);
	smi_arena_reset(&m->arena);
}

static bool has_room(const struct smi_memo *m)
{
	return smi_arena_size(&m->arena) < MEMO_MAX;
}

static bool copy(struct smi_memo *m, struct smi_span s, struct smi_span *out)
{
	*out = smi_span_of(smi_arena_strndup(&m->arena, s.p, s.len), s.len);
	return out->p;
}

static struct smi_span exe_key(const struct smi_likeness *like)
{
	return smi_span_of((const char *)like->exe, sizeof(like->exe));
}

const struct smi_memo_exe *smi_memo_exe(const struct smi_memo *m,
					const struct smi_likeness *like)
{
	return like->exe[0] ? smi_map_get(&m->exes, exe_key(like)) : NULL;
}

int smi_memo_keep_exe(struct smi_memo *m, const struct smi_likeness *like,
		      const struct smi_memo_exe *exe)
{
	struct smi_memo_exe *kept;

	if (!like->exe[0] || exe->file.st_dev != like->exe_dev ||
	    exe->file.st_ino != like->exe_inode || !has_room(m))
		return 0;
	kept = smi_arena_alloc(&m->arena, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = *exe;
	return copy(m, exe->link, &kept->link) &&
			       smi_map_put(&m->exes, exe_key(like), kept)
		       ? 0
		       : -ENOMEM;
}

static struct smi_span cgroup_key(const struct smi_likeness *like)
{
	return smi_span_of((const char *)&like->cgroups, sizeof(like->cgroups));
}

bool smi_memo_cgroup(const struct smi_memo *m, const struct smi_likeness *like,
		     struct smi_span *path)
{
	const struct cgroup *c =
		like->cgroups ? smi_map_get(&m->cgroups, cgroup_key(like))
			      : NULL;

	if (!c || !c->is_sure)
		return false;
	*path = c->path;
	return true;
}

int smi_memo_keep_cgroup(struct smi_memo *m, const struct smi_likeness *like,
			 struct smi_span path)
{
	struct cgroup *c;

	if (!like->cgroups || !has_room(m))
		return 0;
	c = smi_map_get(&m->cgroups, cgroup_key(like));
	if (c && smi_span_eq(c->path, path)) {
		c->is_sure = true;
		return 0;
	}
	if (!c)
		c = smi_arena_alloc(&m->arena, sizeof(*c));
	if (!c || !copy(m, path, &c->path))
		return -ENOMEM;
	c->is_sure = false;
	return smi_map_put(&m->cgroups, cgroup_key(like), c) ? 0 : -ENOMEM;
}
