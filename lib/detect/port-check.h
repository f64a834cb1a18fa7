/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_PORT_CHECK_H
#define SMI_DETECT_PORT_CHECK_H

#include "detect/check.h"

/* How surely a service is known. */
enum smi_exposure {
	SMI_EXPOSED_BY_NUMBER, /* its port is the usual one, and nobody asked it */
	SMI_EXPOSED_SAID,      /* it said what it is */
	SMI_EXPOSED_ANYONE,    /* it served who gave no password */
	SMI_NEXPOSURES
};

/* A service that has no business with strangers. */
struct smi_exposed {
	const char *names[3]; /* as it is called, or its product; any case */
	uint16_t ports[6];
	uint16_t last; /* ports[0] to here, too; 0: it is alone */
	bool silent;   /* it never says what it is to who does not know it */
	bool starttls; /* no finding where it offers TLS */
	/* By enum smi_exposure; 0: no finding. */
	int severities[SMI_NEXPOSURES];
};

/*
 * A check on what a scan saw: one row that looks at the evidence on one port, or one
 * host, and reads nothing else. Its sentences may use {subject}, {detail} and the
 * fields it reads. c.fn is asked, or the service where there is one.
 */
struct smi_port_check {
	struct smi_check c;
	int kind; /* SM_KIND_PORT, SM_KIND_HOST */
	/* What tells one episode from the next, 0: nothing does. */
	unsigned episode;
	const struct smi_exposed *service;
};

#define SMI_PORT_ATTACK(list) .c.attack = (list), .c.nattack = SMI_COUNT(list)

struct smi_port_checks {
	const struct smi_port_check *v;
	size_t n;
};
#define SMI_PORT_CHECKS(name)                                                  \
	const struct smi_port_checks smi_port_checks_##name = {                \
		name##_checks, SMI_COUNT(name##_checks)                        \
	}
extern const struct smi_port_checks smi_port_checks_exposed;
extern const struct smi_port_checks smi_port_checks_host;
extern const struct smi_port_checks smi_port_checks_local;
extern const struct smi_port_checks smi_port_checks_tls;
/* As smi_check_next(). */
const struct smi_port_check *smi_port_check_next(size_t *theme, size_t *at);
/* What its fn, or its service, says. v has the check's severity, and nothing else. */
bool smi_port_check_ask(const struct smi_port_check *x, const sm_record *rec,
			struct smi_verdict *v);

/* port-exposed.c */
bool smi_port_is_exposed(const struct smi_exposed *x, const sm_record *rec,
			 struct smi_verdict *v);
/* Whether others than this machine can reach it, as far as its addresses say. */
bool smi_port_faces_network(const sm_record *rec);

#endif
