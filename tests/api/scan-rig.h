/* SPDX-License-Identifier: MIT */
#ifndef TESTS_API_SCAN_RIG_H
#define TESTS_API_SCAN_RIG_H

/* A scan, and what it told: for tests of what it finds, and of its job. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysmon/sysmon.h>

static sm_ctx *ctx;
static sm_scan_opts *opts;

static const uint32_t threads[] = { 1, 2, 7 };

static inline void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_scan_opts_new(ctx, &opts), 0);
}

static inline void teardown(void)
{
	sm_scan_opts_free(opts);
	sm_ctx_unref(ctx);
}

/* What a scan told: by port, and counts. */
struct seen {
	uint8_t state[65536];
	unsigned twice, ports, open, closed, filtered, hosts, notices, progress;
	int64_t host_open, host_closed, host_filtered, host_probes;
	char host_state[16], method[16], notice[256];
	int32_t pid;
	int stop_after;
};

static inline int64_t field(const sm_record *rec, int kind, const char *name)
{
	int f = sm_kind_field(kind, name);

	ck_assert_int_ge(f, 0);
	return sm_record_field_int(rec, (size_t)f);
}

static inline void see_host(struct seen *s, const sm_record *rec)
{
	int f = sm_kind_field(SM_KIND_HOST, "state");
	int m = sm_kind_field(SM_KIND_HOST, "method");

	s->hosts++;
	snprintf(s->method, sizeof(s->method), "%s",
		 sm_record_field_str(rec, (size_t)m));
	s->host_open += field(rec, SM_KIND_HOST, "open");
	s->host_closed += field(rec, SM_KIND_HOST, "closed");
	s->host_filtered += field(rec, SM_KIND_HOST, "filtered");
	s->host_probes += field(rec, SM_KIND_HOST, "probes");
	snprintf(s->host_state, sizeof(s->host_state), "%s",
		 sm_record_field_str(rec, (size_t)f));
}

static inline int see(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_port *p = sm_record_port(rec);
	struct seen *s = user;

	s->progress += sm_event_kind(ev) == SM_EVENT_PROGRESS;
	if (sm_event_kind(ev) == SM_EVENT_NOTICE) {
		s->notices++;
		snprintf(s->notice, sizeof(s->notice), "%s",
			 sm_notice_text(sm_record_notice(rec)));
	}
	if (sm_record_kind(rec) == SM_KIND_HOST)
		see_host(s, rec);
	if (!p)
		return SM_CONTINUE;
	/* Each assertion of Check is a write(2), too slow for 65,535 of them. */
	s->twice += s->state[sm_port_number(p)] != 0;
	s->state[sm_port_number(p)] = (uint8_t)sm_port_state(p);
	s->ports++;
	s->open += sm_port_state(p) == SM_PORT_OPEN;
	s->closed += sm_port_state(p) == SM_PORT_CLOSED;
	s->filtered += sm_port_state(p) == SM_PORT_FILTERED;
	if (sm_port_state(p) == SM_PORT_OPEN)
		s->pid = sm_port_pid(p);
	return s->stop_after && (int)s->ports >= s->stop_after ? 7
							       : SM_CONTINUE;
}

static inline struct seen *new_seen(void)
{
	struct seen *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	return s;
}

static inline void set(const char *target, const char *ports, int show)
{
	ck_assert_int_eq(sm_scan_opts_add_target(opts, target), 0);
	ck_assert_msg(sm_scan_opts_set_ports(opts, ports) == 0, "%s",
		      sm_ctx_errmsg(ctx));
	ck_assert_int_eq(sm_scan_opts_set_show(opts, show), 0);
}

static inline void run(struct seen *s)
{
	int r = sm_scan_ports(ctx, opts, see, s);

	ck_assert_uint_eq(s->twice, 0);
	ck_assert_msg(r == 0, "%d: %s", r, sm_ctx_errmsg(ctx));
}

#endif
