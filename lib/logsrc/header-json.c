/* SPDX-License-Identifier: MIT */
#include "base/json.h"
#include "logsrc/header-parts.h"
#include "logsrc/json-keys.h"

/* As for syslog: what is longer is no name. */
#define HOST_MAX    255
#define PROGRAM_MAX 128

/* Objects in objects that are looked into. */
#define MAX_DEPTH 4

struct fields {
	struct smi_json json;
	struct smi_buf *text; /* what had to be unescaped */
	struct smi_json_value v[SMI_KEY_COUNT];
	uint8_t rank[SMI_KEY_COUNT];
	uint32_t have; /* a bit for each role */
	uint32_t many; /* those of which there is more than one value */
	enum smi_json_role joining;
};

/* Headers of requests: who asks chooses how they are spelt and how many there are,
 * so that all of them are looked at. */
static bool is_header(uint8_t role)
{
	return role == SMI_KEY_AGENT || role == SMI_KEY_REFERER;
}

static bool has(const struct fields *f, enum smi_json_role role)
{
	return f->have >> role & 1;
}

/* A member that is known. One that is empty says nothing. */
static void take(struct fields *f, const struct smi_json_key *k,
		 const struct smi_json_value *v)
{
	if (!k || k->role == SMI_KEY_NONE || !v->text.len ||
	    v->type == SMI_JSON_WORD)
		return;
	if (f->joining) {
		if (k->role != f->joining || k->rank != f->rank[k->role])
			return;
		smi_buf_str(f->text, ", ");
		if (v->escaped)
			smi_json_unescape(f->text, v->text);
		else
			smi_buf_span_add(f->text, v->text);
		return;
	}
	if (has(f, k->role) && f->rank[k->role] <= k->rank) {
		if (is_header(k->role) && f->rank[k->role] == k->rank)
			f->many |= UINT32_C(1) << k->role;
		return;
	}
	f->have |= UINT32_C(1) << k->role;
	f->v[k->role] = *v;
	f->rank[k->role] = k->rank;
}

/* journald gives bytes that are no UTF-8 as an array of their numbers, and a field
 * that comes more than once as one of strings, of which the first counts. Caddy's
 * headers are such ones too. */
static void take_array(struct fields *f, const struct smi_json_key *k)
{
	struct smi_json_value v, first = { 0 };
	size_t start = f->text->len;
	uint64_t byte;

	smi_json_open(&f->json, '[');
	while (smi_json_element(&f->json)) {
		enum smi_json_type type = smi_json_peek(&f->json);

		if (type == SMI_JSON_OBJECT || type == SMI_JSON_ARRAY) {
			smi_json_skip(&f->json);
			continue;
		}
		if (!smi_json_value(&f->json, &v))
			return;
		if (is_header(k->role))
			take(f, k, &v);
		else if (first.type == SMI_JSON_NONE)
			first = v;
		if (k->role == SMI_KEY_J_MESSAGE && type == SMI_JSON_NUMBER &&
		    smi_span_uint(v.text, 255, &byte))
			smi_buf_char(f->text, (char)byte);
	}
	if (k->role == SMI_KEY_J_MESSAGE && f->text->len > start)
		first = (struct smi_json_value){
			SMI_JSON_STRING,
			smi_span_of(f->text->p + start, f->text->len - start),
			false
		};
	take(f, k, &first);
}

static void collect(struct fields *f, const struct smi_json_key *outer,
		    int depth)
{
	struct smi_json_value v;
	struct smi_span key;

	smi_json_open(&f->json, '{');
	while (smi_json_member(&f->json, &key)) {
		const struct smi_json_key *k = smi_json_key(outer, key);
		const struct smi_json_key *j =
			outer ? NULL : smi_json_journal_key(key);
		enum smi_json_type type = smi_json_peek(&f->json);

		if (type == SMI_JSON_OBJECT && k && k->inside &&
		    depth < MAX_DEPTH)
			collect(f, k, depth + 1);
		else if (type == SMI_JSON_ARRAY && (j || k))
			take_array(f, j ? j : k);
		else if (type == SMI_JSON_OBJECT || type == SMI_JSON_ARRAY)
			smi_json_skip(&f->json);
		else if (smi_json_value(&f->json, &v)) {
			take(f, k, &v);
			take(f, j, &v);
		}
	}
}

/* All values of a header, of as many as there are. */
static void join(struct fields *f, struct smi_span raw, enum smi_json_role role)
{
	size_t start = f->text->len;

	if (!(f->many >> role & 1))
		return;
	f->joining = role;
	smi_json_init(&f->json, raw);
	collect(f, NULL, 0);
	f->joining = SMI_KEY_NONE;
	start += 2;
	f->v[role].text = smi_span_of(f->text->p + start, f->text->len - start);
	f->v[role].escaped = false;
}

/* The bytes of a member, "" where there is none. */
static struct smi_span text(struct fields *f, enum smi_json_role role)
{
	struct smi_json_value *v = &f->v[role];
	size_t start = f->text->len;

	if (!has(f, role))
		return smi_span_of("", 0);
	if (v->escaped) {
		smi_json_unescape(f->text, v->text);
		v->text = smi_span_of(f->text->p + start, f->text->len - start);
		v->escaped = false;
	}
	return v->text;
}

static struct smi_span text_up_to(struct fields *f, enum smi_json_role role,
				  size_t max)
{
	struct smi_span s = text(f, role);

	return smi_span_head(s, s.len <= max ? s.len : 0);
}

static int32_t pid(struct fields *f, enum smi_json_role role)
{
	uint64_t v;

	return smi_span_uint(text(f, role), INT32_MAX, &v) ? (int32_t)v : 0;
}

static int64_t time_of(struct fields *f, struct smi_stamp_clock *c)
{
	struct smi_span s = text(f, SMI_KEY_TIME);
	struct smi_stamp stamp;
	int64_t t = INT64_MIN;

	if (smi_stamp_epoch(s, &t))
		return t;
	if (smi_stamp_scan_clf(s, &stamp))
		return smi_stamp_time(c, &stamp);
	if (smi_stamp_read(c, s, &stamp, &t))
		return t;
	return INT64_MIN;
}

static bool fill_journal(struct smi_line *l, struct fields *f)
{
	uint64_t us;

	if (!has(f, SMI_KEY_J_TIME) ||
	    !smi_span_uint(text(f, SMI_KEY_J_TIME), INT64_MAX / 1000, &us))
		return false;
	l->header = "journal-json";
	l->time = (int64_t)us * 1000;
	l->host = text_up_to(f, SMI_KEY_J_HOST, HOST_MAX);
	l->program = text_up_to(f, SMI_KEY_J_PROGRAM, PROGRAM_MAX);
	l->pid = pid(f, SMI_KEY_J_PID);
	l->message = text(f, SMI_KEY_J_MESSAGE);
	return true;
}

/*
 * Docker's json-file: the text of a container, line by line, with the time of its
 * arrival. A line longer than 16 KiB comes in parts: a later one may begin with
 * what a hostile client wants to pass for a header, so none is looked for there.
 */
static bool fill_docker(struct smi_line *l, struct fields *f,
			struct smi_stamp_clock *c)
{
	struct smi_line_room *room = l->room;
	struct smi_line in = { .raw = text(f, SMI_KEY_LOG), .room = room };
	uint8_t stream =
		smi_span_eq_str(text(f, SMI_KEY_STREAM), "stderr") ? 2 : 1;
	bool ends = smi_span_ends(in.raw, SMI_SPAN("\n"));
	bool goes_on = room->partial & stream;

	l->header = "docker-json";
	l->time = time_of(f, c);
	room->partial = (uint8_t)(ends ? room->partial & ~stream
				       : room->partial | stream);
	in.raw.len -= ends;
	in.raw.len -= smi_span_ends(in.raw, SMI_SPAN("\r"));
	l->message = in.raw;
	if (goes_on)
		return true;
	smi_header_inside(l, &in);
	return true;
}

static bool is_web(const struct fields *f)
{
	return (has(f, SMI_KEY_REQUEST) ||
		(has(f, SMI_KEY_URL) && has(f, SMI_KEY_METHOD))) &&
	       (has(f, SMI_KEY_STATUS) || has(f, SMI_KEY_CLIENT));
}

static struct smi_span dashed(struct fields *f, enum smi_json_role role)
{
	return smi_web_dashed(text(f, role));
}

static struct smi_span client(struct fields *f)
{
	struct smi_span s = smi_web_without_port(dashed(f, SMI_KEY_CLIENT));

	if (s.len > 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
		s = smi_span_of(s.p + 1, s.len - 2);
	return s;
}

static void fill_web(struct smi_line *l, struct fields *f)
{
	struct smi_web *w = &l->room->web;
	uint64_t v;

	w->client = client(f);
	w->user = dashed(f, SMI_KEY_USER);
	w->vhost = smi_web_without_port(dashed(
		f, has(f, SMI_KEY_VHOST) ? SMI_KEY_VHOST : SMI_KEY_HOST));
	smi_web_request(w, dashed(f, SMI_KEY_REQUEST));
	if (has(f, SMI_KEY_METHOD))
		w->method = text(f, SMI_KEY_METHOD);
	if (has(f, SMI_KEY_URL))
		w->url = text(f, SMI_KEY_URL);
	if (has(f, SMI_KEY_PROTOCOL))
		w->protocol = text(f, SMI_KEY_PROTOCOL);
	w->referer = dashed(f, SMI_KEY_REFERER);
	w->agent = dashed(f, SMI_KEY_AGENT);
	w->status = smi_span_uint(text(f, SMI_KEY_STATUS), 999, &v) && v >= 100
			    ? (int32_t)v
			    : 0;
	if (!smi_span_uint(text(f, SMI_KEY_BYTES), UINT64_MAX, &w->bytes))
		w->bytes = 0;
	l->web = w;
	l->message = l->raw;
}

/* Whatever has a time or a text is a log. */
static bool fill_any(struct smi_line *l, struct fields *f,
		     struct smi_stamp_clock *c)
{
	bool web = is_web(f);

	if (!has(f, SMI_KEY_TIME) && !has(f, SMI_KEY_MESSAGE) && !web)
		return false;
	l->header = web ? "web-json" : "json";
	l->time = time_of(f, c);
	l->host = text_up_to(f, SMI_KEY_HOSTNAME, HOST_MAX);
	l->pid = pid(f, SMI_KEY_PID);
	if (web) {
		fill_web(l, f);
		return true;
	}
	if (!l->host.len)
		l->host = text_up_to(f, SMI_KEY_HOST, HOST_MAX);
	l->program = text_up_to(f, SMI_KEY_PROGRAM, PROGRAM_MAX);
	l->message =
		has(f, SMI_KEY_MESSAGE) ? text(f, SMI_KEY_MESSAGE) : l->raw;
	return true;
}

bool smi_header_json(struct smi_line *l, struct smi_stamp_clock *c)
{
	struct fields f;

	if (!l->room)
		return false;
	f.text = &l->room->text;
	f.have = f.many = 0;
	f.joining = SMI_KEY_NONE;
	/* What is unescaped or joined gets no longer, and a line inside of
	 * another is so twice: room for all of it, so that nothing moves. */
	if (!f.text->len || !l->room->nested) {
		smi_buf_clear(f.text);
		if (!smi_buf_reserve(f.text, l->raw.len * 4))
			return false;
	}
	smi_json_init(&f.json, l->raw);
	collect(&f, NULL, 0);
	if (!smi_json_done(&f.json))
		return false;
	join(&f, l->raw, SMI_KEY_AGENT);
	join(&f, l->raw, SMI_KEY_REFERER);
	if (!l->room->nested && has(&f, SMI_KEY_LOG) &&
	    has(&f, SMI_KEY_STREAM) && has(&f, SMI_KEY_TIME))
		return fill_docker(l, &f, c);
	return fill_journal(l, &f) || fill_any(l, &f, c);
}
