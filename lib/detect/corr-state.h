/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CORR_STATE_H
#define SMI_DETECT_CORR_STATE_H

#include "detect/correlator.h"

/*
 * What a correlator knows, from one run to the next: a version, the sum of the
 * rules, the key of its hashes, its clock, and each key with what it has, the oldest
 * first. It counts only for the rules that it was made with. corr-state.c writes it,
 * corr-load.c reads it.
 */
#define SMI_CORR_VERSION 3
/* Hits that one key has more than once are written once, so many of them. */
#define SMI_CORR_SHARED 64

void smi_corr_sum(const struct smi_correlator *c, uint8_t out[16]);

#endif
