/* SPDX-License-Identifier: MIT */
#include "logsrc/gen.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool is_null(dev_t dev)
{
	return dev == makedev(1, 3);
}

/* Terminals have the major numbers 4, 5 and 136 to 143 (admin-guide/devices.txt);
 * /dev/null is a harmless empty file. */
static bool is_quiet_device(dev_t dev)
{
	unsigned m = major(dev);

	return is_null(dev) || m == 4 || m == 5 || (m >= 136 && m <= 143);
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
static int find_pack(struct smi_gen *g, char *why, size_t why_len)
{
	char head[SMI_PACK_MARK];
	ssize_t n = pread(g->fd, head, sizeof(head), lseek(g->fd, 0, SEEK_CUR));
	const struct smi_pack *pack =
		n > 0 ? smi_pack_find(smi_span_of(head, (size_t)n), NULL)
		      : NULL;

	if (!pack)
		return 0;
	if (!pack->ops) {
		snprintf(why, why_len, "%s", pack->name);
		return -EMEDIUMTYPE;
	}
	return smi_packed_new(pack, smi_span_of("", 0), why, why_len,
			      &g->packed);
}

/* /dev/null is a file without bytes. */
static int fill_in(struct smi_gen *g, char *why, size_t why_len)
{
	struct stat st;
	int r = fstat(g->fd, &st) < 0 ? -errno : check_type(&st);

	if (r < 0)
		return r;
	g->dev = st.st_dev;
	g->ino = st.st_ino;
	g->is_file = S_ISREG(st.st_mode) ||
		     (S_ISCHR(st.st_mode) && is_null(st.st_rdev));
	return S_ISREG(st.st_mode) ? find_pack(g, why, why_len) : 0;
}

int smi_gen_open(struct smi_gen *g, const struct smi_fsroot *root,
		 const char *path, char *why, size_t why_len)
{
	struct stat st;
	int r;

	*g = SMI_GEN_NONE;
	/* Opening is enough to make some devices act: look first. */
	g->fd = smi_fsroot_open(root, path, O_PATH);
	if (g->fd < 0)
		return g->fd;
	r = fstat(g->fd, &st) < 0 ? -errno : check_type(&st);
	smi_closep(&g->fd);
	if (r < 0)
		return r;
	g->own = true;
	g->fd = smi_fsroot_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	r = g->fd < 0 ? g->fd : fill_in(g, why, why_len);
	if (r < 0)
		smi_gen_close(g);
	return r;
}

int smi_gen_of_fd(struct smi_gen *g, int fd, char *why, size_t why_len)
{
	int r;

	*g = SMI_GEN_NONE;
	g->fd = fd;
	r = fill_in(g, why, why_len);
	if (r < 0)
		smi_gen_close(g);
	return r;
}

void smi_gen_close(struct smi_gen *g)
{
	smi_packed_free(g->packed);
	if (g->own && g->fd >= 0)
		smi_closep(&g->fd);
	*g = SMI_GEN_NONE;
}

void smi_gen_learn(struct smi_gen *g, const char *p, size_t len)
{
	if (g->pos == g->nhead && g->nhead < SMI_GEN_HEAD) {
		size_t n = SMI_MIN(len, SMI_GEN_HEAD - g->nhead);

		memcpy(g->head + g->nhead, p, n);
		g->nhead += n;
	}
	g->pos += len;
}

struct cursor {
	int fd;
	off_t at;
};

static ptrdiff_t read_at(void *user, void *p, size_t len)
{
	struct cursor *c = user;
	ssize_t n = pread(c->fd, p, len, c->at);

	if (n < 0)
		return -errno;
	c->at += n;
	return n;
}

static ptrdiff_t peek_packed(int fd, char head[SMI_GEN_HEAD])
{
	struct cursor c = { fd, 0 };
	struct smi_packed *p = NULL;
	const struct smi_pack *pack;
	char mark[SMI_PACK_MARK], why[64];
	ptrdiff_t n = pread(fd, mark, sizeof(mark), 0), got = 0;
	int r;

	pack = n > 0 ? smi_pack_find(smi_span_of(mark, (size_t)n), NULL) : NULL;
	if (!pack)
		return 0;
	r = smi_packed_new(pack, smi_span_of("", 0), why, sizeof(why), &p);
	while (r == 0 && got < SMI_GEN_HEAD) {
		n = smi_packed_read(p, read_at, &c, head + got,
				    SMI_GEN_HEAD - (size_t)got);
		if (n == -EINPROGRESS)
			continue;
		/* One that is being written may hold nothing yet, and what was
		 * unpacked before the damage is there. */
		r = n < 0 && n != -ENODATA && !got ? (int)n : 0;
		if (n <= 0)
			break;
		got += n;
	}
	smi_packed_free(p);
	return r < 0 ? r : got;
}

ptrdiff_t smi_gen_peek(const struct smi_gen *g, char head[SMI_GEN_HEAD])
{
	ptrdiff_t n;

	if (g->packed)
		return peek_packed(g->fd, head);
	n = pread(g->fd, head, SMI_GEN_HEAD, 0);
	return n < 0 ? -errno : n;
}

bool smi_gen_is_longer(const struct smi_gen *g, uint64_t size)
{
	struct cursor c = { g->fd, 0 };
	struct smi_packed *p = NULL;
	const struct smi_pack *pack;
	char mark[SMI_PACK_MARK], why[64], block[4096];
	ptrdiff_t n = pread(g->fd, mark, sizeof(mark), 0);
	uint64_t len = 0;

	pack = n > 0 ? smi_pack_find(smi_span_of(mark, (size_t)n), NULL) : NULL;
	if (!pack ||
	    smi_packed_new(pack, smi_span_of("", 0), why, sizeof(why), &p) < 0)
		return true;
	do {
		n = smi_packed_read(p, read_at, &c, block, sizeof(block));
		len += n > 0 ? (uint64_t)n : 0;
	} while (len <= size && (n > 0 || n == -EINPROGRESS));
	smi_packed_free(p);
	return len > size;
}

bool smi_gen_begins(const struct smi_gen *g, const char *head, size_t nhead)
{
	char mine[SMI_GEN_HEAD];
	ptrdiff_t n = nhead ? smi_gen_peek(g, mine) : 0;

	return nhead && n >= (ptrdiff_t)nhead && !memcmp(mine, head, nhead);
}

int smi_gen_seek(struct smi_gen *g, uint64_t pos)
{
	ptrdiff_t n;

	if (g->packed) {
		g->skip = pos;
		return 0;
	}
	if (!g->is_file)
		return 0;
	if (lseek(g->fd, (off_t)pos, SEEK_SET) < 0)
		return -errno;
	n = pos ? smi_gen_peek(g, g->head) : 0;
	if (n < 0)
		return (int)n;
	g->nhead = SMI_MIN((size_t)n, (size_t)SMI_MIN(pos, SMI_GEN_HEAD));
	g->pos = pos;
	return 0;
}

bool smi_gen_was_cut(const struct smi_gen *g, size_t len)
{
	char now[SMI_GEN_HEAD];
	struct stat st;
	ssize_t n;

	if (!g->is_file || g->packed || !g->pos)
		return false;
	if (!len && fstat(g->fd, &st) == 0 && (uint64_t)st.st_size < g->pos)
		return true;
	n = pread(g->fd, now, g->nhead, 0);
	return n >= 0 &&
	       ((size_t)n < g->nhead ? !len : memcmp(now, g->head, g->nhead));
}
