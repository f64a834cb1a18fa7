/* SPDX-License-Identifier: MIT */
#include "process/packages.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/dents.h"
#include "base/map.h"
#include "base/vec.h"

#define FIRST_ROOM     ((size_t)1 << 17)
#define DIVERSIONS_MAX ((size_t)4096)
#define KNOWN	       256
#define INDEX_MASK     UINT64_C(0xffff)

static const char database[] = "/var/lib/dpkg/info";
static const char diversions[] = "/var/lib/dpkg/diversions";

struct diversion {
	struct smi_span to, by;
};

/* Many processes run few programs. */
struct known {
	dev_t device;
	ino_t inode;
	uint64_t path;
	struct smi_package_of found;
};

/* Half of all files are data, and few programs lie among them: their paths are read when
 * one does. */
#define DATA SMI_SPAN("/usr/share/")
enum part {
	ALL,
	NO_DATA,
	ONLY_DATA,
};

struct smi_packages {
	pthread_mutex_t lock;
	bool is_read, is_there, is_cut, usr_is_merged;
	enum part part; /* that was read last */
	size_t before;	/* names that had been read before it */
	struct smi_siphash_key sip;
	/* A hash, and above its lowest bits the package's number from 1; 0 is free. */
	uint64_t *slots;
	size_t n, cap;
	SMI_VEC(const char *) names;
	struct smi_map diverted;
	struct smi_arena arena;
	struct known known[KNOWN];
};

struct smi_packages *smi_packages_new(void)
{
	struct smi_packages *t = smi_zalloc(sizeof(*t));

	if (!t)
		return NULL;
	if (pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t);
		return NULL;
	}
	smi_siphash_random_key(&t->sip);
	return t;
}

void smi_packages_free(struct smi_packages *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t->slots);
	smi_vec_free(&t->names);
	smi_map_free(&t->diverted);
	smi_arena_free(&t->arena);
	free(t);
}

void smi_packages_merge_usr(struct smi_packages *t)
{
	t->usr_is_merged = true;
}

bool smi_packages_is_cut(struct smi_packages *t)
{
	return t && t->is_cut;
}

static struct smi_span without_usr(const struct smi_packages *t,
				   struct smi_span path)
{
	if (t->usr_is_merged &&
	    (smi_span_starts(path, SMI_SPAN("/usr/bin/")) ||
	     smi_span_starts(path, SMI_SPAN("/usr/sbin/")) ||
	     smi_span_starts(path, SMI_SPAN("/usr/lib"))))
		return smi_span_skip(path, 4);
	return path;
}

static uint64_t hash_of(const struct smi_packages *t, struct smi_span path)
{
	path = without_usr(t, path);
	return smi_siphash(&t->sip, path.p, path.len) & ~INDEX_MASK;
}

/* Where it is, or where it goes. */
static uint64_t *slot_of(const struct smi_packages *t, uint64_t hash)
{
	size_t at = (size_t)(hash >> 16) & (t->cap - 1);

	while (t->slots[at] != 0 && (t->slots[at] & ~INDEX_MASK) != hash)
		at = (at + 1) & (t->cap - 1);
	return &t->slots[at];
}

static int make_room(struct smi_packages *t)
{
	struct smi_packages bigger = *t;

	if (4 * (t->n + 1) <= 3 * t->cap)
		return 0;
	bigger.cap = SMI_MAX(2 * t->cap, FIRST_ROOM);
	bigger.slots = smi_zalloc(bigger.cap * sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < t->cap; i++)
		if (t->slots[i])
			*slot_of(&bigger, t->slots[i] & ~INDEX_MASK) =
				t->slots[i];
	free(t->slots);
	t->slots = bigger.slots;
	t->cap = bigger.cap;
	return 0;
}

static int add_path(struct smi_packages *t, struct smi_span path)
{
	uint64_t hash = hash_of(t, path), *slot;

	if (t->n >= SMI_PACKAGE_FILES_MAX) {
		t->is_cut = true;
		return 0;
	}
	if (make_room(t) < 0)
		return -ENOMEM;
	slot = slot_of(t, hash);
	t->n += *slot == 0;
	*slot = hash | t->names.n;
	return 0;
}

/* Debian policy, 5.6.7; other names would come into reports. */
static bool is_name(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    (i == 0 || !strchr("+-.", s.p[i]) || s.p[i] == '\0'))
			return false;
	return s.len > 1 && s.len <= 128;
}

static int add_name(struct smi_packages *t, struct smi_span name)
{
	const char *copy = smi_arena_strndup(&t->arena, name.p, name.len);

	return copy && smi_vec_push(&t->names, copy) ? 0 : -ENOMEM;
}

static bool is_in_part(const struct smi_packages *t, struct smi_span path)
{
	return t->part == ALL ||
	       smi_span_starts(path, DATA) == (t->part == ONLY_DATA);
}

int smi_packages_add(struct smi_packages *t, struct smi_span package,
		     struct smi_span text)
{
	struct smi_span path;
	int r;

	if (!is_name(package))
		return 0;
	if (t->names.n - t->before >= SMI_PACKAGES_MAX) {
		t->is_cut = true;
		return 0;
	}
	r = add_name(t, package);
	while (r == 0 && smi_span_split(&text, '\n', &path)) {
		const struct diversion *d;

		if (path.len == 0 || path.p[0] != '/')
			continue;
		d = t->diverted.n ? smi_map_get(&t->diverted, path) : NULL;
		if (d && !smi_span_eq(d->by, package))
			path = d->to;
		if (is_in_part(t, path))
			r = add_path(t, path);
	}
	return r;
}

static int add_diversion(struct smi_packages *t, struct smi_span from,
			 struct smi_span to, struct smi_span by)
{
	struct diversion *d = smi_arena_alloc(&t->arena, sizeof(*d));
	const char *to_copy = smi_arena_strndup(&t->arena, to.p, to.len);
	const char *by_copy = smi_arena_strndup(&t->arena, by.p, by.len);

	if (!d || !to_copy || !by_copy)
		return -ENOMEM;
	d->to = smi_span_of(to_copy, to.len);
	d->by = smi_span_of(by_copy, by.len);
	return smi_map_put(&t->diverted, from, d) ? 0 : -ENOMEM;
}

int smi_packages_divert(struct smi_packages *t, struct smi_span text)
{
	struct smi_span from, to, by;
	int r = 0;

	while (r == 0 && smi_span_split(&text, '\n', &from) &&
	       smi_span_split(&text, '\n', &to) &&
	       smi_span_split(&text, '\n', &by)) {
		if (t->diverted.n >= DIVERSIONS_MAX)
			t->is_cut = true;
		else if (from.len > 0 && to.len > 0 && by.len > 0)
			r = add_diversion(t, from, to, by);
	}
	return r;
}

const char *smi_packages_name(struct smi_packages *t, struct smi_span path)
{
	uint64_t slot = t->cap ? *slot_of(t, hash_of(t, path)) : 0;

	return slot ? t->names.v[(slot & INDEX_MASK) - 1] : NULL;
}

/* "libc6:amd64.list" is one of libc6. */
static int add_list(struct smi_packages *t, int dir, const char *file,
		    struct smi_buf *text)
{
	struct smi_span name = smi_span_str(file);
	SMI_AUTOCLOSE int fd = -1;
	struct stat st;
	int r;

	if (!smi_span_ends(name, SMI_SPAN(".list")))
		return 0;
	fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		t->is_cut = true;
		return 0;
	}
	smi_buf_clear(text);
	r = smi_fd_read(fd, SMI_PACKAGE_LIST_MAX, text);
	if (r == -ENOMEM)
		return r;
	t->is_cut |= r < 0;
	name = smi_span_head(name, name.len - strlen(".list"));
	name = smi_span_head(name, smi_span_find(name, ':'));
	return smi_packages_add(t, name, smi_buf_span(text));
}

static bool is_usr_merged(const struct smi_fsroot *root)
{
	SMI_AUTOCLOSE int fd =
		smi_fsroot_open(root, "/bin", O_PATH | O_NOFOLLOW);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

static int read_diversions(struct smi_packages *t,
			   const struct smi_fsroot *root, struct smi_buf *text)
{
	int r = smi_fsroot_read(root, diversions, SMI_PACKAGE_LIST_MAX, text);

	if (r == 0)
		return smi_packages_divert(t, smi_buf_span(text));
	if (r != -ENOENT && r != -ENOMEM)
		t->is_cut = true;
	return r == -ENOMEM ? r : 0;
}

static int read_database(struct smi_packages *t, const struct smi_fsroot *root,
			 enum part part)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	SMI_AUTOCLOSE int dir =
		smi_fsroot_open(root, database, O_RDONLY | O_DIRECTORY);
	struct smi_dents dents = { .n = 0 };
	const struct smi_dent *e;
	int r;

	if (dir < 0)
		return 0;
	t->usr_is_merged = is_usr_merged(root);
	t->part = part;
	t->before = t->names.n;
	r = part == NO_DATA ? read_diversions(t, root, &text) : 0;
	while (r != -ENOMEM && (r = smi_dents_next(&dents, dir, &e)) == 1)
		r = add_list(t, dir, e->name, &text);
	t->is_cut |= r < 0;
	t->is_there = t->n > 0;
	return r == -ENOMEM ? r : 0;
}

static struct known *room_for(struct smi_packages *t, uint64_t path)
{
	return &t->known[(path >> 16) % KNOWN];
}

static bool is_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int smi_packages_known(struct smi_packages *t, struct smi_span path,
		       const struct stat *file, struct smi_package_of *out)
{
	uint64_t hash = hash_of(t, path);
	const struct known *k;
	int r;

	pthread_mutex_lock(&t->lock);
	k = room_for(t, hash);
	r = t->is_read && k->path == hash && k->device == file->st_dev &&
	    k->inode == file->st_ino;
	if (r == 1)
		*out = k->found;
	pthread_mutex_unlock(&t->lock);
	return r;
}

static struct smi_package_of look_up(struct smi_packages *t,
				     struct smi_span path,
				     const struct stat *file,
				     const struct stat *here)
{
	struct smi_package_of found = { .is_elsewhere = false };

	found.is_elsewhere = here && !is_file(file, here);
	if (!t->is_there || !here || found.is_elsewhere)
		return found;
	found.name = smi_packages_name(t, path);
	found.is_told = found.name || !t->is_cut;
	return found;
}

int smi_packages_find(struct smi_packages *t, const struct smi_fsroot *root,
		      struct smi_span path, const struct stat *file,
		      const struct stat *here, struct smi_package_of *out)
{
	uint64_t hash;
	int r = 0;

	pthread_mutex_lock(&t->lock);
	if (!t->is_read)
		r = read_database(t, root, NO_DATA);
	if (r == 0 && t->part == NO_DATA && smi_span_starts(path, DATA))
		r = read_database(t, root, ONLY_DATA);
	t->is_read = r == 0;
	if (r == 0) {
		*out = look_up(t, path, file, here);
		hash = hash_of(t, path);
		*room_for(t, hash) = (struct known){ file->st_dev, file->st_ino,
						     hash, *out };
	}
	pthread_mutex_unlock(&t->lock);
	return r;
}
