/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_JSON_H
#define SMI_BASE_JSON_H

#include "base/buf.h"

/*
 * Reads one JSON text (RFC 8259) from front to back; allocates nothing. A mistake
 * is sticky: all calls give false from then on, and smi_json_done() tells.
 *
 *	smi_json_init(&j, text);
 *	smi_json_open(&j, '{');
 *	while (smi_json_member(&j, &key))
 *		... smi_json_value(&j, &v) or smi_json_skip(&j) or an open ...
 */
struct smi_json {
	const char *p, *end;
	bool failed;
	bool first; /* nothing was read yet of what is open */
};

enum smi_json_type {
	SMI_JSON_NONE, /* a mistake, or the end */
	SMI_JSON_STRING,
	SMI_JSON_NUMBER,
	SMI_JSON_WORD, /* true, false, null */
	SMI_JSON_OBJECT,
	SMI_JSON_ARRAY,
};

struct smi_json_value {
	enum smi_json_type type;
	struct smi_span text; /* of a string what its quotes hold */
	bool escaped;	      /* and that has backslashes */
};

void smi_json_init(struct smi_json *j, struct smi_span text);
/* Of the value that is next. */
enum smi_json_type smi_json_peek(struct smi_json *j);
/* Goes into the object '{' or array '[' that is next; false: it is none. */
bool smi_json_open(struct smi_json *j, char bracket);
/* The next member of the object, with its key as it is written; the next element
 * of the array. false: there is none, and the bracket is passed. */
bool smi_json_member(struct smi_json *j, struct smi_span *key);
bool smi_json_element(struct smi_json *j);
/* Takes the value that is next, which is no object or array. */
bool smi_json_value(struct smi_json *j, struct smi_json_value *out);
/* Passes any value; of what is deep inside only brackets and strings are looked at.
 * More than 64 levels are a mistake. */
bool smi_json_skip(struct smi_json *j);
/* No mistake, and nothing but spaces is left. */
bool smi_json_done(struct smi_json *j);

/* What the quotes of a string hold, as bytes; never longer than s. Half of a
 * surrogate pair becomes U+FFFD, a bad escape itself. */
void smi_json_unescape(struct smi_buf *b, struct smi_span s);

#endif
