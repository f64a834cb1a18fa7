/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logsrc/export.h"
#include "logsrc/follow.h"
#include "logsrc/header-parts.h"
#include "logsrc/header.h"
#include "logsrc/reader.h"

/* Of one call, until the job has its turn. */
#define MAX_FILLS 4

struct file_reader {
	struct smi_reader head;
	struct smi_lines lines;
	struct smi_export export;
	struct smi_gen gen;
	struct smi_follow *follow; /* NULL: to the end of gen, and no further */
	/* The first bytes of a stream, which tell whether it is packed. */
	char mark[SMI_PACK_MARK];
	size_t nmark;
	bool known;
	bool middle;  /* gen is read from there */
	bool kmsg;    /* the line above is a record of the kernel's own log */
	bool stopped; /* what was read is all */
	int failure;  /* of reading, told behind the last line */
};

static ptrdiff_t read_fd(void *user, void *p, size_t len)
{
	struct file_reader *f = user;
	ptrdiff_t n;

	if (!f->gen.is_file) {
		struct pollfd ready = { .fd = f->gen.fd, .events = POLLIN };

		if (poll(&ready, 1, 0) == 0)
			return -EAGAIN;
	}
	n = smi_read(f->gen.fd, p, len);
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
		if (pack || !more || f->nmark == sizeof(f->mark))
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
			   sizeof(why), &f->gen.packed);
	f->nmark = 0;
	if (r == -ENOTSUP)
		f->head.trouble = "{source} is compressed, and what unpacks it "
				  "is not here";
	return r;
}

static ptrdiff_t read_packed(struct file_reader *f, char *p, size_t room)
{
	struct smi_gen *g = &f->gen;
	ptrdiff_t n = smi_packed_read(g->packed, read_fd, f, p, room);

	if (n < 0) {
		f->head.trouble = smi_packed_trouble((int)n);
		return n;
	}
	if (n == 0 || !g->skip)
		return n;
	if ((uint64_t)n <= g->skip) {
		g->skip -= (uint64_t)n;
		smi_gen_learn(g, p, (size_t)n);
		return -EINPROGRESS;
	}
	smi_gen_learn(g, p, (size_t)g->skip);
	n -= (ptrdiff_t)g->skip;
	memmove(p, p + g->skip, (size_t)n);
	g->skip = 0;
	return n;
}

/* At least one byte of room is there. */
static ptrdiff_t read_some(struct file_reader *f, char *p, size_t room)
{
	ptrdiff_t n;

	if (f->gen.packed)
		return read_packed(f, p, room);
	if (f->nmark) {
		n = (ptrdiff_t)SMI_MIN(f->nmark, room);
		memcpy(p, f->mark, (size_t)n);
		f->nmark = 0;
		return n;
	}
	return read_fd(f, p, room);
}

static void take(struct file_reader *f, const char *p, size_t len)
{
	smi_gen_learn(&f->gen, p, len);
	smi_lines_filled(&f->lines, len);
	f->head.counts.bytes += len;
}

/* The last line has no end yet. */
static bool is_pending(const struct file_reader *f)
{
	const struct smi_lines *l = &f->lines;

	return l->pos < l->end || l->skipping || f->export.any;
}

/* A followed file. 0: go on; 1: the bytes are its next ones, none its end. */
static int check(struct file_reader *f, ptrdiff_t n)
{
	int r;

	if (f->gen.fd >= 0 && smi_gen_was_cut(&f->gen, (size_t)n)) {
		r = smi_follow_cut(f->follow, &f->gen);
		if (r == 1)
			take(f, "", 0);
		return SMI_MIN(r, 0);
	}
	if (n > 0)
		return 1;
	return smi_follow_rest(f->follow, &f->gen, f->lines.number,
			       is_pending(f));
}

/* The end of a file that may still be written. */
static void leave_rest(struct file_reader *f)
{
	if (f->head.whole && f->head.path && f->gen.is_file && !f->gen.packed &&
	    !(f->follow && f->follow->next.n)) {
		f->lines.pos = f->lines.end;
		f->lines.skipping = false;
		smi_export_leave(&f->export);
	}
}

/* What no value of an export can go beyond. */
static void know_end(struct file_reader *f)
{
	struct stat st;

	if (f->export.on && !f->follow && f->gen.is_file && !f->gen.packed &&
	    fstat(f->gen.fd, &st) == 0)
		f->export.end = (uint64_t)st.st_size;
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
	if (f->stopped) {
		leave_rest(f);
		take(f, "", 0);
		return 0;
	}
	if (!f->known)
		n = look(f);
	p = smi_lines_room(&f->lines, &room);
	if (n == 0 && f->follow && !is_pending(f)) {
		n = smi_follow_late(f->follow, &f->gen, f->lines.number, &room);
		if (n == 1) {
			take(f, "", 0);
			return 0;
		}
	}
	if (n == 0 && f->gen.fd >= 0 && room)
		n = read_some(f, p, room);
	if (n < 0)
		return (int)n;
	if (f->follow) {
		int r = check(f, n);

		if (r != 1)
			return r;
	}
	if (n == 0)
		leave_rest(f);
	take(f, p, (size_t)n);
	know_end(f);
	return 0;
}

static int scan(struct file_reader *f, struct smi_stamp_clock *clock)
{
	const char *form;
	int r;

	smi_header_scan(&f->head.line, clock);
	form = f->head.line.header;
	/* No call for each line of other logs. */
	f->kmsg = form && form[0] == 'k' && !strcmp(form, "kmsg");
	r = smi_buf_error(&f->head.room.text);
	return r < 0 ? r : 1;
}

/* Whether the file is an export shows in its first line. */
static bool begins_export(const struct smi_gen *g)
{
	struct smi_span line = smi_span_of(g->head, g->nhead);
	size_t n;

	if (smi_span_starts(line, SMI_SPAN(SMI_LINES_BOM)))
		line = smi_span_skip(line, strlen(SMI_LINES_BOM));
	n = smi_span_find(line, '\n');
	if (n == line.len)
		return false;
	line.len = n - (n && line.p[n - 1] == '\r');
	return smi_export_starts(line);
}

static void look_at_middle(struct file_reader *f)
{
	if (f->lines.pos == f->lines.end)
		return;
	f->middle = false;
	if (begins_export(&f->gen)) {
		smi_export_go_on(&f->export, f->lines.number);
		know_end(f);
	}
}

/* 1: a line, with its header read; 0: none is left in the buffer. */
static int next_line(struct file_reader *f, struct smi_stamp_clock *clock)
{
	struct smi_line *line = &f->head.line;
	int r;

	if (!f->lines.buf)
		return 0;
	if (f->middle)
		look_at_middle(f);
	if (!f->export.on) {
		do {
			if (!smi_lines_next(&f->lines, &line->raw,
					    &line->offset))
				return 0;
		} while (f->kmsg && smi_kmsg_is_more(line->raw));
		if (f->lines.number > 1 || !smi_export_starts(line->raw)) {
			line->number = f->lines.number;
			return scan(f, clock);
		}
		smi_export_first(&f->export, line->raw, line->offset);
		know_end(f);
	}
	r = smi_export_next(&f->export, &f->lines, line);
	return r == SMI_EXPORT_LINE ? scan(f, clock) : r;
}

/* A file that is smaller now than it was, and was not read to where it ended. */
static void look_for_loss(struct file_reader *f)
{
	struct stat st;

	if (f->failure || f->follow || f->gen.packed || !f->gen.is_file ||
	    f->head.done >= f->head.size || fstat(f->gen.fd, &st) < 0 ||
	    (uint64_t)st.st_size >= f->head.size)
		return;
	f->head.trouble = "{source} was cut while it was read: its end is "
			  "missing";
	f->failure = -ESTALE;
}

/* Behind the last line of a generation: whether there is another one. */
static bool next_generation(struct file_reader *f)
{
	if (f->stopped || !f->follow ||
	    !smi_follow_next(f->follow, &f->gen, f->lines.number))
		return false;
	smi_lines_restart(&f->lines, f->gen.pos + f->gen.skip, f->gen.number);
	smi_export_done(&f->export);
	f->export = (struct smi_export){ .skipped = f->export.skipped,
					 .broken = f->export.broken };
	f->known = f->gen.is_file;
	f->middle = f->gen.pos + f->gen.skip > 0;
	f->nmark = 0;
	f->head.generation++;
	return true;
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
		r->counts.broken = f->export.broken;
		if (f->lines.at_end && !next_generation(f)) {
			smi_lines_done(&f->lines);
			look_for_loss(f);
			return f->failure;
		}
		/* In the middle of a line without an end. */
		if (fills++ == MAX_FILLS)
			return 2;
		result = fill(f);
		if (result == -EINPROGRESS)
			continue;
		if (result == -EAGAIN || result == -ENOMEM)
			return result;
		/* What came before the failure has its last line too. */
		if (result < 0) {
			f->failure = result;
			smi_lines_filled(&f->lines, 0);
		}
	}
}

static int file_follow(struct smi_reader *r, const struct smi_fsroot *root,
		       struct smi_wake *wake)
{
	struct file_reader *f = (struct file_reader *)r;
	int n = 0;

	if (f->gen.packed)
		return 0;
	if (!f->follow)
		n = smi_follow_new(root, f->head.path ? r->name : NULL,
				   &f->follow);
	return n < 0 ? n : smi_follow_start(f->follow, wake, &f->gen);
}

static int file_mark(struct smi_reader *r, struct smi_position *p)
{
	const struct file_reader *f = (const struct file_reader *)r;
	const struct smi_gen *g = &f->gen;
	struct stat st;

	p->known = r->path && g->is_file;
	p->offset = r->line.offset;
	p->number = r->line.number - 1;
	p->dev = g->dev;
	p->ino = g->ino;
	p->nhead = g->nhead;
	memcpy(p->head, g->head, g->nhead);
	p->mtime = fstat(g->fd, &st) < 0
			   ? 0
			   : st.st_mtim.tv_sec * SMI_SEC + st.st_mtim.tv_nsec;
	return 0;
}

static int file_resume(struct smi_reader *r, const struct smi_fsroot *root,
		       const struct smi_position *p)
{
	struct file_reader *f = (struct file_reader *)r;
	struct smi_gen was = SMI_GEN_NONE;
	int n;

	if (!r->path || !r->is_file)
		return 0;
	was.is_file = true;
	was.dev = p->dev;
	was.ino = p->ino;
	was.mtime = p->mtime;
	was.pos = p->offset;
	was.number = p->number;
	was.nhead = p->nhead;
	memcpy(was.head, p->head, p->nhead);
	n = f->follow ? 0 : smi_follow_new(root, r->name, &f->follow);
	if (n == 0)
		n = smi_follow_resume(f->follow, &f->gen, &was);
	if (n < 0)
		return n;
	r->again = n ? p->told : 0;
	return n ? 0 : -ENODATA;
}

static void file_stop(struct smi_reader *r)
{
	struct file_reader *f = (struct file_reader *)r;

	f->stopped = true;
}

static void file_free(struct smi_reader *r)
{
	struct file_reader *f = (struct file_reader *)r;

	smi_lines_done(&f->lines);
	smi_export_done(&f->export);
	smi_follow_free(f->follow);
	smi_gen_close(&f->gen);
	smi_reader_done(r);
	free(f);
}

static const struct smi_reader_ops file_ops = {
	.next = file_next,
	.follow = file_follow,
	.stop = file_stop,
	.mark = file_mark,
	.resume = file_resume,
	.free = file_free,
};

/* Takes gen over. */
static int file_new(struct smi_gen *gen, const char *name,
		    struct smi_reader **out)
{
	SMI_CLEANUP(smi_gen_close) struct smi_gen g = *gen;
	struct file_reader *f = smi_zalloc(sizeof(*f));
	struct stat st;
	int r;

	if (!f)
		return -ENOMEM;
	r = smi_reader_init(&f->head, &file_ops, name);
	if (r < 0) {
		free(f);
		return r;
	}
	f->head.dev = g.dev;
	f->head.ino = g.ino;
	f->head.is_file = g.is_file;
	f->known = g.is_file;
	if (g.fd >= 0 && g.is_file && fstat(g.fd, &st) == 0)
		f->head.size = (uint64_t)st.st_size;
	else if (g.fd >= 0)
		f->head.watch = g.fd;
	f->gen = g;
	g = SMI_GEN_NONE;
	*out = &f->head;
	return 0;
}

int smi_reader_file_new(sm_ctx *ctx, const char *path, char *why,
			size_t why_len, struct smi_reader **out)
{
	struct smi_gen gen;
	struct stat st;
	int r = smi_gen_open(&gen, &ctx->root, path, why, why_len);
	bool fifo = r == 0 && fstat(gen.fd, &st) == 0 && S_ISFIFO(st.st_mode);

	if (r == 0)
		r = file_new(&gen, path, out);
	if (r < 0)
		return r;
	(*out)->path = true;
	(*out)->is_fifo = fifo;
	return 0;
}

int smi_reader_fd_new(int fd, const char *name, char *why, size_t why_len,
		      struct smi_reader **out)
{
	struct smi_gen gen;
	int r = smi_gen_of_fd(&gen, fd, why, why_len);

	return r < 0 ? r : file_new(&gen, name, out);
}

int smi_reader_coming_new(const char *path, struct smi_reader **out)
{
	struct smi_gen gen = SMI_GEN_NONE;
	int r;

	gen.is_file = true;
	r = file_new(&gen, path, out);
	if (r == 0)
		(*out)->path = true;
	return r;
}

enum smi_twin smi_reader_file_twin(const struct smi_reader *packed,
				   const struct smi_reader *plain)
{
	const struct file_reader *a = (const struct file_reader *)packed;
	const struct file_reader *b = (const struct file_reader *)plain;
	char head[SMI_GEN_HEAD];
	ptrdiff_t n;

	if (!packed->is_file || !plain->is_file || !a->gen.packed ||
	    b->gen.packed)
		return SMI_TWIN_NONE;
	n = smi_gen_peek(&a->gen, head);
	if (n == 0)
		return SMI_TWIN_COPY;
	if (n < 0 || !smi_gen_begins(&b->gen, head, (size_t)n))
		return SMI_TWIN_NONE;
	return smi_gen_is_longer(&a->gen, plain->size) ? SMI_TWIN_LONGER
						       : SMI_TWIN_COPY;
}
