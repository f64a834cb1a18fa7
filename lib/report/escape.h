/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_ESCAPE_H
#define SMI_REPORT_ESCAPE_H

#include "base/buf.h"

/*
 * One escaper for each kind of sink, for any bytes. All of them show a byte that is
 * no well-formed UTF-8 as \xHH.
 *
 * Terminal: what is not printable, and what changes the order or the look of other
 * text (bidirectional controls, zero-width characters), is shown as \xHH or
 * \u{H...}, and a backslash that such a \u{H...} begins with as \x5c; the result is one
 * line.
 */
void smi_esc_term(struct smi_buf *b, struct smi_span s);

/*
 * A JSON string with its quotes (RFC 8259). Beyond what it demands, "<" and all that
 * the terminal escaper would not show are \uXXXX, so that the document is inert
 * within HTML and on a terminal too.
 */
void smi_esc_json(struct smi_buf *b, struct smi_span s);

/*
 * A CSV cell (RFC 4180), quoted where needed, on one line. Text that a spreadsheet
 * would take for a formula gets a ' in front, and so does text that begins with
 * one: a leading ' is never part of the value. Numbers stay as they are.
 */
void smi_esc_csv(struct smi_buf *b, struct smi_span s);

/*
 * Text or an attribute's value of XML 1.0, either quotes around it. What the terminal
 * escaper would not show is a character reference, so that a reader gets it back and
 * the file has nothing of it; what XML cannot have even so (most control characters,
 * U+FFFE, U+FFFF) is as on a terminal.
 */
void smi_esc_xml(struct smi_buf *b, struct smi_span s);

/*
 * Text or an attribute's value of HTML, either quotes around it: no markup, and what
 * is not printable is as on a terminal.
 */
void smi_esc_html(struct smi_buf *b, struct smi_span s);

/*
 * Markdown as GitHub has it, within a line or the cell of a table: no markup, no link,
 * no formula and nobody mentioned, whatever the text is. What is not printable is as on
 * a terminal; a reader sees what that shows, each space too.
 */
void smi_esc_md(struct smi_buf *b, struct smi_span s);

/* A label's value of Prometheus, its quotes around it: as on a terminal, on one line. */
void smi_esc_prom(struct smi_buf *b, struct smi_span s);

/* The value of a parameter of syslog's structured data (RFC 5424, 6.3.3), its quotes
 * around it: as on a terminal, on one line. */
void smi_esc_syslog(struct smi_buf *b, struct smi_span s);

#endif
