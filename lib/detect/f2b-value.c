/* SPDX-License-Identifier: MIT */
#include "detect/f2b-conf.h"
#include "detect/ini.h"

/* As Python's configparser. */
#define MAX_DEPTH 10
/* How often one tag is filled in within one value, as in fail2ban. */
#define MAX_REPEATS 25

const struct smi_f2b_value *smi_f2b_find(const smi_f2b_values *vars,
					 struct smi_span name)
{
	for (size_t i = 0; vars && i < vars->n; i++)
		if (smi_span_eq(vars->v[i].name, name))
			return &vars->v[i];
	return NULL;
}

static int lower(struct smi_f2b_conf *c, struct smi_span *name)
{
	char *p = smi_arena_strndup(&c->arena, name->p, name->len);

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < name->len; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] |= 32;
	name->p = p;
	return 0;
}

/* What is filled in at the moment. */
struct fill {
	struct smi_f2b_conf *c;
	struct smi_span section;
	const smi_f2b_values *vars;
	const struct smi_f2b_value *origin; /* for sentences */
	struct smi_buf out;
	struct smi_f2b_value made; /* __name__ */
};

static void free_fill(struct fill *f)
{
	smi_buf_free(&f->out);
}

/* "section/name" */
static bool split_path(struct smi_span path, struct smi_span *section,
		       struct smi_span *name)
{
	size_t at = smi_span_find(path, '/');

	*section = smi_span_head(path, at);
	*name = smi_span_skip(path, at + 1);
	return at > 0 && name->len;
}

/* A section that is named; "known" is what was put aside of this one. */
static const struct smi_f2b_value *find_path(struct smi_f2b_conf *c,
					     struct smi_span here,
					     struct smi_span section,
					     struct smi_span name)
{
	const struct smi_f2b_value *v = NULL;
	struct smi_buf known = { 0 };

	if (smi_span_eq_nocase(section, SMI_SPAN("known"))) {
		smi_buf_str(&known, "KNOWN/");
		smi_buf_span_add(&known, here);
		if (smi_buf_error(&known))
			c->failed = true;
		else
			v = smi_f2b_own(c, smi_buf_span(&known), name);
		smi_buf_free(&known);
	} else if (!smi_span_eq_nocase(section, SMI_SPAN("default"))) {
		if (!smi_f2b_has_section(c, section))
			return NULL;
		v = smi_f2b_own(c, section, name);
	}
	return v ? v : smi_f2b_own(c, SMI_SPAN("DEFAULT"), name);
}

/* What %(path)s stands for: path is lower case, but for the section. */
static const struct smi_f2b_value *look_up(struct fill *f, struct smi_span path,
					   struct smi_span lower_path)
{
	const struct smi_f2b_value *v = smi_f2b_find(f->vars, lower_path);
	struct smi_span section, name;

	if (!v)
		v = smi_f2b_raw(f->c, f->section, lower_path);
	if (!v && smi_span_eq_str(lower_path, "__name__")) {
		f->made.text = f->section;
		v = &f->made;
	}
	if (v || !split_path(path, &section, &name))
		return v;
	split_path(lower_path, &(struct smi_span){ 0 }, &name);
	return find_path(f->c, f->section, section, name);
}

static int bad_percent(struct fill *f)
{
	return smi_f2b_fail(f->c, f->origin->file, f->origin->line,
			    "%.*s: %% must be followed by %% or (name)s",
			    (int)SMI_MIN(f->origin->name.len, (size_t)64),
			    f->origin->name.p);
}

static int check_bounds(struct fill *f, unsigned depth)
{
	const struct smi_f2b_value *o = f->origin;
	int len = (int)SMI_MIN(o->name.len, (size_t)64);

	if (depth > MAX_DEPTH)
		return smi_f2b_fail(f->c, o->file, o->line,
				    "%.*s: %%(names)s lead on more than %d "
				    "deep: a loop?",
				    len, o->name.p, MAX_DEPTH);
	if (f->out.len > SMI_F2B_MAX_TEXT || f->c->steps > SMI_F2B_MAX_STEPS)
		return smi_f2b_fail(f->c, o->file, o->line,
				    "%.*s: with all that it refers to the "
				    "value is too large",
				    len, o->name.p);
	return smi_buf_error(&f->out);
}

static int fill_in(struct fill *f, struct smi_span rest, unsigned depth)
{
	int r = check_bounds(f, depth);

	while (r == 0 && rest.len) {
		size_t at = smi_span_find(rest, '%'), end;
		const struct smi_f2b_value *v;
		struct smi_span path, name;

		f->c->steps++;
		smi_buf_add(&f->out, rest.p, at);
		rest = smi_span_skip(rest, at);
		if (!rest.len)
			break;
		if (rest.len > 1 && rest.p[1] == '%') {
			smi_buf_char(&f->out, '%');
			rest = smi_span_skip(rest, 2);
			continue;
		}
		end = smi_span_find(rest, ')');
		if (rest.len < 2 || rest.p[1] != '(' || end < 3 ||
		    end + 1 >= rest.len || rest.p[end + 1] != 's')
			return bad_percent(f);
		path = name = smi_span_of(rest.p + 2, end - 2);
		r = lower(f->c, &name);
		v = r == 0 ? look_up(f, path, name) : NULL;
		r = f->c->failed ? -ENOMEM : r;
		if (r == 0 && !v)
			return smi_f2b_fail(
				f->c, f->origin->file, f->origin->line,
				"%.*s: there is no option \"%.*s\"",
				(int)SMI_MIN(f->origin->name.len, (size_t)64),
				f->origin->name.p,
				(int)SMI_MIN(path.len, (size_t)128), path.p);
		rest = smi_span_skip(rest, end + 2);
		if (r == 0)
			r = fill_in(f, v->text, depth + 1);
	}
	return r < 0 ? r : check_bounds(f, 0);
}

static int give(struct smi_f2b_conf *c, const struct smi_buf *b,
		struct smi_f2b_value *out)
{
	char *p = smi_arena_strndup(&c->arena, b->p ? b->p : "", b->len);

	out->text = smi_span_of(p, b->len);
	return p ? 1 : -ENOMEM;
}

static int interpolate(struct smi_f2b_conf *c, struct smi_span section,
		       const struct smi_f2b_value *v,
		       const smi_f2b_values *vars, struct smi_f2b_value *out)
{
	SMI_CLEANUP(free_fill)
	struct fill f = {
		.c = c, .section = section, .vars = vars, .origin = v
	};
	int r = fill_in(&f, v->text, 1);

	*out = *v;
	return r < 0 ? r : give(c, &f.out, out);
}

int smi_f2b_get(struct smi_f2b_conf *c, struct smi_span section,
		struct smi_span name, const smi_f2b_values *vars,
		struct smi_f2b_value *out)
{
	const struct smi_f2b_value *v;
	int r = lower(c, &name);

	if (r < 0)
		return r;
	v = smi_f2b_find(vars, name);
	if (!v && !smi_f2b_has_section(c, section))
		return c->failed ? -ENOMEM : 0;
	if (!v)
		v = smi_f2b_raw(c, section, name);
	if (c->failed)
		return -ENOMEM;
	return v ? interpolate(c, section, v, vars, out) : 0;
}

int smi_f2b_get_path(struct smi_f2b_conf *c, struct smi_span section,
		     struct smi_span path, const smi_f2b_values *vars,
		     struct smi_f2b_value *out)
{
	const struct smi_f2b_value *v = NULL;
	struct smi_span other, name;
	int r;

	if (split_path(path, &other, &name)) {
		r = lower(c, &name);
		if (r < 0)
			return r;
		v = find_path(c, section, other, name);
		if (c->failed)
			return -ENOMEM;
		if (v)
			return interpolate(c, v->section, v, NULL, out);
	}
	return smi_f2b_get(c, section, path, vars, out);
}

/* The next "<name>" from *at: name has no <, > or space. */
static bool next_tag(struct smi_span s, size_t *at, struct smi_span *name)
{
	size_t open = s.len;

	for (size_t i = *at; i < s.len; i++) {
		if (s.p[i] == '<') {
			open = i;
		} else if (s.p[i] == ' ') {
			open = s.len;
		} else if (s.p[i] == '>' && open < s.len) {
			if (i > open + 1) {
				*at = open;
				*name = smi_span_of(s.p + open + 1,
						    i - open - 1);
				return true;
			}
			open = s.len;
		}
	}
	return false;
}

/* How often each tag was filled in. */
struct repeat {
	struct smi_span name;
	unsigned n;
};
typedef SMI_VEC(struct repeat) repeats;

static void free_repeats(repeats *r)
{
	smi_vec_free(r);
}

static int count_repeat(repeats *all, struct smi_span name, unsigned *n)
{
	struct repeat one = { name, 1 };

	for (size_t i = 0; i < all->n; i++)
		if (smi_span_eq(all->v[i].name, name)) {
			*n = ++all->v[i].n;
			return 0;
		}
	*n = 1;
	return smi_vec_push(all, one) ? 0 : -ENOMEM;
}

/* All of "<name>" becomes text. */
static void replace(struct smi_buf *out, struct smi_span s,
		    struct smi_span name, struct smi_span text)
{
	size_t i = 0;

	while (i < s.len) {
		if (s.p[i] == '<' && s.len - i >= name.len + 2 &&
		    s.p[i + name.len + 1] == '>' &&
		    memcmp(s.p + i + 1, name.p, name.len) == 0) {
			smi_buf_span_add(out, text);
			i += name.len + 2;
		} else {
			smi_buf_char(out, s.p[i++]);
		}
	}
}

static int find_tag(struct smi_f2b_conf *c, const smi_f2b_values *opts,
		    const smi_f2b_values *vars, struct smi_span name,
		    struct smi_span *text)
{
	const struct smi_f2b_value *v = smi_f2b_find(opts, name);
	struct smi_f2b_value made;
	int r;

	if (v) {
		*text = v->text;
		return 1;
	}
	r = smi_f2b_get_path(c, SMI_SPAN("Definition"), name, vars, &made);
	if (r == 1)
		*text = made.text;
	return r;
}

/* One way through the value: 1 when something was filled in. */
static int fill_once(struct smi_f2b_conf *c, const smi_f2b_values *opts,
		     const smi_f2b_values *vars, struct smi_f2b_value *v,
		     repeats *seen)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf out = { 0 };
	size_t at = 0;
	struct smi_span name, text;
	int changed = 0;

	while (next_tag(v->text, &at, &name)) {
		unsigned n = 0;
		int r = find_tag(c, opts, vars, name, &text);

		if (r < 0)
			return r;
		if (r == 0) {
			at += name.len + 2;
			continue;
		}
		r = count_repeat(seen, name, &n);
		if (r < 0)
			return r;
		if (smi_span_eq(name, v->name) || n > MAX_REPEATS)
			return smi_f2b_fail(
				c, v->file, v->line,
				"%.*s: the tag <%.*s> leads back to itself",
				(int)SMI_MIN(v->name.len, (size_t)64),
				v->name.p, (int)SMI_MIN(name.len, (size_t)64),
				name.p);
		smi_buf_clear(&out);
		replace(&out, v->text, name, text);
		c->copied += out.len;
		if (out.len > SMI_F2B_MAX_TEXT ||
		    ++c->steps > SMI_F2B_MAX_STEPS ||
		    c->copied > SMI_F2B_MAX_COPIED)
			return smi_f2b_fail(
				c, v->file, v->line,
				"%.*s: with all its tags the value is too "
				"large",
				(int)SMI_MIN(v->name.len, (size_t)64),
				v->name.p);
		r = smi_buf_error(&out) ? -ENOMEM : give(c, &out, v);
		if (r < 0)
			return r;
		changed = 1;
	}
	return changed;
}

int smi_f2b_fill_tags(struct smi_f2b_conf *c, const smi_f2b_values *opts,
		      const smi_f2b_values *vars, struct smi_f2b_value *v)
{
	SMI_CLEANUP(free_repeats) repeats seen = { 0 };
	int r;

	do
		r = fill_once(c, opts, vars, v, &seen);
	while (r == 1);
	return r;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static int bad_spec(struct smi_f2b_conf *c, struct smi_span spec,
		    const char *file, uint32_t line)
{
	return smi_f2b_fail(c, file, line,
			    "\"%.*s\" is no filter with options: "
			    "NAME[option=\"value\", ...] is right",
			    (int)SMI_MIN(spec.len, (size_t)200), spec.p);
}

/* One option; true at its end, with *s behind it. */
static bool cut_option(struct smi_span *s, struct smi_f2b_value *v)
{
	size_t n = 0;

	*s = smi_ini_strip(*s);
	while (n < s->len && is_word(s->p[n]))
		n++;
	if (!n || n >= s->len || s->p[n] != '=')
		return false;
	v->name = smi_span_head(*s, n);
	*s = smi_span_skip(*s, n + 1);
	if (s->len && (s->p[0] == '"' || s->p[0] == '\'')) {
		char quote = s->p[0];

		*s = smi_span_skip(*s, 1);
		n = smi_span_find(*s, quote);
		if (n == s->len)
			return false;
		v->text = smi_span_head(*s, n);
		*s = smi_span_skip(*s, n + 1);
		*s = smi_ini_strip(*s);
	} else {
		for (n = 0; n < s->len && s->p[n] != ',' && s->p[n] != ']';)
			n++;
		v->text = smi_span_head(*s, n);
		*s = smi_span_skip(*s, n);
	}
	v->text = smi_ini_strip(v->text);
	return true;
}

/* "," or "][" between two options. */
static bool cut_separator(struct smi_span *s)
{
	if (s->len && s->p[0] == ',') {
		*s = smi_span_skip(*s, 1);
		return true;
	}
	if (!s->len || s->p[0] != ']')
		return false;
	*s = smi_ini_strip(smi_span_skip(*s, 1));
	if (!s->len || s->p[0] != '[')
		return false;
	*s = smi_span_skip(*s, 1);
	return true;
}

int smi_f2b_parse_spec(struct smi_f2b_conf *c, struct smi_span spec,
		       const char *file, uint32_t line, struct smi_span *name,
		       smi_f2b_values *opts)
{
	struct smi_span s = smi_ini_strip(spec);
	size_t at = smi_span_find(s, '[');

	*name = smi_ini_strip(smi_span_head(s, at));
	s = smi_span_skip(s, at);
	if (!name->len)
		return bad_spec(c, spec, file, line);
	if (!s.len)
		return 0;
	if (s.p[s.len - 1] != ']')
		return bad_spec(c, spec, file, line);
	s = smi_ini_strip(smi_span_of(s.p + 1, s.len - 2));
	while (s.len) {
		struct smi_f2b_value v = { .file = file, .line = line };

		if (!cut_option(&s, &v))
			return bad_spec(c, spec, file, line);
		if (!smi_vec_push(opts, v))
			return -ENOMEM;
		s = smi_ini_strip(s);
		if (s.len && !cut_separator(&s))
			return bad_spec(c, spec, file, line);
		s = smi_ini_strip(s);
	}
	return 0;
}
