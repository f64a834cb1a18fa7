/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_SHAPE_H
#define SMI_DETECT_SHAPE_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * How a regular expression is built, read from its text and without matching
 * anything: for what can be said about a rule before a line is there.
 */
enum smi_shape_type {
	SMI_SHAPE_SET,	 /* one byte out of a set */
	SMI_SHAPE_GROUP, /* its children are branches */
	SMI_SHAPE_LOOK,	 /* the same, and takes no byte */
	SMI_SHAPE_BRANCH,
	SMI_SHAPE_BEGIN, /* ^ */
	SMI_SHAPE_END,	 /* $ */
	SMI_SHAPE_OTHER	 /* takes no byte that could be told */
};
#define SMI_SHAPE_ENDLESS UINT32_MAX

struct smi_shape {
	enum smi_shape_type type;
	uint32_t begin, end; /* in the text, quantifier included */
	uint32_t inner;	     /* behind the opening of a group */
	uint32_t min, max;   /* times; SMI_SHAPE_ENDLESS */
	bool negative;	     /* (?! and (?<! */
	bool final;	     /* possessive or atomic: gives nothing back */
	struct smi_span name;
	uint8_t set[32];
	struct smi_shape *child, *next;
};

/* The text is one that PCRE2 has compiled. 0 with a group in *out, -ENOMEM, or
 * -ENOTSUP for what is not read here: multi-line and extended mode, conditions,
 * verbs, Unicode properties. */
int smi_shape_read(struct smi_span text, struct smi_arena *a,
		   struct smi_shape **out);

/* It has \R, \X and the like: of each the shape has one byte, but PCRE2 takes others
 * or several. */
bool smi_shape_is_odd(struct smi_span text);
/* The bytes that a set takes in any of the ways in which rules are compiled. */
void smi_shape_takes(const struct smi_shape *set, uint8_t bytes[32]);
/* No set and no group, and it takes no byte: an anchor, a look, flags, a comment, \b.
 * What a back reference takes is not told. */
bool smi_shape_takes_none(const struct smi_shape *s, struct smi_span text);
/* No subject can match: something must stand before ^ or behind $. */
bool smi_shape_is_dead(const struct smi_shape *root);
/* Each way into it begins with ^. */
bool smi_shape_is_anchored(const struct smi_shape *root);
/* In how many places a match can try again and again: 0 and 1 are harmless. */
unsigned smi_shape_retries(const struct smi_shape *root);
/* The bytes of the shortest match; no sum overflows, UINT64_MAX is the most. */
uint64_t smi_shape_min(const struct smi_shape *root);
/*
 * Something that takes any text stands before the group of that name, and what
 * follows the group does not tie it to the end of the line: who chooses a part
 * of the line can choose what the group takes.
 */
bool smi_shape_is_loose(const struct smi_shape *root, const char *name);
/* Appends a text that the pattern is likely to take, at most max bytes: by the
 * first branches of its groups, or by others. */
void smi_shape_example(const struct smi_shape *root, unsigned branch,
		       size_t max, struct smi_buf *b);

#endif
