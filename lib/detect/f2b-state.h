/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_STATE_H
#define SMI_DETECT_F2B_STATE_H

#include "detect/f2b-run.h"

/*
 * What filters know from the lines before, from one run to the next: connections,
 * lines of windows, where dates stand. It counts for filters of the same name.
 * -ENOMEM, else 0.
 */
int smi_f2b_run_save(const struct smi_f2b_run *x, struct smi_buf *out);
/* Into a new run. -ENOTSUP: of another version, and nothing was read; -EBADMSG,
 * -ENOMEM: it is fit for being freed only. */
int smi_f2b_run_load(struct smi_f2b_run *x, struct smi_span bytes);

#endif
