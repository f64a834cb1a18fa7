/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_REGEX_H
#define SMI_DETECT_REGEX_H

#include <stdatomic.h>

#include "base/buf.h"
#include "detect/regex-gate.h"

/*
 * PCRE2 with limits. Patterns and lines are bytes, not characters: no byte of a
 * line can stop a match, and . is one byte of a UTF-8 character.
 */
#define SMI_REGEX_MATCH_LIMIT 100000
#define SMI_REGEX_HEAP_KIB    4096
#define SMI_REGEX_MAX_GROUPS  60
#define SMI_REGEX_MAX_BYTES   16384

struct smi_regex_heap;
struct smi_regex {
	void *code; /* pcre2_code */
	struct smi_regex_heap *heap;
	/* Whether there is machine code; it is made for the first subject that
	 * passes the gate. NULL: there never is. */
	atomic_int *jit;
	struct smi_gate gate;
	int required; /* a byte that a subject holds, -1: none is known */
	uint32_t min_len;
};

struct smi_regex_error {
	size_t offset;
	char text[160];
};

/* -EBADMSG with err filled, -ENOMEM. */
int smi_regex_compile(struct smi_span pattern, struct smi_regex *out,
		      struct smi_regex_error *err);
/* The same with the meaning that Python gives to $ and line ends; UTF for
 * subjects that are valid UTF-8 only. */
enum smi_regex_flags {
	SMI_REGEX_PYTHON = 1,
	SMI_REGEX_MULTILINE = 2,
	SMI_REGEX_UTF = 4,
	SMI_REGEX_NO_JIT = 8
};
int smi_regex_compile_as(struct smi_span pattern, unsigned flags,
			 struct smi_regex *out, struct smi_regex_error *err);
void smi_regex_release(struct smi_regex *re);
/* The bytes that it takes, with an estimate of the machine code. */
size_t smi_regex_size(const struct smi_regex *re);
/* Makes the machine code, if that has not been done: 1; 0 where there is none;
 * -ENOMEM, and it may be tried again. */
int smi_regex_jit(const struct smi_regex *re);
/* The number of a named group, -1 when there is none; with i from 0 to the first
 * false: all of them. */
int smi_regex_group(const struct smi_regex *re, const char *name);
bool smi_regex_name(const struct smi_regex *re, uint32_t i, const char **name,
		    int *group);
/* Match data and stack of one thread. */
struct smi_matcher;
int smi_matcher_new(struct smi_matcher **out);
void smi_matcher_free(struct smi_matcher *m);
void smi_matcher_freep(struct smi_matcher **m);
/* No machine code is run, as where the system allows none: for tests. */
void smi_matcher_set_plain(struct smi_matcher *m);

/* Room for texts of one thread: for one line, and from line to line. */
struct smi_buf *smi_matcher_room(struct smi_matcher *m);
enum smi_memory {
	SMI_MEMORY_WEB,
	SMI_MEMORY_STARTS,
	SMI_NMEMORIES
};
struct smi_buf *smi_matcher_memory(struct smi_matcher *m, enum smi_memory of);

/* 1, 0, -E2BIG when a limit was hit, -ENOMEM. Asks the gate before PCRE2. */
int smi_regex_match(const struct smi_regex *re, struct smi_matcher *m,
		    struct smi_span subject);
/* What begins with start is a part of what the regex can match, as far as it goes:
 * false means that nothing that begins so can match. */
bool smi_regex_may_go_on(const struct smi_regex *re, struct smi_matcher *m,
			 struct smi_span start);
/* It can match a subject that begins with this byte. */
bool smi_regex_may_begin(const struct smi_regex *re, struct smi_matcher *m,
			 char c);
/* It matches, and would do so whatever stood behind start: the groups are there. */
bool smi_regex_is_decided(const struct smi_regex *re, struct smi_matcher *m,
			  struct smi_span start);
/* It matches at the begin of a subject only. */
bool smi_regex_is_anchored(const struct smi_regex *re);
/* What the last match, which was of subject, has caught. */
struct smi_captures {
	struct smi_span subject;
	const size_t *offsets; /* PCRE2's ovector: pcre2api(3) */
	int n;
};
struct smi_captures smi_matcher_captures(const struct smi_matcher *m,
					 struct smi_span subject);
/* false when the group did not take part. */
static inline bool smi_capture(const struct smi_captures *c, int group,
			       struct smi_span *out)
{
	size_t begin, end;

	if (group < 0 || group >= c->n)
		return false;
	begin = c->offsets[2 * group];
	end = c->offsets[2 * group + 1];
	if (begin == SIZE_MAX || end < begin)
		return false;
	*out = smi_span_of(c->subject.p + begin, end - begin);
	return true;
}
static inline bool smi_matcher_group(const struct smi_matcher *m,
				     struct smi_span subject, int group,
				     struct smi_span *out)
{
	struct smi_captures c = smi_matcher_captures(m, subject);

	return smi_capture(&c, group, out);
}

#endif
