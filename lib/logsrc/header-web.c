/* SPDX-License-Identifier: MIT */
#include "base/ip.h"
#include "logsrc/header-parts.h"

/*
 * CLIENT IDENT USER [TIME] "REQUEST" STATUS BYTES "REFERER" "AGENT" ...
 *
 * Common and combined logs (Apache's mod_log_config, nginx's log module), both also
 * with the virtual host in front. Servers write a quote inside of a part as \" or
 * \x22: a bare one ends it. That holds for the user too, so that a name like
 * 'x [04/Aug/2026:10:00:01 +0000]' does not pass for the stamp.
 */

static struct smi_span none(struct smi_span s)
{
	return smi_span_head(s, 0);
}

struct smi_span smi_web_dashed(struct smi_span s)
{
	return s.len == 1 && s.p[0] == '-' ? none(s) : s;
}

/* The index of the first quote that is not escaped, or s.len. */
static size_t bare_quote(struct smi_span s)
{
	size_t n = 0;

	for (;;) {
		size_t slashes = 0;

		n += smi_span_find(smi_span_skip(s, n), '"');
		while (slashes < n && s.p[n - 1 - slashes] == '\\')
			slashes++;
		if (n >= s.len || slashes % 2 == 0)
			return SMI_MIN(n, s.len);
		n++;
	}
}

static bool is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

/* " 200" or " -", and no more of that word. */
static bool is_status(struct smi_span s)
{
	if (s.len < 2 || s.p[0] != ' ')
		return false;
	if (s.p[1] == '-')
		return s.len == 2 || s.p[2] == ' ';
	return s.len >= 4 && is_digit(s.p[1]) && is_digit(s.p[2]) &&
	       is_digit(s.p[3]) && (s.len == 4 || s.p[4] == ' ');
}

/* Where the request ends: some servers escape no quotes, but a status follows. */
static size_t request_end(struct smi_span s)
{
	size_t first = bare_quote(s), n = first;

	while (n < s.len) {
		if (is_status(smi_span_skip(s, n + 1)))
			return n;
		n++;
		n += bare_quote(smi_span_skip(s, n));
	}
	return first;
}

/* RFC 9110, 5.6.2: what a method is made of. */
static const bool is_token[256] = {
	['!'] = true,	      ['#'] = true,	    ['$'] = true,
	['%'] = true,	      ['&'] = true,	    ['\''] = true,
	['*'] = true,	      ['+'] = true,	    ['-'] = true,
	['.'] = true,	      ['^'] = true,	    ['_'] = true,
	['`'] = true,	      ['|'] = true,	    ['~'] = true,
	['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true,
};

#define METHOD_MAX 32

/* "GET /path HTTP/1.1"; the url of a hostile one may have spaces. */
void smi_web_request(struct smi_web *w, struct smi_span s)
{
	struct smi_span head = smi_span_head(s, METHOD_MAX + 1);
	const char *last = s.len ? memrchr(s.p, ' ', s.len) : NULL;
	size_t n = 0;

	w->method = w->protocol = none(s);
	if (last) {
		size_t at = (size_t)(last - s.p) + 1;
		struct smi_span word = smi_span_skip(s, at);

		if (smi_span_starts(word, SMI_SPAN("HTTP/"))) {
			w->protocol = word;
			s = smi_span_head(s, at - 1);
		}
	}
	while (n < head.len && is_token[(unsigned char)head.p[n]])
		n++;
	if (n && n <= METHOD_MAX && (n >= s.len || s.p[n] == ' ')) {
		w->method = smi_span_head(s, n);
		s = smi_span_skip(s, n + 1);
	}
	w->url = s;
}

static struct smi_span next_word(struct smi_span *rest)
{
	struct smi_span w = smi_span_head(*rest, smi_span_find(*rest, ' '));

	*rest = smi_span_skip(*rest, w.len + 1);
	return w;
}

/* ' "text"': the text, which rest is then behind. */
static struct smi_span next_quoted(struct smi_span *rest)
{
	struct smi_span s;
	size_t n;

	if (rest->len < 2 || rest->p[0] != ' ' || rest->p[1] != '"')
		return none(*rest);
	s = smi_span_skip(*rest, 2);
	for (n = bare_quote(s); n + 1 < s.len && s.p[n + 1] != ' ';) {
		n++;
		n += bare_quote(smi_span_skip(s, n));
	}
	*rest = smi_span_skip(s, n + 1);
	return smi_span_head(s, n);
}

/* What follows the stamp's bracket: ' "REQUEST" STATUS BYTES "REFERER" "AGENT"'. */
static void split_tail(struct smi_web *w, struct smi_span s)
{
	struct smi_span request = smi_span_skip(s, 2), word;
	size_t n = request_end(request);
	uint64_t v;

	s = smi_span_skip(request, n + 2);
	smi_web_request(w, smi_web_dashed(smi_span_head(request, n)));
	word = next_word(&s);
	w->status = word.len == 3 && smi_span_uint(word, 999, &v) && v >= 100
			    ? (int32_t)v
			    : 0;
	word = smi_span_head(s, smi_span_find(s, ' '));
	if (!smi_span_uint(word, UINT64_MAX, &w->bytes))
		w->bytes = 0;
	s = smi_span_skip(s, word.len);
	w->referer = smi_web_dashed(next_quoted(&s));
	w->agent = smi_web_dashed(next_quoted(&s));
}

static bool is_address(struct smi_span s)
{
	struct smi_ip ip;

	return s.len && s.len < SMI_IP_STRLEN && smi_ip_parse(s, &ip);
}

/* "www.example.org:443", "[2001:db8::1]:443": without the port. */
struct smi_span smi_web_without_port(struct smi_span s)
{
	size_t n = s.len;

	while (n && is_digit(s.p[n - 1]))
		n--;
	if (n < 2 || n == s.len || s.p[n - 1] != ':')
		return s;
	return smi_span_find(s, ':') == n - 1 || s.p[n - 2] == ']'
		       ? smi_span_head(s, n - 1)
		       : s;
}

/* A first part in quotes, or a list of forwarders of which only the last is told by
 * a machine of one's own. */
static struct smi_span first_part(struct smi_span *rest)
{
	struct smi_span s = *rest, w;
	size_t n;

	if (s.len && s.p[0] == '"') {
		n = bare_quote(smi_span_skip(s, 1));
		w = smi_span_head(smi_span_skip(s, 1), n);
		*rest = smi_span_skip(s, n + 3);
		n = w.len;
		while (n && w.p[n - 1] != ' ' && w.p[n - 1] != ',')
			n--;
		return smi_span_skip(w, n);
	}
	do
		w = next_word(rest);
	while (w.len && w.p[w.len - 1] == ',');
	return w;
}

/*
 * "CLIENT IDENT USER", "VHOST CLIENT IDENT USER". The first and the last part may be
 * chosen by the one who asks: the name of the host he wants, and the user he says
 * to be, with spaces in it. So an address in the second place is the client's.
 */
static void split_origin(struct smi_web *w, struct smi_span s)
{
	struct smi_span first = first_part(&s), rest = s;
	struct smi_span second = next_word(&rest);
	struct smi_span third = smi_span_head(rest, smi_span_find(rest, ' '));

	w->vhost = none(first);
	w->client = smi_web_dashed(first);
	if (!smi_span_eq_str(second, "-") &&
	    (is_address(second) ||
	     (third.len < rest.len && smi_span_eq_str(third, "-") &&
	      !is_address(first)))) {
		w->vhost = smi_web_dashed(smi_web_without_port(first));
		w->client = second;
		rest = smi_span_skip(rest, third.len + 1);
	}
	w->user = smi_web_dashed(rest);
}

/* The bracket of the stamp: its index in s, the length between, and the stamp. The one
 * that a request follows, else the first. Nothing of it stands in quotes, but that
 * the first part may. */
static size_t find_stamp(struct smi_span s, size_t *len, struct smi_stamp *out)
{
	size_t quoted = s.len && s.p[0] == '"', found = s.len, at;
	size_t skip = quoted ? bare_quote(smi_span_skip(s, 1)) + 2 : 0;
	struct smi_span head = smi_span_skip(s, skip);
	struct smi_stamp stamp;

	head = smi_span_head(s, SMI_MIN(s.len, skip) + bare_quote(head));
	for (at = SMI_MIN(skip, head.len);; at++) {
		size_t n, end;

		at += smi_span_find(smi_span_skip(head, at), '[');
		if (at >= head.len)
			return found;
		n = smi_stamp_scan_clf(smi_span_skip(head, at + 1), &stamp);
		end = at + 1 + n;
		if (!n || end >= s.len || s.p[end] != ']')
			continue;
		if (found == s.len ||
		    smi_span_starts(smi_span_skip(s, end), SMI_SPAN("] \""))) {
			found = at;
			*len = n;
			*out = stamp;
		}
	}
}

/* What stands around the stamp of s is an access line: into room->web. */
static bool split_parts(struct smi_line *l, struct smi_span s, size_t at,
			size_t len)
{
	struct smi_span tail = smi_span_skip(s, at + len + 2);

	if (!l->room || !smi_span_starts(tail, SMI_SPAN(" \"")))
		return false;
	split_origin(&l->room->web,
		     smi_span_head(s, at && s.p[at - 1] == ' ' ? at - 1 : at));
	split_tail(&l->room->web, tail);
	l->web = &l->room->web;
	return true;
}

static void take_stamp(struct smi_line *l, struct smi_stamp_clock *c,
		       const struct smi_stamp *stamp)
{
	l->time = smi_stamp_time(c, stamp);
	l->header = stamp->format;
	l->message = l->raw;
}

bool smi_header_web(struct smi_line *l, struct smi_stamp_clock *c)
{
	struct smi_stamp stamp;
	size_t len = 0, at = find_stamp(l->raw, &len, &stamp);

	if (at == l->raw.len)
		return false;
	take_stamp(l, c, &stamp);
	split_parts(l, l->raw, at, len);
	return true;
}

/* "CLIENT - ", "ANYTHING CLIENT - " and "FORWARDER, CLIENT - ": no line of syslog has
 * an address and a dash there. */
static bool begins_with_client(struct smi_span s)
{
	struct smi_span first, second;

	do
		first = next_word(&s);
	while (first.len && first.p[first.len - 1] == ',');
	second = next_word(&s);
	if (smi_span_eq_str(second, "-"))
		return is_address(first);
	return smi_span_starts(s, SMI_SPAN("- ")) && is_address(second);
}

enum smi_access smi_header_access(struct smi_line *l, struct smi_stamp_clock *c)
{
	struct smi_span s = l->raw;
	const char *quote = s.len ? memchr(s.p, '"', s.len) : NULL;
	struct smi_stamp stamp;
	size_t len = 0, at;

	if (!quote || quote - s.p < 3 || !l->room ||
	    (quote[-1] != '\\' && (quote[-1] != ' ' || quote[-2] != ']')))
		return SMI_ACCESS_NO;
	at = find_stamp(s, &len, &stamp);
	if (at == s.len ||
	    !smi_span_starts(smi_span_skip(s, at + len + 2), SMI_SPAN(" \"")))
		return SMI_ACCESS_NO;
	if (!begins_with_client(smi_span_head(s, at)))
		return SMI_ACCESS_MAYBE;
	take_stamp(l, c, &stamp);
	split_parts(l, s, at, len);
	return SMI_ACCESS_SURE;
}

/* Does nothing follow the request but the parts of an access line? Words do where
 * it is a name in a line of another program. */
static bool ends_as_access(struct smi_span s)
{
	struct smi_span request = smi_span_skip(s, 2), w;
	size_t n = request_end(request);

	s = smi_span_skip(request, n + 1);
	if (!is_status(s))
		return false;
	while (s.len) {
		const char *end = s.p + s.len;

		if (smi_span_starts(s, SMI_SPAN(" \""))) {
			w = next_quoted(&s);
			if (w.p + w.len == end)
				return false;
			continue;
		}
		s = smi_span_skip(s, 1);
		w = smi_span_head(s, smi_span_find(s, ' '));
		for (n = 0; n < w.len; n++)
			if ((unsigned)((w.p[n] | 32) - 'a') < 26)
				return false;
		s = smi_span_skip(s, w.len);
	}
	return true;
}

/* Before the client's address stands what he likes, and behind it the user he says
 * to be: where two addresses may be his, none is. */
static void find_client(struct smi_web *w, struct smi_span s)
{
	struct smi_span before = none(s), word;

	w->client = w->vhost = w->user = none(s);
	for (unsigned found = 0; s.len; before = word) {
		word = next_word(&s);
		if (!smi_span_eq_str(word, "-") || !is_address(before))
			continue;
		w->client = found++ ? none(s) : before;
		w->user = smi_web_dashed(smi_span_head(
			s, s.len - smi_span_ends(s, SMI_SPAN(" "))));
	}
}

void smi_header_web_too(struct smi_line *l)
{
	struct smi_stamp stamp;
	size_t len = 0, at = find_stamp(l->raw, &len, &stamp);

	if (!ends_as_access(smi_span_skip(l->raw, at + len + 2)))
		return;
	split_parts(l, l->raw, at, len);
	find_client(&l->room->web, smi_span_head(l->raw, at));
}

void smi_header_web_after_all(struct smi_line *l, struct smi_stamp_clock *c)
{
	struct smi_stamp stamp;
	size_t len = 0, at = find_stamp(l->raw, &len, &stamp);

	take_stamp(l, c, &stamp);
	split_parts(l, l->raw, at, len);
	find_client(&l->room->web, smi_span_head(l->raw, at));
}

static bool is_web_server(struct smi_span program)
{
	static const struct smi_span names[] = {
		{ "nginx", 5 },	  { "httpd", 5 },   { "caddy", 5 },
		{ "apache", 6 },  { "apache2", 7 }, { "traefik", 7 },
		{ "lighttpd", 8 }
	};

	for (size_t i = 0; i < SMI_COUNT(names); i++)
		if (smi_span_eq(names[i], program))
			return true;
	return false;
}

/* They log to syslog and into the journal too. */
void smi_header_web_server(struct smi_line *l)
{
	struct smi_stamp stamp;
	size_t len = 0, at;

	/* Their error logs quote what a client sends. */
	if (!l->room || !is_web_server(l->program) ||
	    smi_span_ends(smi_span_str(l->header), SMI_SPAN("-error")))
		return;
	at = find_stamp(l->message, &len, &stamp);
	if (at < l->message.len)
		split_parts(l, l->message, at, len);
}
