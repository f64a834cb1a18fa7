/* SPDX-License-Identifier: MIT */
#ifndef TESTS_F2B_RIG_H
#define TESTS_F2B_RIG_H

#include "detect-rig.h"
#include "fail-alloc.h"
#include "suite.h"
#include "tree.h"

/* A filter directory below a temporary one, and a rig to run lines through. */
static struct rig rig;
static const char *dir;

#define FILTER(body) "[Definition]\n" body

static inline void setup_rig(void)
{
	rig_init(&rig);
	ck_assert_int_eq(sm_ruleset_set_fail2ban_dir(rig.rules, dir), 0);
	rig.o.keywords = false;
	rig.o.now = INT64_C(1785844800) * SMI_SEC; /* 2026-08-04T12:00:00Z */
	rig.o.zone = "UTC0";
}

static inline void teardown_rig(void)
{
	rig_done(&rig);
}

static inline void setup(void)
{
	dir = tree_make();
	setup_rig();
}

static inline void teardown(void)
{
	teardown_rig();
	tree_remove();
}

static inline void filter(const char *text)
{
	tree_text("filter.d/f.conf", text);
	if (sm_ruleset_add(rig.rules, "fail2ban:f") != 1)
		ck_abort_msg("%s", sm_ruleset_problem(rig.rules, 0));
}

static inline const char *peer(size_t i)
{
	const sm_logevent *e = rig_event(&rig, i);

	return sm_logevent_source_ip(e)[0] ? sm_logevent_source_ip(e)
					   : sm_logevent_source_host(e);
}

static inline size_t failures(void)
{
	size_t n = 0;

	for (size_t i = 0; i < rig.events.n; i++)
		n += sm_logevent_failure(rig_event(&rig, i)) == 1;
	return n;
}

#define SESSION                                                                \
	FILTER("prefregex = ^ <F-MLFID>\\S+\\[\\d+\\]:</F-MLFID> "             \
	       "<F-CONTENT>.+</F-CONTENT>$\n"                                  \
	       "failregex = ^<F-NOFAIL>from</F-NOFAIL> <HOST>$\n"              \
	       "  ^bad user <F-USER>\\S+</F-USER>$\n"                          \
	       "  ^<F-MLFFORGET>end</F-MLFFORGET> of <HOST>$\n"                \
	       "  ^<F-MLFFORGET><F-MLFGAINED>in</F-MLFGAINED></F-MLFFORGET> "  \
	       "<F-USER>\\S+</F-USER>$\n")

#endif
