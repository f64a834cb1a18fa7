/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_NLS_H
#define SMI_BASE_NLS_H

#include "base/base.h"

/*
 * Sentences in the language that the program has set for LC_MESSAGES: the catalogue
 * "libsysmon" of gettext(3). A translation that is no UTF-8 is not taken, and nothing
 * of it is believed: it goes through the escapers like what it stands for.
 */

/* text itself where there is no translation. */
const char *smi_tr(const char *text) __attribute__((__format_arg__(1)));
/* Of a format of printf(3): only a translation with the same directives is taken. */
const char *smi_trf(const char *format) __attribute__((__format_arg__(1)));
/* "finding", "findings": the form that stands with n. */
const char *smi_trn(const char *one, const char *many, uint64_t n);
/* Whether there is a catalogue at all. */
bool smi_has_tr(void);

#endif
