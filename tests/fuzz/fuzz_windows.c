/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/corr-clock.h"
#include "detect/correlate.h"
#include "detect/ruleset.h"
#include "fuzz.h"

static const char rules[] =
	"id: a\ntitle: t\naction: login_failed\npatterns: [a]\n---\n"
	"id: b\ntitle: t\naction: login_ok\npatterns: [b]\n---\n"
	"id: c\ntitle: t\nkind: c\ncorrelation:\n  type: event_count\n"
	"  actions: [login_failed]\n  group-by: [user]\n  timespan: 600s\n"
	"  condition: {gte: 2}\n  cooldown: 60s\n"
	"  then: {actions: [login_ok]}\n---\n"
	"id: d\ntitle: t\nkind: d\ncorrelation:\n  type: value_count\n"
	"  actions: [login_failed]\n  group-by: [source_ip]\n  field: user\n"
	"  timespan: 1h\n  condition: {gte: 3}\n  once-per: source_port\n"
	"  except-actions: [login_ok]\n---\n"
	"id: e\ntitle: t\nkind: e\ncorrelation:\n  type: temporal_ordered\n"
	"  actions: [login_failed, login_ok]\n  group-by: [user]\n"
	"  timespan: 600s\n---\n"
	"id: f\ntitle: t\nkind: f\ncorrelation:\n  type: ratio\n"
	"  actions: [login_failed, login_ok]\n  group-by: [user]\n"
	"  timespan: 60s\n  condition: {gte: 2}\n"
	"  share: {actions: [login_failed], percent: 50}\n---\n"
	"id: g\ntitle: t\nkind: g\ncorrelation:\n  type: silence\n"
	"  actions: [login_failed]\n  group-by: [source_ip]\n"
	"  timespan: 60s\n  condition: {gte: 2}\n";

static int ignore(const struct smi_episode *e, void *user)
{
	(void)e;
	(void)user;
	return 0;
}

static sm_ruleset *load_rules(void)
{
	sm_ruleset *rs;
	sm_ctx *ctx;

	if (sm_ctx_new(&ctx) < 0 || smi_ruleset_new(ctx, NULL, &rs) < 0 ||
	    sm_ruleset_add_text(rs, "t", rules, sizeof(rules) - 1, 0) != 7 ||
	    sm_ruleset_freeze(rs) < 0)
		abort();
	sm_ctx_unref(ctx);
	return rs;
}

static struct smi_correlator *new_correlator(const sm_ruleset *rs)
{
	struct smi_correlator *c;

	if (smi_correlator_new(rs, NULL, 0, ignore, NULL, &c) < 0)
		abort();
	return c;
}

static void feed(struct smi_correlator *c, const sm_ruleset *rs, int i)
{
	char user[2] = { (char)('a' + i % 3), 0 };
	struct smi_line line = { .file = "f", .time = i * SMI_SEC };
	struct smi_match m = { .rule = rs->rules.v[i % 4 == 3],
			       .user = smi_span_str(user),
			       .has_user = true,
			       .ip = { .family = 4, .b = { 1, 2, 3, 4 } },
			       .port = (uint16_t)(1 + i),
			       .count = 1 };

	line.raw = line.message = SMI_SPAN("some line");
	smi_corr_clock_see(smi_correlator_clock(c), line.time);
	if (smi_correlator_feed(c, &line, &m, line.time, 0) < 0)
		abort();
}

/* The head of a state has to be the one of these rules, else nothing is read. What
 * was read goes on, and is written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sm_ruleset *rs;
	struct smi_correlator *c, *again;
	struct smi_buf b = { 0 };

	if (!rs)
		rs = load_rules();
	c = new_correlator(rs);
	if (smi_correlator_save(c, false, &b) < 0)
		abort();
	b.len = 1 + 16 + 16;
	smi_buf_add(&b, data, size);
	smi_correlator_load(c, smi_buf_span(&b));
	for (int i = 0; i < 8; i++)
		feed(c, rs, i);
	smi_buf_clear(&b);
	again = new_correlator(rs);
	if (smi_correlator_save(c, false, &b) < 0 ||
	    smi_correlator_load(again, smi_buf_span(&b)) < 0)
		abort();
	while (smi_correlator_flush(again) == 1)
		;
	smi_correlator_free(c);
	smi_correlator_free(again);
	smi_buf_free(&b);
	return 0;
}
