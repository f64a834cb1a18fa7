/* SPDX-License-Identifier: MIT */
#include "process/procfs.h"

#include <limits.h>

/* Fields of /proc/PID/stat by their numbers in proc_pid_stat(5). */
enum {
	STAT_PPID = 4,
	STAT_FLAGS = 9,
	STAT_UTIME = 14,
	STAT_STIME = 15,
	STAT_THREADS = 20,
	STAT_START = 22,
	STAT_RSS = 24,
};

static bool read_stat_numbers(struct smi_span s, struct smi_stat *out)
{
	uint64_t v[STAT_RSS + 1] = { 0 };

	for (size_t i = STAT_PPID; i <= STAT_RSS; i++) {
		bool negative = s.len > 0 && s.p[0] == '-';
		size_t n;

		s = smi_span_skip(s, negative);
		n = smi_span_digits(s, &v[i]);
		if (n == 0)
			return false;
		if (negative)
			v[i] = 0;
		s = smi_span_skip(s, n);
		if (i < STAT_RSS && (s.len == 0 || s.p[0] != ' '))
			return false;
		s = smi_span_skip(s, 1);
	}
	if (v[STAT_PPID] > INT32_MAX)
		return false;
	out->ppid = (int32_t)v[STAT_PPID];
	out->flags = (uint32_t)v[STAT_FLAGS];
	out->ticks = v[STAT_UTIME] + v[STAT_STIME];
	out->threads = v[STAT_THREADS];
	out->start = v[STAT_START];
	out->rss_pages = v[STAT_RSS];
	return true;
}

bool smi_procfs_stat(struct smi_span text, struct smi_stat *out)
{
	struct smi_span rest;
	const char *close;
	uint64_t pid;
	size_t n = smi_span_digits(text, &pid);

	if (n == 0 || pid > INT32_MAX)
		return false;
	rest = smi_span_skip(text, n);
	if (!smi_span_starts(rest, SMI_SPAN(" (")))
		return false;
	rest = smi_span_skip(rest, 2);
	/* A name may hold anything, ") R 1 (" too: the last one ends it. */
	close = rest.len ? memrchr(rest.p, ')', rest.len) : NULL;
	if (!close)
		return false;
	out->pid = (int32_t)pid;
	out->name = smi_span_head(rest, (size_t)(close - rest.p));
	rest = smi_span_skip(rest, out->name.len + 1);
	if (rest.len < 4 || rest.p[0] != ' ' || rest.p[2] != ' ')
		return false;
	out->state = rest.p[1];
	return read_stat_numbers(smi_span_skip(rest, 3), out);
}

static struct smi_span skip_blanks(struct smi_span s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = smi_span_skip(s, 1);
	return s;
}

/* Takes a number off the beginning of *s. */
static bool take_number(struct smi_span *s, uint64_t max, uint64_t *out)
{
	uint64_t v;
	size_t n;

	*s = skip_blanks(*s);
	n = smi_span_digits(*s, &v);
	if (n == 0 || v > max)
		return false;
	*s = smi_span_skip(*s, n);
	*out = v;
	return true;
}

static bool read_name(struct smi_span s, struct smi_status *out)
{
	/* One tab, and then the name, which may begin with blanks. */
	out->name = smi_span_skip(s, 1);
	return true;
}

static bool read_state(struct smi_span s, struct smi_status *out)
{
	s = skip_blanks(s);
	out->state = s.len > 0 ? s.p[0] : 0;
	return s.len > 0;
}

static bool read_tgid(struct smi_span s, struct smi_status *out)
{
	uint64_t v;

	if (!take_number(&s, INT32_MAX, &v))
		return false;
	out->tgid = (int32_t)v;
	return true;
}

static bool read_ppid(struct smi_span s, struct smi_status *out)
{
	uint64_t v;

	if (!take_number(&s, INT32_MAX, &v))
		return false;
	out->ppid = (int32_t)v;
	return true;
}

/* Real, effective, saved, file system. */
static bool read_uid(struct smi_span s, struct smi_status *out)
{
	uint64_t real, effective;

	if (!take_number(&s, UINT32_MAX, &real) ||
	    !take_number(&s, UINT32_MAX, &effective))
		return false;
	out->uid = (uint32_t)real;
	out->euid = (uint32_t)effective;
	return true;
}

static bool read_rss(struct smi_span s, struct smi_status *out)
{
	uint64_t kib;

	if (!take_number(&s, UINT64_MAX / 1024, &kib))
		return false;
	out->rss = kib * 1024;
	return true;
}

static bool read_threads(struct smi_span s, struct smi_status *out)
{
	return take_number(&s, UINT64_MAX, &out->threads);
}

/* In the order of the kernel (fs/proc/array.c); needed: there is no process
 * without it. */
static const struct {
	struct smi_span key;
	bool (*read)(struct smi_span value, struct smi_status *out);
	bool needed;
} status_lines[] = {
	{ { "Name:", 5 }, read_name, true },
	{ { "State:", 6 }, read_state, true },
	{ { "Tgid:", 5 }, read_tgid, true },
	{ { "PPid:", 5 }, read_ppid, true },
	{ { "Uid:", 4 }, read_uid, true },
	{ { "VmRSS:", 6 }, read_rss, false },
	{ { "Threads:", 8 }, read_threads, false },
};

bool smi_procfs_status(struct smi_span text, struct smi_status *out)
{
	struct smi_span line;
	size_t next = 0;

	*out = (struct smi_status){ 0 };
	while (next < SMI_COUNT(status_lines) &&
	       smi_span_split(&text, '\n', &line)) {
		for (size_t i = next; i < SMI_COUNT(status_lines); i++) {
			struct smi_span key = status_lines[i].key;

			if (smi_span_starts(line, key)) {
				if (!status_lines[i].read(
					    smi_span_skip(line, key.len), out))
					return false;
				next = i + 1;
				break;
			}
			if (status_lines[i].needed)
				break;
		}
	}
	return next == SMI_COUNT(status_lines) || !status_lines[next].needed;
}

struct smi_span smi_procfs_name(struct smi_span escaped,
				char room[SMI_NAME_MAX])
{
	size_t n = 0;

	if (smi_span_find(escaped, '\\') == escaped.len)
		return escaped;
	for (size_t i = 0; i < escaped.len && n < SMI_NAME_MAX; i++) {
		char c = escaped.p[i];

		if (c == '\\' && i + 1 < escaped.len) {
			i++;
			c = escaped.p[i] == 'n' ? '\n' : escaped.p[i];
		}
		room[n++] = c;
	}
	return smi_span_of(room, n);
}

static size_t count_byte(struct smi_span s, char c)
{
	size_t n = 0;

	for (;;) {
		size_t at = smi_span_find(s, c);

		if (at == s.len)
			return n;
		n++;
		s = smi_span_skip(s, at + 1);
	}
}

struct smi_args smi_procfs_args(struct smi_span raw)
{
	struct smi_span first = smi_span_head(raw, smi_span_find(raw, '\0'));
	size_t zeros = raw.len - first.len;

	if (raw.len == 0)
		return (struct smi_args){ raw, 0 };
	for (size_t i = first.len; i < raw.len && zeros > 1; i++)
		if (raw.p[i] != '\0')
			zeros = 0;
	/* Only zeros follow the first string. One is its end. */
	if (zeros > 1 && first.len == 0)
		return (struct smi_args){ first, 0 };
	if (zeros > 1 && smi_span_find(first, ' ') < first.len)
		return (struct smi_args){ first, 1 };
	if (raw.p[raw.len - 1] == '\0')
		raw.len--;
	return (struct smi_args){ raw, count_byte(raw, '\0') + 1 };
}

static bool find_line(struct smi_span text, struct smi_span key,
		      struct smi_span *value)
{
	struct smi_span line;

	while (smi_span_split(&text, '\n', &line)) {
		if (smi_span_starts(line, key)) {
			*value = smi_span_skip(line, key.len);
			return true;
		}
	}
	return false;
}

bool smi_procfs_number(struct smi_span text, struct smi_span key, uint64_t *out)
{
	struct smi_span value;

	return find_line(text, key, &value) &&
	       take_number(&value, UINT64_MAX, out);
}

size_t smi_procfs_count(struct smi_span text, struct smi_span key)
{
	struct smi_span value;
	uint64_t number;
	size_t n = 0;

	if (find_line(text, key, &value))
		while (take_number(&value, UINT64_MAX, &number))
			n++;
	return n;
}

bool smi_procfs_seconds(struct smi_span text, int64_t *ns)
{
	uint64_t whole, part = 0;
	size_t n = smi_span_digits(text, &whole);
	size_t digits = 0;

	if (n == 0 || whole > INT64_MAX / INT64_C(1000000000) - 1)
		return false;
	text = smi_span_skip(text, n);
	if (text.len > 0 && text.p[0] == '.') {
		digits = smi_span_digits(smi_span_skip(text, 1), &part);
		if (digits == 0 || digits > 9)
			return false;
	}
	for (; digits < 9; digits++)
		part *= 10;
	*ns = (int64_t)(whole * UINT64_C(1000000000) + part);
	return true;
}
