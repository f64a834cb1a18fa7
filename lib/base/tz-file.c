/* SPDX-License-Identifier: MIT */
#include "base/tz-table.h"

/* TZif: RFC 8536, section 3 */
#define HEADER_LEN 44
#define FILE_MAX   ((size_t)1 << 20)
#define LOCALTIME  "/etc/localtime"
#define ZONEINFO   "/usr/share/zoneinfo/"

/* A week: more than any zone has; and the times that zic(8) writes. */
#define OFFSET_MOST 604800
#define TIME_MOST   (INT64_C(1) << 60)
#define LEAP_MOST   100000

/* The counts of one data block, and its parts. */
struct block {
	unsigned int width; /* of a time: 4 or 8 bytes */
	uint32_t isut, isstd, leap, time, type, chars;
	const uint8_t *times, *indices, *types, *leaps;
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static int64_t be_time(const uint8_t *p, unsigned int width)
{
	if (width == 4)
		return (int32_t)be32(p);
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static int take_block(struct smi_span *s, unsigned int width, struct block *out)
{
	const uint8_t *p = (const uint8_t *)s->p;
	struct block b = { .width = width };
	uint64_t len;

	if (s->len < HEADER_LEN || memcmp(p, "TZif", 4) != 0)
		return -EINVAL;
	b.isut = be32(p + 20);
	b.isstd = be32(p + 24);
	b.leap = be32(p + 28);
	b.time = be32(p + 32);
	b.type = be32(p + 36);
	b.chars = be32(p + 40);
	len = (uint64_t)b.time * (width + 1) + (uint64_t)b.type * 6 + b.chars +
	      (uint64_t)b.leap * (width + 4) + b.isstd + b.isut;
	if (b.type == 0 || b.type > 256 || len > s->len - HEADER_LEN)
		return -EINVAL;
	b.times = p + HEADER_LEN;
	b.indices = b.times + (size_t)b.time * width;
	b.types = b.indices + b.time;
	b.leaps = b.types + (size_t)b.type * 6 + b.chars;
	*s = smi_span_skip(*s, HEADER_LEN + (size_t)len);
	*out = b;
	return 0;
}

static int read_offset(const struct block *b, unsigned int type, int32_t *out)
{
	int32_t offset;

	if (type >= b->type)
		return -EINVAL;
	offset = (int32_t)be32(b->types + (size_t)type * 6);
	if (offset < -OFFSET_MOST || offset > OFFSET_MOST)
		return -EINVAL;
	*out = offset;
	return 0;
}

/*
 * The files below right/ count leap seconds, which a Unix time does not: each
 * time is put back by those that were before it. *next walks with the times.
 */
static int64_t without_leaps(const struct block *b, int64_t t, uint32_t *next,
			     int32_t *corr)
{
	unsigned int size = b->width + 4;

	for (; *next < b->leap; ++*next) {
		const uint8_t *p = b->leaps + (size_t)*next * size;
		int32_t v = (int32_t)be32(p + b->width);

		if (be_time(p, b->width) > t)
			break;
		*corr = SMI_MAX(-LEAP_MOST, SMI_MIN(v, LEAP_MOST));
	}
	return t - *corr;
}

static int read_changes(const struct block *b, struct smi_tz_change *out)
{
	uint32_t next_leap = 0;
	int32_t corr = 0;

	for (uint32_t i = 0; i < b->time; i++) {
		int64_t t = be_time(b->times + (size_t)i * b->width, b->width);
		int r = read_offset(b, b->indices[i], &out[i].offset);

		if (r < 0)
			return r;
		if (t < -TIME_MOST || t > TIME_MOST)
			return -EINVAL;
		out[i].at = without_leaps(b, t, &next_leap, &corr);
		if (i > 0 && out[i].at <= out[i - 1].at)
			return -EINVAL;
	}
	return 0;
}

/* "\n", a TZ string or nothing, "\n" */
static int read_footer(struct smi_span s, struct smi_tz_rule *rule,
		       bool *has_rule)
{
	struct smi_span text;

	*has_rule = false;
	if (s.len < 2 || s.p[0] != '\n')
		return -EINVAL;
	s = smi_span_skip(s, 1);
	text = smi_span_head(s, smi_span_find(s, '\n'));
	if (text.len == s.len)
		return -EINVAL;
	if (text.len == 0)
		return 0;
	*has_rule = true;
	return smi_tz_rule_parse(text, rule);
}

int smi_tz_parse_tzif(const void *p, size_t len, struct smi_tz **out)
{
	SMI_AUTOFREE struct smi_tz_change *changes = NULL;
	struct smi_span s = smi_span_of(p, len);
	struct smi_tz_rule rule;
	bool has_rule = false;
	struct block b;
	int32_t first;
	int r = take_block(&s, 4, &b);

	if (r < 0)
		return r;
	if (((const char *)p)[4] >= '2') {
		r = take_block(&s, 8, &b);
		if (r == 0)
			r = read_footer(s, &rule, &has_rule);
		if (r < 0)
			return r;
	}
	r = read_offset(&b, 0, &first);
	if (r < 0)
		return r;
	changes = smi_realloc_array(NULL, b.time, sizeof(*changes));
	if (!changes)
		return -ENOMEM;
	r = read_changes(&b, changes);
	if (r < 0)
		return r;
	return smi_tz_build(first, changes, b.time, has_rule ? &rule : NULL,
			    out);
}

static int open_file(const struct smi_fsroot *root, const char *path,
		     struct smi_tz **out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	int r = smi_fsroot_read(root, path, FILE_MAX, &text);

	return r < 0 ? r : smi_tz_parse_tzif(text.p, text.len, out);
}

static int open_utc(struct smi_tz **out)
{
	return smi_tz_build(0, NULL, 0, NULL, out);
}

static int open_localtime(const struct smi_fsroot *root, struct smi_tz **out)
{
	int r = open_file(root, LOCALTIME, out);

	return r == -ENOENT ? open_utc(out) : r;
}

static bool has_dotdot(struct smi_span name)
{
	struct smi_span part;

	while (smi_span_split(&name, '/', &part)) {
		if (smi_span_eq(part, SMI_SPAN("..")))
			return true;
	}
	return false;
}

static int open_name(const struct smi_fsroot *root, struct smi_span name,
		     struct smi_tz **out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf path = { 0 };
	int r;

	smi_buf_str(&path, ZONEINFO);
	smi_buf_span_add(&path, name);
	if (!smi_buf_cstr(&path))
		return -ENOMEM;
	r = open_file(root, path.p, out);
	if (r == 0 || r == -ENOMEM)
		return r;
	r = smi_tz_parse_posix(name, out);
	if (r == 0 || r == -ENOMEM)
		return r;
	/* Machines without zone files know these all the same. */
	if (smi_span_eq(name, SMI_SPAN("UTC")) ||
	    smi_span_eq(name, SMI_SPAN("Etc/UTC")) ||
	    smi_span_eq(name, SMI_SPAN("GMT")))
		return open_utc(out);
	return -ENOENT;
}

int smi_tz_open(const struct smi_fsroot *root, const char *text,
		struct smi_tz **out)
{
	struct smi_span name = smi_span_str(text);

	if (!text)
		return open_localtime(root, out);
	if (smi_span_starts(name, SMI_SPAN(":")))
		name = smi_span_skip(name, 1);
	if (name.len == 0)
		return open_utc(out);
	if (smi_span_eq_str(name, LOCALTIME))
		return open_localtime(root, out);
	if (smi_span_starts(name, SMI_SPAN(ZONEINFO)))
		name = smi_span_skip(name, sizeof(ZONEINFO) - 1);
	/* The same zones, for clocks that count leap seconds; ours do not. */
	if (smi_span_starts(name, SMI_SPAN("right/")))
		name = smi_span_skip(name, 6);
	if (name.len == 0 || name.p[0] == '/' || has_dotdot(name))
		return -EINVAL;
	return open_name(root, name, out);
}
