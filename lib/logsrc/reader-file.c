/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "logsrc/header.h"
#include "logsrc/packed.h"
#include "logsrc/reader.h"

/* Of one call, until the job has its turn. */
#define MAX_FILLS 4

struct file_reader {
	struct smi_reader head;
	struct smi_lines lines;
	int fd;
	bool own;
	struct smi_packed *packed; /* NULL: the bytes are what they are */
	/* The first bytes of a stream, which tell whether it is packed. */
	char mark[SMI_PACK_MARK];
	size_t nmark;
	bool known;
	int failure; /* of reading, told behind the last line */
};

static ptrdiff_t read_fd(void *user, void *p, size_t len)
{
	struct file_reader *f = user;
	ptrdiff_t n;

	if (f->head.watch >= 0) {
		struct pollfd ready = { .fd = f->fd, .events = POLLIN };

		if (poll(&ready, 1, 0) == 0)
			return -EAGAIN;
	}
	n = smi_read(f->fd, p, len);
	if (n > 0)
		f->head.done += (uint64_t)n;
	return n;
}

/* Of a stream: its first bytes are read one by one no further than they could be
 * the mark of a packed one, for what reads a terminal must not wait. */
static int look(struct file_reader *f)
{
	const struct smi_pack *pack;
	char why[256] = "";
	bool more = true;
	int r;

	for (;;) {
		struct smi_span head = smi_span_of(f->mark, f->nmark);
		ptrdiff_t n;

		pack = smi_pack_find(head, &more);
		if (pack || !more)
			break;
		n = read_fd(f, f->mark + f->nmark, 1);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		f->nmark++;
	}
	f->known = true;
	if (!pack)
		return 0;
	r = smi_packed_new(pack, smi_span_of(f->mark, f->nmark), why,
			   sizeof(why), &f->packed);
	f->nmark = 0;
	if (r == -ENOTSUP)
		f->head.trouble = "{source} is compressed, and what unpacks it "
				  "is not here";
	return r;
}

/* At least one byte of room is there. */
static ptrdiff_t read_some(struct file_reader *f, char *p, size_t room)
{
	ptrdiff_t n;

	if (f->packed) {
		n = smi_packed_read(f->packed, read_fd, f, p, room);
		if (n < 0)
			f->head.trouble = smi_packed_trouble((int)n);
		return n;
	}
	if (f->nmark) {
		n = (ptrdiff_t)SMI_MIN(f->nmark, room);
		memcpy(p, f->mark, (size_t)n);
		f->nmark = 0;
		return n;
	}
	return read_fd(f, p, room);
}

/* The buffer comes with the first line and goes with the last: of a family of
 * files, all opened at the start, one has it. */
static int fill(struct file_reader *f)
{
	ptrdiff_t n = 0;
	size_t room;
	char *p;

	if (!f->lines.buf && smi_lines_init(&f->lines, f->head.buffer) < 0)
		return -ENOMEM;
	if (!f->known)
		n = look(f);
	if (n < 0)
		return (int)n;
	p = smi_lines_room(&f->lines, &room);
	n = read_some(f, p, room);
	if (n < 0)
		return (int)n;
	smi_lines_filled(&f->lines, (size_t)n);
	f->head.counts.bytes += (uint64_t)n;
	return 0;
}

static int file_next(struct smi_reader *r, struct smi_stamp_clock *clock)
{
	struct file_reader *f = (struct file_reader *)r;
	struct smi_line *line = &r->line;
	int fills = 0;

	while (!f->lines.buf ||
	       !smi_lines_next(&f->lines, &line->raw, &line->offset)) {
		int result;

		r->counts.skipped = f->lines.skipped;
		if (f->lines.at_end) {
			smi_lines_done(&f->lines);
			return f->failure;
		}
		/* In the middle of a line without an end. */
		if (fills++ == MAX_FILLS)
			return 2;
		result = fill(f);
		if (result == -EINPROGRESS)
			return 2;
		if (result == -EAGAIN || result == -ENOMEM)
			return result;
		/* What came before the failure has its last line too. */
		if (result < 0) {
			f->failure = result;
			smi_lines_filled(&f->lines, 0);
		}
	}
	line->number = f->lines.number;
	smi_header_scan(line, clock);
	return 1;
}

static void file_free(struct smi_reader *r)
{
	struct file_reader *f = (struct file_reader *)r;

	smi_lines_done(&f->lines);
	smi_packed_free(f->packed);
	if (f->own)
		smi_closep(&f->fd);
	smi_reader_done(r);
	free(f);
}

static const struct smi_reader_ops file_ops = { file_next, file_free };

/* Terminals have the major numbers 4, 5 and 136 to 143 (admin-guide/devices.txt);
 * /dev/null is 1, 3 and a harmless empty file. */
static bool is_quiet_device(dev_t dev)
{
	unsigned m = major(dev);

	return dev == makedev(1, 3) || m == 4 || m == 5 ||
	       (m >= 136 && m <= 143);
}

/* A log is a file or a stream. Any other device may never end, or do something
 * when it is read. */
static int check_type(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	if (S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode) ||
	    S_ISSOCK(st->st_mode))
		return 0;
	return S_ISCHR(st->st_mode) && is_quiet_device(st->st_rdev) ? 0
								    : -ENODEV;
}

/* A file that is packed is known by its first bytes, whatever its name says. */
static int find_pack(struct file_reader *f, char *why, size_t why_len)
{
	char head[SMI_PACK_MARK];
	ssize_t n = pread(f->fd, head, sizeof(head), lseek(f->fd, 0, SEEK_CUR));
	const struct smi_pack *pack =
		n > 0 ? smi_pack_find(smi_span_of(head, (size_t)n), NULL)
		      : NULL;

	f->known = true;
	if (!pack)
		return 0;
	if (!pack->ops) {
		snprintf(why, why_len, "%s", pack->name);
		return -EMEDIUMTYPE;
	}
	return smi_packed_new(pack, smi_span_of("", 0), why, why_len,
			      &f->packed);
}

static int file_new(int fd, bool own, const char *name, char *why,
		    size_t why_len, struct smi_reader **out)
{
	SMI_AUTOCLOSE int closing = own ? fd : -1;
	struct file_reader *f;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	r = check_type(&st);
	if (r < 0)
		return r;
	f = smi_zalloc(sizeof(*f));
	if (!f)
		return -ENOMEM;
	r = smi_reader_init(&f->head, &file_ops, name);
	if (r < 0) {
		free(f);
		return r;
	}
	f->fd = fd;
	f->own = own;
	f->head.dev = st.st_dev;
	f->head.ino = st.st_ino;
	if (S_ISREG(st.st_mode))
		f->head.size = (uint64_t)st.st_size;
	else if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		f->head.watch = fd;
	closing = -1;
	r = S_ISREG(st.st_mode) ? find_pack(f, why, why_len) : 0;
	if (r < 0) {
		file_free(&f->head);
		return r;
	}
	*out = &f->head;
	return 0;
}

int smi_reader_file_new(sm_ctx *ctx, const char *path, char *why,
			size_t why_len, struct smi_reader **out)
{
	struct stat st;
	int fd, r;

	/* Opening is enough to make some devices act: look first. */
	fd = smi_fsroot_open(&ctx->root, path, O_PATH);
	if (fd < 0)
		return fd;
	r = fstat(fd, &st) < 0 ? -errno : check_type(&st);
	smi_closep(&fd);
	if (r < 0)
		return r;
	fd = smi_fsroot_open(&ctx->root, path,
			     O_RDONLY | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? fd : file_new(fd, true, path, why, why_len, out);
}

int smi_reader_fd_new(int fd, const char *name, char *why, size_t why_len,
		      struct smi_reader **out)
{
	return file_new(fd, false, name, why, why_len, out);
}
