/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "logsrc/export.h"
#include "logsrc/header.h"
#include "logsrc/reader.h"

/* Of one call, until the job has its turn. */
#define MAX_FILLS 4

struct file_reader {
	struct smi_reader head;
	struct smi_lines lines;
	struct smi_export export;
	int fd;
	bool own;
};

/* The buffer comes with the first line and goes with the last: of a family of
 * files, all opened at the start, one has it. */
static int fill(struct file_reader *f)
{
	size_t room;
	ptrdiff_t n;
	char *p;

	if (!f->lines.buf && smi_lines_init(&f->lines, f->head.buffer) < 0)
		return -ENOMEM;
	if (f->head.watch >= 0) {
		struct pollfd ready = { .fd = f->fd, .events = POLLIN };

		if (poll(&ready, 1, 0) == 0)
			return -EAGAIN;
	}
	p = smi_lines_room(&f->lines, &room);
	n = smi_read(f->fd, p, room);
	if (n < 0)
		return (int)n;
	smi_lines_filled(&f->lines, (size_t)n);
	f->head.counts.bytes += (uint64_t)n;
	return 0;
}

/* 1: a line, with its header read; 0: none is left in the buffer. */
static int next_line(struct file_reader *f, struct smi_stamp_clock *clock)
{
	struct smi_line *line = &f->head.line;
	int r = 0;

	if (!f->lines.buf)
		return 0;
	if (!f->export.on) {
		if (!smi_lines_next(&f->lines, &line->raw, &line->offset))
			return 0;
		if (f->lines.number > 1 || !smi_export_starts(line->raw)) {
			line->number = f->lines.number;
			smi_header_scan(line, clock);
			r = smi_buf_error(&f->head.room.text);
			return r < 0 ? r : 1;
		}
		smi_export_first(&f->export, line->raw, line->offset);
	}
	return smi_export_next(&f->export, &f->lines, line);
}

static int file_next(struct smi_reader *r, struct smi_stamp_clock *clock)
{
	struct file_reader *f = (struct file_reader *)r;
	int fills = 0;

	for (;;) {
		int result = next_line(f, clock);

		if (result)
			return result;
		r->counts.skipped = f->lines.skipped + f->export.skipped;
		if (f->lines.at_end) {
			smi_lines_done(&f->lines);
			return 0;
		}
		/* In the middle of a line without an end. */
		if (fills++ == MAX_FILLS)
			return 2;
		result = fill(f);
		if (result < 0)
			return result;
	}
}

static void file_free(struct smi_reader *r)
{
	struct file_reader *f = (struct file_reader *)r;

	smi_lines_done(&f->lines);
	smi_export_done(&f->export);
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

/* The first bytes of gzip (RFC 1952), xz and zstd (RFC 8878) files. */
static bool is_packed(int fd)
{
	static const struct smi_span marks[] = {
		{ "\x1f\x8b", 2 },
		{ "\xfd"
		  "7zXZ",
		  5 },
		{ "\x28\xb5\x2f\xfd", 4 },
	};
	char head[8];
	ssize_t n = pread(fd, head, sizeof(head), lseek(fd, 0, SEEK_CUR));

	for (size_t i = 0; n > 0 && i < SMI_COUNT(marks); i++)
		if (smi_span_starts(smi_span_of(head, (size_t)n), marks[i]))
			return true;
	return false;
}

static int file_new(int fd, bool own, const char *name, struct smi_reader **out)
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
	if (S_ISREG(st.st_mode) && is_packed(fd))
		return -EMEDIUMTYPE;
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
	*out = &f->head;
	return 0;
}

int smi_reader_file_new(sm_ctx *ctx, const char *path, struct smi_reader **out)
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
	return fd < 0 ? fd : file_new(fd, true, path, out);
}

int smi_reader_fd_new(int fd, const char *name, struct smi_reader **out)
{
	return file_new(fd, false, name, out);
}
