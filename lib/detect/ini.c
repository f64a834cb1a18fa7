/* SPDX-License-Identifier: MIT */
#include "detect/ini.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/utf8.h"

struct parser {
	struct smi_ini *ini;
	struct smi_arena *arena;
	struct smi_ini_error *err;
	struct smi_map seen; /* sections and options of this text */
	struct smi_span section;
	bool in_section;
	struct smi_buf value; /* of the option that is open */
	struct smi_buf key;
	bool in_option;
	size_t indent;
	uint32_t line;
};

static void parser_free(struct parser *p)
{
	smi_map_free(&p->seen);
	smi_buf_free(&p->value);
	smi_buf_free(&p->key);
}

bool smi_ini_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static struct smi_span strip_end(struct smi_span s)
{
	while (s.len && smi_ini_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

struct smi_span smi_ini_strip(struct smi_span s)
{
	while (s.len && smi_ini_space(s.p[0]))
		s = smi_span_skip(s, 1);
	return strip_end(s);
}

static int fail(struct parser *p, const char *text)
{
	p->err->line = p->line;
	p->err->text = text;
	return -EBADMSG;
}

static int copy(struct parser *p, struct smi_span s, struct smi_span *out)
{
	char *q = smi_arena_strndup(p->arena, s.p, s.len);

	*out = smi_span_of(q, s.len);
	return q ? 0 : -ENOMEM;
}

static int copy_lower(struct parser *p, struct smi_span s, struct smi_span *out)
{
	char *q = smi_arena_strndup(p->arena, s.p, s.len);

	for (size_t i = 0; q && i < s.len; i++)
		if (q[i] >= 'A' && q[i] <= 'Z')
			q[i] |= 32;
	*out = smi_span_of(q, s.len);
	return q ? 0 : -ENOMEM;
}

static int push(struct parser *p, struct smi_span name)
{
	struct smi_ini_entry e = { .section = p->section,
				   .name = name,
				   .value = SMI_SPAN(""),
				   .line = p->line };

	if (p->ini->entries.n >= SMI_INI_MAX_ENTRIES)
		return fail(p, "there are more than 20000 options");
	return smi_vec_push(&p->ini->entries, e) ? 0 : -ENOMEM;
}

/* The value of the open option is complete. */
static int close_option(struct parser *p)
{
	struct smi_ini_entry *e;

	if (!p->in_option)
		return 0;
	p->in_option = false;
	if (smi_buf_error(&p->value))
		return -ENOMEM;
	e = &p->ini->entries.v[p->ini->entries.n - 1];
	return copy(p, strip_end(smi_buf_span(&p->value)), &e->value);
}

/* Whether this text has had such a section, or such an option in one. */
static int note_seen(struct parser *p, struct smi_span name, const char *twice)
{
	smi_buf_clear(&p->key);
	smi_buf_span_add(&p->key, p->section);
	smi_buf_char(&p->key, '\0');
	smi_buf_span_add(&p->key, name);
	if (smi_buf_error(&p->key))
		return -ENOMEM;
	if (smi_map_get(&p->seen, smi_buf_span(&p->key)))
		return fail(p, twice);
	return smi_map_put(&p->seen, smi_buf_span(&p->key), p) ? 0 : -ENOMEM;
}

static int open_section(struct parser *p, struct smi_span name)
{
	int r = close_option(p);

	if (r == 0)
		r = copy(p, name, &p->section);
	p->in_section = true;
	if (r == 0 && !smi_span_eq_str(name, "DEFAULT"))
		r = note_seen(p, SMI_SPAN(""), "the section is here twice");
	return r < 0 ? r : push(p, SMI_SPAN(""));
}

static int open_option(struct parser *p, struct smi_span text)
{
	struct smi_span name, value;
	size_t at = 0;
	int r = close_option(p);

	while (at < text.len && text.p[at] != '=' && text.p[at] != ':')
		at++;
	if (r < 0)
		return r;
	if (at == text.len)
		return fail(p, "this is neither a [section] nor a name with = "
			       "or : behind it");
	name = strip_end(smi_span_head(text, at));
	value = smi_ini_strip(smi_span_skip(text, at + 1));
	if (!name.len)
		return fail(p, "an option has no name");
	r = copy_lower(p, name, &name);
	if (r < 0)
		return r;
	r = note_seen(p, name, "the option is in this section twice");
	if (r == 0)
		r = push(p, name);
	if (r < 0)
		return r;
	smi_buf_clear(&p->value);
	smi_buf_span_add(&p->value, value);
	p->in_option = true;
	return 0;
}

/* "[name]" and anything behind the last bracket. */
static bool is_header(struct smi_span text, struct smi_span *name)
{
	size_t end = text.len;

	while (end > 0 && text.p[end - 1] != ']')
		end--;
	if (!text.len || text.p[0] != '[' || end < 3)
		return false;
	*name = smi_span_of(text.p + 1, end - 2);
	return true;
}

static size_t comment_at(struct smi_span line)
{
	struct smi_span text = smi_ini_strip(line);

	if (text.len && (text.p[0] == '#' || text.p[0] == ';'))
		return 0;
	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] == ';' &&
		    (i == 0 || smi_ini_space(line.p[i - 1])))
			return i;
	return line.len;
}

static int take_line(struct parser *p, struct smi_span line)
{
	size_t end = comment_at(line), indent = 0;
	struct smi_span text = smi_ini_strip(smi_span_head(line, end)), name;

	if (!text.len) {
		/* An empty line may stand within a value; a comment is none. */
		if (end == line.len && p->in_option)
			smi_buf_char(&p->value, '\n');
		return 0;
	}
	while (smi_ini_space(line.p[indent]))
		indent++;
	if (p->in_option && indent > p->indent) {
		smi_buf_char(&p->value, '\n');
		smi_buf_span_add(&p->value, text);
		return 0;
	}
	p->indent = indent;
	if (is_header(text, &name))
		return open_section(p, name);
	if (!p->in_section)
		return fail(p, "an option stands before the first [section]");
	return open_option(p, text);
}

/* LF, CR LF and CR end a line. */
static struct smi_span cut_line(struct smi_span *rest)
{
	struct smi_span line;
	size_t n = 0;

	while (n < rest->len && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	line = smi_span_head(*rest, n);
	if (n + 1 < rest->len && rest->p[n] == '\r' && rest->p[n + 1] == '\n')
		n++;
	*rest = smi_span_skip(*rest, n + 1);
	return line;
}

int smi_ini_parse(struct smi_ini *ini, struct smi_arena *a,
		  struct smi_span text, struct smi_ini_error *err)
{
	SMI_CLEANUP(parser_free)
	struct parser p = { .ini = ini, .arena = a, .err = err };
	int r = 0;

	if (smi_span_starts(text, SMI_SPAN("\xEF\xBB\xBF")))
		text = smi_span_skip(text, 3);
	if (text.len > SMI_INI_MAX_BYTES)
		return fail(&p, "the file is larger than 1 MiB");
	if (!smi_utf8_valid(text))
		return fail(&p, "the file is no UTF-8 text");
	while (r == 0 && text.len) {
		p.line++;
		r = take_line(&p, cut_line(&text));
	}
	return r < 0 ? r : close_option(&p);
}

void smi_ini_free(struct smi_ini *ini)
{
	smi_vec_free(&ini->entries);
}
