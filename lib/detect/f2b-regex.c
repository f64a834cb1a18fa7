/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/buf.h"
#include "detect/f2b-regex.h"

/* What stands for an address and a name, from fail2ban's jail.conf(5) and the
 * sample logs of its filters. */
#define IP4 "(?:::f{4,6}:)?(?P<ip4>(?:\\d{1,3}\\.){3}\\d{1,3})"
#define IP6                                                                    \
	"(?P<ip6>(?:[0-9a-fA-F]{1,4}::?|::){1,7}"                              \
	"(?:[0-9a-fA-F]{1,4}|(?<=:):))"
#define NAME   "(?P<dns>[\\w\\-.^_]*\\w)"
#define CIDR   "(?P<cidr>\\d+)"
#define ADDR   "\\[?(?:" IP4 "|" IP6 ")\\]?"
#define HOST   "(?:" ADDR "|" NAME ")"
#define SUBNET "\\[?(?:" IP4 "|" IP6 ")(?:/" CIDR ")?\\]?"

static const struct tag {
	const char *name, *regex;
} tags[] = {
	{ "HOST", HOST },
	{ "ADDR", ADDR },
	{ "F-ADDR/", ADDR },
	{ "IP4", IP4 },
	{ "F-IP4/", IP4 },
	{ "IP6", IP6 },
	{ "F-IP6/", IP6 },
	{ "DNS", NAME },
	{ "F-DNS/", NAME },
	{ "CIDR", CIDR },
	{ "F-CIDR/", CIDR },
	{ "SUBNET", SUBNET },
	{ "F-SUBNET/", SUBNET },
	{ "F-ID/", "(?P<fid>\\S+)" },
	{ "F-PORT/", "(?P<fport>\\w+)" },
};

static const char *const key_names[SMI_F2B_NKEYS] = {
	[SMI_F2B_FID] = "fid",
	[SMI_F2B_IP4] = "ip4",
	[SMI_F2B_IP6] = "ip6",
	[SMI_F2B_DNS] = "dns",
	[SMI_F2B_USER] = "user",
	[SMI_F2B_PORT] = "fport",
	[SMI_F2B_MLFID] = "mlfid",
	[SMI_F2B_NOFAIL] = "nofail",
	[SMI_F2B_MLFFORGET] = "mlfforget",
	[SMI_F2B_MLFGAINED] = "mlfgained",
	[SMI_F2B_CONTENT] = "content",
};

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The name of a tag that s begins with: "<F-USER>" gives "F-USER". */
static struct smi_span tag_at(struct smi_span s)
{
	size_t n = 1;

	if (s.len < 3 || s.p[0] != '<')
		return smi_span_head(s, 0);
	if (s.p[n] == '/')
		n++;
	while (n < s.len && (is_letter(s.p[n]) || is_digit(s.p[n]) ||
			     s.p[n] == '_' || s.p[n] == '-'))
		n++;
	if (n < s.len && s.p[n] == '/')
		n++;
	if (n >= s.len || s.p[n] != '>' || n < 2)
		return smi_span_head(s, 0);
	return smi_span_of(s.p + 1, n - 1);
}

/* "F-USER" opens the group "user"; ID and PORT have other names in results. */
static bool is_field(struct smi_span name)
{
	if (!smi_span_starts(name, SMI_SPAN("F-")) || name.len < 3)
		return false;
	for (size_t i = 2; i < name.len; i++)
		if (!is_digit(name.p[i]) && name.p[i] != '_' &&
		    name.p[i] != '-' && !(name.p[i] >= 'A' && name.p[i] <= 'Z'))
			return false;
	return true;
}

static void open_field(struct smi_buf *out, struct smi_span name)
{
	smi_buf_str(out, "(?P<");
	name = smi_span_skip(name, 2);
	if (smi_span_eq_str(name, "ID"))
		smi_buf_str(out, "fid");
	else if (smi_span_eq_str(name, "PORT"))
		smi_buf_str(out, "fport");
	else
		for (size_t i = 0; i < name.len; i++)
			smi_buf_char(out, name.p[i] >= 'A' && name.p[i] <= 'Z'
						  ? (char)(name.p[i] | 32)
						  : name.p[i]);
	smi_buf_char(out, '>');
}

static bool was_opened(struct smi_span before, struct smi_span name)
{
	for (size_t i = 0; i + name.len + 2 <= before.len; i++)
		if (before.p[i] == '<' && before.p[i + name.len + 1] == '>' &&
		    memcmp(before.p + i + 1, name.p, name.len) == 0)
			return true;
	return false;
}

/* false: the tag is none, and stays as it is. */
static bool put_tag(struct smi_buf *out, struct smi_span before,
		    struct smi_span name, enum smi_f2b_dns dns,
		    unsigned *skiplines)
{
	if (smi_span_eq_str(name, "SKIPLINES")) {
		smi_buf_printf(out, "\\n(?P<skiplines%u>(?:(?:.*\\n)*?))",
			       (*skiplines)++);
		return true;
	}
	if (smi_span_eq_str(name, "HOST") && dns == SMI_F2B_DNS_NO)
		name = SMI_SPAN("ADDR");
	for (size_t i = 0; i < SMI_COUNT(tags); i++)
		if (smi_span_eq_str(name, tags[i].name)) {
			smi_buf_str(out, tags[i].regex);
			return true;
		}
	if (name.p[0] == '/' && is_field(smi_span_skip(name, 1)) &&
	    was_opened(before, smi_span_skip(name, 1))) {
		smi_buf_char(out, ')');
		return true;
	}
	if (!is_field(name))
		return false;
	open_field(out, name);
	return true;
}

static void put_tags(struct smi_buf *out, struct smi_span s,
		     enum smi_f2b_dns dns)
{
	unsigned skiplines = 0;
	size_t i = 0;

	while (i < s.len) {
		struct smi_span name = tag_at(smi_span_skip(s, i));

		if (name.len &&
		    put_tag(out, smi_span_head(s, i), name, dns, &skiplines))
			i += name.len + 2;
		else
			smi_buf_char(out, s.p[i++]);
	}
}

/* A Python pattern on its way. */
struct translation {
	struct smi_span in;
	size_t at;
	struct smi_buf *out;
	struct smi_regex_error *err;
};

static int refuse(struct translation *t, const char *what)
{
	t->err->offset = t->at;
	snprintf(t->err->text, sizeof(t->err->text), "%s", what);
	return -EBADMSG;
}

static void pass(struct translation *t, size_t n)
{
	smi_buf_span_add(t->out, smi_span_head(smi_span_skip(t->in, t->at), n));
	t->at += n;
}

/* PCRE2 has escapes that Python has not, and reads some in its own way. */
static int put_escape(struct translation *t, bool in_class)
{
	struct smi_span rest = smi_span_skip(t->in, t->at);
	char c;

	if (rest.len < 2)
		return refuse(t, "a backslash at the end");
	c = rest.p[1];
	if (!is_letter(c)) {
		pass(t, 2);
		return 0;
	}
	if (c == 'Z' && !in_class) {
		smi_buf_str(t->out, "\\z");
		t->at += 2;
		return 0;
	}
	if (c == 'v') {
		smi_buf_str(t->out, "\\x0b");
		t->at += 2;
		return 0;
	}
	if (!strchr(in_class ? "abdfnrstwxDSW" : "abdfnrstwxABDSW", c))
		return refuse(t, "an escape that is not supported");
	pass(t, 2);
	return 0;
}

/* "(?aiLmsux-imsx)", "(?i:...)": Python's own letters u is the rule here. */
static int put_flags(struct translation *t)
{
	struct smi_span rest = smi_span_skip(t->in, t->at + 2);
	size_t n = 0, kept = 0;
	char letters[16];

	while (n < rest.len && (is_letter(rest.p[n]) || rest.p[n] == '-')) {
		if (!strchr("imsxu-", rest.p[n]) || kept == sizeof(letters))
			return refuse(t, "a flag that is not supported");
		if (rest.p[n] != 'u')
			letters[kept++] = rest.p[n];
		n++;
	}
	if (n >= rest.len || (rest.p[n] != ')' && rest.p[n] != ':'))
		return refuse(t, "an extension that is not supported");
	if (kept || rest.p[n] == ':') {
		smi_buf_str(t->out, "(?");
		smi_buf_add(t->out, letters, kept);
		smi_buf_char(t->out, rest.p[n]);
	}
	t->at += n + 3;
	return 0;
}

static int put_open(struct translation *t)
{
	static const char *const known[] = { "(?:", "(?P<", "(?P=", "(?=",
					     "(?!", "(?<=", "(?<!", "(?>",
					     "(?(", "(?#" };
	struct smi_span rest = smi_span_skip(t->in, t->at);

	if (rest.len > 1 && rest.p[1] == '*')
		return refuse(t, "nothing to repeat");
	if (rest.len < 2 || rest.p[1] != '?') {
		pass(t, 1);
		return 0;
	}
	for (size_t i = 0; i < SMI_COUNT(known); i++)
		if (smi_span_starts(rest, smi_span_str(known[i]))) {
			pass(t, strlen(known[i]));
			return 0;
		}
	return put_flags(t);
}

/* "{,3}" is "{0,3}" in Python, and text in PCRE2. */
static void put_brace(struct translation *t)
{
	struct smi_span rest = smi_span_skip(t->in, t->at);
	size_t n = 2;

	while (n < rest.len && is_digit(rest.p[n]))
		n++;
	if (rest.len > 1 && rest.p[1] == ',' && n > 2 && n < rest.len &&
	    rest.p[n] == '}') {
		smi_buf_str(t->out, "{0");
		t->at++;
		pass(t, n);
		return;
	}
	pass(t, 1);
}

static int put_class(struct translation *t)
{
	size_t begin = t->at;

	pass(t, 1);
	if (t->at < t->in.len && t->in.p[t->at] == '^')
		pass(t, 1);
	if (t->at < t->in.len && t->in.p[t->at] == ']')
		pass(t, 1);
	while (t->at < t->in.len && t->in.p[t->at] != ']') {
		int r = 0;

		if (t->in.p[t->at] == '\\')
			r = put_escape(t, true);
		else if (t->in.p[t->at] == '[')
			smi_buf_str(t->out, "\\["), t->at++;
		else
			pass(t, 1);
		if (r < 0)
			return r;
	}
	if (t->at >= t->in.len) {
		t->at = begin;
		return refuse(t, "a [ has no ] behind it");
	}
	pass(t, 1);
	return 0;
}

int smi_f2b_translate(struct smi_span python, struct smi_buf *out,
		      struct smi_regex_error *err)
{
	struct translation t = { .in = python, .out = out, .err = err };
	int r = 0;

	while (r == 0 && t.at < t.in.len) {
		switch (t.in.p[t.at]) {
		case '\\':
			r = put_escape(&t, false);
			break;
		case '[':
			r = put_class(&t);
			break;
		case '(':
			r = put_open(&t);
			break;
		case '{':
			put_brace(&t);
			break;
		default:
			pass(&t, 1);
		}
	}
	return r < 0 ? r : smi_buf_error(out);
}

/* "alt_user_1" is "user" where that has no value. */
static struct smi_span base_name(struct smi_span name, bool *alt)
{
	size_t n;

	*alt = smi_span_starts(name, SMI_SPAN("alt_"));
	if (!*alt)
		return name;
	name = smi_span_skip(name, 4);
	n = name.len;
	while (n > 1 && is_digit(name.p[n - 1]))
		n--;
	if (n < name.len && name.p[n - 1] == '_')
		name.len = n - 1;
	return name;
}

static void find_groups(struct smi_f2b_regex *re)
{
	const char *text;
	int group;

	for (uint32_t i = 0; smi_regex_name(&re->re, i, &text, &group); i++) {
		bool alt;
		struct smi_span name = base_name(smi_span_str(text), &alt);

		if (smi_span_starts(name, SMI_SPAN("skiplines")) &&
		    re->nskipped < SMI_F2B_MAX_SKIPS)
			re->skipped[re->nskipped++] = (int8_t)group;
		for (uint8_t k = 0; k < SMI_F2B_NKEYS; k++) {
			if (!smi_span_eq_str(name, key_names[k]) ||
			    re->ngroups == SMI_F2B_MAX_GROUPS)
				continue;
			re->groups[re->ngroups++] =
				(struct smi_f2b_group){ (uint8_t)group, k,
							alt };
			re->keys |= 1u << k;
		}
	}
}

int smi_f2b_regex_compile(struct smi_span pattern, enum smi_f2b_dns dns,
			  bool multiline, struct smi_arena *a,
			  struct smi_f2b_regex *out,
			  struct smi_regex_error *err)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf tagged = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_f2b_regex re = { .flags = SMI_REGEX_PYTHON };
	struct smi_regex utf;
	char *p;
	int r;

	put_tags(&tagged, pattern, dns);
	if (smi_buf_error(&tagged))
		return -ENOMEM;
	r = smi_f2b_translate(smi_buf_span(&tagged), &text, err);
	if (r < 0)
		return r;
	p = smi_arena_strndup(a, text.p ? text.p : "", text.len);
	if (!p)
		return -ENOMEM;
	re.pattern = smi_span_of(p, text.len);
	if (multiline)
		re.flags |= SMI_REGEX_MULTILINE;
	/* For lines that are not ASCII it is compiled again where it is used:
	 * that this will do is found out now. */
	r = smi_regex_compile_as(re.pattern,
				 re.flags | SMI_REGEX_UTF | SMI_REGEX_NO_JIT,
				 &utf, err);
	if (r < 0)
		return r;
	smi_regex_release(&utf);
	r = smi_regex_compile_as(re.pattern, re.flags, &re.re, err);
	if (r < 0)
		return r;
	find_groups(&re);
	*out = re;
	return 0;
}
