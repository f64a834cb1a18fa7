/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_FROM_JSON_H
#define SMI_RECORD_FROM_JSON_H

#include "base/json.h"
#include "record/build.h"

/*
 * A record of the object that text is, as the writers of JSON make it: "type" names
 * the kind, members are fields by their native names, those of an object inside have
 * its name and a dot before theirs. What the kind has no field for is passed over, so
 * that later versions can be read. Hidden values that follow from what is shown
 * (numbers of states) are there again, others are not.
 *
 * -EBADMSG: no object of that form, or a member of another type; -ENOENT: no kind of
 * that name; -E2BIG: more than 10,000 records or 1,000,000 texts of lists in it; -ENOMEM.
 */
int smi_rec_from_json(struct smi_arena *a, struct smi_span text,
		      sm_record **out);

#endif
