/* SPDX-License-Identifier: MIT */
#include "detect/port-limit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"

struct tally {
	const struct smi_check *check;
	uint64_t n;
};
struct host {
	SMI_VEC(struct tally) list;
};

static void free_host(struct host *h)
{
	if (h)
		smi_vec_free(&h->list);
	free(h);
}

void smi_port_limit_free(struct smi_port_limit *l)
{
	struct smi_map_entry e;

	for (size_t i = 0; smi_map_next(&l->hosts, &i, &e);)
		free_host(e.value);
	smi_map_free(&l->hosts);
}

static struct host *host_of(struct smi_port_limit *l, const char *address)
{
	struct host *h = smi_map_get(&l->hosts, smi_span_str(address));

	if (h)
		return h;
	h = smi_zalloc(sizeof(*h));
	if (h && !smi_map_put(&l->hosts, smi_span_str(address), h)) {
		free_host(h);
		return NULL;
	}
	return h;
}

int smi_port_limit_take(struct smi_port_limit *l, const char *address,
			const struct smi_check *check)
{
	struct host *h = host_of(l, address);
	struct tally fresh = { check, 1 };

	if (!h)
		return -ENOMEM;
	for (size_t i = 0; i < h->list.n; i++)
		if (h->list.v[i].check == check)
			return ++h->list.v[i].n <= SMI_PORT_LIMIT;
	return smi_vec_push(&h->list, fresh) ? 1 : -ENOMEM;
}

static int tell(const struct host *h, const char *address, struct smi_out *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < h->list.n; i++) {
		const struct tally *t = &h->list.v[i];
		char count[24], told[24];
		const char *args[] = { "count", count,	"told",
				       told,	"kind", t->check->kind };

		snprintf(told, sizeof(told), "%d", SMI_PORT_LIMIT);
		snprintf(count, sizeof(count), "%" PRIu64,
			 t->n - SMI_MIN(t->n, SMI_PORT_LIMIT));
		if (t->n > SMI_PORT_LIMIT)
			r = smi_out_notice(out, 0, address,
					   "{count} further findings {kind} of "
					   "{source} are not told one by one; "
					   "{told} are.",
					   args, SMI_COUNT(args));
	}
	return r;
}

int smi_port_limit_end(struct smi_port_limit *l, const char *address,
		       struct smi_out *out)
{
	struct host *h = smi_map_remove(&l->hosts, smi_span_str(address));
	int r = h ? tell(h, address, out) : 0;

	free_host(h);
	return r;
}

int smi_port_limit_end_all(struct smi_port_limit *l, struct smi_out *out)
{
	struct smi_map_entry e;
	int r = 0;

	for (size_t i = 0; r == 0 && smi_map_next(&l->hosts, &i, &e);) {
		SMI_AUTOFREE char *address = smi_strndup(e.key.p, e.key.len);

		r = address ? tell(e.value, address, out) : -ENOMEM;
	}
	smi_port_limit_free(l);
	l->hosts = (struct smi_map){ .n = 0 };
	return r;
}
