/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"
#include "portscan/svc-state.h"

#define TEXT_MAX 256 /* bytes of a product, version or info as they came */

/* What a service is called inside of TLS (IANA's registry). */
static const struct {
	const char *plain, *inside;
} names[] = {
	{ "http", "https" },	  { "imap", "imaps" },	 { "pop3", "pop3s" },
	{ "smtp", "smtps" },	  { "ftp", "ftps" },	 { "ldap", "ldaps" },
	{ "telnet", "telnets" },  { "irc", "ircs" },	 { "nntp", "nntps" },
	{ "amqp", "amqps" },	  { "mqtt", "mqtts" },	 { "sip", "sips" },
	{ "domain", "domain-s" }, { "dns", "domain-s" },
};

static const char *name_inside(const char *plain)
{
	for (size_t i = 0; i < SMI_COUNT(names); i++)
		if (!strcmp(names[i].plain, plain))
			return names[i].inside;
	return plain;
}

static const char *text_of(struct smi_svc_talk *t, struct smi_span raw,
			   const char *known)
{
	const char *text;

	if (!raw.len)
		return known;
	text = smi_utf8_escape_dup(&t->arena, smi_span_head(raw, TEXT_MAX));
	return text ? text : known;
}

static void set_banner(struct smi_svc_talk *t)
{
	size_t n = SMI_MIN(t->in.len, (size_t)SMI_SVC_BANNER);
	const char *p = n ? smi_arena_strndup(&t->arena, t->in.p, n) : NULL;

	if (p)
		t->found.banner = smi_span_of(p, n);
}

void smi_svc_keep_banner(struct smi_svc *s, struct smi_svc_talk *t)
{
	(void)s;
	t->found.spoke |= t->in.len > 0;
	if (!t->found.banner.len)
		set_banner(t);
}

static void add(struct smi_buf *b, const char *text)
{
	smi_buf_str(b, b->len ? "; " : "");
	smi_buf_str(b, text);
}

/* Behind what is known. */
static void add_info(struct smi_svc *s, struct smi_svc_talk *t,
		     struct smi_span raw)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf info = { 0 };
	const char *more = text_of(t, raw, NULL);

	if (!more)
		return;
	if (t->found.info)
		add(&info, t->found.info);
	add(&info, more);
	s->failed |= info.failed;
	t->found.info =
		smi_arena_strndup(&t->arena, smi_buf_span(&info).p, info.len);
}

void smi_svc_learn(struct smi_svc *s, struct smi_svc_talk *t,
		   const struct smi_service_id *id)
{
	struct smi_svc_found *f = &t->found;

	f->spoke = true;
	f->anyone |= id->open;
	f->starttls |= id->starttls != SMI_STARTTLS_NONE;
	if (id->service)
		f->service = id->service;
	f->product = text_of(t, id->product, f->product);
	f->version = text_of(t, id->version, f->version);
	if (t->stage == SMI_SVC_NEXT) {
		add_info(s, t, id->info);
	} else {
		f->info = text_of(t, id->info, f->info);
		set_banner(t);
	}
	t->matched = true;
}

void smi_svc_learn_tls(struct smi_svc *s, struct smi_svc_talk *t)
{
	int r;

	if (t->found.tls || !t->tls)
		return;
	r = smi_tls_facts(t->tls, &t->arena, &t->facts);
	if (r == -ENOMEM)
		s->failed = true;
	if (r < 0)
		return;
	t->found.tls = &t->facts;
	t->found.spoke = true;
}

void smi_svc_sum_up(struct smi_svc *s, struct smi_svc_talk *t)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf info = { 0 };
	struct smi_svc_found *f = &t->found;

	if (f->info)
		add(&info, f->info);
	if (t->wrapped)
		add(&info, "closes the connection at once");
	if (f->tls && f->tls->sha256 && !f->tls->proved)
		add(&info, "the handshake failed: that it has the key of the "
			   "certificate is not proved");
	if (t->facts.more_sans) {
		add(&info, "the certificate has ");
		smi_buf_uint(&info, t->facts.more_sans);
		smi_buf_str(&info, " more names");
	}
	if (info.len)
		f->info = smi_arena_strndup(&t->arena, info.p, info.len);
	if (f->tls && t->inside && !f->starttls && f->service)
		f->service = name_inside(f->service);
	if (f->tls && !f->service)
		f->service = "tls";
	if (info.failed || smi_arena_error(&t->arena) || t->in.failed ||
	    t->out.failed)
		s->failed = true;
}
