/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_KEPT_H
#define SMI_PORTSCAN_SCAN_KEPT_H

#include "base/buf.h"
#include "base/siphash.h"
#include "base/vec.h"
#include "portscan/ports.h"

/*
 * What a scan that is stopped leaves to the one that goes on, as text, a line each:
 *
 *	key N N			of the order of hosts and ports
 *	is NAME VALUE		what was asked for, to know the same scan again
 *	told N...		hosts that were told, of shares by ports
 *	share WALKED DONE	one of the scans side by side; what follows is its
 *	host N NEXT COUNT...	a host in work: its number, how many of its ports were
 *				begun, and what they told
 *	wait PORT...		of those the ones without an answer
 *	part N COUNT...		a host of which this share has told all
 *	held WORD BITS ...	its open ports that are held back: 64 of the set by one
 *				number, from port 64 * WORD on
 */
#define SMI_KEPT_COUNTS 17

struct smi_kept_host {
	uint64_t number;
	uint32_t next;
	bool part;
	uint64_t counts[SMI_KEPT_COUNTS];
	size_t wait_at, nwait; /* in waits */
	size_t held_at, nheld; /* in helds */
};

struct smi_kept_word {
	uint16_t at;
	uint64_t bits;
};

struct smi_kept_share {
	uint64_t walked, done;
	size_t host_at, nhosts; /* in hosts */
	size_t nwait;		/* of all of them */
};

/* Spans lie in the text. */
struct smi_kept_fact {
	struct smi_span name, value;
};

struct smi_kept {
	bool has_key;
	struct smi_siphash_key key;
	SMI_VEC(struct smi_kept_fact) facts;
	SMI_VEC(uint64_t) told;
	SMI_VEC(struct smi_kept_share) shares;
	SMI_VEC(struct smi_kept_host) hosts;
	SMI_VEC(uint16_t) waits;
	SMI_VEC(struct smi_kept_word) helds;
};

void smi_kept_free(struct smi_kept *k);
/* -EBADMSG, -ENOMEM. The form alone: who goes on checks that it can be. */
int smi_kept_parse(struct smi_span text, struct smi_kept *k);

void smi_kept_add_key(struct smi_buf *b, const struct smi_siphash_key *key);
void smi_kept_add_fact(struct smi_buf *b, const char *name, const char *value);
void smi_kept_add_told(struct smi_buf *b, const uint64_t *v, size_t n);
void smi_kept_add_share(struct smi_buf *b, uint64_t walked, uint64_t done);
void smi_kept_add_host(struct smi_buf *b, const struct smi_kept_host *h,
		       const uint16_t *waits);
/* Of the host that was added last. */
void smi_kept_add_held(struct smi_buf *b, const struct smi_ports *held);

#endif
