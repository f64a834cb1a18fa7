/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_ENGINE_H
#define SMI_PORTSCAN_ENGINE_H

#include "base/ip.h"
#include "base/span.h"
#include "portscan/ports.h"

/*
 * How probes go out and answers come in. The scan decides what to probe, when, how
 * often and how long to wait; an engine sends one probe and reports what came back.
 * A probe has a slot, 0 to nslots - 1, that is its caller's until the answer or the
 * drop. Sending again in a slot that is out is a further try of the same probe: the
 * engine still takes an answer to an earlier one where it can.
 */
enum smi_verdict {
	SMI_VERDICT_OPEN,
	SMI_VERDICT_CLOSED,
	SMI_VERDICT_FILTERED, /* somebody said so; reason tells who and why */
	/* This machine's own shortage or luck: says nothing about the port. */
	SMI_VERDICT_AGAIN,
	/* This machine does not let the probe out; err tells. */
	SMI_VERDICT_REFUSED,
};

struct smi_answer {
	unsigned slot;
	int attempt; /* the try that was answered, from 0; -1: not known */
	enum smi_verdict verdict;
	const char *reason; /* "syn-ack"; a constant */
	int err;	    /* positive errno of AGAIN and REFUSED */
	bool by_target;	    /* FILTERED: the probed address itself said so */
	/* FILTERED, "host-unreachable": this machine said so, since on its own link
	 * nobody answers for the address (ARP, neighbour discovery). */
	bool by_us;
	/* OPEN: what came, good until the next poll(); empty where that is nothing or
	 * not known. */
	struct smi_span said;
};

/* What became of a probe that was to be sent. */
enum smi_sent {
	SMI_SENT,
	SMI_SENT_ANSWERED, /* at once: *answer is filled */
	SMI_SENT_NOT_NOW,  /* something of ours stands in the way; later */
	SMI_SENT_NO_ROOM,  /* descriptors or ports are out; answer->err tells */
};

struct smi_engine_ops {
	const char *method; /* "connect" */
	bool sockets;	    /* each slot needs a descriptor */
	/* What was sent once is sent again until the drop, after about a second each
	 * time: by the kernel. */
	bool asks_again;
	/* A closed port is told by a message that its host may not send, and an open one
	 * may be silent (scan-limit.h). */
	bool datagrams;
	/* avoid: ports that no socket of the engine should take. A negative
	 * errno when it cannot work at all. */
	int (*open)(unsigned nslots, const struct smi_ports *avoid, void **out);
	/* Readable when there is something to poll for. */
	int (*fd)(const void *engine);
	/* attempt: from 0. near: ip may be this machine, where a port that the
	 * engine holds itself must not be probed. silent: it has not answered yet.
	 * What waits for a link-layer address must not hold up probes of others. */
	enum smi_sent (*send)(void *engine, unsigned slot,
			      const struct smi_ip *ip, uint16_t port,
			      unsigned attempt, bool near, bool silent,
			      struct smi_answer *answer);
	/* Lets go what send() only wrote down; what fails then is an answer of
	 * poll(). NULL where send() sends. */
	void (*flush)(void *engine);
	/* Answers that are here, up to n; does not wait. Negative errno. */
	int (*poll)(void *engine, struct smi_answer *answers, int n);
	/* No socket of the engine takes one of these, from now on: another engine
	 * probes them. NULL where its sockets can meet no others. */
	void (*spare)(void *engine, const struct smi_ports *ports);
	/* Connections that open ports accept end by FIN from now on, not by RST.
	 * NULL where none is made. */
	void (*end_by_fin)(void *engine);
	/* What answers there may take its time. NULL: the kernel answers. */
	bool (*is_slow)(uint16_t port);
	/* Gives up on a probe. */
	void (*drop)(void *engine, unsigned slot);
	/* Closes and frees, and no more: it may run in a forked child. */
	void (*free)(void *engine);
};

/* TCP connect(2): no privilege needed. */
extern const struct smi_engine_ops smi_engine_connect;
/* TCP SYN from raw sockets: -EPERM of open() without CAP_NET_RAW. */
extern const struct smi_engine_ops smi_engine_syn;
/* UDP by connected sockets: no privilege needed. */
extern const struct smi_engine_ops smi_engine_udp;

/* What send() gives where a socket cannot be had: r says why, a negative errno. */
static inline enum smi_sent smi_sent_without(struct smi_answer *a, int r)
{
	a->err = -r;
	if (r == -EAFNOSUPPORT || r == -EPERM || r == -EACCES) {
		a->verdict = SMI_VERDICT_REFUSED;
		return SMI_SENT_ANSWERED;
	}
	return SMI_SENT_NO_ROOM;
}

#endif
