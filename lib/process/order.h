/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_ORDER_H
#define SMI_PROCESS_ORDER_H

#include "record/record.h"

/* Adds what each order (SM_PROC_BY_*) reads. */
void smi_order_fields(int sort, struct smi_fieldset *set);
/* Equal ones by pid. false: memory is out, and v is as it was. */
bool smi_order_sort(int sort, sm_record **v, size_t n);

#endif
