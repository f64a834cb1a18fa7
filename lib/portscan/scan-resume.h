/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_RESUME_H
#define SMI_PORTSCAN_SCAN_RESUME_H

#include "core/job.h"
#include "portscan/scan-kept.h"
#include "portscan/scan-state.h"

/* The file by which a scan that was stopped goes on. */
struct smi_scan_resume {
	struct smi_statefile file;
	struct smi_kept kept;
	bool found; /* kept is that of a scan */
	bool written, failed;
	bool names; /* that have no address were told */
	int64_t saved;
};

/* Reads the file, and takes its key. A negative errno with its sentence. */
int smi_scan_resume_open(struct smi_scan *s, const char *path);
void smi_scan_resume_free(struct smi_scan_resume *r);
/* What the file says of a scan; NULL: nothing. */
const struct smi_kept *smi_scan_resume_kept(const struct smi_scan *s);
/* As smi_source_ops.start: what the stages kept, a first file, and hosts without an
 * address. */
int smi_scan_resume_start(struct smi_scan *s, struct smi_out *out);
int smi_scan_resume_begin(struct smi_scan *s, struct smi_out *out,
			  const uint64_t *told, size_t ntold,
			  struct smi_span shares);
/* Is it the same scan? -EINVAL with a sentence that says what differs. */
int smi_scan_resume_check(struct smi_scan *s, const struct smi_kept *k);
/* A scan, or a share of it, goes on: its slots are free and enough. -EBADMSG where
 * that cannot be. */
int smi_scan_restore(struct smi_scan *s, const struct smi_kept *k,
		     unsigned index);
/* The sentence that goes with r, of that. */
int smi_scan_resume_failed(struct smi_scan *s, int r);
/* Its host by the counts that were kept of it. */
void smi_scan_host_restore(struct smi_scan_host *h,
			   const struct smi_kept_host *kept);

/* The lines of one share. -ENOMEM. */
int smi_scan_keep(const struct smi_scan *s, struct smi_buf *out);
/* Of a host that the share has told. */
void smi_scan_keep_part(const struct smi_scan_host *h, struct smi_buf *out);

/* As smi_source_ops.settled. */
int smi_scan_resume_settled(void *src, struct smi_out *out, bool ended);
/* It is time to write the file. */
bool smi_scan_resume_is_due(const struct smi_scan *s);
/* Writes it, with the lines of all shares, and the numbers of hosts that were told.
 * What fails at first is an error, later a notice. */
int smi_scan_resume_save(struct smi_scan *s, struct smi_out *out,
			 const uint64_t *told, size_t ntold,
			 struct smi_span shares);
/* The scan is complete. */
int smi_scan_resume_remove(struct smi_scan *s, struct smi_out *out);

#endif
