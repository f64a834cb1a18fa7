/* SPDX-License-Identifier: MIT */
#include "portscan/match-reply.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Codes that a server greets with. */
static bool is_code(uint64_t code)
{
	static const uint16_t codes[] = { 120, 220, 421, 500, 521, 530, 554 };

	for (size_t i = 0; i < SMI_COUNT(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

enum smi_match smi_reply_read(struct smi_span said, bool end,
			      struct smi_reply *r)
{
	struct smi_span rest = said, line;
	uint64_t code;

	for (size_t i = 0; i < SMI_MIN(said.len, 3); i++)
		if (!is_digit(said.p[i]))
			return SMI_MATCH_NO;
	if (said.len < 4)
		return smi_match_short(end);
	if (!smi_span_uint(smi_span_head(said, 3), 999, &code) ||
	    !is_code(code) || !smi_text_is_one(said.p[3], " -\r\n"))
		return SMI_MATCH_NO;
	*r = (struct smi_reply){ .code = (unsigned)code,
				 .line = smi_span_str(""),
				 .text = smi_span_skip(said, 4) };
	while (!r->whole) {
		bool ended = smi_span_find(rest, '\n') < rest.len;

		if (!smi_text_line(&rest, end, &line))
			break;
		if (r->line.len == 0)
			r->line = smi_span_skip(line, 4);
		r->whole = ended &&
			   smi_span_starts(line, smi_span_head(said, 3)) &&
			   (line.len == 3 || line.p[3] == ' ');
		r->text.len = (size_t)SMI_MAX(line.p + line.len - r->text.p, 0);
	}
	return r->whole || end ? SMI_MATCH_YES : SMI_MATCH_MORE;
}

bool smi_reply_is_host(struct smi_span word)
{
	bool dot = false;

	for (size_t i = 0; i < word.len; i++) {
		char c = word.p[i];

		dot = dot || c == '[' || (c == '.' && i + 1 < word.len);
		if (!is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    !smi_text_is_one(c, ".-_[]:"))
			return false;
	}
	return dot && word.len > 3;
}

static bool has_one(struct smi_span text, const char *const *marks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (smi_text_has(text, marks[i]))
			return true;
	return false;
}

enum smi_reply_kind smi_reply_kind(const struct smi_reply *r)
{
	static const char *const mail[] = { "SMTP", "LMTP", "Postfix", "Exim",
					    "Sendmail" };
	static const char *const files[] = { "FTPd",	      "FTPD",
					     "ftpd",	      "FileZilla",
					     "Microsoft FTP", "OOPS: vsftpd" };
	struct smi_span text = r->text, host = smi_text_word(&text);

	if (has_one(text, mail, SMI_COUNT(mail)))
		return SMI_REPLY_SMTP;
	if (has_one(r->text, files, SMI_COUNT(files)))
		return SMI_REPLY_FTP;
	/* The word that decides may not have come. */
	if (!r->whole)
		return SMI_REPLY_OTHER;
	if (smi_text_find_nocase(text, "ftp") < text.len)
		return SMI_REPLY_FTP;
	/* SMTP begins with its name, FTP with anything. */
	if (smi_reply_is_host(host) || r->code == 521 || r->code == 554)
		return SMI_REPLY_SMTP;
	return r->code == 500 ? SMI_REPLY_OTHER : SMI_REPLY_FTP;
}
