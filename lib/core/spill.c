/* SPDX-License-Identifier: MIT */
#include "core/spill.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define TAIL_BYTES 262144

void smi_spill_init(struct smi_spill *s, sm_ctx *ctx)
{
	*s = (struct smi_spill){ .ctx = ctx,
				 .memory = SMI_SPILL_MEMORY,
				 .fd = -1 };
}

void smi_spill_done(struct smi_spill *s)
{
	smi_arena_free(&s->arena);
	smi_vec_free(&s->kept);
	smi_buf_free(&s->tail);
	smi_closep(&s->fd);
}

/* File systems without O_TMPFILE get a name for a moment. */
static int open_named(const char *dir)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf path = { 0 };
	int fd;

	smi_buf_printf(&path, "%s/.sysmon-XXXXXX", dir);
	if (!smi_buf_cstr(&path))
		return -ENOMEM;
	fd = mkostemp(path.p, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path.p);
	return fd;
}

static int open_file(struct smi_spill *s, const char *dir)
{
	int fd;

	if (s->fd >= 0)
		return 0;
	if (!dir)
		return smi_fail(s->ctx, -E2BIG,
				"more records than the %zu MiB that are "
				"kept in memory, and no directory for a "
				"temporary file was given",
				s->memory >> 20);
	fd = open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR ||
		       errno == EINVAL || errno == ENOENT))
		fd = open_named(dir);
	else if (fd < 0)
		fd = -errno;
	if (fd == -ENOMEM)
		return smi_fail_nomem(s->ctx);
	if (fd < 0)
		return smi_fail(s->ctx, fd,
				"cannot make a temporary file in '%s': %s", dir,
				smi_strerror(-fd));
	s->fd = fd;
	return 0;
}

static int fail_write(struct smi_spill *s, const char *dir, int err)
{
	return smi_fail(s->ctx, -err,
			"cannot write the temporary file in '%s': %s", dir,
			smi_strerror(err));
}

/* A failed write leaves file_len where it was: what lies behind is not read. */
static int flush_tail(struct smi_spill *s, const char *dir)
{
	size_t done = 0;

	while (done < s->tail.len) {
		ssize_t n = pwrite(s->fd, s->tail.p + done, s->tail.len - done,
				   (off_t)(s->file_len + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_write(s, dir, errno);
		done += (size_t)n;
	}
	s->file_len += done;
	smi_buf_clear(&s->tail);
	return 0;
}

uint64_t smi_spill_bytes(const struct smi_spill *s)
{
	return smi_arena_size(&s->arena) + s->file_len + s->tail.len;
}

static int keep(struct smi_spill *s, const sm_record *rec)
{
	const sm_record *copy;

	if (!smi_vec_reserve(&s->kept, s->kept.n + 1))
		return smi_fail_nomem(s->ctx);
	copy = smi_rec_copy(&s->arena, rec);
	if (smi_arena_error(&s->arena) || !copy) {
		s->arena.failed = false; /* what is in it stays good */
		return smi_fail_nomem(s->ctx);
	}
	s->kept.v[s->kept.n++] = copy;
	s->n++;
	return 0;
}

int smi_spill_add(struct smi_spill *s, const char *dir, const sm_record *rec)
{
	size_t before = s->tail.len;
	uint32_t len = 0;
	int r;

	if (s->fd < 0 && smi_arena_size(&s->arena) < s->memory)
		return keep(s, rec);
	r = open_file(s, dir);
	if (r < 0)
		return r;
	if (s->tail.len >= TAIL_BYTES) {
		r = flush_tail(s, dir);
		if (r < 0)
			return r;
		before = 0;
	}
	smi_buf_add(&s->tail, &len, sizeof(len));
	smi_rec_pack(&s->tail, rec);
	if (smi_buf_error(&s->tail)) {
		s->tail.failed = false;
		s->tail.len = before;
		return smi_fail_nomem(s->ctx);
	}
	len = (uint32_t)(s->tail.len - before - sizeof(len));
	memcpy(s->tail.p + before, &len, sizeof(len));
	s->n++;
	return 0;
}

/* The packed records that p begins with, whole ones: how many bytes in used. */
static int walk_packed(const struct smi_spill *s, struct smi_span p,
		       struct smi_arena *a, size_t *used, smi_record_fn fn,
		       void *user)
{
	*used = 0;
	for (;;) {
		sm_record *rec = NULL;
		uint32_t len;
		size_t took;
		int r;

		if (p.len < sizeof(len))
			return 0;
		memcpy(&len, p.p, sizeof(len));
		if (p.len - sizeof(len) < len)
			return 0;
		smi_arena_reset(a);
		r = smi_rec_unpack(a, smi_span_of(p.p + sizeof(len), len),
				   &took, &rec);
		if (r == -ENOMEM)
			return smi_fail_nomem(s->ctx);
		if (r < 0)
			return smi_fail(s->ctx, r,
					"the temporary file of records was "
					"changed by somebody");
		r = fn(rec, user);
		if (r)
			return r;
		*used += sizeof(len) + len;
		p = smi_span_skip(p, sizeof(len) + len);
	}
}

/* Fills b up to what it has room for; the file ends before want bytes: -EIO. */
static int fill(const struct smi_spill *s, struct smi_buf *b, uint64_t at)
{
	uint64_t left = s->file_len - at;
	size_t want = (size_t)SMI_MIN((uint64_t)(b->cap - b->len), left);

	while (want) {
		ssize_t n = pread(s->fd, b->p + b->len, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return smi_fail(s->ctx, -EIO,
					"cannot read the temporary file of "
					"records: %s",
					n ? smi_strerror(errno) : "it is cut");
		b->len += (size_t)n;
		at += (uint64_t)n;
		want -= (size_t)n;
	}
	return 0;
}

static int walk_file(const struct smi_spill *s, struct smi_arena *a,
		     smi_record_fn fn, void *user)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	uint64_t at = 0;

	while (at < s->file_len) {
		size_t used, had = b.len;
		int r;

		/* one record may be larger than the buffer has become */
		if (!smi_buf_reserve(&b, had + TAIL_BYTES))
			return smi_fail_nomem(s->ctx);
		r = fill(s, &b, at);
		if (r < 0)
			return r;
		at += b.len - had;
		r = walk_packed(s, smi_buf_span(&b), a, &used, fn, user);
		if (r)
			return r;
		memmove(b.p, b.p + used, b.len - used);
		b.len -= used;
	}
	return 0;
}

int smi_spill_each(const struct smi_spill *s, smi_record_fn fn, void *user)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	size_t used;
	int r;

	for (size_t i = 0; i < s->kept.n; i++) {
		r = fn(s->kept.v[i], user);
		if (r)
			return r;
	}
	r = walk_file(s, &a, fn, user);
	return r ? r
		 : walk_packed(s, smi_buf_span(&s->tail), &a, &used, fn, user);
}
