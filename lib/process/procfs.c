/* SPDX-License-Identifier: MIT */
#include "process/procfs.h"

#include <limits.h>

/* Fields of /proc/PID/stat by their numbers in proc_pid_stat(5). */
enum {
	STAT_PPID = 4,
	STAT_SESSION = 6,
	STAT_TTY = 7,
	STAT_FLAGS = 9,
	STAT_MINOR_FAULTS = 10,
	STAT_MAJOR_FAULTS = 12,
	STAT_UTIME = 14,
	STAT_STIME = 15,
	STAT_NICE = 19,
	STAT_THREADS = 20,
	STAT_START = 22,
	STAT_RSS = 24,
	STAT_CPU = 39,
	STAT_POLICY = 41,
};

static int32_t signed_of(uint64_t magnitude, bool negative)
{
	int32_t v = (int32_t)SMI_MIN(magnitude, (uint64_t)INT32_MAX);

	return negative ? -v : v;
}

/* Numbers below zero are 0, but for a nice value. */
static bool read_stat_numbers(struct smi_span s, size_t last,
			      struct smi_stat *out)
{
	uint64_t v[STAT_POLICY + 1] = { 0 };
	bool nice_is_negative = false;

	for (size_t i = STAT_PPID; i <= last; i++) {
		bool negative = s.len > 0 && s.p[0] == '-';
		size_t n;

		s = smi_span_skip(s, negative);
		n = smi_span_digits(s, &v[i]);
		if (n == 0)
			return false;
		if (i == STAT_NICE)
			nice_is_negative = negative;
		else if (negative)
			v[i] = 0;
		s = smi_span_skip(s, n);
		if (i < last && (s.len == 0 || s.p[0] != ' '))
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
	out->session = signed_of(v[STAT_SESSION], false);
	out->tty = signed_of(v[STAT_TTY], false);
	out->nice = signed_of(v[STAT_NICE], nice_is_negative);
	out->minor_faults = v[STAT_MINOR_FAULTS];
	out->major_faults = v[STAT_MAJOR_FAULTS];
	out->cpu = (uint32_t)v[STAT_CPU];
	out->policy = (uint32_t)v[STAT_POLICY];
	return true;
}

bool smi_procfs_stat(struct smi_span text, bool more, struct smi_stat *out)
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
	return read_stat_numbers(smi_span_skip(rest, 3),
				 more ? STAT_POLICY : STAT_RSS, out);
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

static bool read_gid(struct smi_span s, struct smi_status *out)
{
	uint64_t real, effective;

	if (!take_number(&s, UINT32_MAX, &real) ||
	    !take_number(&s, UINT32_MAX, &effective))
		return false;
	out->gid = (uint32_t)real;
	out->egid = (uint32_t)effective;
	return true;
}

static bool read_cpus(struct smi_span s, struct smi_status *out)
{
	out->cpus = skip_blanks(s);
	return true;
}

static bool read_voluntary(struct smi_span s, struct smi_status *out)
{
	return take_number(&s, UINT64_MAX, &out->voluntary);
}

static bool read_involuntary(struct smi_span s, struct smi_status *out)
{
	return take_number(&s, UINT64_MAX, &out->involuntary);
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

static bool read_tracer(struct smi_span s, struct smi_status *out)
{
	uint64_t v;

	if (!take_number(&s, INT32_MAX, &v))
		return false;
	out->tracer = (int32_t)v;
	return true;
}

static bool read_swap(struct smi_span s, struct smi_status *out)
{
	uint64_t kib;

	if (!take_number(&s, UINT64_MAX / 1024, &kib))
		return false;
	out->swap = kib * 1024;
	return true;
}

static bool read_cap_eff(struct smi_span s, struct smi_status *out)
{
	s = skip_blanks(s);
	if (s.len != 16)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = s.p[i] ? strchr(digits, s.p[i]) : NULL;

		if (!at)
			return false;
		out->cap_eff = out->cap_eff << 4 | (unsigned)(at - digits);
	}
	return true;
}

static bool read_no_new_privs(struct smi_span s, struct smi_status *out)
{
	uint64_t v;

	if (!take_number(&s, 1, &v))
		return false;
	out->no_new_privs = v;
	return true;
}

static bool read_seccomp(struct smi_span s, struct smi_status *out)
{
	uint64_t v;

	if (!take_number(&s, UINT32_MAX, &v))
		return false;
	out->seccomp = (uint32_t)v;
	return true;
}

/* In the order of the kernel (fs/proc/array.c). */
enum {
	ALWAYS, /* there is no process without it */
	MAY_BE,
	MORE, /* not looked for unless wanted */
};
static const struct {
	struct smi_span key;
	bool (*read)(struct smi_span value, struct smi_status *out);
	int when;
} status_lines[] = {
	{ { "Name:", 5 }, read_name, ALWAYS },
	{ { "State:", 6 }, read_state, ALWAYS },
	{ { "Tgid:", 5 }, read_tgid, ALWAYS },
	{ { "PPid:", 5 }, read_ppid, ALWAYS },
	{ { "TracerPid:", 10 }, read_tracer, MORE },
	{ { "Uid:", 4 }, read_uid, ALWAYS },
	{ { "Gid:", 4 }, read_gid, MORE },
	{ { "VmRSS:", 6 }, read_rss, MAY_BE },
	{ { "VmSwap:", 7 }, read_swap, MORE },
	{ { "Threads:", 8 }, read_threads, MAY_BE },
	{ { "CapEff:", 7 }, read_cap_eff, MORE },
	{ { "NoNewPrivs:", 11 }, read_no_new_privs, MORE },
	{ { "Seccomp:", 8 }, read_seccomp, MORE },
	{ { "Cpus_allowed_list:", 18 }, read_cpus, MORE },
	{ { "voluntary_ctxt_switches:", 24 }, read_voluntary, MORE },
	{ { "nonvoluntary_ctxt_switches:", 27 }, read_involuntary, MORE },
};

/* How many of the lines are looked for. */
static size_t count_lines(bool more)
{
	size_t n = SMI_COUNT(status_lines);

	while (!more && status_lines[n - 1].when == MORE)
		n--;
	return n;
}

bool smi_procfs_status(struct smi_span text, bool more, struct smi_status *out)
{
	size_t next = 0, n = count_lines(more);
	struct smi_span line;

	*out = (struct smi_status){ 0 };
	while (next < n && smi_span_split(&text, '\n', &line)) {
		for (size_t i = next; i < n; i++) {
			struct smi_span key = status_lines[i].key;

			if (!more && status_lines[i].when == MORE)
				continue;
			if (smi_span_starts(line, key)) {
				if (!status_lines[i].read(
					    smi_span_skip(line, key.len), out))
					return false;
				next = i + 1;
				break;
			}
			if (status_lines[i].when == ALWAYS)
				break;
		}
	}
	while (next < n && status_lines[next].when != ALWAYS)
		next++;
	return next == n;
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

bool smi_procfs_inode(struct smi_span link, struct smi_span type, uint64_t *out)
{
	if (!smi_span_starts(link, type))
		return false;
	link = smi_span_skip(link, type.len);
	return smi_span_starts(link, SMI_SPAN(":[")) &&
	       smi_span_ends(link, SMI_SPAN("]")) &&
	       smi_span_uint(smi_span_of(link.p + 2, link.len - 3), UINT64_MAX,
			     out);
}

bool smi_procfs_last_pid(struct smi_span loadavg, int32_t *out)
{
	struct smi_span field;
	uint64_t v = 0;

	for (int i = 0; i < 5; i++)
		if (!smi_span_split(&loadavg, ' ', &field))
			return false;
	if (smi_span_digits(field, &v) == 0 || v == 0 || v > INT32_MAX)
		return false;
	*out = (int32_t)v;
	return true;
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
