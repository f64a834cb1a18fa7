/* SPDX-License-Identifier: MIT */
#include "logsrc/header.h"

#include "logsrc/header-parts.h"

/* RFC 5424, 6: HOSTNAME; APP-NAME has 48, real ones have more. */
#define HOST_MAX    255
#define PROGRAM_MAX 128
#define PID_MAX	    128

static void set_pid(struct smi_line *l, struct smi_span s)
{
	uint64_t v;

	if (smi_span_uint(s, INT32_MAX, &v))
		l->pid = (int32_t)v;
}

static struct smi_span word(struct smi_span s)
{
	return smi_span_head(s, smi_span_find(s, ' '));
}

/* "[123]" and what may stand between such brackets: the length, 0 when it is none. */
static size_t brackets(struct smi_span s, int32_t *out)
{
	size_t max = SMI_MIN(s.len, (size_t)PID_MAX + 2), n = 1;
	uint64_t pid = 0;

	while (n < max && (unsigned)(s.p[n] - '0') < 10 && n < 11)
		pid = pid * 10 + (unsigned)(s.p[n++] - '0');
	if (n < max && s.p[n] == ']') {
		if (pid <= INT32_MAX)
			*out = (int32_t)pid;
		return n + 1;
	}
	while (n < max && s.p[n] != ']' && s.p[n] != ' ')
		n++;
	return n < max && s.p[n] == ']' ? n + 1 : 0;
}

/* Where a name may end. */
static const bool ends_name[256] = { [' '] = true, ['['] = true, [':'] = true };

/* The length of the name that s begins with; a colon inside is a part of it. */
static size_t name_length(struct smi_span s)
{
	size_t max = SMI_MIN(s.len, (size_t)HOST_MAX + 1), n = 0;

	for (;; n++) {
		while (n < max && !ends_name[(unsigned char)s.p[n]])
			n++;
		if (n >= max || s.p[n] != ':' || n + 1 == s.len ||
		    s.p[n + 1] == ' ' || s.p[n + 1] == '[')
			return n;
	}
}

/*
 * "sshd[123]: ", "kernel: ", "postfix/smtpd[12]: ", "sshd[5] ": the length up to
 * where the message begins, 0 when the name of length n that s begins with is no
 * tag.
 */
static size_t tag_at(struct smi_line *l, struct smi_span s, size_t n)
{
	size_t end = n + 1;
	int32_t pid = 0;

	if (!n || n > PROGRAM_MAX || n == s.len || s.p[n] == ' ')
		return 0;
	if (s.p[n] == '[') {
		size_t len = brackets(smi_span_skip(s, n), &pid);

		end = n + len;
		if (!len)
			return 0;
		if (end < s.len && s.p[end] == ':')
			end++;
		else if (end < s.len && s.p[end] != ' ')
			return 0;
	}
	l->pid = pid;
	l->program = smi_span_head(s, n);
	return end + (end < s.len && s.p[end] == ' ');
}

/* The same of the tag that most lines have, "sshd[123]: "; 0 for all others. */
static size_t common_tag(struct smi_line *l, struct smi_span s)
{
	size_t max = SMI_MIN(s.len, (size_t)PROGRAM_MAX), n = 0, i;
	int32_t pid = 0;

	while (n < max && !ends_name[(unsigned char)s.p[n]])
		n++;
	if (!n || n == max || s.p[n] != '[')
		return 0;
	max = SMI_MIN(s.len, n + 10);
	for (i = n + 1; i < max && (unsigned)(s.p[i] - '0') < 10; i++)
		pid = pid * 10 + (s.p[i] - '0');
	if (i == n + 1 || s.len - i < 3 || memcmp(s.p + i, "]: ", 3) != 0)
		return 0;
	l->pid = pid;
	l->program = smi_span_head(s, n);
	return i + 3;
}

/* What some daemons put before the tag: "<auth.info>", "auth.info" (BSD, BusyBox
 * syslogd). */
static struct smi_span skip_priority(struct smi_span s)
{
	static const char *const levels[] = { "emerg",	 "alert",  "crit",
					      "err",	 "error",  "warn",
					      "warning", "notice", "info",
					      "debug" };
	struct smi_span w = word(s), level = w;
	size_t dot;

	if (w.len > 2 && w.len < 24 && w.p[0] == '<' && w.p[w.len - 1] == '>')
		return smi_span_skip(s, w.len + 1);
	dot = smi_span_find(w, '.');
	if (dot == 0 || dot > 8)
		return s;
	level = smi_span_skip(w, dot + 1);
	for (size_t i = 0; i < SMI_COUNT(levels); i++)
		if (smi_span_eq_str(level, levels[i]))
			return smi_span_skip(s, w.len + 1);
	return s;
}

/* Solaris: "[ID 800047 auth.info] " before the text. */
static struct smi_span skip_msgid(struct smi_span s)
{
	size_t end;

	if (!s.len || s.p[0] != '[' || !smi_span_starts(s, SMI_SPAN("[ID ")))
		return s;
	end = smi_span_find(smi_span_head(s, 64), ']');
	return end + 1 < s.len && s.p[end] == ']' && s.p[end + 1] == ' '
		       ? smi_span_skip(s, end + 2)
		       : s;
}

/* Most lines are of the host of the line before. A name that ends with a space is
 * no tag. */
static bool is_same_host(const struct smi_stamp_clock *c, struct smi_span s)
{
	return c && c->host_len && s.len > c->host_len &&
	       memcmp(s.p, c->host, c->host_len) == 0;
}

static void keep_host(struct smi_stamp_clock *c, struct smi_span s, size_t len)
{
	c->host_len = 0;
	if (len >= sizeof(c->host) || len >= s.len || s.p[len] != ' ' ||
	    name_length(s) != len)
		return;
	memcpy(c->host, s.p, len + 1);
	c->host_len = len + 1;
}

/* "HOST TAG TEXT", "TAG TEXT", "HOST TEXT" or, in a program's own file, "TEXT". */
static void split_origin(struct smi_line *l, struct smi_span s, bool own_file,
			 struct smi_stamp_clock *c)
{
	bool same = is_same_host(c, s);
	size_t len = same ? c->host_len - 1 : name_length(s);
	size_t n = same ? 0 : tag_at(l, s, len);
	struct smi_span rest;

	if (n) {
		l->message = skip_msgid(smi_span_skip(s, n));
		return;
	}
	l->message = s;
	if (len < s.len && s.p[len] != ' ')
		len = word(s).len;
	if (!len || len > HOST_MAX)
		return;
	rest = smi_span_skip(s, len + 1);
	n = common_tag(l, rest);
	if (!n)
		n = tag_at(l, rest, name_length(rest));
	if (!n) {
		rest = skip_priority(rest);
		n = tag_at(l, rest, name_length(rest));
	}
	if (!n && own_file)
		return;
	l->host = smi_span_head(s, len);
	l->message = skip_msgid(smi_span_skip(rest, n));
	if (c && !same)
		keep_host(c, s, len);
}

static bool split_syslog(struct smi_line *l, struct smi_span s,
			 struct smi_stamp_clock *c)
{
	struct smi_stamp stamp;
	size_t n = smi_stamp_read(c, s, &stamp, &l->time);

	if (!n || (n < s.len && s.p[n] != ' ' && s.p[n] != ':'))
		return false;
	if (n + 1 < s.len && s.p[n] == ':' && s.p[n + 1] == ' ')
		n++;
	l->header = stamp.format;
	split_origin(l, smi_span_skip(s, n + 1), stamp.own_file, c);
	return true;
}

/* RFC 5424, 6.3: "-", or elements with quoted values. The length, 0 when broken. */
static size_t structured_data(struct smi_span s)
{
	size_t n = 0;
	bool quoted = false;

	if (s.len && s.p[0] == '-')
		return 1;
	while (n < s.len && s.p[n] == '[') {
		for (n++; n < s.len && (quoted || s.p[n] != ']'); n++) {
			if (s.p[n] == '"')
				quoted = !quoted;
			else if (quoted && s.p[n] == '\\')
				n++;
		}
		if (n++ >= s.len)
			return 0;
	}
	return n;
}

static struct smi_span field(struct smi_span *rest)
{
	struct smi_span w = word(*rest);

	*rest = smi_span_skip(*rest, w.len + 1);
	return smi_span_eq_str(w, "-") ? smi_span_head(w, 0) : w;
}

/* "1 STAMP HOST APP PROCID MSGID SD MSG", after the priority. */
static bool split_5424(struct smi_line *l, struct smi_span s,
		       struct smi_stamp_clock *c)
{
	struct smi_stamp stamp;
	struct smi_span host, program, pid;
	size_t n;

	s = smi_span_skip(s, 2);
	if (smi_span_starts(s, SMI_SPAN("- ")))
		n = 1;
	else
		n = smi_stamp_read(c, s, &stamp, &l->time);
	if (!n || n >= s.len || s.p[n] != ' ')
		return false;
	s = smi_span_skip(s, n + 1);
	host = field(&s);
	program = field(&s);
	pid = field(&s);
	field(&s);
	n = structured_data(s);
	if (!n || host.len > HOST_MAX || program.len > PROGRAM_MAX ||
	    pid.len > PID_MAX || (n < s.len && s.p[n] != ' '))
		return false;
	s = smi_span_skip(s, n + 1);
	if (smi_span_starts(s, SMI_SPAN("\xEF\xBB\xBF")))
		s = smi_span_skip(s, 3);
	l->header = "rfc5424";
	l->host = host;
	l->program = program;
	set_pid(l, pid);
	l->message = s;
	return true;
}

/* "<38>" before a stamp or a version: RFC 3164, 4.1.1. */
static bool split_priority(struct smi_line *l, struct smi_span s,
			   struct smi_stamp_clock *c)
{
	uint64_t pri;
	size_t n = smi_span_digits(smi_span_head(smi_span_skip(s, 1), 3), &pri);

	if (!n || pri > 191 || n + 1 >= s.len || s.p[n + 1] != '>')
		return false;
	s = smi_span_skip(s, n + 2);
	if (smi_span_starts(s, SMI_SPAN("1 ")))
		return split_5424(l, s, c);
	return split_syslog(l, s, c);
}

/* nginx's error log: "2026/08/04 10:00:01 [error] 123#123: *4 text". */
static bool split_nginx(struct smi_line *l, struct smi_span s,
			struct smi_stamp_clock *c)
{
	struct smi_stamp stamp;
	size_t n = smi_stamp_read(c, s, &stamp, &l->time);
	uint64_t pid;
	size_t digits;

	if (n != 19 || s.len < 22 || s.p[19] != ' ' || s.p[20] != '[')
		return false;
	l->header = stamp.format;
	l->program = SMI_SPAN("nginx");
	s = smi_span_skip(s, 20);
	l->message = s;
	s = smi_span_skip(s, smi_span_find(smi_span_head(s, 16), ']') + 2);
	digits = smi_span_digits(s, &pid);
	if (!digits || pid > INT32_MAX || digits >= s.len || s.p[digits] != '#')
		return true;
	l->pid = (int32_t)pid;
	n = smi_span_find(smi_span_head(s, 32), ' ');
	if (n < s.len && s.p[n] == ' ' && s.p[n - 1] == ':')
		l->message = smi_span_skip(s, n + 1);
	return true;
}

/* Apache's error log: "[Tue Aug 04 10:00:01.5 2026] [core:error] [pid 4:tid 5] ". */
static bool split_apache(struct smi_line *l, struct smi_span s,
			 struct smi_stamp_clock *c)
{
	struct smi_stamp stamp;
	size_t n = smi_stamp_scan_ctime(smi_span_skip(s, 1), &stamp);
	uint64_t pid;

	if (!n || n + 1 >= s.len || s.p[n + 1] != ']')
		return false;
	l->time = smi_stamp_time(c, &stamp);
	l->header = "apache-error";
	s = smi_span_skip(s, n + 2);
	/* dmesg -T puts such a stamp before the kernel's lines. */
	if (smi_span_starts(s, SMI_SPAN(" [")))
		l->program = SMI_SPAN("apache2");
	else
		l->header = stamp.format;
	while (smi_span_starts(s, SMI_SPAN(" ["))) {
		struct smi_span id = smi_span_skip(s, 6);

		n = smi_span_find(s, ']');
		if (n == s.len || smi_span_starts(s, SMI_SPAN(" [client ")))
			break;
		if (smi_span_starts(s, SMI_SPAN(" [pid ")) &&
		    smi_span_digits(id, &pid) && pid <= INT32_MAX)
			l->pid = (int32_t)pid;
		s = smi_span_skip(s, n + 1);
	}
	l->message = smi_span_skip(s, s.len && s.p[0] == ' ');
	return true;
}

static bool split_bracket(struct smi_line *l, struct smi_stamp_clock *c)
{
	return split_apache(l, l->raw, c) || smi_header_dmesg(l) ||
	       smi_header_bracketed(l, c) || smi_header_web(l, c);
}

/* What may have another header than the stamp of a month's name. */
static bool split_marked(struct smi_line *l, struct smi_stamp_clock *c)
{
	struct smi_span s = l->raw;

	if (s.p[0] == '<')
		return split_priority(l, s, c) || smi_header_web(l, c);
	if (s.p[0] == '{')
		return smi_header_json(l, c) || smi_header_web(l, c);
	if (s.p[0] == '[')
		return split_bracket(l, c);
	if (s.len > 4 && s.p[4] == '/' && split_nginx(l, s, c))
		return true;
	if (s.len > 4 && s.p[4] == '-' && smi_header_container(l, c))
		return true;
	if ((s.p[0] == 't' || s.p[0] == 'n') && smi_header_audit(l))
		return true;
	return split_syslog(l, s, c) || smi_header_web(l, c) ||
	       smi_header_kmsg(l);
}

/* Each as it is without an access line in it. */
static bool split_other(struct smi_line *l, struct smi_stamp_clock *c)
{
	struct smi_span s = l->raw;

	/* "Aug  4 ", the shortest way. */
	if (s.len > 4 && s.p[3] == ' ' && (unsigned)(s.p[0] - 'A') < 26 &&
	    s.p[4] != '/' && s.p[4] != '-')
		return split_syslog(l, s, c) || smi_header_web(l, c) ||
		       smi_header_kmsg(l);
	return s.len && split_marked(l, c);
}

static void clear(struct smi_line *l)
{
	l->time = INT64_MIN;
	l->host = l->program = smi_span_head(l->raw, 0);
	l->message = l->raw;
	l->pid = 0;
	l->header = NULL;
	l->web = NULL;
}

/* What the lines of a stream were beyond doubt, and those inside of them. */
#define FORM_ACCESS 1
#define FORM_OTHER  2
#define FORM_INSIDE 2

/*
 * A line that may be one of an access log or of another, for both begin and end with
 * what somebody outside chooses. It is what the lines before were; as long as there
 * were none, both, so that it passes for neither.
 */
static bool split_doubtful(struct smi_line *l, struct smi_stamp_clock *c,
			   unsigned shift)
{
	unsigned forms = (unsigned)l->room->forms >> shift;

	if (!split_other(l, c))
		return false;
	smi_header_web_server(l);
	if (l->web) {
		if (!strcmp(l->header, "clf"))
			l->room->forms |= (uint8_t)(FORM_ACCESS << shift);
		return true;
	}
	if (forms & FORM_ACCESS) {
		clear(l);
		smi_header_web_after_all(l, c);
	} else if (!(forms & FORM_OTHER) && strcmp(l->header, "container")) {
		smi_header_web_too(l);
	}
	return true;
}

static bool split(struct smi_line *l, struct smi_stamp_clock *c)
{
	enum smi_access access = smi_header_access(l, c);
	unsigned shift = l->room && l->room->nested ? FORM_INSIDE : 0;
	unsigned form = FORM_ACCESS;

	if (access == SMI_ACCESS_MAYBE)
		return split_doubtful(l, c, shift);
	if (access == SMI_ACCESS_NO) {
		if (!split_other(l, c))
			return false;
		form = FORM_OTHER;
	}
	if (l->room && (!l->web || access))
		l->room->forms |= (uint8_t)(form << shift);
	return true;
}

void smi_header_tag(struct smi_line *l, struct smi_span s)
{
	size_t n = tag_at(l, s, name_length(s));

	l->message = smi_span_skip(s, n);
}

void smi_header_inside(struct smi_line *l, struct smi_line *in)
{
	in->room->nested = true;
	smi_header_scan(in, NULL);
	in->room->nested = false;
	l->host = in->host;
	l->program = in->program;
	l->pid = in->pid;
	l->message = in->message;
	l->web = in->web;
}

void smi_header_scan(struct smi_line *line, struct smi_stamp_clock *c)
{
	clear(line);
	if (!split(line, c))
		clear(line);
	/* The names of web servers have so many letters. */
	else if (line->program.len >= 5 && line->program.len <= 8 && !line->web)
		smi_header_web_server(line);
}

void smi_header_split(struct smi_line *line)
{
	smi_header_scan(line, NULL);
}
