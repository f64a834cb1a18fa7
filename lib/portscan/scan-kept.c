/* SPDX-License-Identifier: MIT */
#include "portscan/scan-kept.h"

#include <inttypes.h>
#include <stdlib.h>

#define MAX_SHARES 64
#define MAX_HOSTS  4096	   /* of a share */
#define MAX_WAITS  65536   /* of all */
#define MAX_HELD   1048576 /* numbers, of all */
#define MAX_TOLD   4096
#define MAX_FACTS  64
#define MAX_PORTS  65536

void smi_kept_free(struct smi_kept *k)
{
	smi_vec_free(&k->facts);
	smi_vec_free(&k->told);
	smi_vec_free(&k->shares);
	smi_vec_free(&k->hosts);
	smi_vec_free(&k->waits);
	smi_vec_free(&k->helds);
}

static int read_number(struct smi_span *rest, uint64_t max, uint64_t *out)
{
	struct smi_span word;

	return smi_span_split(rest, ' ', &word) && smi_span_uint(word, max, out)
		       ? 0
		       : -EBADMSG;
}

static struct smi_kept_share *last_share(struct smi_kept *k)
{
	return k->shares.n ? &k->shares.v[k->shares.n - 1] : NULL;
}

static int parse_key(struct smi_kept *k, struct smi_span rest)
{
	if (k->has_key || read_number(&rest, UINT64_MAX, &k->key.k0) < 0 ||
	    read_number(&rest, UINT64_MAX, &k->key.k1) < 0 || rest.len)
		return -EBADMSG;
	k->has_key = true;
	return 0;
}

static int parse_fact(struct smi_kept *k, struct smi_span rest)
{
	struct smi_kept_fact f;

	if (k->facts.n == MAX_FACTS || !smi_span_split(&rest, ' ', &f.name) ||
	    !f.name.len)
		return -EBADMSG;
	f.value = rest;
	return smi_vec_push(&k->facts, f) ? 0 : -ENOMEM;
}

static int parse_told(struct smi_kept *k, struct smi_span rest)
{
	uint64_t n;

	while (rest.len) {
		if (k->told.n == MAX_TOLD ||
		    read_number(&rest, UINT64_MAX, &n) < 0)
			return -EBADMSG;
		if (!smi_vec_push(&k->told, n))
			return -ENOMEM;
	}
	return 0;
}

static int parse_share(struct smi_kept *k, struct smi_span rest)
{
	struct smi_kept_share s = { .host_at = k->hosts.n };

	if (k->shares.n == MAX_SHARES ||
	    read_number(&rest, UINT64_MAX, &s.walked) < 0 ||
	    read_number(&rest, UINT64_MAX, &s.done) < 0 || rest.len)
		return -EBADMSG;
	return smi_vec_push(&k->shares, s) ? 0 : -ENOMEM;
}

static int add_host(struct smi_kept *k, struct smi_span rest, bool part)
{
	struct smi_kept_share *s = last_share(k);
	struct smi_kept_host h = { .part = part,
				   .wait_at = k->waits.n,
				   .held_at = k->helds.n };
	uint64_t next = 0;

	if (!s || s->nhosts == MAX_HOSTS ||
	    read_number(&rest, UINT64_MAX, &h.number) < 0 ||
	    (!part && read_number(&rest, MAX_PORTS, &next) < 0))
		return -EBADMSG;
	h.next = (uint32_t)next;
	for (size_t i = 0; i < SMI_KEPT_COUNTS; i++)
		if (read_number(&rest, INT64_MAX, &h.counts[i]) < 0)
			return -EBADMSG;
	if (rest.len)
		return -EBADMSG;
	s->nhosts++;
	return smi_vec_push(&k->hosts, h) ? 0 : -ENOMEM;
}

static int parse_host(struct smi_kept *k, struct smi_span rest)
{
	return add_host(k, rest, false);
}

static int parse_part(struct smi_kept *k, struct smi_span rest)
{
	return add_host(k, rest, true);
}

static int parse_wait(struct smi_kept *k, struct smi_span rest)
{
	struct smi_kept_share *s = last_share(k);
	struct smi_kept_host *h;

	if (!s || !s->nhosts)
		return -EBADMSG;
	h = &k->hosts.v[k->hosts.n - 1];
	if (h->part)
		return -EBADMSG;
	while (rest.len) {
		uint64_t port;

		if (k->waits.n == MAX_WAITS ||
		    read_number(&rest, MAX_PORTS - 1, &port) < 0 || !port)
			return -EBADMSG;
		if (!smi_vec_push(&k->waits, (uint16_t)port))
			return -ENOMEM;
		h->nwait++;
		s->nwait++;
	}
	return 0;
}

/* In ascending order, so that no port is there twice. */
static int parse_held(struct smi_kept *k, struct smi_span rest)
{
	struct smi_kept_share *s = last_share(k);
	struct smi_kept_host *h;
	uint64_t at, least = 0;

	if (!s || !s->nhosts)
		return -EBADMSG;
	h = &k->hosts.v[k->hosts.n - 1];
	if (h->nheld)
		return -EBADMSG;
	for (; rest.len; least = at + 1) {
		struct smi_kept_word w;

		if (k->helds.n == MAX_HELD ||
		    read_number(&rest, MAX_PORTS / 64 - 1, &at) < 0 ||
		    at < least || read_number(&rest, UINT64_MAX, &w.bits) < 0 ||
		    !w.bits || (at == 0 && (w.bits & 1)))
			return -EBADMSG;
		w.at = (uint16_t)at;
		if (!smi_vec_push(&k->helds, w))
			return -ENOMEM;
		h->nheld++;
	}
	return 0;
}

static const struct {
	const char *word;
	int (*parse)(struct smi_kept *k, struct smi_span rest);
} lines[] = {
	{ "held", parse_held }, { "host", parse_host },
	{ "is", parse_fact },	{ "key", parse_key },
	{ "part", parse_part }, { "share", parse_share },
	{ "told", parse_told }, { "wait", parse_wait },
};

static int parse_line(struct smi_kept *k, struct smi_span line)
{
	struct smi_span word;

	if (!smi_span_split(&line, ' ', &word))
		return -EBADMSG;
	for (size_t i = 0; i < SMI_COUNT(lines); i++)
		if (smi_span_eq_str(word, lines[i].word))
			return lines[i].parse(k, line);
	return -EBADMSG;
}

int smi_kept_parse(struct smi_span text, struct smi_kept *k)
{
	struct smi_span line;
	int r = 0;

	while (r == 0 && smi_span_split(&text, '\n', &line))
		r = line.len ? parse_line(k, line) : 0;
	if (r == 0 && (!k->has_key || !k->shares.n))
		r = -EBADMSG;
	return r;
}

void smi_kept_add_key(struct smi_buf *b, const struct smi_siphash_key *key)
{
	smi_buf_printf(b, "key %" PRIu64 " %" PRIu64 "\n", key->k0, key->k1);
}

void smi_kept_add_fact(struct smi_buf *b, const char *name, const char *value)
{
	smi_buf_printf(b, "is %s %s\n", name, value);
}

void smi_kept_add_told(struct smi_buf *b, const uint64_t *v, size_t n)
{
	if (!n)
		return;
	smi_buf_printf(b, "told");
	for (size_t i = 0; i < n; i++)
		smi_buf_printf(b, " %" PRIu64, v[i]);
	smi_buf_char(b, '\n');
}

void smi_kept_add_share(struct smi_buf *b, uint64_t walked, uint64_t done)
{
	smi_buf_printf(b, "share %" PRIu64 " %" PRIu64 "\n", walked, done);
}

void smi_kept_add_host(struct smi_buf *b, const struct smi_kept_host *h,
		       const uint16_t *waits)
{
	smi_buf_printf(b, h->part ? "part %" PRIu64 : "host %" PRIu64,
		       h->number);
	if (!h->part)
		smi_buf_printf(b, " %" PRIu32, h->next);
	for (size_t i = 0; i < SMI_KEPT_COUNTS; i++)
		smi_buf_printf(b, " %" PRIu64, h->counts[i]);
	smi_buf_char(b, '\n');
	if (!h->nwait)
		return;
	smi_buf_printf(b, "wait");
	for (size_t i = 0; i < h->nwait; i++)
		smi_buf_printf(b, " %u", waits[h->wait_at + i]);
	smi_buf_char(b, '\n');
}

void smi_kept_add_held(struct smi_buf *b, const struct smi_ports *held)
{
	if (!held->n)
		return;
	smi_buf_printf(b, "held");
	for (unsigned i = 0; i < SMI_COUNT(held->w); i++)
		if (held->w[i])
			smi_buf_printf(b, " %u %" PRIu64, i, held->w[i]);
	smi_buf_char(b, '\n');
}
