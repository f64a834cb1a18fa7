/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_YAML_H
#define SMI_DETECT_YAML_H

#include "base/arena.h"

/*
 * YAML as rule files need it: each scalar is a string; tags, anchors, aliases and
 * duplicate keys are refused; depth, nodes and size have limits.
 */
enum smi_yaml_type {
	SMI_YAML_SCALAR,
	SMI_YAML_SEQ,
	SMI_YAML_MAP
};

#define SMI_YAML_MAX_BYTES (4u << 20)
#define SMI_YAML_MAX_DEPTH 16
#define SMI_YAML_MAX_NODES 200000

/* The children of a map come in pairs: key, value. */
struct smi_yaml {
	enum smi_yaml_type type;
	uint32_t line;	  /* from 1 */
	const char *text; /* of a scalar, with a NUL behind it */
	size_t len;
	struct smi_yaml *child, *next;
};

struct smi_yaml_error {
	uint32_t line;
	char text[256];
};

struct smi_yaml_reader;
/* text outlives the reader; the nodes lie in the arena. */
int smi_yaml_open(struct smi_span text, struct smi_arena *a,
		  struct smi_yaml_reader **out);
void smi_yaml_close(struct smi_yaml_reader *r);
void smi_yaml_closep(struct smi_yaml_reader **r);
/* The next document: 1, 0 at the end, -EBADMSG with err filled, -ENOMEM. Nothing
 * can be read behind an error. */
int smi_yaml_next(struct smi_yaml_reader *r, struct smi_yaml **doc,
		  struct smi_yaml_error *err);

/* The value of a key, or NULL. */
const struct smi_yaml *smi_yaml_get(const struct smi_yaml *map,
				    const char *key);

#endif
