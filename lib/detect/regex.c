/* SPDX-License-Identifier: MIT */
#include "detect/regex.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "detect/regex-memory.h"

#define JIT_STACK_MIN (32 * 1024)
#define JIT_STACK_MAX (1024 * 1024)
#define NESTING	      50
#define JIT_TIMES     5 /* as large as its code is the machine code, about */

enum {
	JIT_NOT_YET,
	JIT_MAKING,
	JIT_THERE,
	JIT_FAILED
};

struct smi_matcher {
	pcre2_match_context *mc;
	pcre2_match_data *md;
	pcre2_jit_stack *stack;
	int groups; /* of the last match */
	bool plain;
	struct smi_buf room, memory[SMI_NMEMORIES];
};

static void cc_release(pcre2_compile_context **cc)
{
	pcre2_compile_context_free(*cc);
}

static uint32_t options_of(unsigned flags)
{
	uint32_t options = PCRE2_NEVER_BACKSLASH_C;

	options |= flags & SMI_REGEX_PYTHON
			   ? PCRE2_ALT_CIRCUMFLEX
			   : PCRE2_DOLLAR_ENDONLY | PCRE2_DOTALL;
	options |= flags & SMI_REGEX_MULTILINE ? PCRE2_MULTILINE : 0;
	return options | (flags & SMI_REGEX_UTF ? PCRE2_UTF | PCRE2_UCP
						: PCRE2_NEVER_UTF);
}

static int compile(struct smi_span pattern, unsigned flags,
		   struct smi_regex_heap *heap, pcre2_code **out,
		   struct smi_regex_error *err)
{
	SMI_CLEANUP(smi_regex_context_freep)
	pcre2_general_context *gc = smi_regex_context(heap);
	SMI_CLEANUP(cc_release)
	pcre2_compile_context *cc =
		gc ? pcre2_compile_context_create(gc) : NULL;
	PCRE2_SIZE offset;
	int code;

	if (!cc)
		return -ENOMEM;
	pcre2_set_parens_nest_limit(cc, NESTING);
	pcre2_set_max_pattern_length(cc, SMI_REGEX_MAX_BYTES);
	pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
	*out = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.len,
			     options_of(flags), &code, &offset, cc);
	if (*out)
		return 0;
	if (code == PCRE2_ERROR_HEAP_FAILED)
		return -ENOMEM;
	err->offset = offset;
	if (pcre2_get_error_message(code, (PCRE2_UCHAR *)err->text,
				    sizeof(err->text)) < 0)
		err->text[sizeof(err->text) - 1] = '\0';
	return -EBADMSG;
}

/* An option letter in the pattern may make letters match in any case. */
static bool may_ignore_case(struct smi_span pattern)
{
	for (size_t i = 0; i + 2 < pattern.len; i++) {
		char c = pattern.p[i + 2];

		if (pattern.p[i] == '(' && pattern.p[i + 1] == '?' &&
		    ((c >= 'a' && c <= 'z') || c == '-' || c == '^'))
			return true;
	}
	return false;
}

/* PCRE2 makes [Cc] a C in any case, and does not tell that either. */
static bool has_both_cases(struct smi_span pattern, char c)
{
	char a[] = { '[', (char)(c | 32), (char)(c & ~32), ']' };
	char b[] = { '[', (char)(c & ~32), (char)(c | 32), ']' };

	for (size_t i = 0; i + sizeof(a) <= pattern.len; i++)
		if (memcmp(pattern.p + i, a, sizeof(a)) == 0 ||
		    memcmp(pattern.p + i, b, sizeof(b)) == 0)
			return true;
	return false;
}

bool smi_regex_is_anchored(const struct smi_regex *re)
{
	uint32_t options = 0;

	pcre2_pattern_info(re->code, PCRE2_INFO_ALLOPTIONS, &options);
	return (options & PCRE2_ANCHORED) != 0;
}

static int find_facts(struct smi_span pattern, unsigned flags,
		      struct smi_regex *re)
{
	uint32_t type = 0, unit = 0;
	int r = 0;

	re->required = -1;
	smi_gate_open(&re->gate);
	/* In UTF mode it is of characters; each has a byte at least. */
	pcre2_pattern_info(re->code, PCRE2_INFO_MINLENGTH, &re->min_len);
	if (flags & SMI_REGEX_UTF)
		return 0;
	r = smi_gate_make(&re->gate, pattern, smi_regex_is_anchored(re));
	if (r < 0 || re->gate.text.len || may_ignore_case(pattern))
		return r;
	pcre2_pattern_info(re->code, PCRE2_INFO_LASTCODETYPE, &type);
	pcre2_pattern_info(re->code, PCRE2_INFO_LASTCODEUNIT, &unit);
	if (type && !has_both_cases(pattern, (char)unit))
		re->required = (int)unit;
	return 0;
}

int smi_regex_compile(struct smi_span pattern, struct smi_regex *out,
		      struct smi_regex_error *err)
{
	return smi_regex_compile_as(pattern, 0, out, err);
}

static int check_groups(const struct smi_regex *re, struct smi_regex_error *err)
{
	uint32_t groups = 0;

	pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups <= SMI_REGEX_MAX_GROUPS)
		return 0;
	*err = (struct smi_regex_error){ 0 };
	snprintf(err->text, sizeof(err->text), "more than %d groups",
		 SMI_REGEX_MAX_GROUPS);
	return -EBADMSG;
}

static int make(struct smi_span pattern, unsigned flags, struct smi_regex *re,
		struct smi_regex_error *err)
{
	pcre2_code *code = NULL;
	int rc = smi_regex_heap_new(&re->heap);

	if (rc == 0)
		rc = compile(pattern, flags, re->heap, &code, err);
	if (rc < 0)
		return rc;
	re->code = code;
	rc = check_groups(re, err);
	if (rc == 0)
		rc = find_facts(pattern, flags, re);
	if (rc < 0 || flags & SMI_REGEX_NO_JIT)
		return rc;
	re->jit = smi_alloc(sizeof(*re->jit));
	if (!re->jit)
		return -ENOMEM;
	atomic_init(re->jit, JIT_NOT_YET);
	return 0;
}

int smi_regex_compile_as(struct smi_span pattern, unsigned flags,
			 struct smi_regex *out, struct smi_regex_error *err)
{
	struct smi_regex re = { 0 };
	int rc = make(pattern, flags, &re, err);

	if (rc < 0)
		smi_regex_release(&re);
	else
		*out = re;
	return rc;
}

void smi_regex_release(struct smi_regex *re)
{
	pcre2_code_free(re->code);
	smi_regex_heap_free(re->heap);
	free(re->jit);
	re->code = NULL;
	re->heap = NULL;
	re->jit = NULL;
}

size_t smi_regex_size(const struct smi_regex *re)
{
	size_t code = 0;

	pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &code);
	return re->jit ? code * (1 + JIT_TIMES) : code;
}

bool smi_regex_name(const struct smi_regex *re, uint32_t i, const char **name,
		    int *group)
{
	uint32_t n = 0, size = 0;
	PCRE2_SPTR table = NULL;

	pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &n);
	pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &table);
	if (i >= n)
		return false;
	table += (size_t)i * size;
	*group = table[0] << 8 | table[1];
	*name = (const char *)table + 2;
	return true;
}

int smi_regex_group(const struct smi_regex *re, const char *name)
{
	const char *known;
	int group;

	for (uint32_t i = 0; smi_regex_name(re, i, &known, &group); i++)
		if (strcmp(known, name) == 0)
			return group;
	return -1;
}

int smi_matcher_new(struct smi_matcher **out)
{
	SMI_CLEANUP(smi_matcher_freep) struct smi_matcher *m = NULL;
	SMI_CLEANUP(smi_regex_context_freep)
	pcre2_general_context *gc = smi_regex_context(NULL);

	m = gc ? smi_zalloc(sizeof(*m)) : NULL;
	if (!m)
		return -ENOMEM;
	m->mc = pcre2_match_context_create(gc);
	m->md = pcre2_match_data_create(SMI_REGEX_MAX_GROUPS + 1, gc);
	if (!m->mc || !m->md)
		return -ENOMEM;
	pcre2_set_match_limit(m->mc, SMI_REGEX_MATCH_LIMIT);
	pcre2_set_heap_limit(m->mc, SMI_REGEX_HEAP_KIB);
	m->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, gc);
	if (m->stack)
		pcre2_jit_stack_assign(m->mc, NULL, m->stack);
	*out = smi_take(&m);
	return 0;
}

void smi_matcher_free(struct smi_matcher *m)
{
	if (!m)
		return;
	pcre2_jit_stack_free(m->stack);
	pcre2_match_data_free(m->md);
	pcre2_match_context_free(m->mc);
	smi_buf_free(&m->room);
	for (size_t i = 0; i < SMI_NMEMORIES; i++)
		smi_buf_free(&m->memory[i]);
	free(m);
}

void smi_matcher_freep(struct smi_matcher **m)
{
	smi_matcher_free(*m);
}

void smi_matcher_set_plain(struct smi_matcher *m)
{
	m->plain = true;
}

struct smi_buf *smi_matcher_room(struct smi_matcher *m)
{
	return &m->room;
}

struct smi_buf *smi_matcher_memory(struct smi_matcher *m, enum smi_memory of)
{
	return &m->memory[of];
}

static int rc_of(int r)
{
	if (r > 0)
		return 1;
	switch (r) {
	case PCRE2_ERROR_NOMATCH:
		return 0;
	case PCRE2_ERROR_NOMEMORY:
		return -ENOMEM;
	default:
		return -E2BIG;
	}
}

/* One thread makes the machine code, and others wait for it: most rules of a set
 * never see a line that they could take. */
static int make_jit(const struct smi_regex *re)
{
	int state = JIT_NOT_YET, rc = 0;

	if (atomic_compare_exchange_strong(re->jit, &state, JIT_MAKING)) {
		rc = smi_regex_heap_jit(re->heap, re->code);
		state = rc < 0 ? JIT_NOT_YET : rc > 0 ? JIT_THERE : JIT_FAILED;
		atomic_store(re->jit, state);
		return rc;
	}
	while (state == JIT_MAKING) {
		sched_yield();
		state = atomic_load(re->jit);
	}
	return state == JIT_NOT_YET ? -ENOMEM : state == JIT_THERE;
}

int smi_regex_jit(const struct smi_regex *re)
{
	int state =
		re->jit ? atomic_load_explicit(re->jit, memory_order_acquire)
			: JIT_FAILED;

	if (state == JIT_THERE || state == JIT_FAILED)
		return state == JIT_THERE;
	return make_jit(re);
}

int smi_regex_match(const struct smi_regex *re, struct smi_matcher *m,
		    struct smi_span subject)
{
	PCRE2_SPTR p = (PCRE2_SPTR)subject.p;
	int r;

	if (subject.len < re->min_len)
		return 0;
	if (!smi_gate_passes(&re->gate, subject) ||
	    (re->required >= 0 && !memchr(p, re->required, subject.len)))
		return 0;
	r = m->plain ? 0 : smi_regex_jit(re);
	if (r < 0)
		return r;
	r = r ? pcre2_jit_match(re->code, p, subject.len, 0, 0, m->md, m->mc)
	      : pcre2_match(re->code, p, subject.len, 0, PCRE2_NO_JIT, m->md,
			    m->mc);
	m->groups = r;
	return rc_of(r);
}

bool smi_regex_may_go_on(const struct smi_regex *re, struct smi_matcher *m,
			 struct smi_span start)
{
	int r = pcre2_match(re->code, (PCRE2_SPTR)start.p, start.len, 0,
			    PCRE2_PARTIAL_HARD, m->md, m->mc);

	return r != PCRE2_ERROR_NOMATCH;
}

bool smi_regex_may_begin(const struct smi_regex *re, struct smi_matcher *m,
			 char c)
{
	return !smi_regex_is_anchored(re) ||
	       smi_regex_may_go_on(re, m, smi_span_of(&c, 1));
}

bool smi_regex_is_decided(const struct smi_regex *re, struct smi_matcher *m,
			  struct smi_span start)
{
	m->groups = pcre2_match(re->code, (PCRE2_SPTR)start.p, start.len, 0,
				PCRE2_PARTIAL_HARD, m->md, m->mc);
	return m->groups > 0;
}

struct smi_captures smi_matcher_captures(const struct smi_matcher *m,
					 struct smi_span subject)
{
	return (struct smi_captures){ subject, pcre2_get_ovector_pointer(m->md),
				      m->groups };
}
