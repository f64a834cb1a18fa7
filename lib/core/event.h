/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_EVENT_H
#define SMI_CORE_EVENT_H

#include "record/record.h"

struct sm_event {
	int kind;
	const sm_record *rec;
	uint64_t done, total;
};

#endif
