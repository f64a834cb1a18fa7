/* SPDX-License-Identifier: MIT */
#include "detect/f2b-caught.h"

void smi_f2b_catch(const struct smi_matcher *m, const struct smi_f2b_regex *re,
		   struct smi_span subject, struct smi_f2b_caught *out)
{
	*out = (struct smi_f2b_caught){ .defined = 0 };
	for (int alt = 0; alt < 2; alt++)
		for (size_t i = 0; i < re->ngroups; i++) {
			const struct smi_f2b_group *g = &re->groups[i];
			struct smi_span s;
			bool empty = !(out->set >> g->key & 1) ||
				     !out->v[g->key].len;

			if (g->alt != (alt == 1))
				continue;
			if (!g->alt)
				out->defined |= 1u << g->key;
			if (!smi_matcher_group(m, subject, g->group, &s) ||
			    (g->alt && (!empty || !s.len)))
				continue;
			out->v[g->key] = s;
			out->set |= 1u << g->key;
		}
}

void smi_f2b_caught_add(struct smi_f2b_caught *c,
			const struct smi_f2b_caught *pref)
{
	for (unsigned k = 0; k < SMI_F2B_NKEYS; k++)
		if (!(c->defined >> k & 1) && !(c->set >> k & 1) &&
		    pref->set >> k & 1) {
			c->v[k] = pref->v[k];
			c->set |= 1u << k;
		}
}

bool smi_f2b_caught_has_id(const struct smi_f2b_caught *c)
{
	return (c->set & (1u << SMI_F2B_FID | 1u << SMI_F2B_IP4 |
			  1u << SMI_F2B_IP6 | 1u << SMI_F2B_DNS)) != 0;
}

static void set_peer(struct smi_match *m, struct smi_span s)
{
	if (smi_ip_parse(s, &m->ip)) {
		m->ip.scope = 0;
		return;
	}
	m->ip = (struct smi_ip){ 0 };
	m->source_host = s;
}

void smi_f2b_caught_show(const struct smi_f2b_text *x,
			 const struct smi_f2b_caught *c, struct smi_match *m)
{
	static const enum smi_f2b_key peers[] = { SMI_F2B_IP4, SMI_F2B_IP6,
						  SMI_F2B_DNS, SMI_F2B_FID };
	uint64_t port;

	for (size_t i = 0; i < SMI_COUNT(peers); i++)
		if (smi_f2b_has(c, peers[i])) {
			set_peer(m, smi_f2b_text_place(x, c->v[peers[i]]));
			break;
		}
	m->has_user = smi_f2b_has(c, SMI_F2B_USER);
	if (m->has_user)
		m->user = smi_f2b_text_place(x, c->v[SMI_F2B_USER]);
	if (smi_f2b_has(c, SMI_F2B_PORT) &&
	    smi_span_uint(c->v[SMI_F2B_PORT], UINT16_MAX, &port))
		m->port = (uint16_t)port;
}
