/* SPDX-License-Identifier: MIT */
#include "detect/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

struct smi_yaml_reader {
	yaml_parser_t parser;
	struct smi_arena *arena;
	struct smi_yaml_error *err;
	size_t nodes;
	bool started, done;
};

int smi_yaml_open(struct smi_span text, struct smi_arena *a,
		  struct smi_yaml_reader **out)
{
	struct smi_yaml_reader *r = smi_zalloc(sizeof(*r));

	if (!r)
		return -ENOMEM;
	if (!yaml_parser_initialize(&r->parser)) {
		free(r);
		return -ENOMEM;
	}
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text.p,
				     text.len);
	r->arena = a;
	*out = r;
	return 0;
}

void smi_yaml_close(struct smi_yaml_reader *r)
{
	if (!r)
		return;
	yaml_parser_delete(&r->parser);
	free(r);
}

void smi_yaml_closep(struct smi_yaml_reader **r)
{
	smi_yaml_close(*r);
}

static int SMI_PRINTF(3, 4)
	refuse(struct smi_yaml_reader *r, size_t line, const char *fmt, ...)
{
	va_list ap;

	r->done = true;
	r->err->line = (uint32_t)line + 1;
	va_start(ap, fmt);
	vsnprintf(r->err->text, sizeof(r->err->text), fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

static int read_event(struct smi_yaml_reader *r, yaml_event_t *ev)
{
	const yaml_parser_t *p = &r->parser;
	const char *what;

	if (yaml_parser_parse(&r->parser, ev))
		return 0;
	if (p->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	what = p->problem ? p->problem : "no valid YAML";
	return refuse(r, p->problem_mark.line, "%s", what);
}

static void free_event(yaml_event_t *ev)
{
	yaml_event_delete(ev);
}

static const char *tag_of(const yaml_event_t *ev)
{
	const yaml_char_t *tag = NULL;

	if (ev->type == YAML_SCALAR_EVENT)
		tag = ev->data.scalar.tag;
	else if (ev->type == YAML_SEQUENCE_START_EVENT)
		tag = ev->data.sequence_start.tag;
	else if (ev->type == YAML_MAPPING_START_EVENT)
		tag = ev->data.mapping_start.tag;
	return (const char *)tag;
}

static const char *anchor_of(const yaml_event_t *ev)
{
	const yaml_char_t *anchor = NULL;

	if (ev->type == YAML_SCALAR_EVENT)
		anchor = ev->data.scalar.anchor;
	else if (ev->type == YAML_SEQUENCE_START_EVENT)
		anchor = ev->data.sequence_start.anchor;
	else if (ev->type == YAML_MAPPING_START_EVENT)
		anchor = ev->data.mapping_start.anchor;
	return (const char *)anchor;
}

static int check_event(struct smi_yaml_reader *r, const yaml_event_t *ev,
		       unsigned depth)
{
	size_t line = ev->start_mark.line;

	if (ev->type == YAML_ALIAS_EVENT || anchor_of(ev))
		return refuse(r, line, "anchors and aliases are not allowed");
	if (tag_of(ev))
		return refuse(r, line, "tags are not allowed");
	if (depth > SMI_YAML_MAX_DEPTH)
		return refuse(r, line, "nested deeper than %d levels",
			      SMI_YAML_MAX_DEPTH);
	if (++r->nodes > SMI_YAML_MAX_NODES)
		return refuse(r, line, "more than %d values in one file",
			      SMI_YAML_MAX_NODES);
	return 0;
}

static int new_node(struct smi_yaml_reader *r, const yaml_event_t *ev,
		    struct smi_yaml **out)
{
	struct smi_yaml *n = smi_arena_zalloc(r->arena, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->line = (uint32_t)ev->start_mark.line + 1;
	if (ev->type == YAML_SCALAR_EVENT) {
		n->len = ev->data.scalar.length;
		n->text = smi_arena_strndup(
			r->arena, (const char *)ev->data.scalar.value, n->len);
		if (!n->text)
			return -ENOMEM;
		if (memchr(n->text, '\0', n->len))
			return refuse(r, ev->start_mark.line,
				      "a NUL character is not allowed");
	} else {
		n->type = ev->type == YAML_SEQUENCE_START_EVENT ? SMI_YAML_SEQ
								: SMI_YAML_MAP;
	}
	*out = n;
	return 0;
}

static int check_key(struct smi_yaml_reader *r, const struct smi_yaml *map,
		     const struct smi_yaml *key)
{
	if (key->type != SMI_YAML_SCALAR)
		return refuse(r, key->line - 1, "a key must be plain text");
	for (const struct smi_yaml *k = map->child; k && k != key;
	     k = k->next->next)
		if (strcmp(k->text, key->text) == 0)
			return refuse(r, key->line - 1,
				      "\"%.60s\" is here twice", key->text);
	return 0;
}

/* Keys of a map are checked one with all: more than this many is no rule. */
#define MAX_KEYS 256

static int read_node(struct smi_yaml_reader *r, yaml_event_t *ev,
		     unsigned depth, struct smi_yaml **out);

static int read_children(struct smi_yaml_reader *r, struct smi_yaml *parent,
			 unsigned depth)
{
	struct smi_yaml **tail = &parent->child;
	unsigned n = 0;

	for (;; n++) {
		SMI_CLEANUP(free_event) yaml_event_t ev = { 0 };
		int rc = read_event(r, &ev);

		if (rc < 0)
			return rc;
		if (ev.type == YAML_SEQUENCE_END_EVENT ||
		    ev.type == YAML_MAPPING_END_EVENT)
			return 0;
		rc = read_node(r, &ev, depth + 1, tail);
		if (rc < 0)
			return rc;
		if (parent->type == SMI_YAML_MAP && n % 2 == 0) {
			if (n / 2 >= MAX_KEYS)
				return refuse(r, (*tail)->line - 1,
					      "more than %d keys", MAX_KEYS);
			rc = check_key(r, parent, *tail);
			if (rc < 0)
				return rc;
		}
		tail = &(*tail)->next;
	}
}

static int read_node(struct smi_yaml_reader *r, yaml_event_t *ev,
		     unsigned depth, struct smi_yaml **out)
{
	int rc = check_event(r, ev, depth);

	if (rc == 0)
		rc = new_node(r, ev, out);
	if (rc < 0 || (*out)->type == SMI_YAML_SCALAR)
		return rc;
	return read_children(r, *out, depth);
}

/* One document is: start, a node, end. */
static int read_document(struct smi_yaml_reader *r, struct smi_yaml **doc)
{
	SMI_CLEANUP(free_event) yaml_event_t ev = { 0 };
	SMI_CLEANUP(free_event) yaml_event_t end = { 0 };
	int rc = read_event(r, &ev);

	if (rc == 0)
		rc = read_node(r, &ev, 1, doc);
	return rc < 0 ? rc : read_event(r, &end);
}

int smi_yaml_next(struct smi_yaml_reader *r, struct smi_yaml **doc,
		  struct smi_yaml_error *err)
{
	r->err = err;
	while (!r->done) {
		SMI_CLEANUP(free_event) yaml_event_t ev = { 0 };
		struct smi_yaml *node = NULL;
		int rc = read_event(r, &ev);

		if (rc < 0)
			return rc;
		if (ev.type == YAML_STREAM_END_EVENT ||
		    ev.type == YAML_NO_EVENT)
			r->done = true;
		if (ev.type != YAML_DOCUMENT_START_EVENT)
			continue;
		rc = read_document(r, &node);
		if (rc < 0) {
			r->done = true;
			return rc;
		}
		*doc = node;
		return 1;
	}
	return 0;
}

const struct smi_yaml *smi_yaml_get(const struct smi_yaml *map, const char *key)
{
	if (!map || map->type != SMI_YAML_MAP)
		return NULL;
	for (const struct smi_yaml *k = map->child; k; k = k->next->next)
		if (strcmp(k->text, key) == 0)
			return k->next;
	return NULL;
}
