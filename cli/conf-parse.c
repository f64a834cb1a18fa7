/* SPDX-License-Identifier: MIT */
#include "conf-parse.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct parser {
	char section[CONF_MAX_LINE + 1];
	char name[CONF_MAX_LINE + 1];
	char value[CONF_MAX_LINE + 1];
	unsigned line, entries;
	const char *why;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Without the blanks around it. */
static void copy(char *out, const char *p, size_t len)
{
	while (len && is_blank(*p)) {
		p++;
		len--;
	}
	while (len && is_blank(p[len - 1]))
		len--;
	memcpy(out, p, len);
	out[len] = '\0';
}

static bool has_control(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)p[i] < 0x20 && p[i] != '\t') ||
		    p[i] == 0x7f)
			return true;
	return false;
}

static void read_section(struct parser *s, const char *p, size_t len)
{
	const char *end = memchr(p, ']', len);

	if (!end || end != p + len - 1) {
		s->why = "a section is [NAME], and nothing else on its line";
		return;
	}
	copy(s->section, p + 1, len - 2);
	if (!*s->section)
		s->why = "a section needs a name";
}

static void read_entry(struct parser *s, const char *p, size_t len)
{
	const char *eq = memchr(p, '=', len);

	if (!eq) {
		s->why = "no '=' in it; NAME = VALUE is right";
		return;
	}
	copy(s->name, p, (size_t)(eq - p));
	copy(s->value, eq + 1, len - (size_t)(eq - p) - 1);
	if (!*s->name)
		s->why = "no name before the '='";
	else if (++s->entries > CONF_MAX_ENTRIES)
		s->why = "too many entries in one file";
}

static int read_line(struct parser *s, const char *p, size_t len,
		     conf_line_fn fn, void *user)
{
	bool is_section;

	while (len && is_blank(*p)) {
		p++;
		len--;
	}
	while (len && is_blank(p[len - 1]))
		len--;
	if (len > CONF_MAX_LINE)
		s->why = "the line is longer than 4096 bytes";
	else if (memchr(p, '\0', len))
		s->why = "a NUL byte: this is no text";
	if (s->why)
		return -EBADMSG;
	if (!len || *p == '#' || *p == ';')
		return 0;
	is_section = *p == '[';
	if (has_control(p, len))
		s->why = "a control character";
	else if (is_section)
		read_section(s, p, len);
	else
		read_entry(s, p, len);
	if (s->why)
		return -EBADMSG;
	return fn(&(struct conf_line){ s->section, is_section ? NULL : s->name,
				       is_section ? NULL : s->value, s->line },
		  user);
}

int conf_parse(const char *text, size_t len, conf_line_fn fn, void *user,
	       struct conf_error *err)
{
	struct parser s = { .section = "" };
	int r = 0;

	if (len > CONF_MAX_BYTES) {
		err->line = 0;
		err->why = "more than 256 KiB";
		return -EBADMSG;
	}
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	while (len && r == 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		size_t used = end ? n + 1 : n;

		s.line++;
		if (n && text[n - 1] == '\r')
			n--;
		r = read_line(&s, text, n, fn, user);
		text += used;
		len -= used;
	}
	if (s.why)
		*err = (struct conf_error){ s.line, s.why };
	return r;
}
