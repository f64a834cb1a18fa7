/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_STRAYS_H
#define SMI_CORE_STRAYS_H

#include "base/base.h"

/*
 * Processes of the library that were killed and have not ended yet: what they wait for
 * in the kernel does not let them. Whoever starts another takes those that have ended
 * by now away first, so that there is no crowd of the dead, and starts none where too
 * many live on. For any thread.
 */
struct smi_strays;
#define SMI_STRAYS_MAX 64

/* NULL when memory is out. */
struct smi_strays *smi_strays_new(void);
/* Those that have not ended by now are left to whoever the kernel gives them to. */
void smi_strays_free(struct smi_strays *s);
/* A descriptor of a process (pidfd_open(2)), which belongs to them from now on. */
void smi_strays_add(struct smi_strays *s, int pidfd);
/* Takes the dead away: how many are left. */
unsigned smi_strays_left(struct smi_strays *s);

/* The same for one process: whether it has ended, and was taken away. */
bool smi_stray_is_gone(int pidfd);

#endif
