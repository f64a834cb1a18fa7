/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_PORTS_H
#define SMI_PORTSCAN_PORTS_H

#include "base/fsroot.h"

/* A set of ports, 1 to 65535. {0} is empty. */
struct smi_ports {
	uint64_t w[65536 / 64];
	size_t n;
};

static inline bool smi_ports_has(const struct smi_ports *s, uint16_t port)
{
	return s->w[port >> 6] >> (port & 63) & 1;
}
static inline void smi_ports_add(struct smi_ports *s, uint16_t port)
{
	uint64_t bit = UINT64_C(1) << (port & 63);

	s->n += !(s->w[port >> 6] & bit);
	s->w[port >> 6] |= bit;
}
static inline void smi_ports_del(struct smi_ports *s, uint16_t port)
{
	uint64_t bit = UINT64_C(1) << (port & 63);

	s->n -= !!(s->w[port >> 6] & bit);
	s->w[port >> 6] &= ~bit;
}

/* What is wrong in a list of ports, for a sentence. */
struct smi_ports_error {
	struct smi_span item; /* of the text */
	const char *what;     /* "the first port is greater than the last" */
};

/*
 * "22,80,8000-8100,ssh,top-100,all": adds to set. Spaces around items are allowed,
 * overlaps count once. Service names that are not ours come from /etc/services
 * below root. -EINVAL, or -ENOENT for an unknown service name; err then says why,
 * and set holds some of it. -ENOMEM.
 */
int smi_ports_parse(struct smi_span text, const struct smi_fsroot *root,
		    struct smi_ports *set, struct smi_ports_error *err);
/* The same for UDP, which has a list of its own for top-100. */
int smi_ports_parse_udp(struct smi_span text, const struct smi_fsroot *root,
			struct smi_ports *set, struct smi_ports_error *err);

/* The ports of the set in ascending order; out has room for n. */
void smi_ports_list(const struct smi_ports *set, uint16_t *out);

/* Ports that are often open on hosts of all sorts, the likeliest first. */
#define SMI_PORTS_TOP 1000
extern const uint16_t smi_ports_top[SMI_PORTS_TOP];
/* The same of UDP, each once; behind them come those of TCP. */
extern const uint16_t smi_ports_top_udp[];
extern const size_t smi_nports_top_udp;

#endif
