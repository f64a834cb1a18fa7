/* SPDX-License-Identifier: MIT */
#include "logsrc/packed.h"

#include <stdio.h>

/* Packed bytes that are read at once, and the blocks after which a call that has
 * unpacked nothing comes back. */
#define BLOCK	 ((size_t)65536)
#define PATIENCE 16

/* A mark that is too long does not compile. */
#define MARK(lit)                                                              \
	{                                                                      \
		lit, sizeof(lit) - 1 +                                         \
			     0 * sizeof(char[sizeof(lit) - 1 <= SMI_PACK_MARK  \
						     ? 1                       \
						     : -1])                    \
	}

/* RFC 1952; the .xz file format, 2.1.1.1; RFC 8878, 3.1 and 3.1.2; "BZh", a digit
 * and the mark of a block or of the end; and what else logs are packed with. */
static const struct smi_pack packs[] = {
	{ "gzip", ".gz", MARK("\x1f\x8b\x08"), 0, 0, &smi_unpack_gzip },
	{ "xz", ".xz", MARK("\xfd\x37zXZ\0"), 0, 0, &smi_unpack_xz },
	{ "zstd", ".zst", MARK("\x28\xb5\x2f\xfd"), 0, 0, &smi_unpack_zstd },
	{ "zstd", ".zst", MARK("\x50\x2a\x4d\x18"), 0, 15, &smi_unpack_zstd },
	{ "bzip2", ".bz2", MARK("BZh01A"), 3, 15, &smi_unpack_bzip2 },
	{ "bzip2", ".bz2", MARK("BZh0\x17\x72"), 3, 15, &smi_unpack_bzip2 },
	{ "lz4", ".lz4", MARK("\x04\x22\x4d\x18"), 0, 0, NULL },
	{ "compress", ".Z", MARK("\x1f\x9d"), 0, 0, NULL },
	{ "lzip", ".lz", MARK("LZIP\x01"), 0, 0, NULL },
};

struct smi_packed {
	const struct smi_pack *pack;
	void *state;
	char *in; /* BLOCK bytes, or NULL once it is over */
	size_t pos, len;
	bool in_member, any_member, at_end;
	int failure; /* told when what came before it has been taken */
};

static bool has_mark(const struct smi_pack *p, struct smi_span head)
{
	size_t n = SMI_MIN(p->mark.len, head.len);

	for (size_t i = 0; i < n; i++) {
		uint8_t differ = (uint8_t)(p->mark.p[i] ^ head.p[i]);

		if (i == p->at)
			differ &= (uint8_t)~p->bits;
		if (differ)
			return false;
	}
	return true;
}

const struct smi_pack *smi_pack_find(struct smi_span head, bool *more)
{
	if (more)
		*more = false;
	for (size_t i = 0; i < SMI_COUNT(packs); i++) {
		if (!has_mark(&packs[i], head))
			continue;
		if (head.len >= packs[i].mark.len)
			return &packs[i];
		if (more)
			*more = true;
	}
	return NULL;
}

const char *smi_pack_suffix(size_t i)
{
	return i < SMI_COUNT(packs) ? packs[i].suffix : NULL;
}

const char *smi_packed_trouble(int err)
{
	switch (err) {
	case -ENODATA:
		return "{source} ends in the middle of its compressed data: "
		       "what there is was read";
	case -EBADMSG:
		return "{source} is damaged: its compressed data could be "
		       "unpacked in part only";
	case -EILSEQ:
		return "{source} has something behind its compressed data that "
		       "was not read";
	case -EFBIG:
		return "{source} was compressed with a window of more than 64 "
		       "MiB, which is not unpacked";
	default:
		return NULL;
	}
}

int smi_packed_new(const struct smi_pack *pack, struct smi_span head, char *why,
		   size_t why_len, struct smi_packed **out)
{
	struct smi_packed *p;
	int r;

	if (!pack->ops || !pack->ops->open) {
		snprintf(why, why_len, "this libsysmon does not unpack it");
		return -ENOTSUP;
	}
	p = smi_zalloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->pack = pack;
	r = pack->ops->open(&p->state, why, why_len);
	if (r == 0 && head.len) {
		p->in = smi_alloc(BLOCK);
		r = p->in ? 0 : -ENOMEM;
	}
	if (r < 0) {
		smi_packed_free(p);
		return r;
	}
	if (head.len) {
		p->len = SMI_MIN(head.len, BLOCK);
		memcpy(p->in, head.p, p->len);
	}
	*out = p;
	return 0;
}

void smi_packed_free(struct smi_packed *p)
{
	if (!p)
		return;
	if (p->state)
		p->pack->ops->free(p->state);
	free(p->in);
	free(p);
}

/* More input behind what is left of it. 0, also at its end, or an error. */
static int refill(struct smi_packed *p, smi_packed_fn read, void *user)
{
	ptrdiff_t n;

	if (p->at_end)
		return 0;
	if (!p->in) {
		p->in = smi_alloc(BLOCK);
		if (!p->in)
			return -ENOMEM;
	}
	if (p->pos) {
		memmove(p->in, p->in + p->pos, p->len - p->pos);
		p->len -= p->pos;
		p->pos = 0;
	}
	n = read(user, p->in + p->len, BLOCK - p->len);
	if (n < 0)
		return (int)n;
	p->len += (size_t)n;
	p->at_end = n == 0;
	return 0;
}

static struct smi_span input(const struct smi_packed *p)
{
	return smi_span_of(p->in ? p->in + p->pos : "", p->len - p->pos);
}

/* Between members: 1 when one begins, 0 at the end or when more has to be read
 * (p->at_end tells which). Tapes and xz pad with zeros. */
static int next_member(struct smi_packed *p)
{
	const struct smi_pack *found;
	bool more;

	while (p->any_member && p->pos < p->len && !p->in[p->pos])
		p->pos++;
	if (p->pos == p->len)
		return 0;
	found = smi_pack_find(input(p), &more);
	if (!found && more && !p->at_end)
		return 0;
	if (!found || found->ops != p->pack->ops)
		return -EILSEQ;
	p->in_member = p->any_member = true;
	return p->pack->ops->begin(p->state) < 0 ? -ENOMEM : 1;
}

/* 1: something was done, 0: no input is left. */
static int run(struct smi_packed *p, struct smi_unpack_io *io)
{
	size_t room = io->room;
	int r;

	io->in = input(p);
	r = p->pack->ops->run(p->state, io);
	if (r < 0)
		return r;
	p->in_member = r == 0;
	r = io->room < room || io->in.len < p->len - p->pos || !p->in_member;
	p->pos = p->len - io->in.len;
	return r;
}

/* 0: go on with more input, which there is not when p->at_end. */
static int unpack(struct smi_packed *p, struct smi_unpack_io *io)
{
	while (io->room) {
		int r = p->in_member ? 1 : next_member(p);

		if (r == 1)
			r = run(p, io);
		if (r <= 0)
			return r;
	}
	return 0;
}

static ptrdiff_t over(struct smi_packed *p, int result)
{
	p->pack->ops->end(p->state);
	free(p->in);
	p->in = NULL;
	p->pos = p->len = 0;
	p->at_end = true;
	p->in_member = false;
	p->failure = 0;
	return result;
}

ptrdiff_t smi_packed_read(struct smi_packed *p, smi_packed_fn read, void *user,
			  void *out, size_t len)
{
	struct smi_unpack_io io = { .out = out, .room = len };

	if (p->failure)
		return over(p, p->failure);
	for (int blocks = 0; blocks < PATIENCE; blocks++) {
		int r = unpack(p, &io);

		if (r < 0)
			p->failure = r;
		else if (io.room == len && p->at_end)
			return over(p, p->in_member ? -ENODATA : 0);
		if (io.room < len)
			return (ptrdiff_t)(len - io.room);
		if (r == 0)
			r = refill(p, read, user);
		if (r == -EAGAIN)
			return r;
		if (r < 0)
			return over(p, r);
	}
	return -EINPROGRESS;
}
