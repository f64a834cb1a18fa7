/* SPDX-License-Identifier: MIT */
#include "detect/shape.h"

#define NESTING 60
#define TIMES	65535 /* what a quantifier may ask for at most */

struct reader {
	struct smi_span text;
	size_t at;
	struct smi_arena *arena;
	bool any_case;
	unsigned depth;
	int rc;
};

static int peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->text.len
		       ? (unsigned char)r->text.p[r->at + ahead]
		       : -1;
}

static bool starts(const struct reader *r, const char *with)
{
	return smi_span_starts(smi_span_skip(r->text, r->at),
			       smi_span_str(with));
}

static bool eat(struct reader *r, const char *text)
{
	if (!starts(r, text))
		return false;
	r->at += strlen(text);
	return true;
}

static void give_up(struct reader *r)
{
	if (r->rc == 0)
		r->rc = -ENOTSUP;
	r->at = r->text.len;
}

static struct smi_shape *make(struct reader *r, enum smi_shape_type type)
{
	struct smi_shape *s = smi_arena_zalloc(r->arena, sizeof(*s));

	if (!s) {
		r->rc = -ENOMEM;
		r->at = r->text.len;
		return NULL;
	}
	s->type = type;
	s->begin = (uint32_t)r->at;
	s->min = s->max = 1;
	return s;
}

static void set_byte(uint8_t *set, unsigned c)
{
	set[c >> 3] |= (uint8_t)(1u << (c & 7));
}

static void set_char(const struct reader *r, uint8_t *set, unsigned c)
{
	set_byte(set, c);
	if (r->any_case && (c | 32) >= 'a' && (c | 32) <= 'z')
		set_byte(set, c ^ 32);
}

static void flip(uint8_t *set)
{
	for (size_t i = 0; i < 32; i++)
		set[i] = (uint8_t)~set[i];
}

/* The bytes of a named class, which stand in pairs from and to. */
static const struct {
	char escape;
	const char *posix;
	const char *pairs;
} classes[] = {
	{ 'd', "digit", "09" },	    { 'w', "word", "09AZ__az" },
	{ 's', "space", "\t\r  " }, { 'h', "blank", "\t\t  " },
	{ 'v', "", "\n\r" },	    { 0, "alnum", "09AZaz" },
	{ 0, "alpha", "AZaz" },	    { 0, "lower", "az" },
	{ 0, "upper", "AZ" },	    { 0, "punct", "!/:@[`{~" },
	{ 0, "print", " ~" },	    { 0, "graph", "!~" },
	{ 0, "xdigit", "09AFaf" },  { 0, "cntrl", "\x01\x1f\x7f\x7f" },
	{ 0, "ascii", "\x01\x7f" },
};

static void add_pairs(uint8_t *set, const char *pairs)
{
	for (; *pairs; pairs += 2)
		for (int c = pairs[0]; c <= pairs[1]; c++)
			set_byte(set, (unsigned char)c);
}

/* \d and its like, \D is what \d is not. */
static bool add_escape_class(uint8_t *set, int c)
{
	uint8_t mine[32] = { 0 };
	bool negative = c >= 'A' && c <= 'Z';

	if (c == 'N' || c == 'R') {
		set_byte(mine, '\n');
		if (c == 'N')
			flip(mine);
		for (size_t i = 0; i < 32; i++)
			set[i] |= mine[i];
		return true;
	}
	for (size_t i = 0; i < SMI_COUNT(classes) && classes[i].escape; i++) {
		if (classes[i].escape != (c | 32))
			continue;
		add_pairs(mine, classes[i].pairs);
		if (negative)
			flip(mine);
		for (size_t k = 0; k < 32; k++)
			set[k] |= mine[k];
		return true;
	}
	return false;
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_hex(struct reader *r)
{
	bool braces = eat(r, "{");
	unsigned v = 0;

	for (int n = 0; (braces || n < 2) && hex_digit(peek(r, 0)) >= 0; n++)
		v = (v << 4 | (unsigned)hex_digit(peek(r, 0))) & 0xffff,
		r->at++;
	if (braces && !eat(r, "}"))
		give_up(r);
	return v < 256 ? (int)v : 0;
}

/* The byte that stands behind a backslash means; -1: no byte. r->at is behind
 * it then. */
static int read_escaped_byte(struct reader *r)
{
	static const char from[] = "tnrfea", to[] = "\t\n\r\f\x1b\a";
	int c = peek(r, 0);
	const char *known;

	if (c < 0)
		return -1;
	known = memchr(from, c, sizeof(from) - 1);
	if (known) {
		r->at++;
		return to[known - from];
	}
	if (c == 'x') {
		r->at++;
		return read_hex(r);
	}
	if (c == '0') {
		int v = 0;

		for (int n = 0; n < 3 && peek(r, 0) >= '0' && peek(r, 0) <= '7';
		     n++)
			v = v * 8 + peek(r, 0) - '0', r->at++;
		return v & 255;
	}
	if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))
		return -1;
	r->at++;
	return c;
}

/* [:alpha:] and [:^alpha:] */
static bool read_posix(struct reader *r, uint8_t *set)
{
	struct smi_span rest = smi_span_skip(r->text, r->at);
	uint8_t mine[32] = { 0 };
	struct smi_span name;
	bool negative;
	size_t n;

	if (!smi_span_starts(rest, SMI_SPAN("[:")))
		return false;
	n = smi_span_find(smi_span_skip(rest, 2), ':');
	if (n + 3 >= rest.len || rest.p[n + 3] != ']')
		return false;
	name = smi_span_of(rest.p + 2, n);
	negative = n && name.p[0] == '^';
	name = smi_span_skip(name, negative);
	for (size_t i = 0; i < SMI_COUNT(classes); i++)
		if (smi_span_eq_str(name, classes[i].posix))
			add_pairs(mine, classes[i].pairs);
	if (negative)
		flip(mine);
	for (size_t i = 0; i < 32; i++)
		set[i] |= mine[i];
	r->at += n + 4;
	return true;
}

/* One byte of a class, -1 when it was more than one. */
static int read_class_item(struct reader *r, uint8_t *set)
{
	int c = peek(r, 0);

	if (c == '[' && read_posix(r, set))
		return -1;
	r->at++;
	if (c != '\\')
		return c;
	c = peek(r, 0);
	if (c == 'b') {
		r->at++;
		return '\b';
	}
	if (add_escape_class(set, c)) {
		r->at++;
		return -1;
	}
	c = read_escaped_byte(r);
	if (c < 0)
		give_up(r);
	return c;
}

static struct smi_shape *read_class(struct reader *r)
{
	struct smi_shape *s = make(r, SMI_SHAPE_SET);
	bool negative, first = true;

	if (!s)
		return NULL;
	r->at++;
	negative = eat(r, "^");
	while (r->rc == 0 && peek(r, 0) >= 0 && (first || peek(r, 0) != ']')) {
		int from = read_class_item(r, s->set), to = from;

		first = false;
		if (from < 0)
			continue;
		if (peek(r, 0) == '-' && peek(r, 1) != ']' && peek(r, 1) >= 0) {
			r->at++;
			to = read_class_item(r, s->set);
			if (to < 0)
				set_byte(s->set, '-'), to = from;
		}
		for (int c = from; c <= to; c++)
			set_char(r, s->set, (unsigned char)c);
	}
	r->at++;
	if (negative)
		flip(s->set);
	return s;
}

static struct smi_shape *read_escape(struct reader *r)
{
	struct smi_shape *s = make(r, SMI_SHAPE_SET);
	int c = peek(r, 1);

	if (!s)
		return NULL;
	r->at++;
	if (add_escape_class(s->set, c)) {
		r->at++;
		return s;
	}
	if (c == 'A' || c == 'z' || c == 'Z') {
		s->type = c == 'A' ? SMI_SHAPE_BEGIN : SMI_SHAPE_END;
		r->at++;
		return s;
	}
	if (c == 'b' || c == 'B' || (c >= '1' && c <= '9')) {
		s->type = SMI_SHAPE_OTHER;
		r->at++;
		while (c >= '1' && c <= '9' && peek(r, 0) >= '0' &&
		       peek(r, 0) <= '9')
			r->at++;
		return s;
	}
	c = read_escaped_byte(r);
	if (c < 0)
		give_up(r);
	else
		set_char(r, s->set, (unsigned char)c);
	return s;
}

static struct smi_shape *read_branches(struct reader *r);

/* (?i) and its like; false when the letters are others. */
static bool read_flags(struct reader *r)
{
	bool on = true;

	if (eat(r, "^"))
		r->any_case = false;
	for (;; r->at++) {
		switch (peek(r, 0)) {
		case '-':
			on = false;
			break;
		case 'i':
			r->any_case = on;
			break;
		case 's':
		case 'n':
		case 'J':
			break;
		case 'm':
		case 'x':
		case 'U':
			if (on)
				return false;
			break;
		default:
			return peek(r, 0) == ')' || peek(r, 0) == ':';
		}
	}
}

static bool read_name(struct reader *r, struct smi_shape *s, char close)
{
	struct smi_span rest = smi_span_skip(r->text, r->at);
	size_t n = smi_span_find(rest, close);

	if (n == rest.len)
		return false;
	s->name = smi_span_head(rest, n);
	r->at += n + 1;
	return true;
}

static const struct {
	const char *opening;
	enum smi_shape_type type;
	bool negative, final;
	char close; /* of a name */
} openings[] = {
	{ "?:", SMI_SHAPE_GROUP, false, false, 0 },
	{ "?|", SMI_SHAPE_GROUP, false, false, 0 },
	{ "?>", SMI_SHAPE_GROUP, false, true, 0 },
	{ "?=", SMI_SHAPE_LOOK, false, false, 0 },
	{ "?!", SMI_SHAPE_LOOK, true, false, 0 },
	{ "?<=", SMI_SHAPE_LOOK, false, false, 0 },
	{ "?<!", SMI_SHAPE_LOOK, true, false, 0 },
	{ "?P<", SMI_SHAPE_GROUP, false, false, '>' },
	{ "?<", SMI_SHAPE_GROUP, false, false, '>' },
	{ "?'", SMI_SHAPE_GROUP, false, false, '\'' },
	{ "?P=", SMI_SHAPE_OTHER, false, false, ')' },
};

/* What stands between ( and the branches. false: there are none. */
static bool read_opening(struct reader *r, struct smi_shape *s)
{
	for (size_t i = 0; i < SMI_COUNT(openings); i++) {
		if (!eat(r, openings[i].opening))
			continue;
		s->type = openings[i].type;
		s->negative = openings[i].negative;
		s->final = openings[i].final;
		if (openings[i].close && !read_name(r, s, openings[i].close))
			give_up(r);
		return s->type != SMI_SHAPE_OTHER;
	}
	if (eat(r, "?#")) {
		s->type = SMI_SHAPE_OTHER;
		if (!read_name(r, s, ')'))
			give_up(r);
		return false;
	}
	if (peek(r, 0) == '*') {
		give_up(r);
		return false;
	}
	if (!eat(r, "?"))
		return true;
	if (!read_flags(r)) {
		give_up(r);
		return false;
	}
	if (eat(r, ")")) {
		s->type = SMI_SHAPE_OTHER;
		return false;
	}
	return eat(r, ":");
}

static struct smi_shape *read_group(struct reader *r)
{
	struct smi_shape *s = make(r, SMI_SHAPE_GROUP);
	bool any_case = r->any_case;

	if (!s)
		return NULL;
	r->at++;
	if (++r->depth > NESTING)
		give_up(r);
	if (r->rc == 0 && read_opening(r, s)) {
		s->inner = (uint32_t)r->at;
		s->child = read_branches(r);
		r->any_case = any_case;
		if (r->rc == 0 && !eat(r, ")"))
			give_up(r);
	}
	r->depth--;
	return s;
}

static struct smi_shape *read_atom(struct reader *r)
{
	struct smi_shape *s;
	int c = peek(r, 0);

	switch (c) {
	case '\\':
		return read_escape(r);
	case '[':
		return read_class(r);
	case '(':
		return read_group(r);
	case '^':
	case '$':
		s = make(r, c == '^' ? SMI_SHAPE_BEGIN : SMI_SHAPE_END);
		r->at++;
		return s;
	default:
		s = make(r, SMI_SHAPE_SET);
		r->at++;
		if (!s)
			return NULL;
		if (c == '.') {
			set_byte(s->set, '\n');
			flip(s->set);
		} else {
			set_char(r, s->set, (unsigned char)c);
		}
		return s;
	}
}

static uint32_t read_times(struct reader *r)
{
	uint32_t n = 0;

	for (; peek(r, 0) >= '0' && peek(r, 0) <= '9'; r->at++)
		n = SMI_MIN(n * 10 + (uint32_t)(peek(r, 0) - '0'),
			    (uint32_t)TIMES);
	return n;
}

/* {3} {3,} {3,5}; anything else in braces is a text. */
static bool read_braces(struct reader *r, struct smi_shape *s)
{
	size_t at = r->at;
	uint32_t min, max;

	if (peek(r, 0) != '{' || peek(r, 1) < '0' || peek(r, 1) > '9')
		return false;
	r->at++;
	min = max = read_times(r);
	if (eat(r, ","))
		max = peek(r, 0) == '}' ? SMI_SHAPE_ENDLESS : read_times(r);
	if (!eat(r, "}")) {
		r->at = at;
		return false;
	}
	s->min = min;
	s->max = max;
	return true;
}

static void read_quantifier(struct reader *r, struct smi_shape *s)
{
	switch (peek(r, 0)) {
	case '*':
	case '+':
		s->min = peek(r, 0) == '+';
		s->max = SMI_SHAPE_ENDLESS;
		r->at++;
		break;
	case '?':
		s->min = 0;
		r->at++;
		break;
	default:
		if (!read_braces(r, s))
			return;
	}
	if (eat(r, "+"))
		s->final = true;
	else
		eat(r, "?");
}

/* The branches up to ) or the end. */
static struct smi_shape *read_branches(struct reader *r)
{
	struct smi_shape *first = make(r, SMI_SHAPE_BRANCH), *b = first;
	struct smi_shape **tail = first ? &first->child : NULL;

	while (r->rc == 0 && peek(r, 0) >= 0 && peek(r, 0) != ')') {
		if (peek(r, 0) == '|') {
			b->end = (uint32_t)r->at++;
			b->next = make(r, SMI_SHAPE_BRANCH);
			b = b->next;
			if (!b)
				return NULL;
			tail = &b->child;
			continue;
		}
		*tail = read_atom(r);
		if (!*tail)
			return NULL;
		read_quantifier(r, *tail);
		(*tail)->end = (uint32_t)r->at;
		tail = &(*tail)->next;
	}
	if (b)
		b->end = (uint32_t)r->at;
	return first;
}

int smi_shape_read(struct smi_span text, struct smi_arena *a,
		   struct smi_shape **out)
{
	struct reader r = { .text = text, .arena = a };
	struct smi_shape *root = make(&r, SMI_SHAPE_GROUP);

	if (root)
		root->child = read_branches(&r);
	if (r.rc == 0 && r.at != text.len)
		r.rc = -ENOTSUP;
	if (r.rc < 0)
		return r.rc;
	root->end = (uint32_t)text.len;
	*out = root;
	return 0;
}
