/* SPDX-License-Identifier: MIT */
#include "logsrc/header-parts.h"

/*
 * The kernel counts from when the machine was started, and no file says when that
 * was: such lines have no time of their own.
 */

/* Who writes into /dev/kmsg puts a name before the text, as for syslog. */
static void split_text(struct smi_line *l, struct smi_span s, bool kernel)
{
	l->message = s;
	if (kernel)
		l->program = SMI_SPAN("kernel");
	else
		smi_header_tag(l, s);
}

bool smi_kmsg_parse(struct smi_span line, struct smi_kmsg *k)
{
	uint64_t *const v[] = { &k->priority, &k->number, &k->usec };
	struct smi_span s = line;

	for (size_t i = 0; i < SMI_COUNT(v); i++) {
		size_t n = smi_span_digits(smi_span_head(s, 20), v[i]);

		if (!n || n >= s.len || s.p[n] != ',')
			return false;
		s = smi_span_skip(s, n + 1);
	}
	if (k->priority > 191 || !s.len || (s.p[0] != '-' && s.p[0] != 'c'))
		return false;
	s = smi_span_skip(s, smi_span_find(smi_span_head(s, 64), ';'));
	if (!s.len || s.p[0] != ';')
		return false;
	k->text = smi_span_skip(s, 1);
	return true;
}

bool smi_kmsg_is_more(struct smi_span line)
{
	size_t n = 1;

	if (line.len < 3 || line.p[0] != ' ')
		return false;
	while (n < line.len && n < 64 &&
	       (line.p[n] == '_' || (unsigned)(line.p[n] - 'A') < 26 ||
		(unsigned)(line.p[n] - '0') < 10))
		n++;
	return n > 1 && n < line.len && line.p[n] == '=';
}

static int hex_digit(char c)
{
	if ((unsigned)(c - '0') < 10)
		return c - '0';
	return (unsigned)(c - 'a') < 6 ? c - 'a' + 10 : -1;
}

/* What is no printable ASCII, and the backslash, is written "\x1b". */
static struct smi_span unescape(struct smi_line_room *room, struct smi_span s)
{
	struct smi_buf *b = &room->text;

	smi_buf_clear(b);
	while (s.len) {
		size_t n = smi_span_find(s, '\\');
		bool escape = s.len - n >= 4 && s.p[n + 1] == 'x' &&
			      hex_digit(s.p[n + 2]) >= 0 &&
			      hex_digit(s.p[n + 3]) >= 0;

		if (!escape)
			n += n < s.len;
		smi_buf_span_add(b, smi_span_head(s, n));
		if (escape)
			smi_buf_char(b, (char)(hex_digit(s.p[n + 2]) << 4 |
					       hex_digit(s.p[n + 3])));
		s = smi_span_skip(s, n + (escape ? 4 : 0));
	}
	return smi_buf_span(b);
}

/* Only the kernel has facility 0. */
bool smi_header_kmsg(struct smi_line *l)
{
	struct smi_kmsg k;

	if (!smi_kmsg_parse(l->raw, &k))
		return false;
	if (l->room && !l->room->nested &&
	    memmem(k.text.p, k.text.len, "\\x", 2))
		k.text = unescape(l->room, k.text);
	l->header = "kmsg";
	split_text(l, k.text, k.priority < 8);
	return true;
}

/* dmesg(1), console logs: "[   12.345678] text", "[   12.345678][  T1] text". */
bool smi_header_dmesg(struct smi_line *l)
{
	struct smi_span s = smi_span_skip(l->raw, 1);
	size_t n = 0, end;
	uint64_t v;

	while (n < s.len && n < 12 && s.p[n] == ' ')
		n++;
	s = smi_span_skip(s, n);
	n = smi_span_digits(smi_span_head(s, 12), &v);
	if (!n || n >= s.len || s.p[n] != '.')
		return false;
	end = n + 1 + smi_span_digits(smi_span_skip(s, n + 1), &v);
	if (end != n + 7 || end >= s.len || s.p[end] != ']')
		return false;
	s = smi_span_skip(s, end + 1);
	/* The thread or processor that printed. */
	if (smi_span_starts(s, SMI_SPAN("["))) {
		n = smi_span_find(smi_span_head(s, 16), ']');
		s = smi_span_skip(s, n < 15 ? n + 1 : 0);
	}
	l->header = "dmesg";
	split_text(l, smi_span_skip(s, s.len && s.p[0] == ' '), true);
	return true;
}

/* "[2026-08-04 10:00:01] text", "[04-Aug-2026 10:00:01 UTC] text": programs' own
 * files. */
bool smi_header_bracketed(struct smi_line *l, struct smi_stamp_clock *c)
{
	struct smi_span s = smi_span_skip(l->raw, 1);
	struct smi_stamp stamp;
	size_t n = smi_span_find(smi_span_head(s, 64), ']');
	struct smi_span inner = smi_span_head(s, n);

	if (n >= s.len || n == 64)
		return false;
	if (smi_stamp_epoch(inner, &l->time)) {
		l->header = "epoch";
	} else {
		if (smi_stamp_read(c, inner, &stamp, &l->time) != n)
			return false;
		l->header = stamp.format;
	}
	s = smi_span_skip(s, n + 1);
	l->message =
		smi_span_skip(s, s.len && (s.p[0] == ' ' || s.p[0] == ':'));
	return true;
}

/*
 * The logs of Kubernetes and Podman: "STAMP stdout F text". P is a part of a line
 * that goes on: the next part may begin with what a hostile client wants to pass for
 * a header, so none is looked for there.
 */
bool smi_header_container(struct smi_line *l, struct smi_stamp_clock *c)
{
	struct smi_span head = smi_span_head(l->raw, 48), s;
	size_t n = smi_span_find(head, ' ');
	struct smi_line in;
	struct smi_stamp stamp;
	uint8_t stream;
	bool goes_on;

	s = smi_span_skip(l->raw, n);
	if (!smi_span_starts(s, SMI_SPAN(" stdout ")) &&
	    !smi_span_starts(s, SMI_SPAN(" stderr ")))
		return false;
	if (s.len < 9 || (s.p[8] != 'F' && s.p[8] != 'P') ||
	    (s.len > 9 && s.p[9] != ' ') ||
	    smi_stamp_read(c, l->raw, &stamp, &l->time) != n)
		return false;
	stream = s.p[4] == 'o' ? 1 : 2;
	l->header = "container";
	l->message = smi_span_skip(s, 10);
	if (!l->room || l->room->nested)
		return true;
	goes_on = l->room->partial & stream;
	l->room->partial = (uint8_t)(s.p[8] == 'F' ? l->room->partial & ~stream
						   : l->room->partial | stream);
	if (goes_on)
		return true;
	smi_buf_clear(&l->room->text);
	in = (struct smi_line){ .raw = l->message, .room = l->room };
	smi_header_inside(l, &in);
	return true;
}

/*
 * auditd's own file: "type=USER_AUTH msg=audit(1785837601.123:456): text", before it
 * "node=NAME " where auditd.conf(5) has name_format. The message is the whole line:
 * its type is a part of it.
 */
bool smi_header_audit(struct smi_line *l)
{
	struct smi_span s = l->raw, node = smi_span_head(s, 0), stamp;
	size_t n;
	uint64_t serial;

	if (smi_span_starts(s, SMI_SPAN("node="))) {
		s = smi_span_skip(s, 5);
		node = smi_span_head(s,
				     smi_span_find(smi_span_head(s, 256), ' '));
		s = smi_span_skip(s, node.len + 1);
	}
	if (!smi_span_starts(s, SMI_SPAN("type=")))
		return false;
	s = smi_span_skip(s, smi_span_find(smi_span_head(s, 64), ' '));
	if (!smi_span_starts(s, SMI_SPAN(" msg=audit(")))
		return false;
	s = smi_span_skip(s, 11);
	stamp = smi_span_head(s, smi_span_find(smi_span_head(s, 32), ':'));
	s = smi_span_skip(s, stamp.len + 1);
	n = smi_span_digits(s, &serial);
	if (!n || !smi_span_starts(smi_span_skip(s, n), SMI_SPAN("):")) ||
	    !smi_stamp_epoch(stamp, &l->time))
		return false;
	l->header = "audit";
	l->host = node;
	l->program = SMI_SPAN("audit");
	return true;
}
