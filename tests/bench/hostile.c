/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysmon/sysmon.h>
#include <time.h>

#include "detect/fail2ban.h"
#include "detect/judge.h"
#include "detect/lint.h"
#include "logsrc/header.h"

/*
 * Lines of 16 KB that repeat a part of what a rule looks for, each given to the
 * rule they are made for, and the worst of each rule to all rules together.
 *
 *	hostile FILE...            rules with samples, and all built-in ones
 *	hostile --every N FILE...  the same with each Nth of the lines
 *	hostile --filters NAME...  filters of fail2ban
 *
 * Prints what gave up and how long the worst took. Status 1: something gave up
 * (with --filters that is only told: they are as they are).
 */
#define LINE 16384

struct worst {
	double ms;
	char *text;
	size_t len;
	char name[80], program[64];
	bool web;
};

struct bench {
	struct smi_lint lint;
	const struct smi_regex *re;
	struct worst now, rules[1000];
	size_t nrules;
	unsigned long made, every, lines, gave_up, rules_up;
	bool up;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void keep(struct worst *w, struct smi_span line, double ms)
{
	if (ms <= w->ms)
		return;
	w->ms = ms;
	free(w->text);
	w->text = smi_alloc(line.len);
	if (!w->text)
		exit(3);
	memcpy(w->text, line.p, line.len);
	w->len = line.len;
}

static int try_pump(struct smi_pump *p, void *user)
{
	struct bench *b = user;
	struct smi_span line;
	double begin;
	int r;

	if (b->made++ % b->every)
		return 0;
	line = smi_pump_line(p, LINE);
	begin = now_ms();
	r = smi_regex_match(b->re, b->lint.matcher, line);
	keep(&b->now, line, now_ms() - begin);
	b->lines++;
	b->gave_up += r == -E2BIG;
	b->up |= r == -E2BIG;
	return r == -ENOMEM ? r : 0;
}

static void pump_rule(struct bench *b, const struct smi_rule *r)
{
	b->now = (struct worst){ .web = r->web != NULL };
	b->up = false;
	snprintf(b->now.name, sizeof(b->now.name), "%s", r->id);
	snprintf(b->now.program, sizeof(b->now.program), "%s",
		 r->nprograms && strcmp(r->programs[0], "-") != 0
			 ? r->programs[0]
			 : "x");
	for (size_t i = 0; i < r->npatterns; i++) {
		b->re = &r->patterns[i].re;
		/* Machine code is made once, and is no part of a match. */
		smi_regex_match(b->re, b->lint.matcher, r->patterns[i].text);
		if (smi_pump_all(&b->lint, r, i, try_pump, b) < 0)
			exit(3);
	}
	if (b->up)
		printf("%s gives up\n", r->id);
	b->rules_up += b->up;
	if (b->nrules < SMI_COUNT(b->rules))
		b->rules[b->nrules++] = b->now;
}

static void set_up(struct bench *b, sm_ctx *ctx)
{
	if (smi_ruleset_new(ctx, smi_header_split, &b->lint.rs) < 0 ||
	    smi_matcher_new(&b->lint.matcher) < 0 ||
	    smi_probe_new(&b->lint.probe) < 0)
		exit(3);
}

static void take_down(struct bench *b)
{
	sm_ruleset_unref(b->lint.rs);
	smi_matcher_free(b->lint.matcher);
	smi_probe_free(b->lint.probe);
	smi_arena_free(&b->lint.arena);
	smi_arena_free(&b->lint.kept);
}

static void pump_file(struct bench *b, sm_ctx *ctx, const char *path)
{
	set_up(b, ctx);
	if (sm_ruleset_add(b->lint.rs, path) < 0)
		exit(2);
	for (size_t i = 0; i < b->lint.rs->rules.n; i++)
		if (b->lint.rs->rules.v[i]->type == SMI_RULE_PATTERN)
			pump_rule(b, b->lint.rs->rules.v[i]);
	take_down(b);
}

/* A filter's regexes as the patterns of a rule. */
static void pump_filter(struct bench *b, sm_ctx *ctx, const char *name)
{
	const struct smi_f2b_filter *f;
	struct smi_pattern *v;
	struct smi_rule r = { .id = name };
	char spec[256];

	set_up(b, ctx);
	snprintf(spec, sizeof(spec), "fail2ban:%s", name);
	if (sm_ruleset_add(b->lint.rs, spec) < 0 || !b->lint.rs->filters.n)
		exit(2);
	f = b->lint.rs->filters.v[0];
	v = smi_zalloc((f->nfail + f->nignore + 1) * sizeof(*v));
	if (!v)
		exit(3);
	r.patterns = v;
	for (size_t i = 0; i < f->nfail + f->nignore + (f->pref != NULL); i++) {
		const struct smi_f2b_regex *re =
			i < f->nfail		    ? &f->fail[i]
			: i < f->nfail + f->nignore ? &f->ignore[i - f->nfail]
						    : f->pref;

		v[r.npatterns++] = (struct smi_pattern){ .re = re->re,
							 .text = re->pattern };
	}
	pump_rule(b, &r);
	free(v);
	take_down(b);
}

static void make_line(struct smi_buf *out, const struct worst *w)
{
	smi_buf_clear(out);
	if (w->web)
		smi_buf_str(out, "203.0.113.9 - - [04/Aug/2026:10:00:01 +0000] "
				 "\"GET ");
	else
		smi_buf_printf(out, "Aug  4 10:00:01 host %s[1]: ", w->program);
	smi_buf_add(out, w->text, w->len);
	if (w->web)
		smi_buf_str(out, " HTTP/1.1\" 404 5 \"-\" \"-\"");
	if (smi_buf_error(out))
		exit(3);
}

/* The worst line of each rule, judged by all: the worst time of a line. */
static struct worst judge_all(struct bench *b, sm_ruleset *rs)
{
	SMI_CLEANUP(smi_line_room_done) struct smi_line_room room = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct worst all = { 0 };
	struct smi_judge *j;

	if (sm_ruleset_freeze(rs) < 0 || smi_judge_new(rs, true, true, &j) < 0)
		exit(3);
	for (size_t twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < b->nrules; i++) {
			struct smi_line line = { .file = "x", .room = &room };
			struct smi_verdict v;
			double begin;

			make_line(&text, &b->rules[i]);
			line.raw = smi_buf_span(&text);
			smi_header_split(&line);
			begin = now_ms();
			smi_judge_rules(j, &line, &v);
			smi_judge_words(j, &line, &v);
			if (twice)
				keep(&all, line.raw, now_ms() - begin);
		}
	for (size_t i = 0; i < rs->rules.n; i++)
		b->gave_up += smi_judge_limit(&j, 1, i).hits;
	smi_judge_free(j);
	return all;
}

static int by_time(const void *a, const void *b)
{
	const struct worst *x = a, *y = b;

	return (x->ms < y->ms) - (x->ms > y->ms);
}

static void show(struct bench *b)
{
	qsort(b->rules, b->nrules, sizeof(b->rules[0]), by_time);
	printf("%zu rules, %lu lines of %d bytes: %lu given up, by %lu rules\n",
	       b->nrules, b->lines, LINE, b->gave_up, b->rules_up);
	for (size_t i = 0; i < SMI_MIN(b->nrules, (size_t)5); i++)
		printf("%8.2f ms %s\n", b->rules[i].ms, b->rules[i].name);
}

int main(int argc, char **argv)
{
	static struct bench b = { .every = 1 };
	bool filters = argc > 1 && strcmp(argv[1], "--filters") == 0;
	bool few = argc > 2 && strcmp(argv[1], "--every") == 0;
	sm_ctx *ctx;

	if (few)
		b.every = strtoul(argv[2], NULL, 10);
	if (!b.every || sm_ctx_new(&ctx) < 0)
		return 3;
	for (int i = 1 + filters + 2 * few; i < argc; i++) {
		if (filters)
			pump_filter(&b, ctx, argv[i]);
		else
			pump_file(&b, ctx, argv[i]);
	}
	show(&b);
	if (!filters) {
		struct worst all;
		sm_ruleset *rs;

		if (smi_ruleset_new(ctx, smi_header_split, &rs) < 0 ||
		    sm_ruleset_add_builtin(rs) < 0)
			return 3;
		all = judge_all(&b, rs);
		printf("%8.2f ms all rules together\n", all.ms);
		free(all.text);
		sm_ruleset_unref(rs);
	}
	for (size_t i = 0; i < b.nrules; i++)
		free(b.rules[i].text);
	sm_ctx_unref(ctx);
	return b.gave_up && !filters;
}
