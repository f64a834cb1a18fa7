/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sysmon/sysmon.h>

#include "detect/f2b-state.h"
#include "detect/ruleset.h"
#include "fuzz.h"
#include "logsrc/header.h"

static const char *const filters[] = {
	"[Definition]\nfailregex = ^ web <F-MLFID>d\\[\\d+\\]</F-MLFID>: "
	"<F-NOFAIL>peer</F-NOFAIL> <HOST>$\n"
	"  ^ web <F-MLFID>d\\[\\d+\\]</F-MLFID>: no <F-USER>\\S+</F-USER>$\n",
	"[Definition]\nmaxlines = 4\ndatepattern = %%Y-%%m-%%d\n  {^LN-BEG}\n"
	"failregex = ^ web m: from <HOST><SKIPLINES> web m: refused at last$\n",
};

static const char *const lines[] = {
	"Aug  4 10:00:00 web d[1]: peer 192.0.2.1",
	"Aug  4 10:00:01 web m: from 203.0.113.9",
	"Aug  4 10:00:02 web d[1]: no root",
	"Aug  4 10:00:03 web m: refused at last",
	"x 2026-08-04 web d[2]: no admin",
	"Aug  4 10:00:04 web m: from 203.0.113.10",
};

static sm_ruleset *load_rules(void)
{
	sm_ruleset *rs;
	sm_ctx *ctx;

	if (sm_ctx_new(&ctx) < 0 ||
	    smi_ruleset_new(ctx, smi_header_split, &rs) < 0)
		abort();
	for (size_t i = 0; i < SMI_COUNT(filters); i++)
		if (sm_ruleset_add_text(rs, i ? "/n/m.conf" : "/n/d.conf",
					filters[i], strlen(filters[i]),
					SM_RULES_FAIL2BAN) != 1)
			abort();
	if (sm_ruleset_freeze(rs) < 0)
		abort();
	sm_ctx_unref(ctx);
	return rs;
}

static struct smi_f2b_run *new_run(const sm_ruleset *rs)
{
	struct smi_f2b_run *x;

	if (smi_f2b_run_new(rs, NULL, INT64_C(1785837600000000000), false, &x) <
	    0)
		abort();
	return x;
}

static int take(const struct smi_line *line, const struct smi_match *m,
		void *user)
{
	(void)line;
	(void)m;
	(void)user;
	return 0;
}

static void feed(struct smi_f2b_run *x)
{
	struct smi_limit limits[16] = { { 0 } };

	for (size_t i = 0; i < SMI_COUNT(lines); i++) {
		struct smi_line line = { .file = "f",
					 .raw = smi_span_str(lines[i]) };

		smi_header_split(&line);
		if (smi_f2b_line(x, &line, false, limits, take, NULL) < 0)
			abort();
	}
}

/* What was read goes on, and is written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sm_ruleset *rs;
	struct smi_buf b = { 0 };
	struct smi_f2b_run *x;

	if (!rs)
		rs = load_rules();
	x = new_run(rs);
	if (smi_f2b_run_load(x, smi_span_of(data, size)) < 0) {
		smi_f2b_run_free(x);
		x = new_run(rs);
	}
	feed(x);
	if (smi_f2b_run_save(x, &b) < 0)
		abort();
	smi_f2b_run_free(x);
	x = new_run(rs);
	if (smi_f2b_run_load(x, smi_buf_span(&b)) < 0)
		abort();
	feed(x);
	smi_f2b_run_free(x);
	smi_buf_free(&b);
	return 0;
}
