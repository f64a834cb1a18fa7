/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_REGEX_H
#define SMI_DETECT_F2B_REGEX_H

#include "base/arena.h"
#include "base/buf.h"
#include "detect/regex.h"

/* What the named groups of a filter's regexes mean to it. */
enum smi_f2b_key {
	SMI_F2B_FID,
	SMI_F2B_IP4,
	SMI_F2B_IP6,
	SMI_F2B_DNS,
	SMI_F2B_USER,
	SMI_F2B_PORT,
	SMI_F2B_MLFID,
	SMI_F2B_NOFAIL,
	SMI_F2B_MLFFORGET,
	SMI_F2B_MLFGAINED,
	SMI_F2B_CONTENT,
	SMI_F2B_NKEYS
};

#define SMI_F2B_MAX_GROUPS 16
#define SMI_F2B_MAX_SKIPS  8

struct smi_f2b_group {
	uint8_t group, key;
	bool alt; /* counts only where its key has no value */
};

struct smi_f2b_regex {
	struct smi_regex re;	 /* for ASCII lines */
	struct smi_span pattern; /* as PCRE2 has it */
	unsigned flags;
	size_t number; /* among all of a set of rules */
	struct smi_f2b_group groups[SMI_F2B_MAX_GROUPS];
	size_t ngroups;
	uint32_t keys;			   /* a bit each */
	int8_t skipped[SMI_F2B_MAX_SKIPS]; /* groups of <SKIPLINES> */
	size_t nskipped;
};

enum smi_f2b_dns {
	SMI_F2B_DNS_YES,
	SMI_F2B_DNS_NO /* <HOST> is an address */
};

/* Python's syntax to that of PCRE2. -EBADMSG with err filled, -ENOMEM. */
int smi_f2b_translate(struct smi_span python, struct smi_buf *out,
		      struct smi_regex_error *err);
/* With the tags <HOST>, <ADDR>, <F-USER>...</F-USER>, <SKIPLINES>, ... -EBADMSG
 * with err filled, -ENOMEM. What it points to lies in the arena; it ends with
 * smi_regex_release(). */
int smi_f2b_regex_compile(struct smi_span pattern, enum smi_f2b_dns dns,
			  bool multiline, struct smi_arena *a,
			  struct smi_f2b_regex *out,
			  struct smi_regex_error *err);

#endif
