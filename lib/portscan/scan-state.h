/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_STATE_H
#define SMI_PORTSCAN_SCAN_STATE_H

#include "portscan/engine.h"
#include "portscan/local.h"
#include "portscan/pace.h"
#include "portscan/random.h"
#include "portscan/scan-limit.h"
#include "portscan/scan.h"
#include "portscan/service.h"

/* One running scan, shared by the files scan-*.c. */

/* Hosts in work at once: those that have all their probes out wait for the last
 * answers while the next ones begin. */
#define SMI_SCAN_HOSTS 1024
/* Of those that have answered, so many are probed at the same time. */
#define SMI_SCAN_LIVE 64

#define SMI_SCAN_NONE UINT32_MAX

/* Probes sent, and answers taken, between looks around. */
#define SMI_SCAN_BURST 64
/* Until what failed on this side is tried again. */
#define SMI_SCAN_PAUSE (10 * SMI_MSEC)
/* The kernel sends the SYN of a socket that connects again after so long, and more
 * often later (RFC 6298, 2.1). */
#define SMI_SCAN_KERNEL_AGAIN SMI_SEC

/* What the record of a port is for. */
enum smi_port_use {
	SMI_PORT_USE_ALL,
	SMI_PORT_USE_SHOW,  /* the caller alone */
	SMI_PORT_USE_JUDGE, /* the stages alone */
};

/* Open ports that are not told yet (scan-held.h). */
struct smi_held;

/* Slots in a row, by their links; a slot is in one row at most. */
struct smi_scan_row {
	uint32_t head, tail;
};

struct smi_scan_host {
	struct smi_ip ip;
	const char *name;
	uint64_t number; /* in the walk of the targets */
	/* The walk of one host is this: first is drawn from the scan's key and the
	 * host's number, and next ports from there on have been begun. */
	uint32_t first, next;
	uint32_t pending; /* slots in use, and what else is not settled */
	uint32_t flight;  /* probes on their way */
	struct smi_scan_row again;
	uint16_t place; /* in its list, from 1; 0: it has nothing to send */
	uint32_t open, closed, filtered, failed, unrouted;
	uint32_t open_filtered, unsure; /* silent; some of them perhaps by a
					 * limit of messages */
	uint64_t probes, resent;
	/* Tries whose fate is known, from ports that answered. */
	uint64_t tries, lost;
	struct smi_rtt rtt;
	struct smi_pace pace;
	struct smi_limit limit; /* of datagrams */
	/* Services: ports that were asked, that said something, that said nothing
	 * since; and why others were not asked. */
	uint32_t asked, spoke, silent, unasked, starved, late;
	struct smi_held *held; /* NULL: none */
	uint32_t heard, unheard;
	int last_error;	 /* positive errno of the last failed one */
	bool local;	 /* an address of this machine */
	bool near;	 /* or it may be one */
	bool live;	 /* has answered */
	int64_t began;	 /* its first probe went out */
	int64_t link_at; /* the table of neighbours is asked for it again */
	bool unlinked;	 /* its link-layer address is not known: few probes */
	bool absent;	 /* nobody on this machine's link has its address */
	bool fresh;	 /* the last probe was of a port not probed before */
};

enum smi_slot_state {
	SMI_SLOT_FREE,
	SMI_SLOT_HELD,	/* in no row, by who works on it */
	SMI_SLOT_OUT,	/* sent, in a row of the wheel */
	SMI_SLOT_AGAIN, /* to be sent (again), in a row of its host */
};

/* One port of one host on its way: a slot. */
struct smi_scan_probe {
	int64_t first, before, sent; /* ns of the first, last but one and last
				      * try, monotonic */
	uint32_t next, prev;	     /* in its row */
	uint16_t host, port;
	uint8_t state;
	uint8_t tick;  /* of the wheel */
	uint8_t tries; /* without an answer */
	uint8_t own;   /* attempts that failed for reasons of our own */
	bool doubted;  /* was open, and nobody listens there */
	bool flying;   /* counted as on its way */
	bool dark;     /* so for a host that had not answered */
	/* Of datagrams (scan-limit.h): */
	bool witness, covered;
	uint8_t blind;	       /* tries that nothing covered */
	uint32_t seq;	       /* of its host's probes */
	uint32_t older, newer; /* of those that are out */
};

/* Indexes of hosts that have something to send. */
struct smi_scan_list {
	uint16_t v[SMI_SCAN_HOSTS];
	unsigned n;
};

#define SMI_SCAN_TICKS 256

struct smi_scan {
	sm_ctx *ctx;
	const struct smi_engine_ops *ops;
	void *engine;
	int no_syn; /* positive errno: of method auto, why it goes by connect */
	bool udp;   /* its ports are those of UDP */
	struct smi_targets targets;
	SMI_VEC(const char *) unresolved; /* of targets.names */
	uint16_t *ports;		  /* in the order of probing */
	uint32_t nports;
	int64_t timeout;	   /* ns, of one try at most */
	int64_t retries;	   /* -1: from the loss seen */
	int64_t send_gap, send_at; /* rate cap: ns a probe, when the next */
	int show;
	struct smi_fieldset fields; /* that are made */
	struct smi_fieldset shown;  /* that the caller chose */
	bool judged;		    /* a stage looks at the records */
	bool holds;		    /* open ports may be held back */
	bool seeks_links;	    /* of hosts, in the table of neighbours */
	bool is_share; /* the whole scan hands on what this one makes */
	struct smi_local local;
	struct smi_services services;
	bool asking;	       /* for services; of UDP nobody is asked */
	struct smi_span said;  /* by the answer that is in hand */
	struct smi_asks *asks; /* NULL: nobody is asked from here */

	struct smi_siphash_key key;
	struct smi_scan_host hosts[SMI_SCAN_HOSTS];
	uint16_t free_hosts[SMI_SCAN_HOSTS];
	unsigned nfree_hosts;
	struct smi_scan_list live, dark;
	unsigned turn;
	bool targets_end;

	unsigned nslots, nfree;
	struct smi_scan_probe *slots;
	uint32_t *free_slots;
	unsigned nretired; /* behind the free ones: no descriptor for them */
	unsigned nout;
	unsigned flight;      /* on their way to hosts that have answered */
	unsigned dark_flight; /* and to others */
	unsigned dark_slots;
	struct smi_pace pace;
	unsigned dark_window;
	int64_t dark_at; /* it grows again */

	/* Each slot that is out lies in the row of the tick at which it is looked
	 * at again; ticks up to wheel_at are done. */
	struct smi_scan_row wheel[SMI_SCAN_TICKS];
	int64_t wheel_at;

	int64_t hold_until; /* nothing is sent before */
	int64_t room_at;    /* retired slots stay so until then */
	int64_t starved_since;
	int64_t progress_at;
	uint64_t done, total;
	bool told_hidden, told_no_diag, told_shared;

	struct smi_scan_resume *resume; /* NULL: nothing is kept */

	/* A share of a host's ports: who gets the host instead of a record, with the
	 * ports that are held back. */
	int (*end_host)(void *user, const struct smi_scan_host *h);
	void *end_host_user;
	/* A share: who is told that all of a step was taken, or of the end; goes_on:
	 * who keeps how far it came, so that a cancel tells nothing that is held. */
	int (*keep)(void *user, bool ended);
	void *keep_user;
	bool goes_on;
};

/* What scans one scan, or a share of it (scan-threads.h). */
extern const struct smi_source_ops smi_scan_source;
/* Slots, so many at least, and an engine, for one of so many shares. */
int smi_scan_equip(struct smi_scan *s, const struct sm_scan_opts *o,
		   unsigned shares, unsigned slots);
bool smi_scan_is_complete(const struct smi_scan *s);

/* scan-hosts.c: the hosts in work, and whose probe is next. */
void smi_scan_hosts_init(struct smi_scan *s);
/* The host of that number gets its place, of which there is one. */
unsigned smi_scan_host_begin(struct smi_scan *s, uint64_t number);
/* The port is to be sent, for which there is a slot. */
void smi_scan_port_begin(struct smi_scan *s, unsigned host, uint16_t port);
/* The host has, or no longer has, something to send. */
void smi_scan_host_listed(struct smi_scan *s, unsigned host);
/* It has answered for the first time. */
void smi_scan_host_live(struct smi_scan *s, unsigned host);
/* Makes room: all of the host is settled. */
void smi_scan_host_end(struct smi_scan *s, unsigned host);
/* The slot that is to be sent now, out of its row; SMI_SCAN_NONE: none. */
uint32_t smi_scan_next(struct smi_scan *s, int64_t now);
/* The slot, which is in no row, is sent again when its host has its turn. */
void smi_scan_again(struct smi_scan *s, uint32_t slot);
/* Out of its row, and no longer on its way. */
void smi_scan_hold(struct smi_scan *s, uint32_t slot);
void smi_scan_free_slot(struct smi_scan *s, uint32_t slot);
/* There is more to send than is out; *at: when it may go, where time alone holds
 * it up (INT64_MAX: answers do). */
bool smi_scan_has_more(struct smi_scan *s, int64_t now, int64_t *at);

/* scan-wheel.c: what is out, and when to look at it. */
void smi_scan_push(struct smi_scan *s, struct smi_scan_row *row, uint32_t slot);
void smi_scan_unlink(struct smi_scan *s, struct smi_scan_row *row,
		     uint32_t slot);
void smi_scan_arm(struct smi_scan *s, uint32_t slot, int64_t at);
void smi_scan_disarm(struct smi_scan *s, uint32_t slot);
/* The row of the next tick that has passed by now, emptied; false: none has. */
bool smi_scan_tick(struct smi_scan *s, int64_t now, struct smi_scan_row *row);
/* When the wheel wants the next look, INT64_MAX: not at all. */
int64_t smi_scan_wheel_next(const struct smi_scan *s);
void smi_scan_take_off(struct smi_scan *s, uint32_t slot);
void smi_scan_landed(struct smi_scan *s, uint32_t slot);

/* scan-limit.c: messages of closed ports, and what the silence of others tells. All
 * of it but the first is of engines whose probes are datagrams. */
void smi_scan_limit_init(struct smi_limit *l);
/* A probe has gone out, and is no longer out. */
void smi_scan_limit_sent(struct smi_scan *s, uint32_t slot);
void smi_scan_limit_gone(struct smi_scan *s, uint32_t slot);
/* A message has come for the slot, which is still out. */
void smi_scan_limit_message(struct smi_scan *s, uint32_t slot);
/* Whether a further probe of a live, or of a dark host may go out; and when one may
 * where time alone holds it up. */
bool smi_scan_limit_may_send(struct smi_scan *s, struct smi_scan_host *h,
			     int64_t now);
bool smi_scan_limit_dark(const struct smi_scan *s,
			 const struct smi_scan_host *h, int64_t now);
int64_t smi_scan_limit_next(struct smi_scan *s, struct smi_scan_host *h,
			    int64_t now);
/* Whether a port that is known to be closed is to be asked again, and which; more: the
 * host has others to send now. It tells by a message, or not. */
bool smi_scan_limit_wants_witness(struct smi_scan *s, struct smi_scan_host *h,
				  bool more, int64_t now);
uint16_t smi_scan_limit_witness(struct smi_limit *l);
/* It may want one though it has no other port to send. */
bool smi_scan_limit_lists(const struct smi_scan *s,
			  const struct smi_scan_host *h);
void smi_scan_limit_no_witness(struct smi_scan *s, uint32_t slot, bool silent,
			       int64_t now);
/* The try of the slot, which is still out, was not answered: it counts, or it is to be
 * made again, unless it was made often enough. */
bool smi_scan_limit_counts(struct smi_scan *s, uint32_t slot);
bool smi_scan_limit_is_enough(const struct smi_scan *s, uint32_t slot);

/* scan-answer.c. How many answers were taken, or a negative errno. */
int smi_scan_take_answers(struct smi_scan *s, struct smi_out *out);
int smi_scan_take_answer(struct smi_scan *s, struct smi_out *out,
			 const struct smi_answer *a, int64_t now);
/* The port was asked once more only to see whether it would say so. */
int smi_scan_end_witness(struct smi_scan *s, struct smi_out *out,
			 uint32_t slot);

/* scan-wait.c: ends the probes that were waited for long enough. */
int smi_scan_check_timeouts(struct smi_scan *s, struct smi_out *out,
			    int64_t now);
/* How often a port is tried that does not answer. */
unsigned smi_scan_tries(const struct smi_scan *s,
			const struct smi_scan_host *h);

/* scan-record.c: what the caller and the stages get. Whether a port in that state is
 * for any of them. */
bool smi_scan_is_wanted(struct smi_scan *s, const struct smi_scan_host *h,
			uint16_t port, int state);
int smi_scan_port_record(struct smi_scan *s, struct smi_out *out,
			 const struct smi_scan_host *h, uint16_t port,
			 int state, const char *reason, int64_t rtt);
/* The same of an open port, with what the prober found; NULL: it was not asked. */
struct smi_svc_found;
int smi_scan_asked_record(struct smi_scan *s, struct smi_out *out,
			  const struct smi_scan_host *h, uint16_t port,
			  const char *reason, int64_t rtt,
			  const struct smi_svc_found *found);
/* scan-said.c: the same of one whose datagram is in s->said. */
int smi_scan_said_record(struct smi_scan *s, struct smi_out *out,
			 struct smi_scan_host *h, uint16_t port,
			 const char *reason, int64_t rtt);
/* The same, not handed on yet. */
int smi_scan_open_record(struct smi_scan *s, struct smi_out *out,
			 const struct smi_scan_host *h, uint16_t port,
			 const char *reason, int64_t rtt,
			 const struct smi_svc_found *found, sm_record **rec);
/* To the caller, and the stages. */
int smi_scan_hand_on(const struct smi_scan *s, struct smi_out *out,
		     const sm_record *port);
int smi_scan_host_record(struct smi_scan *s, struct smi_out *out,
			 const struct smi_scan_host *h);
int smi_scan_unresolved(struct smi_scan *s, struct smi_out *out);
/* The scan ends before it is complete, with so many ports settled. */
int smi_scan_cut_notice(const struct smi_scan *s, struct smi_out *out,
			uint64_t done);

/* scan.c: the last word on one port, whose slot is held. */
int smi_scan_settle_slot(struct smi_scan *s, struct smi_out *out, uint32_t slot,
			 int state, const char *reason, int64_t rtt);
/* All ports of the host are settled: its record. */
int smi_scan_host_done(struct smi_scan *s, struct smi_out *out, unsigned index);
/* A port of the host has had its record. */
int smi_scan_settled(struct smi_scan *s, struct smi_out *out, unsigned host);

#endif
