/* SPDX-License-Identifier: MIT */
/* Mail and news: SMTP and LMTP, POP3, IMAP, NNTP. */
#include "portscan/match-all.h"
#include "portscan/match-reply.h"

static const struct smi_text_product mta[] = {
	{ "Postfix", "Postfix" },
	{ "Exim", "Exim" },
	{ "Sendmail", "Sendmail" },
	{ "OpenSMTPD", "OpenSMTPD" },
	{ "Microsoft ESMTP MAIL Service, Version:", "Microsoft SMTP Service" },
	{ "Microsoft ESMTP MAIL Service ready", "Microsoft Exchange" },
	{ "Haraka", "Haraka" },
	{ "qpsmtpd", "qpsmtpd" },
	{ "Dovecot", "Dovecot" },
	{ "Cyrus LMTP", "Cyrus" },
	{ "MailEnable", "MailEnable" },
	{ "IceWarp", "IceWarp" },
	{ "CommuniGate Pro", "CommuniGate Pro" },
	{ "gsmtp", "Google SMTP" },
};

/* "(Debian/GNU)" */
static void add_brackets(struct smi_service_id *id, struct smi_span text)
{
	struct smi_span inside;

	if (smi_text_between(text, "(", ")", &inside))
		smi_id_add(id, "", inside);
}

/* "220 mx.example.org ESMTP Exim 4.96 Thu, 01 Jan 1970 00:00:00 +0000" */
enum smi_match smi_match_smtp(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	struct smi_reply r;
	enum smi_match begins = smi_reply_read(reply, end, &r);
	struct smi_span text, host;
	bool lmtp;

	if (begins != SMI_MATCH_YES)
		return begins;
	if (smi_reply_kind(&r) != SMI_REPLY_SMTP)
		return SMI_MATCH_NO;
	text = r.text;
	host = smi_text_word(&text);
	lmtp = smi_text_has(text, "LMTP");
	smi_id_set(id, lmtp ? "lmtp" : "smtp");
	if (!lmtp)
		id->starttls = SMI_STARTTLS_SMTP;
	smi_text_product(text, mta, SMI_COUNT(mta), id);
	if (r.code != 220)
		smi_id_add(id, "refused: ", r.line);
	else if (smi_reply_is_host(host))
		smi_id_add(id, "host ", host);
	if (smi_text_has(text, "Postfix ("))
		add_brackets(id, text);
	return SMI_MATCH_YES;
}

static const struct smi_text_product mailbox[] = {
	{ "Dovecot", "Dovecot" },
	{ "Courier-IMAP", "Courier" },
	{ "Hello there.", "Courier" },
	{ "Cyrus IMAP", "Cyrus" },
	{ "Cyrus POP3", "Cyrus" },
	{ "Microsoft Exchange", "Microsoft Exchange" },
	{ "Gimap", "Gmail IMAP" },
	{ "Zimbra", "Zimbra" },
	{ "MailEnable", "MailEnable" },
	{ "hMailServer", "hMailServer" },
};

static void mailbox_product(struct smi_span text, struct smi_service_id *id)
{
	smi_text_product(text, mailbox, SMI_COUNT(mailbox), id);
	if (smi_text_has(text, "Dovecot ("))
		add_brackets(id, text);
}

/* "+OK Dovecot (Debian) ready.\r\n" */
enum smi_match smi_match_pop3(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	enum smi_match begins = smi_text_begins(reply, "+OK", end);
	struct smi_span rest = smi_span_skip(reply, 3), line;

	if (begins != SMI_MATCH_YES)
		return begins;
	if (rest.len > 0 && !smi_text_is_one(rest.p[0], " \r\n"))
		return SMI_MATCH_NO;
	if (!end && smi_span_find(rest, '\n') == rest.len)
		return SMI_MATCH_MORE;
	if (rest.len == 0)
		return SMI_MATCH_NO;
	smi_id_set(id, "pop3");
	id->starttls = SMI_STARTTLS_POP3;
	if (smi_text_line(&rest, end, &line))
		mailbox_product(line, id);
	return SMI_MATCH_YES;
}

/* RFC 9051, 7.1: "* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n" */
enum smi_match smi_match_imap(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	static const char *const conditions[] = { "* OK ", "* PREAUTH ",
						  "* BYE " };
	enum smi_match begins = SMI_MATCH_NO;
	struct smi_span rest = reply, line, capabilities;
	size_t i;

	for (i = 0; i < SMI_COUNT(conditions) && begins == SMI_MATCH_NO; i++)
		begins = smi_text_begins(reply, conditions[i], end);
	if (begins != SMI_MATCH_YES)
		return begins;
	if (!end && smi_span_find(reply, '\n') == reply.len)
		return SMI_MATCH_MORE;
	if (!smi_text_line(&rest, end, &line))
		return SMI_MATCH_NO;
	smi_id_set(id, "imap");
	id->open = i == 2;
	id->starttls = SMI_STARTTLS_IMAP;
	if (smi_text_between(line, "[CAPABILITY ", "]", &capabilities) &&
	    !smi_text_has(capabilities, "STARTTLS"))
		id->starttls = SMI_STARTTLS_NONE;
	mailbox_product(line, id);
	return SMI_MATCH_YES;
}

/* RFC 3977, 5.1: "200 news.example.org InterNetNews NNRP server INN 2.7.0 ready" */
enum smi_match smi_match_nntp(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	static const struct smi_text_product news[] = {
		{ "INN", "INN" },
		{ "Leafnode NNTP daemon, version", "Leafnode" },
		{ "Leafnode", "Leafnode" },
		{ "Cyrus NNTP", "Cyrus" },
	};
	enum smi_match begins = smi_text_begins(reply, "20", end);
	struct smi_span rest = reply, line;

	if (begins != SMI_MATCH_YES)
		return begins;
	if (reply.len > 2 && reply.p[2] != '0' && reply.p[2] != '1')
		return SMI_MATCH_NO;
	if (!end && smi_span_find(reply, '\n') == reply.len)
		return reply.len > 3 && reply.p[3] != ' ' ? SMI_MATCH_NO
							  : SMI_MATCH_MORE;
	if (!smi_text_line(&rest, end, &line) || line.len < 4 ||
	    line.p[3] != ' ' ||
	    (!smi_text_has(line, "NNTP") && !smi_text_has(line, "NNRP") &&
	     !smi_text_has(line, "InterNetNews")))
		return SMI_MATCH_NO;
	smi_id_set(id, "nntp");
	smi_text_product(line, news, SMI_COUNT(news), id);
	return SMI_MATCH_YES;
}
