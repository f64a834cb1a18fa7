/* SPDX-License-Identifier: MIT */
#ifndef SM_TESTS_API_NET_H
#define SM_TESTS_API_NET_H

#include <stdbool.h>
#include <stdint.h>

/* A listening socket on a numeric address; *port 0 draws one and gives it. -1 and
 * errno where that cannot be. */
int net_listen(const char *address, uint16_t *port);
/* Bound and not listening: a port that nobody else gets and that refuses. */
int net_hold(const char *address, uint16_t *port);
/* A network namespace of its own, with lo up, for this process; as an ordinary user
 * a user namespace with it. false where that is not allowed. */
bool net_unshare(void);
/* Descriptors that this process has open. */
int net_count_fds(void);

#endif
