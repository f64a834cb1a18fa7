/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_TREE_H
#define SMI_PROCESS_TREE_H

#include "record/record.h"

/*
 * v, ascending by pid, into the order of a tree: each process behind its parent, the
 * children of one by pid; who has no parent in v is a root. Each gets its depth.
 * Parents that were read at different times may go round in a circle: its lowest pid
 * is a root then. false: memory is out, and v is as it was.
 */
bool smi_tree_sort(sm_record **v, size_t n);

#endif
