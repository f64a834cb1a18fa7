/* SPDX-License-Identifier: MIT */
#include "base/users.h"

#include <pwd.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/utf8.h"

#define PASSWD_MAX ((size_t)16 << 20)
#define ENTRY_MAX  ((size_t)1 << 20)

struct smi_users {
	bool system; /* ask getpwuid_r(3) */
	struct smi_arena arena;
	struct smi_map names; /* number to its name */
	struct smi_map uids;  /* name to its number, in the arena */
};

void smi_users_free(struct smi_users *u)
{
	if (!u)
		return;
	smi_map_free(&u->names);
	smi_map_free(&u->uids);
	smi_arena_free(&u->arena);
	free(u);
}

static void users_freep(struct smi_users **u)
{
	smi_users_free(*u);
}

static struct smi_span uid_key(const uint32_t *uid)
{
	return smi_span_of(uid, sizeof(*uid));
}

static const char *add_name(struct smi_users *u, uint32_t uid,
			    struct smi_span name)
{
	char *copy = smi_utf8_escape_dup(&u->arena, name);

	if (!copy || !smi_map_put(&u->names, uid_key(&uid), copy))
		return NULL;
	return copy;
}

/* As in getpwuid(3), the first entry of a number or a name is the one. */
static int add_entry(struct smi_users *u, struct smi_span name, uint32_t uid)
{
	if (!smi_map_get(&u->names, uid_key(&uid)) && !add_name(u, uid, name))
		return -ENOMEM;
	if (!smi_map_get(&u->uids, name)) {
		uint32_t *copy = smi_arena_alloc(&u->arena, sizeof(*copy));

		if (!copy)
			return -ENOMEM;
		*copy = uid;
		if (!smi_map_put(&u->uids, name, copy))
			return -ENOMEM;
	}
	return 0;
}

/* passwd(5): name:password:UID:GID:... */
static int add_passwd(struct smi_users *u, struct smi_span text)
{
	struct smi_span line;

	while (smi_span_split(&text, '\n', &line)) {
		struct smi_span name, skipped, number;
		uint64_t uid;
		int r;

		if (!smi_span_split(&line, ':', &name) || name.len == 0 ||
		    !smi_span_split(&line, ':', &skipped) ||
		    !smi_span_split(&line, ':', &number) ||
		    !smi_span_uint(number, UINT32_MAX - 1, &uid))
			continue;
		r = add_entry(u, name, (uint32_t)uid);
		if (r < 0)
			return r;
	}
	return 0;
}

int smi_users_new(const struct smi_fsroot *root, struct smi_users **out)
{
	SMI_CLEANUP(users_freep) struct smi_users *u = NULL;
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	int r;

	u = smi_zalloc(sizeof(*u));
	if (!u)
		return -ENOMEM;
	if (!root || root->fd < 0) {
		u->system = true;
	} else {
		/* Without the file, or the right to read it: numbers only. */
		r = smi_fsroot_read(root, "/etc/passwd", PASSWD_MAX, &text);
		if (r == 0)
			r = add_passwd(u, smi_buf_span(&text));
		if (r == -ENOMEM)
			return r;
	}
	*out = smi_take(&u);
	return 0;
}

/* Either by name, or by number where name is NULL. 1: found. */
static int ask_system(const char *name, uint32_t *uid, struct smi_buf *text)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf room = { 0 };

	for (size_t size = 1024; size <= ENTRY_MAX; size *= 4) {
		struct passwd pw, *found = NULL;
		int r;

		if (!smi_buf_reserve(&room, size))
			return -ENOMEM;
		if (name)
			r = getpwnam_r(name, &pw, room.p, room.cap, &found);
		else
			r = getpwuid_r(*uid, &pw, room.p, room.cap, &found);
		if (r == ENOMEM)
			return -ENOMEM;
		if (r == ERANGE)
			continue;
		if (r != 0 || !found)
			return 0;
		*uid = pw.pw_uid;
		smi_buf_str(text, pw.pw_name);
		return smi_buf_error(text) < 0 ? -ENOMEM : 1;
	}
	return 0;
}

const char *smi_users_name(struct smi_users *u, uint32_t uid)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	const char *name = smi_map_get(&u->names, uid_key(&uid));
	int r = 0;

	if (name)
		return name;
	if (u->system)
		r = ask_system(NULL, &uid, &text);
	if (r < 0)
		return NULL;
	if (r == 0)
		smi_buf_uint(&text, uid);
	if (smi_buf_error(&text) < 0)
		return NULL;
	return add_name(u, uid, smi_buf_span(&text));
}

int smi_users_uid(struct smi_users *u, const char *name, uint32_t *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_span key = smi_span_str(name);
	const uint32_t *known = smi_map_get(&u->uids, key);
	uint32_t uid = 0;
	uint64_t number;
	int r = 0;

	if (known) {
		*out = *known;
		return 0;
	}
	if (u->system && key.len > 0)
		r = ask_system(name, &uid, &text);
	if (r < 0)
		return r;
	if (r > 0) {
		*out = uid;
		return 0;
	}
	/* As chown(1): a number is one only when it is nobody's name. */
	if (!smi_span_uint(key, UINT32_MAX - 1, &number))
		return -ENOENT;
	*out = (uint32_t)number;
	return 0;
}
