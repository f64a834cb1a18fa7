/* SPDX-License-Identifier: MIT */
#include "core/event.h"

SM_EXPORT int sm_event_kind(const sm_event *ev)
{
	return ev ? ev->kind : 0;
}

SM_EXPORT const sm_record *sm_event_record(const sm_event *ev)
{
	return ev ? ev->rec : NULL;
}

SM_EXPORT uint64_t sm_event_done(const sm_event *ev)
{
	return ev ? ev->done : 0;
}

SM_EXPORT uint64_t sm_event_total(const sm_event *ev)
{
	return ev ? ev->total : 0;
}
