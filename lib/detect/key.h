/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_KEY_H
#define SMI_DETECT_KEY_H

#include "base/buf.h"
#include "base/siphash.h"
#include "detect/match.h"

/*
 * The key of an event in a correlation: the values of its group-by fields as
 * bytes, each a role, a length and that many bytes. An address is a prefix. A long
 * value is cut, so that all of them have SMI_KEY_MAX at most.
 */
#define SMI_KEY_MAX	 448
#define SMI_KEY_MAX_TEXT 255

struct smi_key_part {
	enum smi_role role;
	struct smi_span bytes;
};

/* false where the event has not all of the fields. bits4 and bits6 cut an address
 * to a prefix; 0: they do not. */
bool smi_key_make(struct smi_buf *b, const enum smi_role *roles, size_t n,
		  const struct smi_line *line, const struct smi_match *m,
		  uint8_t bits4, uint8_t bits6);
/* Cuts the first part off *key; false at its end. */
bool smi_key_next(struct smi_span *key, struct smi_key_part *out);
/* The bytes are what smi_key_make() gives for these roles. */
bool smi_key_check(struct smi_span key, const enum smi_role *roles, size_t n);
/* A part as people read it: an address, a prefix, escaped text. */
void smi_key_text(struct smi_buf *b, const struct smi_key_part *part);
/* The hash of one field's value; false where the event has it not. */
bool smi_key_value(const struct smi_siphash_key *sip, enum smi_role role,
		   const struct smi_line *line, const struct smi_match *m,
		   uint64_t *out);

#endif
