/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_UDP_PAYLOAD_H
#define SMI_PORTSCAN_UDP_PAYLOAD_H

#include "portscan/match.h"
#include "portscan/ports.h"

/*
 * What a UDP port is asked, so that a program which listens there answers: a question
 * of the protocol that usually has the port, which changes nothing at the other side.
 */
#define SMI_UDP_QUESTIONS 3

struct smi_udp_row {
	const uint16_t *ports; /* ends on 0 */
	/* Of tries in turn, so that few tries leave the last ones out; the first one
	 * without bytes begins anew. */
	struct smi_span ask[SMI_UDP_QUESTIONS];
	/* Its answers; NULL: none is known. */
	smi_match_fn *match;
	/* It answers from another port of its own (TFTP: RFC 1350, 4). */
	bool moves;
};
extern const struct smi_udp_row smi_udp_rows[];
extern const unsigned smi_udp_nrows;

/* NULL: the port has none, and gets an empty datagram. */
const struct smi_udp_row *smi_udp_row(uint16_t port);
/* The bytes of a try, from 0. */
struct smi_span smi_udp_payload(uint16_t port, unsigned attempt);
/* Ports that have a row, added to set. */
void smi_udp_ports(struct smi_ports *set);

/* What an answer from that port says it is, by the row of the port alone. Never
 * SMI_MATCH_MORE. */
enum smi_match smi_udp_match(uint16_t port, struct smi_span answer,
			     struct smi_service_id *id);

#endif
