/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_TZ_H
#define SMI_BASE_TZ_H

#include "base/fsroot.h"
#include "base/span.h"

/* A time zone: TZif (RFC 8536) or a POSIX TZ string (with the extensions of
 * RFC 8536, 3.3.1: hours from -167 to 167). Immutable. */
struct smi_tz;

int smi_tz_parse_tzif(const void *p, size_t len, struct smi_tz **out);
int smi_tz_parse_posix(struct smi_span text, struct smi_tz **out);
/*
 * What TZ would mean: NULL is /etc/localtime (UTC when there is none); ":" is
 * skipped; a name is a file below /usr/share/zoneinfo, else a POSIX string; "" is
 * UTC. -EINVAL for "..", and for a leading "/" but where these two places are
 * spelt out. -ENOENT when it is none of these.
 */
int smi_tz_open(const struct smi_fsroot *root, const char *text,
		struct smi_tz **out);
void smi_tz_free(struct smi_tz *tz);

/* Seconds east of UTC at a time (s since 1970). */
int32_t smi_tz_offset(const struct smi_tz *tz, int64_t utc);
/*
 * Local wall time (s, as if it were UTC) to UTC: 1 and out[0]; 2 in the hour that
 * comes twice, out[0] the earlier; 0 in the hour that is skipped, and out[0] as
 * if the clock had not been put forward.
 */
int smi_tz_local(const struct smi_tz *tz, int64_t local, int64_t out[2]);

#endif
