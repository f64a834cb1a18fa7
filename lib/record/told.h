/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_TOLD_H
#define SMI_RECORD_TOLD_H

#include "base/buf.h"
#include "record/record.h"

/*
 * A field's value for people, in their language (base/nls.h): sentences are filled
 * anew from the translation of their template, words of ours are translated, the rest
 * is as smi_sentence_value() has it. Nothing is escaped.
 */
void smi_told(struct smi_buf *b, const sm_record *r, unsigned field);

#endif
