/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_HEADER_PARTS_H
#define SMI_LOGSRC_HEADER_PARTS_H

#include "logsrc/header.h"

/* The scanners of smi_header_scan(): false when the line is none of theirs. What they
 * filled by then may stay: whoever comes next sets all of it, and the caller clears
 * what nobody took. */

/* Of the journal: whoever logs may choose any identifier, but not how the line came.
 * false: it says "kernel" and did not come from there. */
static inline bool smi_header_may_be(struct smi_span identifier,
				     struct smi_span transport)
{
	return !transport.len || smi_span_eq(transport, SMI_SPAN("kernel")) ||
	       !smi_span_eq(identifier, SMI_SPAN("kernel"));
}

/* Access logs of web servers. The message is the whole line: who asks is a part
 * of it. */
bool smi_header_web(struct smi_line *l, struct smi_stamp_clock *c);
/* Where the client chooses how an access line begins it may look like another. NO:
 * there is no stamp with a request behind it. SURE: and an address where that of the
 * client stands; all is filled in. MAYBE: it may be text in a line of another. */
enum smi_access {
	SMI_ACCESS_NO,
	SMI_ACCESS_MAYBE,
	SMI_ACCESS_SURE
};
enum smi_access smi_header_access(struct smi_line *l,
				  struct smi_stamp_clock *c);
/* Of such a line that may be one, and where nothing else than the parts of one
 * follows: its request. */
void smi_header_web_too(struct smi_line *l);
/* That line is one: what was found is put in the place of what it looks like. */
void smi_header_web_after_all(struct smi_line *l, struct smi_stamp_clock *c);
/* Of a request: its first line, "-" or an address with a port as some log it. */
void smi_web_request(struct smi_web *w, struct smi_span s);
struct smi_span smi_web_dashed(struct smi_span s);
struct smi_span smi_web_without_port(struct smi_span s);
/* Fills room->web where the program is a web server and the message is an access
 * line. */
void smi_header_web_server(struct smi_line *l);

/* What the kernel prints, as /dev/kmsg and dmesg(1) give it. */
bool smi_header_kmsg(struct smi_line *l);
/* Documentation/ABI/testing/dev-kmsg: "6,1234,5678901,-;text". */
struct smi_kmsg {
	uint64_t priority; /* facility * 8 + level */
	uint64_t number, usec;
	struct smi_span text;
};
bool smi_kmsg_parse(struct smi_span line, struct smi_kmsg *k);
/* A line that belongs to the record above: " KEY=value". */
bool smi_kmsg_is_more(struct smi_span line);
bool smi_header_dmesg(struct smi_line *l);
bool smi_header_audit(struct smi_line *l);
/* A stamp in brackets; a container's stamp and stream. */
bool smi_header_bracketed(struct smi_line *l, struct smi_stamp_clock *c);
bool smi_header_container(struct smi_line *l, struct smi_stamp_clock *c);
/* "sshd[123]: text": fills program, pid and message where s is such. */
void smi_header_tag(struct smi_line *l, struct smi_span s);
/* Splits in, a line that was found inside of l, and gives l all but its time. */
void smi_header_inside(struct smi_line *l, struct smi_line *in);

/* Objects, one a line: of web servers, Docker, journald and applications. */
bool smi_header_json(struct smi_line *l, struct smi_stamp_clock *c);

#endif
