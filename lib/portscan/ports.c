/* SPDX-License-Identifier: MIT */
#include "portscan/ports.h"

#include "portscan/service.h"

#define MAX_PORT 65535

static int bad(struct smi_ports_error *err, struct smi_span item, int rc,
	       const char *what)
{
	err->item = item;
	err->what = what;
	return rc;
}

static void add_range(struct smi_ports *set, unsigned first, unsigned last)
{
	for (unsigned p = first; p <= last; p++)
		smi_ports_add(set, (uint16_t)p);
}

/* The first so many of the list that top does not have yet. */
static void add_first(struct smi_ports *top, const uint16_t *list, size_t len,
		      uint64_t n)
{
	for (size_t i = 0; i < len && top->n < n; i++)
		smi_ports_add(top, list[i]);
}

static void add_all(struct smi_ports *set, const struct smi_ports *some)
{
	for (unsigned p = 1; p <= MAX_PORT; p++)
		if (smi_ports_has(some, (uint16_t)p))
			smi_ports_add(set, (uint16_t)p);
}

static int parse_top(struct smi_span item, struct smi_span count, bool udp,
		     struct smi_ports *set, struct smi_ports_error *err)
{
	struct smi_ports top = { .n = 0 };
	uint64_t n;

	if (!smi_span_uint(count, SMI_PORTS_TOP, &n) || n == 0)
		return bad(err, item, -EINVAL,
			   "top-N goes from top-1 to top-1000");
	if (udp)
		add_first(&top, smi_ports_top_udp, smi_nports_top_udp, n);
	add_first(&top, smi_ports_top, SMI_PORTS_TOP, n);
	add_all(set, &top);
	return 0;
}

static int parse_name(struct smi_span item, const struct smi_fsroot *root,
		      struct smi_ports *set, struct smi_ports_error *err)
{
	SMI_CLEANUP(smi_services_free) struct smi_services known = { 0 };
	uint16_t port;
	int r = smi_services_port(&known, root, item, &port);

	if (r == -ENOENT)
		r = smi_services_port_udp(&known, root, item, &port);
	if (r == -ENOENT)
		return bad(err, item, r, "no service of that name is known");
	if (r == 0)
		smi_ports_add(set, port);
	return r;
}

static int parse_number(struct smi_span item, struct smi_span digits,
			uint64_t *port, struct smi_ports_error *err)
{
	if (digits.len == 0)
		return bad(err, item, -EINVAL,
			   "a range needs a port on both sides of the \"-\"");
	if (!smi_span_uint(digits, MAX_PORT, port) || *port == 0)
		return bad(err, item, -EINVAL, "ports go from 1 to 65535");
	return 0;
}

static int parse_numbers(struct smi_span item, struct smi_ports *set,
			 struct smi_ports_error *err)
{
	size_t dash = smi_span_find(item, '-');
	uint64_t first, last;
	int r = parse_number(item, smi_span_trim(smi_span_head(item, dash)),
			     &first, err);

	if (r < 0)
		return r;
	last = first;
	if (dash < item.len)
		r = parse_number(item,
				 smi_span_trim(smi_span_skip(item, dash + 1)),
				 &last, err);
	if (r < 0)
		return r;
	if (first > last)
		return bad(
			err, item, -EINVAL,
			"the first port of a range is greater than its last");
	add_range(set, (unsigned)first, (unsigned)last);
	return 0;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Numbers and ranges hold no letter, names at least one (RFC 6335, 5.1). */
static bool has_letter(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (is_letter(s.p[i]))
			return true;
	return false;
}

static int parse_item(struct smi_span item, const struct smi_fsroot *root,
		      bool udp, struct smi_ports *set,
		      struct smi_ports_error *err)
{
	if (item.len == 0)
		return bad(err, item, -EINVAL, "an item of the list is empty");
	if (smi_span_eq_str(item, "all")) {
		add_range(set, 1, MAX_PORT);
		return 0;
	}
	if (smi_span_starts(item, SMI_SPAN("top-")))
		return parse_top(item, smi_span_skip(item, 4), udp, set, err);
	if (has_letter(item))
		return parse_name(item, root, set, err);
	return parse_numbers(item, set, err);
}

static int parse(struct smi_span text, const struct smi_fsroot *root, bool udp,
		 struct smi_ports *set, struct smi_ports_error *err)
{
	if (smi_span_trim(text).len == 0)
		return bad(err, text, -EINVAL, "the list is empty");
	for (;;) {
		size_t comma = smi_span_find(text, ',');
		struct smi_span item = smi_span_head(text, comma);
		int r = parse_item(smi_span_trim(item), root, udp, set, err);

		if (r < 0 || comma == text.len)
			return r;
		text = smi_span_skip(text, comma + 1);
	}
}

int smi_ports_parse(struct smi_span text, const struct smi_fsroot *root,
		    struct smi_ports *set, struct smi_ports_error *err)
{
	return parse(text, root, false, set, err);
}

int smi_ports_parse_udp(struct smi_span text, const struct smi_fsroot *root,
			struct smi_ports *set, struct smi_ports_error *err)
{
	return parse(text, root, true, set, err);
}

void smi_ports_list(const struct smi_ports *set, uint16_t *out)
{
	for (unsigned p = 1; p <= MAX_PORT; p++)
		if (smi_ports_has(set, (uint16_t)p))
			*out++ = (uint16_t)p;
}
