/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "portscan/match.h"

static bool is_within(struct smi_span s, const void *p, size_t len)
{
	uintptr_t at = (uintptr_t)s.p, from = (uintptr_t)p;

	return at >= from && at + s.len <= from + len;
}

/* Reads all of a text. */
static void look(struct smi_span s)
{
	const volatile char *p = s.p;

	for (size_t i = 0; i < s.len; i++)
		(void)p[i];
}

static void check(const struct smi_service_id *id, struct smi_span reply)
{
	if (!id->service || strlen(id->service) > 20)
		abort();
	look(id->product);
	look(id->version);
	look(id->info);
	if (id->info.len > 0 &&
	    !is_within(id->info, id->space, sizeof(id->space)))
		abort();
	if (id->version.len > 0 && !is_within(id->version, id->space, 256) &&
	    !is_within(id->version, reply.p, reply.len))
		abort();
}

/* Both ways; what it would ask next gets the rest of the bytes behind its own. */
static const struct smi_question *run(smi_match_fn *match,
				      struct smi_span reply)
{
	struct smi_service_id now = { .service = NULL }, at_end = now;
	enum smi_match m = match(reply, false, &now);
	enum smi_match last = match(reply, true, &at_end);

	if (last == SMI_MATCH_MORE || (m == SMI_MATCH_NO && last != m) ||
	    (m == SMI_MATCH_YES && last != m))
		abort();
	if ((m == SMI_MATCH_YES) != (now.service != NULL) ||
	    (last == SMI_MATCH_YES) != (at_end.service != NULL))
		abort();
	if (m == SMI_MATCH_YES)
		check(&now, reply);
	if (last == SMI_MATCH_YES)
		check(&at_end, reply);
	return at_end.next;
}

static smi_match_fn *chosen(unsigned at)
{
	if (at < smi_ngreetings)
		return smi_greetings[at].match;
	return smi_questions[(at - smi_ngreetings) % smi_nquestions].match;
}

static const struct smi_question *read_one(smi_match_fn *match,
					   struct smi_span reply)
{
	struct smi_service_id id = { .service = NULL };
	const struct smi_question *next;
	/* Exactly as long as the reply, so that a byte too far is seen. */
	char *copy = malloc(reply.len ? reply.len : 1);

	if (!copy)
		abort();
	if (reply.len)
		memcpy(copy, reply.p, reply.len);
	reply = smi_span_of(copy, reply.len);
	next = run(match, reply);
	if (smi_match_reply(NULL, reply, true, &id) == SMI_MATCH_YES)
		check(&id, reply);
	free(copy);
	return next;
}

/* The first byte chooses a matcher. Replies are behind their length of two bytes;
 * one goes to the matcher of what the one before it made to be asked next. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span rest = smi_span_of(data, size);
	smi_match_fn *match;

	if (size == 0)
		return 0;
	match = chosen(data[0]);
	rest = smi_span_skip(rest, 1);
	while (match && rest.len >= 2) {
		size_t len =
			(size_t)((uint8_t)rest.p[0] << 8 | (uint8_t)rest.p[1]);
		const struct smi_question *next;

		rest = smi_span_skip(rest, 2);
		next = read_one(match, smi_span_head(rest, len));
		rest = smi_span_skip(rest, len);
		match = next ? next->match : NULL;
	}
	return 0;
}
