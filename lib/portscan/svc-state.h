/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SVC_STATE_H
#define SMI_PORTSCAN_SVC_STATE_H

#include "base/buf.h"
#include "portscan/svc-starttls.h"
#include "portscan/svc.h"

/* The prober, shared by the files svc*.c. */

/* What is tried of a port, one after the other. */
enum smi_svc_stage {
	SMI_SVC_GREET,	  /* it may speak first */
	SMI_SVC_QUESTION, /* q */
	SMI_SVC_NEXT,	  /* q, which an answer led to */
	SMI_SVC_TLS,	  /* a handshake at once */
	SMI_SVC_STARTTLS,
	SMI_SVC_LISTEN, /* it may speak late */
};

enum smi_svc_phase {
	SMI_SVC_CONNECTING,
	SMI_SVC_SHAKING, /* hands, for TLS */
	SMI_SVC_WAITING, /* for what it says */
	SMI_SVC_PAUSING, /* there was no descriptor */
};

#define SMI_SVC_QUESTIONS 128 /* that are ever asked */

/* One port that is asked. */
struct smi_svc_talk {
	struct smi_svc_target target;
	bool used, done;
	uint32_t generation; /* of its descriptor */
	int fd;
	int64_t deadline; /* of all */
	int64_t until;	  /* of what it is at */
	int64_t cost;	  /* ns that what it said took here */
	int64_t put_off;  /* ns that others took, and its time did not run */
	enum smi_svc_stage stage;
	enum smi_svc_phase phase;
	const struct smi_question *q;

	uint64_t tried[SMI_SVC_QUESTIONS / 64];
	bool greeted, listened;
	bool tls_wanted, tls_tried;
	bool no_alpn; /* it did not like ours */
	bool inside;  /* of TLS: every connection begins with a handshake */
	bool fresh;   /* nothing was said on this connection */
	bool longer;  /* this stage has got more time */
	bool again;   /* a next question had a new connection */
	uint8_t refused, chain;
	const struct smi_question *next;
	struct smi_starttls_talk starttls;

	struct smi_buf in;  /* what it said in this stage */
	struct smi_buf out; /* what it has not taken yet */
	size_t raw;	    /* bytes that came in this handshake */
	struct smi_tls *tls;

	struct smi_arena arena; /* of what is found */
	bool wrapped;		/* it hung up at once */
	bool matched;
	struct smi_tls_facts facts;
	struct smi_svc_found found;
};

struct smi_svc {
	struct smi_svc_opts o;
	int epoll;
	int64_t alarm;
	unsigned nused;
	bool failed; /* memory is out */
	struct smi_tls_lib *tls;
	bool tls_tried;
	char no_tls[128];
	struct smi_svc_talk talks[];
};

/* Also where memory for it was out. */
static inline void smi_svc_empty(struct smi_svc *s, struct smi_buf *b)
{
	s->failed |= b->failed;
	smi_buf_clear(b);
}

/* svc.c: the connection. A new one, in phase CONNECTING; -errno. */
int smi_svc_connect(struct smi_svc *s, struct smi_svc_talk *t);
void smi_svc_hang_up(struct smi_svc *s, struct smi_svc_talk *t);
/* To the peer, through TLS where that is up. */
void smi_svc_say(struct smi_svc *s, struct smi_svc_talk *t,
		 struct smi_span bytes);
/* Begins a handshake on the connection; false when memory is out. */
bool smi_svc_shake(struct smi_svc *s, struct smi_svc_talk *t);
/* The library, or NULL; opened when it is first needed. */
struct smi_tls_lib *smi_svc_tls(struct smi_svc *s);

/* svc-talk.c: what comes next, when ... */
void smi_svc_begin(struct smi_svc *s, struct smi_svc_talk *t, int64_t now);
void smi_svc_connected(struct smi_svc *s, struct smi_svc_talk *t, int64_t now);
void smi_svc_refused(struct smi_svc *s, struct smi_svc_talk *t, int64_t now);
void smi_svc_shaken(struct smi_svc *s, struct smi_svc_talk *t, bool up,
		    int64_t now);
/* in has grown. */
void smi_svc_heard(struct smi_svc *s, struct smi_svc_talk *t, int64_t now);
void smi_svc_closed(struct smi_svc *s, struct smi_svc_talk *t, int64_t now);
void smi_svc_late(struct smi_svc *s, struct smi_svc_talk *t, int64_t now);
/* Whatever it is at, it ends. */
void smi_svc_end(struct smi_svc *s, struct smi_svc_talk *t);

/* svc-found.c: what is known of it. */
void smi_svc_learn(struct smi_svc *s, struct smi_svc_talk *t,
		   const struct smi_service_id *id);
void smi_svc_learn_tls(struct smi_svc *s, struct smi_svc_talk *t);
/* The first bytes of in, unless better ones are known. */
void smi_svc_keep_banner(struct smi_svc *s, struct smi_svc_talk *t);
/* The last word. */
void smi_svc_sum_up(struct smi_svc *s, struct smi_svc_talk *t);

#endif
