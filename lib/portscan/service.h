/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SERVICE_H
#define SMI_PORTSCAN_SERVICE_H

#include "base/fsroot.h"
#include "base/vec.h"
#include "portscan/ports.h"

/* Our own tables. Their ports ascend, each once: they are searched by halves. */
struct smi_service_name {
	uint16_t port;
	char name[22];
};
extern const struct smi_service_name smi_services_tcp[];
extern const unsigned smi_services_ntcp;
extern const struct smi_service_name smi_services_udp[];
extern const unsigned smi_services_nudp;

/*
 * Names of services of TCP, and of UDP: those tables, then /etc/services (services(5))
 * below a root, read when first needed. Not by getservbyport_r(3): that reads its file at
 * each call, and glibc's does not survive a failed allocation.
 */
struct smi_service_entry {
	uint16_t port;
	bool udp;
	struct smi_span name;
};
struct smi_services {
	bool read;
	struct smi_buf text;
	struct smi_ports named;			/* of TCP, by the file */
	SMI_VEC(struct smi_service_entry) list; /* in its order */
};
/* {0} is one that has not read its file. */
void smi_services_free(struct smi_services *s);

/* The name that goes with a number, empty where there is none. -ENOMEM or 0. */
int smi_services_name(struct smi_services *s, const struct smi_fsroot *root,
		      uint16_t port, struct smi_span *name);
int smi_services_name_udp(struct smi_services *s, const struct smi_fsroot *root,
			  uint16_t port, struct smi_span *name);
/* The number of a name, ASCII letters alike: 0, -ENOENT, -ENOMEM. */
int smi_services_port(struct smi_services *s, const struct smi_fsroot *root,
		      struct smi_span name, uint16_t *port);
int smi_services_port_udp(struct smi_services *s, const struct smi_fsroot *root,
			  struct smi_span name, uint16_t *port);

#endif
