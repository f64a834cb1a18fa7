/* SPDX-License-Identifier: MIT */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "detect/f2b-jail.h"
#include "detect/ini.h"
#include "detect/ruleset.h"

/* Own addresses: a machine with more of them has them in prefixes. */
#define MAX_OWN 4096

bool smi_f2b_is_true(struct smi_span s)
{
	static const char *const words[] = { "1", "on", "true", "yes" };

	for (size_t i = 0; i < SMI_COUNT(words); i++)
		if (smi_span_eq_nocase(s, smi_span_str(words[i])))
			return true;
	return false;
}

struct smi_span smi_f2b_cut_word(struct smi_span *s)
{
	size_t n = 0;

	while (s->len && (smi_ini_space(s->p[0]) || s->p[0] == ','))
		*s = smi_span_skip(*s, 1);
	while (n < s->len && !smi_ini_space(s->p[n]) && s->p[n] != ',')
		n++;
	*s = smi_span_skip(*s, n);
	return smi_span_of(s->p - n, n);
}

/* ignoreip has room for max more. */
static int read_ignoreip(struct smi_f2b_jail *j, const struct smi_f2b_value *v)
{
	struct smi_span rest = v->text, word;
	int r = 0;

	while (r >= 0 && (word = smi_f2b_cut_word(&rest)).len) {
		struct smi_prefix *p = &j->f->ignoreip[j->f->nignoreip];

		if (smi_prefix_parse(word, p))
			j->f->nignoreip++;
		else
			r = smi_f2b_jail_remark(
				j, v, word,
				"of ignoreip is no address: names are not "
				"looked up, so it is not left alone");
	}
	return SMI_MIN(r, 0);
}

static void add_own(struct smi_f2b_filter *f, const struct sockaddr *a)
{
	struct smi_ip ip = { 0 };

	if (a && a->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)a;

		ip.family = 4;
		memcpy(ip.b, &in->sin_addr, 4);
		f->ignoreip[f->nignoreip++] = smi_prefix_of(&ip, 32);
	} else if (a && a->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)a;

		ip.family = 6;
		memcpy(ip.b, &in->sin6_addr, 16);
		f->ignoreip[f->nignoreip++] = smi_prefix_of(&ip, 128);
	}
}

/* What is on by default in fail2ban. Of a tree that is not this machine's root
 * nobody knows the addresses. */
static int is_self_ignored(struct smi_f2b_jail *j, struct smi_f2b_value *v)
{
	int r = smi_f2b_jail_get(j, "ignoreself", v);

	if (r < 0 || j->rs->ctx->root.path)
		return SMI_MIN(r, 0);
	return r == 0 || smi_f2b_is_true(smi_ini_strip(v->text));
}

int smi_f2b_jail_ignore(struct smi_f2b_jail *j)
{
	struct smi_f2b_value v = { .file = j->file, .line = j->line }, self = v;
	struct ifaddrs *own = NULL;
	struct smi_span rest;
	size_t max = 1;
	int given = smi_f2b_jail_get(j, "ignoreip", &v), r = given;
	int ignored = r < 0 ? r : is_self_ignored(j, &self);

	if (ignored < 0)
		return ignored;
	for (rest = v.text; given && smi_f2b_cut_word(&rest).len;)
		max++;
	if (ignored && getifaddrs(&own) < 0)
		r = smi_f2b_jail_remark(j, &self, SMI_SPAN("ignoreself"),
					"has no effect: the addresses of this "
					"machine cannot be read");
	for (const struct ifaddrs *a = own; a && max < MAX_OWN; a = a->ifa_next)
		max++;
	j->f->ignoreip =
		smi_arena_zalloc(&j->rs->arena, max * sizeof(*j->f->ignoreip));
	if (r >= 0 && !j->f->ignoreip)
		r = -ENOMEM;
	if (r >= 0 && given)
		r = read_ignoreip(j, &v);
	for (const struct ifaddrs *a = own;
	     r >= 0 && a && j->f->nignoreip + 1 < max; a = a->ifa_next)
		add_own(j->f, a->ifa_addr);
	if (own)
		freeifaddrs(own);
	return SMI_MIN(r, 0);
}
