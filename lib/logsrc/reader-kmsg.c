/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "logsrc/header-parts.h"
#include "logsrc/header.h"
#include "logsrc/reader.h"

/*
 * The kernel's own log, Documentation/ABI/testing/dev-kmsg: each read gives one
 * record, "6,1234,5678901,-;text" and perhaps lines " KEY=value" behind it. It is
 * a ring: what was overwritten before it was read is missing in the numbers, and
 * the next read begins with EPIPE.
 */

/* Two looks at the two clocks are not at one moment: finer than this the time when
 * the clock of records began would be another one at each run. */
#define GRAIN (10 * SMI_MSEC)

struct kmsg_reader {
	struct smi_reader head;
	sm_ctx *ctx;
	int fd;
	char boot[40];	       /* the id of this run of the machine; "" */
	bool resumed;	       /* from is to be found yet */
	uint64_t from, number; /* where it goes on; of the last record */
	uint64_t next;	       /* the first that was never told; 0: any */
	int64_t began;	       /* the wall clock when that of records did */
	bool ended;	       /* it was read to its end; clocks go on */
	bool waits;	       /* for more, at its end */
	char record[SMI_LINE_MAX];
};

/* The clock of records stands still while the machine sleeps, as the monotonic one
 * does: what was logged since it slept last has the right time. */
static int64_t look_at_clocks(const sm_ctx *ctx)
{
	int64_t wall = 0, before = 0, after, best = INT64_MAX;

	for (int i = 0; i < 4; i++) {
		int64_t from = smi_now_mono(ctx), w = smi_now_wall(ctx);

		after = smi_now_mono(ctx);
		if (after - from < best) {
			best = after - from;
			before = from + best / 2;
			wall = w;
		}
	}
	return (wall - before) / GRAIN * GRAIN;
}

/* Numbers that are missing were overwritten. */
static void note_number(struct kmsg_reader *r, uint64_t number)
{
	if (r->resumed)
		r->head.again = r->next - SMI_MIN(r->next, number);
	if (r->next && number > r->next)
		r->head.counts.lost += number - r->next;
	r->resumed = false;
	r->number = number;
	r->next = SMI_MAX(r->next, number + 1);
}

/* 1: a line; 0: it was told by an earlier run. */
static int make_line(struct kmsg_reader *r, size_t len,
		     struct smi_stamp_clock *clock)
{
	struct smi_line *line = &r->head.line;
	struct smi_span record = smi_span_of(r->record, len);
	struct smi_kmsg k;
	int n;

	line->raw = smi_span_head(record, smi_span_find(record, '\n'));
	if (!smi_kmsg_parse(line->raw, &k))
		return -EBADMSG;
	if (r->resumed && k.number < r->from)
		return 0;
	note_number(r, k.number);
	r->head.counts.bytes += len;
	r->head.done = r->head.counts.bytes;
	line->number++;
	smi_header_scan(line, clock);
	if (k.usec < INT64_MAX / 4000)
		line->time = r->began + (int64_t)k.usec * 1000;
	n = smi_buf_error(&r->head.room.text);
	return n < 0 ? n : 1;
}

static int kmsg_next(struct smi_reader *head, struct smi_stamp_clock *clock)
{
	struct kmsg_reader *r = (struct kmsg_reader *)head;
	int made = 0;

	if (r->ended)
		r->began = look_at_clocks(r->ctx);
	r->ended = false;
	while (made == 0) {
		ptrdiff_t n = smi_read(r->fd, r->record, sizeof(r->record));

		/* A record that is longer than a line may be. */
		head->counts.skipped += n == -EINVAL;
		if (n > 0) {
			made = make_line(r, (size_t)n, clock);
		} else if (n != -EPIPE && n != -EINVAL) {
			r->ended = true;
			if (n < 0 && n != -EAGAIN)
				return (int)n;
			return n < 0 && r->waits ? -EAGAIN : 0;
		}
	}
	return made;
}

static int kmsg_follow(struct smi_reader *head, const struct smi_fsroot *root,
		       struct smi_wake *wake)
{
	struct kmsg_reader *r = (struct kmsg_reader *)head;

	(void)root;
	(void)wake;
	r->waits = true;
	return 0;
}

static void kmsg_stop(struct smi_reader *head)
{
	struct kmsg_reader *r = (struct kmsg_reader *)head;

	r->waits = false;
}

/* The number of the record, of this run of the machine. */
static int kmsg_mark(struct smi_reader *head, struct smi_position *p)
{
	const struct kmsg_reader *r = (const struct kmsg_reader *)head;

	smi_position_done(p);
	p->known = r->boot[0];
	p->offset = r->number;
	p->number = head->line.number - 1;
	p->cursor = p->known ? smi_strdup(r->boot) : NULL;
	return p->known && !p->cursor ? -ENOMEM : 0;
}

/* What is older is read once more, and passed over. */
static int kmsg_resume(struct smi_reader *head, const struct smi_fsroot *root,
		       const struct smi_position *p)
{
	struct kmsg_reader *r = (struct kmsg_reader *)head;

	(void)root;
	if (!p->cursor || strcmp(p->cursor, r->boot) != 0)
		return -ENODATA;
	r->resumed = true;
	r->from = p->offset;
	r->next = p->offset + p->told;
	head->again = p->told;
	head->line.number = p->number;
	return 0;
}

static void kmsg_free(struct smi_reader *head)
{
	struct kmsg_reader *r = (struct kmsg_reader *)head;

	smi_closep(&r->fd);
	smi_reader_done(head);
	free(r);
}

static const struct smi_reader_ops kmsg_ops = {
	.next = kmsg_next,
	.follow = kmsg_follow,
	.stop = kmsg_stop,
	.mark = kmsg_mark,
	.resume = kmsg_resume,
	.free = kmsg_free,
};

/* The device 1:11 of admin-guide/devices.txt, whatever it is called. */
bool smi_kmsg_is_path(const struct smi_fsroot *root, const char *path)
{
	SMI_AUTOCLOSE int fd = smi_fsroot_open(root, path, O_PATH);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(1, 11);
}

static int read_boot(sm_ctx *ctx, char *out, size_t len)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_span id;
	int r = smi_fsroot_read(&ctx->root, "/proc/sys/kernel/random/boot_id",
				256, &b);

	if (r == -ENOMEM)
		return r;
	id = smi_span_trim(smi_buf_span(&b));
	if (r == 0 && id.len < len)
		memcpy(out, id.p, id.len);
	return 0;
}

int smi_reader_kmsg_of_fd(sm_ctx *ctx, int fd, const char *name,
			  struct smi_reader **out)
{
	struct kmsg_reader *r = smi_zalloc(sizeof(*r));
	struct stat st;
	int n;

	if (!r) {
		smi_closep(&fd);
		return -ENOMEM;
	}
	r->fd = fd;
	r->ctx = ctx;
	r->ended = true;
	n = smi_reader_init(&r->head, &kmsg_ops, name);
	if (n == 0)
		n = read_boot(ctx, r->boot, sizeof(r->boot));
	if (n < 0) {
		kmsg_free(&r->head);
		return n;
	}
	/* So that it is read once, by whatever names. */
	if (fstat(fd, &st) == 0) {
		r->head.dev = st.st_dev;
		r->head.ino = st.st_ino;
	}
	r->head.watch = fd;
	*out = &r->head;
	return 0;
}

int smi_reader_kmsg_new(sm_ctx *ctx, const char *path, struct smi_reader **out)
{
	int fd = smi_fsroot_open(&ctx->root, path,
				 O_RDONLY | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? fd : smi_reader_kmsg_of_fd(ctx, fd, path, out);
}
