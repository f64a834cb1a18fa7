/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_CONF_H
#define SMI_DETECT_F2B_CONF_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"

/*
 * A set of fail2ban's configuration files as one: BASE.conf, BASE.d/ *.conf,
 * BASE.local, BASE.d/ *.local, each with the files that its [INCLUDES] names
 * before and after it, later values over earlier ones. A value that was put aside
 * stays in the section "KNOWN/" and its name.
 */
#define SMI_F2B_MAX_FILES  256
#define SMI_F2B_MAX_DEPTH  16
#define SMI_F2B_MAX_VALUES 20000
/* Of one value with everything in it that it refers to, and the steps there. */
#define SMI_F2B_MAX_TEXT  (1u << 20)
#define SMI_F2B_MAX_STEPS 200000
/* Bytes that all steps of a set copy: each makes the value anew. */
#define SMI_F2B_MAX_COPIED ((size_t)32 << 20)

struct smi_f2b_value {
	struct smi_span section, name, text;
	const char *file; /* "" where it was given by hand */
	uint32_t line;
};
typedef SMI_VEC(struct smi_f2b_value) smi_f2b_values;

struct smi_f2b_error {
	const char *file;
	uint32_t line;
	char text[600];
};

struct smi_f2b_conf {
	struct smi_arena *names; /* of what errors point to */
	struct smi_arena arena;	 /* of everything else */
	struct smi_map index;	 /* section, NUL and name to values */
	SMI_VEC(struct smi_f2b_value *) values; /* in reading order */
	size_t nfiles;
	size_t steps; /* of interpolation */
	size_t copied;
	bool failed; /* a look-up had no memory */
	struct smi_f2b_error err;
	SMI_VEC(struct smi_f2b_error) remarks; /* what does no harm */
};

void smi_f2b_conf_init(struct smi_f2b_conf *c, struct smi_arena *names);
void smi_f2b_conf_free(struct smi_f2b_conf *c);
/* base is a path without its suffix. 1, or 0 when there is no such file; -EBADMSG
 * and other errors with c->err filled, -ENOMEM. */
int smi_f2b_conf_read(struct smi_f2b_conf *c, const char *base);
/* One file with its includes and the .local beside it: as above. */
int smi_f2b_conf_file(struct smi_f2b_conf *c, const char *path);
/* A text that stands for such a file. */
int smi_f2b_conf_text(struct smi_f2b_conf *c, const char *path,
		      struct smi_span text);
/* Fills c->err and gives -EBADMSG. */
int smi_f2b_fail(struct smi_f2b_conf *c, const char *file, uint32_t line,
		 const char *fmt, ...) SMI_PRINTF(4, 5);

/* The raw value; name is lower case. NULL where the section itself has none, or,
 * with c->failed set, when memory is out. */
const struct smi_f2b_value *smi_f2b_own(struct smi_f2b_conf *c,
					struct smi_span section,
					struct smi_span name);
/* The same, or that of [DEFAULT]. */
const struct smi_f2b_value *smi_f2b_raw(struct smi_f2b_conf *c,
					struct smi_span section,
					struct smi_span name);
bool smi_f2b_has_section(struct smi_f2b_conf *c, struct smi_span section);
/* Puts a value in place of another one, or beside the others. -ENOMEM. */
int smi_f2b_put(struct smi_f2b_conf *c, const struct smi_f2b_value *v);

/*
 * A value of a section with its %(names)s filled in: from vars, which may be NULL,
 * the section, [DEFAULT], or, for %(section/name)s, from there. 1; 0 when there is
 * none of that name (any case); -EBADMSG with c->err filled, -ENOMEM. out->text
 * lies in the arena.
 */
int smi_f2b_get(struct smi_f2b_conf *c, struct smi_span section,
		struct smi_span name, const smi_f2b_values *vars,
		struct smi_f2b_value *out);
/* The same for "section/name", which looks in that section first. */
int smi_f2b_get_path(struct smi_f2b_conf *c, struct smi_span section,
		     struct smi_span name, const smi_f2b_values *vars,
		     struct smi_f2b_value *out);
/* By exact name. */
const struct smi_f2b_value *smi_f2b_find(const smi_f2b_values *vars,
					 struct smi_span name);

/*
 * Fills in the <tags> of a value from opts, else as smi_f2b_get_path() of
 * [Definition] with vars, again and again until none is left that has a value.
 * -EBADMSG where a tag leads back to itself.
 */
int smi_f2b_fill_tags(struct smi_f2b_conf *c, const smi_f2b_values *opts,
		      const smi_f2b_values *vars, struct smi_f2b_value *v);

/* "name[opt=value, opt2=\"value\"][opt3='value']" */
int smi_f2b_parse_spec(struct smi_f2b_conf *c, struct smi_span spec,
		       const char *file, uint32_t line, struct smi_span *name,
		       smi_f2b_values *opts);

#endif
