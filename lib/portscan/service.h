/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SERVICE_H
#define SMI_PORTSCAN_SERVICE_H

#include "base/base.h"

#define SMI_SERVICE_STRLEN 64

/* The port of a TCP service name: own table, then getservbyname_r(3). */
bool smi_service_port(const char *name, uint16_t *port);
/* The name that goes with a number, by our own table: "" where there is none. */
const char *smi_service_name(uint16_t port);
/* The same with getservbyport_r(3) behind it, which reads a file. Gives out, or a
 * constant. */
const char *smi_service_lookup(uint16_t port, char out[SMI_SERVICE_STRLEN]);

#endif
