/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_STATE_H
#define SMI_PORTSCAN_SCAN_STATE_H

#include "portscan/engine.h"
#include "portscan/local.h"
#include "portscan/pace.h"
#include "portscan/random.h"
#include "portscan/scan.h"
#include "portscan/service.h"

/* One running scan, shared by the files scan-*.c. */

/* Hosts in work at once: those that have all their probes out wait for the last
 * answers while the next ones begin. */
#define SMI_SCAN_HOSTS 256

struct smi_scan_host {
	struct smi_ip ip;
	const char *name;
	uint32_t next;	  /* index of the first port not yet probed */
	uint32_t pending; /* probes out, or waiting to be repeated */
	uint32_t open, closed, filtered, failed, unrouted;
	uint64_t probes, resent;
	struct smi_rtt rtt;
	int last_error; /* positive errno of the last failed one */
	bool local;	/* an address of this machine */
	bool near;	/* or it may be one */
	bool lossy;
};

/* One port of one host on its way. */
struct smi_scan_probe {
	int64_t sent; /* monotonic ns */
	uint16_t host, port;
	uint8_t tries; /* without an answer */
	uint8_t own;   /* attempts that failed for reasons of our own */
	bool doubted;  /* was open, and nobody listens there */
	bool out;
	bool late; /* out, and no longer taken to be on its way */
};

struct smi_scan {
	sm_ctx *ctx;
	const struct smi_engine_ops *ops;
	void *engine;
	struct smi_targets targets;
	SMI_VEC(const char *) unresolved; /* of targets.names */
	uint16_t *ports;		  /* in the order of probing */
	uint32_t nports;
	int64_t timeout;	   /* ns, of one try at most */
	int64_t retries;	   /* -1: from the loss seen */
	int64_t send_gap, send_at; /* rate cap: ns a probe, when the next */
	int show;
	struct smi_fieldset fields;
	struct smi_local local;
	struct smi_services services;

	struct smi_scan_host hosts[SMI_SCAN_HOSTS];
	uint16_t free_hosts[SMI_SCAN_HOSTS];
	unsigned nfree_hosts;
	int current; /* host whose ports are being sent, -1: none */
	bool targets_end;

	unsigned nslots, nfree, nout, nlate;
	struct smi_scan_probe *slots;
	uint32_t *free_slots;
	unsigned nretired; /* behind the free ones: no descriptor for them */
	/* Probes to be repeated: a ring of nslots. */
	struct smi_scan_probe *again;
	unsigned again_head, nagain;
	struct smi_pace pace;
	int64_t check_at;   /* no probe is late or timed out before */
	int64_t hold_until; /* nothing is sent before */
	int64_t room_at;    /* retired slots stay so until then */
	int64_t starved_since;
	int64_t progress_at;
	uint64_t done, total;
	bool told_hidden, told_no_diag;

	/* A share of a host's ports: who gets the host instead of a record. */
	int (*end_host)(void *user, const struct smi_scan_host *h);
	void *end_host_user;
};

/* What scans one scan, or a share of it (scan-threads.h). */
extern const struct smi_source_ops smi_scan_source;
/* Slots and an engine, for one of so many shares. */
int smi_scan_equip(struct smi_scan *s, const struct sm_scan_opts *o,
		   unsigned shares);

/* scan-record.c: what the caller gets. */
int smi_scan_port_record(struct smi_scan *s, struct smi_out *out,
			 const struct smi_scan_host *h, uint16_t port,
			 int state, const char *reason, int64_t rtt);
int smi_scan_host_record(struct smi_scan *s, struct smi_out *out,
			 const struct smi_scan_host *h);
int smi_scan_unresolved(struct smi_scan *s, struct smi_out *out);

#endif
