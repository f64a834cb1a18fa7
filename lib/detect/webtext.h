/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_WEBTEXT_H
#define SMI_DETECT_WEBTEXT_H

#include "record/line.h"

/* The parts of a request that a rule can look at. */
enum smi_subject {
	SMI_SUBJECT_URL, /* path, "?", query */
	SMI_SUBJECT_PATH,
	SMI_SUBJECT_QUERY,
	SMI_SUBJECT_REFERER,
	SMI_SUBJECT_AGENT,
	SMI_SUBJECT_USER,
	SMI_NSUBJECTS
};

/*
 * One spelling of what clients spell in many ways, for rules to match:
 * - what the server escaped for its log (\" \\ \xHH) is undone;
 * - %HH and %uHHHH are decoded, again where that gives new ones, three times at
 *   most; + is a space in a query;
 * - \xHH, \uHHHH and HTML entities are decoded;
 * - overlong and full-width forms of ASCII are ASCII, other characters stay;
 * - letters are small; comments of SQL are a space; spaces are one space, or one
 *   line feed where a CR or LF was among them; NUL and characters without width
 *   are gone.
 * The result is never longer than raw. out may not be raw.
 */
size_t smi_webtext_fold(struct smi_span raw, bool plus, char *out);

/* All subjects of a request, into the buffer, which they are good as long as. False
 * when memory is out. */
struct smi_webtext {
	struct smi_span of[SMI_NSUBJECTS];
};
bool smi_webtext_read(struct smi_webtext *t, const struct smi_web *web,
		      struct smi_buf *room);

/*
 * Texts that few clients vary, referer and agent, and that no rule took: they need
 * no second look. A slot for each, which holds the last one that fell there.
 */
#define SMI_SEEN_SLOTS 256
#define SMI_SEEN_MAX   254
struct smi_webseen {
	struct {
		uint16_t len;
		char text[SMI_SEEN_MAX];
	} slots[SMI_SEEN_SLOTS];
};
bool smi_webseen_has(const struct smi_webseen *s, struct smi_span text);
void smi_webseen_add(struct smi_webseen *s, struct smi_span text);

#endif
