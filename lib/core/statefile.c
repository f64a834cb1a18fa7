/* SPDX-License-Identifier: MIT */
#include "core/statefile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsroot.h"
#include "base/siphash.h"
#include "core/atomic.h"

#define MAGIC	  "sysmon-state "
#define VERSION	  1
#define SUM_LEN	  16
#define SIZE_MAX_ ((size_t)256 * 1024 * 1024)

/* Fixed: it finds damage, no more. */
static const struct smi_siphash_key sum_key = { UINT64_C(0x7379736d6f6e2d73),
						UINT64_C(0x746174652d73756d) };

static void sum_of(struct smi_span text, char out[SUM_LEN + 1])
{
	snprintf(out, SUM_LEN + 1, "%016llx",
		 (unsigned long long)smi_siphash(&sum_key, text.p, text.len));
}

/* "sysmon-state 1 0123456789abcdef\n"; *rest is what follows. */
static int parse_head(struct smi_span *rest)
{
	char sum[SUM_LEN + 1];
	struct smi_span line;
	uint64_t version;
	size_t n;

	if (!smi_span_starts(*rest, SMI_SPAN(MAGIC)))
		return -EINVAL;
	line = smi_span_skip(*rest, sizeof(MAGIC) - 1);
	n = smi_span_digits(line, &version);
	if (!n || line.len == n || line.p[n] != ' ')
		return -EINVAL;
	if (version != VERSION)
		return version > VERSION ? -ENOTSUP : -EINVAL;
	line = smi_span_skip(line, n + 1);
	if (line.len <= SUM_LEN || line.p[SUM_LEN] != '\n')
		return -EBADMSG;
	*rest = smi_span_skip(line, SUM_LEN + 1);
	sum_of(*rest, sum);
	return memcmp(sum, line.p, SUM_LEN) == 0 ? 0 : -EBADMSG;
}

/* "NAME LENGTH\n", that many bytes, "\n". */
static int parse_part(struct smi_statefile *s, struct smi_span *rest)
{
	struct smi_statefile_part part;
	struct smi_span line;
	uint64_t len;
	size_t n;

	if (!smi_span_split(rest, '\n', &line))
		return -EBADMSG;
	n = smi_span_find(line, ' ');
	part.name = smi_span_head(line, n);
	if (!n || !smi_span_uint(smi_span_skip(line, n + 1), rest->len, &len) ||
	    len == rest->len || rest->p[len] != '\n')
		return -EBADMSG;
	part.bytes = smi_span_head(*rest, (size_t)len);
	*rest = smi_span_skip(*rest, (size_t)len + 1);
	return smi_vec_push(&s->parts, part) ? 0 : -ENOMEM;
}

int smi_statefile_parse(struct smi_statefile *s)
{
	struct smi_span rest = smi_buf_span(&s->text);
	int r = parse_head(&rest);

	while (r == 0 && rest.len)
		r = parse_part(s, &rest);
	return r;
}

static int fail(struct smi_statefile *s, int err)
{
	static const struct {
		int err;
		const char *why;
	} rows[] = {
		{ EINVAL, "it is no state file of sysmon" },
		{ EBADMSG, "it is damaged: without it all begins anew" },
		{ ENOTSUP, "it was written by a later version" },
		{ EFBIG, "it is larger than 256 MiB" },
		{ EPERM, "it belongs to another user, or every user may write "
			 "it" },
	};

	if (err == ENOMEM)
		return smi_fail_nomem(s->ctx);
	for (size_t i = 0; i < SMI_COUNT(rows); i++)
		if (rows[i].err == err)
			return smi_fail(s->ctx, -err,
					"cannot use the state in '%s': %s",
					s->path, rows[i].why);
	return smi_fail(s->ctx, -err, "cannot read the state in '%s': %s",
			s->path, smi_strerror(err));
}

/* 1: there is something. */
static int read_text(struct smi_statefile *s)
{
	SMI_AUTOCLOSE int fd = open(s->path, O_RDONLY | O_NONBLOCK | O_NOCTTY |
						     O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	/* Who can write it can say that all has been told. */
	if ((st.st_uid != geteuid() && st.st_uid != 0) || st.st_mode & S_IWOTH)
		return -EPERM;
	r = smi_fd_read(fd, SIZE_MAX_, &s->text);
	if (r < 0)
		return r == -E2BIG ? -EFBIG : r;
	return 1;
}

int smi_statefile_load(struct smi_statefile *s, sm_ctx *ctx, const char *path)
{
	int r;

	*s = (struct smi_statefile){ .ctx = ctx };
	s->path = smi_strdup(path);
	if (!s->path)
		return smi_fail_nomem(ctx);
	r = read_text(s);
	if (r == 1)
		r = smi_statefile_parse(s);
	if (r == 0)
		return 0;
	r = fail(s, -r);
	smi_statefile_done(s);
	return r;
}

void smi_statefile_done(struct smi_statefile *s)
{
	free(s->path);
	s->path = NULL;
	smi_buf_free(&s->text);
	smi_vec_free(&s->parts);
}

struct smi_span smi_statefile_part(const struct smi_statefile *s,
				   const char *name)
{
	for (size_t i = 0; i < s->parts.n; i++)
		if (smi_span_eq_str(s->parts.v[i].name, name))
			return s->parts.v[i].bytes;
	return smi_span_of("", 0);
}

void smi_statefile_begin(struct smi_buf *b)
{
	smi_buf_clear(b);
	smi_buf_printf(b, "%s%d ", MAGIC, VERSION);
	smi_buf_fill(b, '0', SUM_LEN);
	smi_buf_char(b, '\n');
}

void smi_statefile_add(struct smi_buf *b, const char *name,
		       struct smi_span bytes)
{
	smi_buf_printf(b, "%s %zu\n", name, bytes.len);
	smi_buf_span_add(b, bytes);
	smi_buf_char(b, '\n');
}

int smi_statefile_save(const struct smi_statefile *s, struct smi_buf *b)
{
	struct smi_atomic a;
	struct smi_span text;
	char sum[SUM_LEN + 1];
	size_t head;
	int r;

	if (smi_buf_error(b))
		return smi_fail_nomem(s->ctx);
	text = smi_buf_span(b);
	head = smi_span_find(text, '\n') + 1;
	sum_of(smi_span_skip(text, head), sum);
	memcpy(b->p + head - 1 - SUM_LEN, sum, SUM_LEN);
	r = smi_atomic_open(&a, s->ctx, s->path);
	if (r < 0)
		return r;
	r = smi_write_all(a.fd, b->p, b->len);
	if (r < 0)
		r = smi_fail(s->ctx, r, "cannot write '%s': %s", s->path,
			     smi_strerror(-r));
	else
		r = smi_atomic_commit(&a);
	smi_atomic_done(&a);
	return r;
}
