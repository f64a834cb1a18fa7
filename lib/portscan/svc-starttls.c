/* SPDX-License-Identifier: MIT */
#include "portscan/svc-starttls.h"

/* One line without its end; false: it is not whole yet. */
static bool cut_line(struct smi_span *in, struct smi_span *line)
{
	size_t n = smi_span_find(*in, '\n');

	if (n == in->len)
		return false;
	*line = smi_span_head(*in, n);
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	*in = smi_span_skip(*in, n + 1);
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool ends_with_word(struct smi_span line, struct smi_span word)
{
	return line.len >= 4 + word.len &&
	       smi_span_eq_nocase(
		       smi_span_head(smi_span_skip(line, 4), word.len), word);
}

/* The code of a reply (RFC 5321, 4.2; RFC 959, 4.2) whose last line has come; 0: not
 * yet, -1: these are no replies. word in one of its lines sets *has. */
static int cut_reply(struct smi_span *in, struct smi_span word, bool *has)
{
	struct smi_span line;

	while (cut_line(in, &line)) {
		bool code = line.len >= 3 && line.p[0] >= '1' &&
			    line.p[0] <= '5' && is_digit(line.p[1]) &&
			    is_digit(line.p[2]);

		if (code && word.len && ends_with_word(line, word))
			*has = true;
		if (code && (line.len == 3 || line.p[3] == ' '))
			return (line.p[0] - '0') * 100 +
			       (line.p[1] - '0') * 10 + (line.p[2] - '0');
		/* FTP has lines without a code inside of one. */
		if (code && line.p[3] != '-')
			return -1;
	}
	return 0;
}

static enum smi_starttls_next say(struct smi_starttls_talk *t,
				  struct smi_span *send, const char *text)
{
	t->step++;
	*send = smi_span_str(text);
	return SMI_STARTTLS_SEND;
}

static enum smi_starttls_next smtp_step(struct smi_starttls_talk *t,
					struct smi_span *in,
					struct smi_span *send)
{
	bool has = false;
	int code = cut_reply(in, SMI_SPAN("STARTTLS"), &has);

	t->offered |= has;
	if (code == 0)
		return SMI_STARTTLS_MORE;
	switch (t->step) {
	case 0:
		return code == 220 ? say(t, send, "EHLO localhost\r\n")
				   : SMI_STARTTLS_NO;
	case 1:
		return code == 250 && t->offered ? say(t, send, "STARTTLS\r\n")
						 : SMI_STARTTLS_NO;
	default:
		return code == 220 ? SMI_STARTTLS_GO : SMI_STARTTLS_NO;
	}
}

static enum smi_starttls_next ftp_step(struct smi_starttls_talk *t,
				       struct smi_span *in,
				       struct smi_span *send)
{
	bool has = false;
	int code = cut_reply(in, SMI_SPAN(""), &has);

	if (code == 0)
		return SMI_STARTTLS_MORE;
	if (t->step == 0)
		return code == 220 ? say(t, send, "AUTH TLS\r\n")
				   : SMI_STARTTLS_NO;
	return code == 234 ? SMI_STARTTLS_GO : SMI_STARTTLS_NO;
}

static enum smi_starttls_next pop3_step(struct smi_starttls_talk *t,
					struct smi_span *in,
					struct smi_span *send)
{
	struct smi_span line;

	if (!cut_line(in, &line))
		return SMI_STARTTLS_MORE;
	if (!smi_span_starts(line, SMI_SPAN("+OK")))
		return SMI_STARTTLS_NO;
	return t->step ? SMI_STARTTLS_GO : say(t, send, "STLS\r\n");
}

/* RFC 3501: what is not tagged may come at any time. */
static enum smi_starttls_next imap_step(struct smi_starttls_talk *t,
					struct smi_span *in,
					struct smi_span *send)
{
	struct smi_span line;

	while (cut_line(in, &line)) {
		if (t->step == 0)
			return smi_span_starts(line, SMI_SPAN("* OK"))
				       ? say(t, send, "a1 STARTTLS\r\n")
				       : SMI_STARTTLS_NO;
		if (smi_span_starts(line, SMI_SPAN("a1 ")))
			return smi_span_starts(line, SMI_SPAN("a1 OK"))
				       ? SMI_STARTTLS_GO
				       : SMI_STARTTLS_NO;
		if (!smi_span_starts(line, SMI_SPAN("* ")))
			return SMI_STARTTLS_NO;
	}
	return SMI_STARTTLS_MORE;
}

enum smi_starttls_next smi_starttls_step(struct smi_starttls_talk *t,
					 struct smi_span *in,
					 struct smi_span *send)
{
	switch (t->kind) {
	case SMI_STARTTLS_SMTP:
		return smtp_step(t, in, send);
	case SMI_STARTTLS_IMAP:
		return imap_step(t, in, send);
	case SMI_STARTTLS_POP3:
		return pop3_step(t, in, send);
	case SMI_STARTTLS_FTP:
		return ftp_step(t, in, send);
	case SMI_STARTTLS_POSTGRESQL:
		return SMI_STARTTLS_GO;
	default:
		return SMI_STARTTLS_NO;
	}
}
