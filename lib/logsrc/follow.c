/* SPDX-License-Identifier: MIT */
#include "logsrc/follow.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logsrc/family.h"

/* Looks at a directory that changes meanwhile. */
#define TRIES 16
/* How long writers may go on with a file that has got another name. */
#define REST (60 * SMI_SEC)

int smi_follow_new(const struct smi_fsroot *root, const char *path,
		   struct smi_follow **out)
{
	struct smi_follow *f = smi_zalloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->root = root;
	f->dir = f->watch = -1;
	f->rest = SMI_GEN_NONE;
	f->path = path ? smi_strdup(path) : NULL;
	if (path && !f->path) {
		smi_follow_free(f);
		return -ENOMEM;
	}
	*out = f;
	return 0;
}

static void drop_next(struct smi_follow *f)
{
	for (size_t i = 0; i < f->next.n; i++)
		smi_gen_close(&f->next.v[i]);
	f->next.n = 0;
}

void smi_follow_free(struct smi_follow *f)
{
	if (!f)
		return;
	drop_next(f);
	smi_vec_free(&f->next);
	smi_gen_close(&f->rest);
	smi_closep(&f->dir);
	free(f->path);
	free(f);
}

static int watch_dir(struct smi_follow *f)
{
	const char *slash = strrchr(f->path, '/');
	SMI_AUTOFREE char *dir =
		slash ? smi_strndup(f->path, (size_t)(slash - f->path) + 1)
		      : smi_strdup(".");

	if (!dir)
		return -ENOMEM;
	f->dir = smi_fsroot_open(f->root, dir, O_PATH | O_DIRECTORY);
	if (f->dir >= 0)
		smi_wake_add(f->wake, f->dir);
	return 0;
}

static int attend(struct smi_follow *f, const struct smi_gen *cur)
{
	if (!f->wake || cur->fd < 0)
		return 0;
	if (!cur->is_file)
		return smi_wake_watch(f->wake, cur->fd);
	f->watch = smi_wake_add(f->wake, cur->fd);
	return 0;
}

int smi_follow_start(struct smi_follow *f, struct smi_wake *wake,
		     const struct smi_gen *cur)
{
	f->wake = wake;
	if (f->path && watch_dir(f) < 0)
		return -ENOMEM;
	return cur->is_file ? attend(f, cur) : 0;
}

/* The one before was copied from it while they were looked for, and it was not cut
 * yet. */
static bool goes_on(struct smi_gen *next, const struct smi_gen *cur,
		    uint64_t number)
{
	struct stat st;

	if (!next->may_go_on || cur->fd < 0 || cur->packed ||
	    !smi_gen_begins(next, cur->head, cur->nhead) ||
	    fstat(next->fd, &st) < 0 || (uint64_t)st.st_size < cur->pos ||
	    smi_gen_seek(next, cur->pos) < 0)
		return false;
	/* What it has now may be something else again. */
	memcpy(next->head, cur->head, cur->nhead);
	next->nhead = cur->nhead;
	next->number = number;
	return true;
}

bool smi_follow_next(struct smi_follow *f, struct smi_gen *cur, uint64_t number)
{
	bool same;

	if (!f->next.n)
		return false;
	same = goes_on(&f->next.v[0], cur, number);
	if (f->watch >= 0)
		smi_wake_drop(f->wake, f->watch);
	f->watch = -1;
	cur->number = number;
	if (!same && f->wake && cur->fd >= 0 && cur->is_file && !cur->packed) {
		smi_gen_close(&f->rest);
		f->rest = *cur;
		f->rest_until = smi_now_mono(smi_out_ctx(f->wake->out)) + REST;
		*cur = SMI_GEN_NONE;
	}
	smi_gen_close(cur);
	*cur = f->next.v[0];
	memmove(f->next.v, f->next.v + 1, --f->next.n * sizeof(*f->next.v));
	(void)attend(f, cur);
	return true;
}

static int put_next(struct smi_follow *f, size_t at, struct smi_gen *g)
{
	if (!smi_vec_push(&f->next, SMI_GEN_NONE))
		return -ENOMEM;
	memmove(f->next.v + at + 1, f->next.v + at,
		(f->next.n - 1 - at) * sizeof(*f->next.v));
	f->next.v[at] = *g;
	*g = SMI_GEN_NONE;
	return 0;
}

/* Late lines of the generation before: it comes once more, then this one again. */
static int look_back(struct smi_follow *f, struct smi_gen *cur, uint64_t number)
{
	struct smi_gen *old = &f->rest;
	struct stat st;

	if (old->fd < 0)
		return -EAGAIN;
	if (fstat(old->fd, &st) < 0 || (uint64_t)st.st_size <= old->pos) {
		if (!st.st_nlink ||
		    smi_now_mono(smi_out_ctx(f->wake->out)) > f->rest_until)
			smi_gen_close(old);
		return -EAGAIN;
	}
	cur->number = number;
	if (put_next(f, 0, cur) < 0)
		return -ENOMEM;
	if (put_next(f, 0, old) < 0)
		return -ENOMEM;
	return 1;
}

int smi_follow_late(struct smi_follow *f, struct smi_gen *cur, uint64_t number,
		    size_t *room)
{
	struct stat st;
	int r;

	if (f->rest.fd < 0 || cur->packed || fstat(cur->fd, &st) < 0)
		return 0;
	r = look_back(f, cur, number);
	if (r != -EAGAIN)
		return r;
	if (cur->is_file)
		*room = SMI_MIN(
			*room,
			(size_t)SMI_MAX(st.st_size - (int64_t)cur->pos, 0));
	return 0;
}

static bool is_member(const struct smi_member *m, const struct smi_gen *g)
{
	return m->dev == g->dev && m->ino == g->ino;
}

static int64_t mtime_of(const struct smi_gen *g)
{
	struct stat st;

	if (g->fd < 0 && g->mtime)
		return g->mtime;
	if (g->fd < 0 || fstat(g->fd, &st) < 0)
		return INT64_MAX;
	return st.st_mtim.tv_sec * SMI_SEC + st.st_mtim.tv_nsec;
}

/* Whether m holds what was read of cur, and perhaps more: it was packed, or it is
 * the copy that was made before cur was cut. */
static bool is_copy(const struct smi_follow *f, const struct smi_member *m,
		    const struct smi_gen *cur)
{
	struct smi_gen g;
	char why[64];
	bool found;

	if (smi_gen_open(&g, f->root, m->path, why, sizeof(why)) < 0)
		return false;
	found = g.is_file && (g.packed || m->size >= cur->pos) &&
		smi_gen_begins(&g, cur->head, cur->nhead);
	smi_gen_close(&g);
	return found;
}

/* Where cur is in its family: an index, or -1. */
static ptrdiff_t find_self(const struct smi_family *all,
			   const struct smi_gen *cur)
{
	for (size_t i = all->v.n; i-- > 0;)
		if (is_member(&all->v.v[i], cur))
			return (ptrdiff_t)i;
	return -1;
}

static ptrdiff_t find_copy(const struct smi_follow *f,
			   const struct smi_family *all,
			   const struct smi_gen *cur)
{
	for (size_t i = all->v.n; i-- > 0;)
		if (!is_member(&all->v.v[i], cur) &&
		    is_copy(f, &all->v.v[i], cur))
			return (ptrdiff_t)i;
	return -1;
}

/* Of a plain file and its packed twin the plain one is whole. */
static bool has_plain_twin(const struct smi_family *all, size_t i)
{
	return i + 1 < all->v.n && all->v.v[i].packed &&
	       all->v.v[i].order == all->v.v[i + 1].order;
}

/* Opens member i to be read from pos; what is gone or no log is passed over. */
static int append(struct smi_follow *f, const struct smi_member *m,
		  uint64_t pos)
{
	struct smi_gen g;
	char why[64];
	int r = smi_gen_open(&g, f->root, m->path, why, sizeof(why));

	if (r == 0 && !is_member(m, &g)) {
		smi_gen_close(&g);
		return 0;
	}
	if (r == 0)
		r = smi_gen_seek(&g, pos);
	if (r == 0)
		r = put_next(f, f->next.n, &g);
	if (r < 0)
		smi_gen_close(&g);
	if ((r == -EACCES || r == -EPERM) && f->wake && !f->refused) {
		f->refused = true;
		return smi_out_notice(f->wake->out, -r, m->path,
				      "{source} cannot be read any more: "
				      "{errno}",
				      NULL, 0);
	}
	return r == -ENOMEM ? r : 0;
}

/* Those from index i on, but for skip. */
static int append_from(struct smi_follow *f, const struct smi_family *all,
		       size_t i, const struct smi_gen *skip)
{
	for (; i < all->v.n; i++) {
		const struct smi_member *m = &all->v.v[i];
		int r = is_member(m, skip) || has_plain_twin(all, i)
				? 0
				: append(f, m, 0);

		if (r < 0)
			return r;
	}
	return 0;
}

/* The first that is newer than member i. */
static size_t newer(const struct smi_family *all, size_t i)
{
	int64_t order = all->v.v[i].order;

	while (i < all->v.n && all->v.v[i].order == order)
		i++;
	return i;
}

static int append_newer(struct smi_follow *f, const struct smi_family *all,
			const struct smi_gen *cur)
{
	ptrdiff_t self = find_self(all, cur);
	int64_t mtime;
	size_t i = 0;

	if (self < 0)
		self = find_copy(f, all, cur);
	if (self >= 0)
		return append_from(f, all, newer(all, (size_t)self), cur);
	/* It is gone without a trace: what was written after it is news. */
	mtime = mtime_of(cur);
	i = all->v.n;
	if (i && strcmp(all->v.v[i - 1].path, f->path) == 0)
		i--;
	while (i > 0 && all->v.v[i - 1].mtime > mtime)
		i--;
	return append_from(f, all, i, cur);
}

/* The same inode alone is not the same file: it may have been cut or be a new one
 * that has got an old number. */
static bool is_rest(const struct smi_follow *f, const struct smi_member *m,
		    const struct smi_gen *was)
{
	return is_member(m, was) && is_copy(f, m, was);
}

static int append_resumed(struct smi_follow *f, const struct smi_family *all,
			  const struct smi_gen *was)
{
	static const struct smi_gen none = { .fd = -1 };
	struct smi_gen gone = *was;
	ptrdiff_t self = -1;
	int r;

	for (size_t i = all->v.n; self < 0 && i-- > 0;)
		if (is_rest(f, &all->v.v[i], was))
			self = (ptrdiff_t)i;
	if (self < 0)
		self = find_copy(f, all, was);
	f->resumed = false;
	gone.dev = gone.ino = gone.nhead = 0;
	if (self < 0)
		return append_newer(f, all, &gone);
	r = append(f, &all->v.v[self], was->pos);
	f->resumed = f->next.n > 0;
	if (f->resumed)
		f->next.v[0].number = was->number;
	return r < 0 ? r : append_from(f, all, newer(all, (size_t)self), &none);
}

/* The files of a family are opened one by one while they may be renamed: done when
 * the directory is the same before and after. */
static int queue(struct smi_follow *f, const struct smi_gen *cur,
		 int (*add)(struct smi_follow *f, const struct smi_family *all,
			    const struct smi_gen *cur))
{
	for (int i = 0; i < TRIES; i++) {
		SMI_CLEANUP(smi_family_free)
		struct smi_family before = { 0 }, after = { 0 };
		int r = smi_family_list(f->root, f->path, &before);
		bool same;

		if (r >= 0)
			r = add(f, &before, cur);
		if (r >= 0)
			r = smi_family_list(f->root, f->path, &after);
		same = r >= 0 && smi_family_same(&before, &after);
		smi_family_free(&after);
		if (r < 0 || same || i == TRIES - 1)
			return r;
		drop_next(f);
	}
	return 0;
}

/* A stream stands where the file was. */
static int queue_stream(struct smi_follow *f)
{
	struct smi_gen g;
	char why[64];
	int r = smi_gen_open(&g, f->root, f->path, why, sizeof(why));

	if (r == 0)
		r = put_next(f, f->next.n, &g);
	return r == -ENOMEM ? r : r < 0 ? -EAGAIN : 0;
}

static bool have_bytes(const struct smi_follow *f)
{
	struct stat st;

	for (size_t i = 0; i < f->next.n; i++)
		if (fstat(f->next.v[i].fd, &st) == 0 && st.st_size > 0)
			return true;
	return false;
}

/* Another file has the name now. It is read once something is in it: until then
 * the old one is what is written to. */
static int move_on(struct smi_follow *f, const struct smi_gen *cur, int fd)
{
	int r;

	r = queue(f, cur, append_newer);
	if (r < 0)
		return r;
	if (have_bytes(f))
		return 0;
	drop_next(f);
	if (fd < 0)
		return -EAGAIN;
	smi_wake_add(f->wake, fd);
	/* Between the look and the watch. */
	r = queue(f, cur, append_newer);
	if (r < 0 || have_bytes(f))
		return r;
	drop_next(f);
	return -EAGAIN;
}

/* The reader of a FIFO sees its end when nobody writes; a new descriptor waits for
 * the next writer. The old one is closed after, so that nothing falls between. */
static int reopen(struct smi_follow *f, struct smi_gen *cur)
{
	struct smi_gen g;
	char why[64];
	int r = smi_gen_open(&g, f->root, f->path, why, sizeof(why));

	if (r < 0)
		return r == -ENOMEM ? r : -EAGAIN;
	g.pos = cur->pos;
	smi_gen_close(cur);
	*cur = g;
	r = attend(f, cur);
	return r < 0 ? r : -EAGAIN;
}

int smi_follow_rest(struct smi_follow *f, struct smi_gen *cur, uint64_t number,
		    bool pending)
{
	SMI_AUTOCLOSE int fd = -1;
	struct stat st;
	int r = -EAGAIN;

	if (f->next.n || !f->wake || cur->packed)
		return 1;
	if (!f->path)
		return cur->is_file ? -EAGAIN : 1;
	fd = smi_fsroot_open(f->root, f->path, O_PATH);
	/* Between two rotations: what came between may be read already. */
	if (fd == -ENOENT && cur->fd >= 0)
		return move_on(f, cur, -1);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fd == -ENOMEM ? fd : -EAGAIN;
	if (cur->fd >= 0 && st.st_dev == cur->dev && st.st_ino == cur->ino) {
		if (S_ISFIFO(st.st_mode))
			return reopen(f, cur);
		if (!S_ISREG(st.st_mode))
			return 1;
		return pending ? -EAGAIN : look_back(f, cur, number);
	}
	if (S_ISFIFO(st.st_mode))
		return queue_stream(f);
	if (S_ISREG(st.st_mode))
		r = move_on(f, cur, fd);
	return r == -EAGAIN && !pending ? look_back(f, cur, number) : r;
}

static int append_after_copy(struct smi_follow *f, const struct smi_family *all,
			     const struct smi_gen *cur)
{
	ptrdiff_t copy = find_copy(f, all, cur);
	int r;

	if (copy < 0)
		return 0;
	r = append(f, &all->v.v[copy], cur->pos);
	return r < 0 ? r : append_from(f, all, (size_t)copy + 1, cur);
}

static int tell_cut(const struct smi_follow *f)
{
	if (!f->wake)
		return 0;
	return smi_out_notice(f->wake->out, 0, f->path,
			      "{source} was cut while it was read: what was "
			      "written just before may be missing",
			      NULL, 0);
}

int smi_follow_cut(struct smi_follow *f, struct smi_gen *cur)
{
	struct smi_gen again = *cur;
	bool copied;
	int r;

	drop_next(f);
	r = f->path ? queue(f, cur, append_after_copy) : 0;
	if (r < 0)
		return r;
	copied = f->next.n > 0;
	r = copied ? 0 : tell_cut(f);
	if (r == 0)
		r = smi_gen_seek(&again, 0);
	if (r < 0)
		return r;
	again.pos = again.nhead = 0;
	/* Behind a copy that was made after the one of what was read. */
	again.may_go_on = f->next.n > 1;
	*cur = SMI_GEN_NONE;
	if (put_next(f, f->next.n, &again) < 0) {
		*cur = again;
		return -ENOMEM;
	}
	if (!copied)
		return 1;
	*cur = f->next.v[0];
	memmove(f->next.v, f->next.v + 1, --f->next.n * sizeof(*f->next.v));
	return 0;
}

int smi_follow_resume(struct smi_follow *f, struct smi_gen *cur,
		      const struct smi_gen *was)
{
	int r = queue(f, was, append_resumed);

	if (r < 0)
		return r;
	smi_gen_close(cur);
	cur->is_file = true;
	return f->resumed;
}
