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

/* Documentation/ABI/testing/dev-kmsg: "6,1234,5678901,-;text"; the first number is
 * facility * 8 + level, and only the kernel has facility 0. */
bool smi_header_kmsg(struct smi_line *l)
{
	struct smi_span s = l->raw;
	uint64_t v[3];

	for (int i = 0; i < 3; i++) {
		size_t n = smi_span_digits(smi_span_head(s, 20), &v[i]);

		if (!n || n >= s.len || s.p[n] != ',')
			return false;
		s = smi_span_skip(s, n + 1);
	}
	if (v[0] > 191 || !s.len || (s.p[0] != '-' && s.p[0] != 'c'))
		return false;
	s = smi_span_skip(s, smi_span_find(smi_span_head(s, 64), ';'));
	if (!s.len || s.p[0] != ';')
		return false;
	l->header = "kmsg";
	split_text(l, smi_span_skip(s, 1), v[0] < 8);
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
