/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_NMAP_H
#define SMI_REPORT_NMAP_H

#include "base/ip.h"
#include "base/vec.h"
#include "report/format.h"

/* What a report holds, in the order that nmap-xml has it. */
#define SMI_NMAP_NUMBERS 65536

/* A host or a port of a valid address. */
struct smi_nmap_item {
	struct smi_ip ip;
	const char *address;
	const sm_record *rec;
	size_t index;
};

struct smi_nmap_finding {
	const char *port; /* the id of the one it rests on, or "" */
	const sm_record *rec;
	size_t index;
	bool written;
};

struct smi_nmap_numbers {
	uint8_t bits[SMI_NMAP_NUMBERS / 8];
	int64_t probed; /* of the host that has most */
	const char *method;
};

struct smi_nmap {
	SMI_VEC(struct smi_nmap_item) items;
	SMI_VEC(struct smi_nmap_finding) findings;
	struct smi_nmap_numbers tcp, udp;
	uint64_t up, total, placeless;
};

/* Fills the state of r. 0, -ENOMEM. */
int smi_nmap_collect(struct smi_render *r);
void smi_nmap_done(void *state);
/* Those that rest on the port and are not written yet, n of them. */
struct smi_nmap_finding *smi_nmap_findings(struct smi_nmap *x,
					   const sm_record *port, size_t *n);
/* An attribute and its value. */
void smi_nmap_attr(struct smi_buf *b, const char *name, const char *text);
/* Whether a record has members that elements have no attributes for. */
bool smi_nmap_has_extras(const struct smi_render *r, const sm_record *rec);
/* A script called what, with these members; of a port also the findings about it. */
void smi_nmap_script(struct smi_render *r, const sm_record *rec,
		     const char *what, const char *output);
void smi_nmap_port_script(struct smi_render *r, const sm_record *rec);
/* Findings about no port that is here, and notices. */
int smi_nmap_others(struct smi_render *r);
static inline const char *smi_nmap_port_text(const sm_record *rec,
					     unsigned field)
{
	return smi_rec_str(rec, SM_KIND_PORT, field);
}

#endif
