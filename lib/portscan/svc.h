/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SVC_H
#define SMI_PORTSCAN_SVC_H

#include "base/clock.h"
#include "base/ip.h"
#include "portscan/match.h"
#include "portscan/tls-facts.h"

/*
 * Asks open ports what they are: some at once, each on connections of its own, until
 * one answer is understood or its time is over. What it reads of a port is bounded,
 * and no port waits for another.
 */
struct smi_svc;

struct smi_svc_opts {
	unsigned parallel; /* ports at once */
	int64_t timeout;   /* ns, of one port in all */
	size_t max_reply;  /* bytes of one answer */
	bool fin;	   /* connections end by FIN, not by RST */
	const struct smi_clock *clock;
	/* What is asked and understood; tests have their own. */
	const struct smi_question *questions;
	unsigned nquestions;
	enum smi_match (*match)(const struct smi_question *q,
				struct smi_span reply, bool end,
				struct smi_service_id *id);
};

/* -ENOMEM or another negative errno. */
int smi_svc_new(const struct smi_svc_opts *o, struct smi_svc **out);
/* Closes and frees, and no more. */
void smi_svc_free(struct smi_svc *s);
/* Readable when there is something to step for. */
int smi_svc_fd(const struct smi_svc *s);
/* When it is to be stepped without that; INT64_MAX: not at all. */
int64_t smi_svc_alarm(const struct smi_svc *s);
/* Ports that can be started now. */
unsigned smi_svc_room(const struct smi_svc *s);
/* Whether a service is known by that number, which is asked first there. */
bool smi_svc_knows(const struct smi_svc *s, uint16_t port);
/* NULL, or why TLS, which was needed, could not be spoken. */
const char *smi_svc_no_tls(const struct smi_svc *s);

struct smi_svc_target {
	struct smi_ip ip;
	uint16_t port;
	const char *name; /* of the host, or NULL; outlives the asking */
	int64_t rto;	  /* ns that a round trip takes at most; 0: not known */
	uint64_t cookie;  /* the caller's */
};
/* Needs room. -EMFILE or the like where there is no descriptor now; -ENOMEM. */
int smi_svc_start(struct smi_svc *s, const struct smi_svc_target *t,
		  int64_t now);

/* Texts are clean UTF-8 and like the spans good during the call; NULL: not told. */
struct smi_svc_found {
	bool asked; /* it took a connection */
	bool late;  /* others took so long that it was not, to the end */
	bool spoke; /* and said something */
	bool anyone, starttls;
	const char *service; /* a constant */
	const char *product, *version, *info;
	struct smi_span banner; /* raw */
	const struct smi_tls_facts *tls;
};
#define SMI_SVC_BANNER 256
typedef int smi_svc_fn(void *user, uint64_t cookie,
		       const struct smi_svc_found *found);
/*
 * Goes on with what has come, for some milliseconds; fn gets the ports that are done. How much was done, or
 * a negative errno, or what fn gave when that was negative.
 */
int smi_svc_step(struct smi_svc *s, int64_t now, smi_svc_fn *fn, void *user);
/* Ends all; fn gets what is known by now. */
int smi_svc_stop(struct smi_svc *s, smi_svc_fn *fn, void *user);

#endif
