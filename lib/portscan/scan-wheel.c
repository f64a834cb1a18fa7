/* SPDX-License-Identifier: MIT */
#include "portscan/scan-state.h"

#define TICK  SMI_MSEC
#define AHEAD (SMI_SCAN_TICKS - 1) /* a later look is taken in between */

void smi_scan_push(struct smi_scan *s, struct smi_scan_row *row, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];

	p->next = SMI_SCAN_NONE;
	p->prev = row->tail;
	if (row->tail == SMI_SCAN_NONE)
		row->head = slot;
	else
		s->slots[row->tail].next = slot;
	row->tail = slot;
}

void smi_scan_unlink(struct smi_scan *s, struct smi_scan_row *row,
		     uint32_t slot)
{
	const struct smi_scan_probe *p = &s->slots[slot];

	if (p->prev == SMI_SCAN_NONE)
		row->head = p->next;
	else
		s->slots[p->prev].next = p->next;
	if (p->next == SMI_SCAN_NONE)
		row->tail = p->prev;
	else
		s->slots[p->next].prev = p->prev;
}

void smi_scan_arm(struct smi_scan *s, uint32_t slot, int64_t at)
{
	int64_t tick = SMI_MAX(at / TICK + 1, s->wheel_at + 1);
	struct smi_scan_probe *p = &s->slots[slot];

	tick = SMI_MIN(tick, s->wheel_at + AHEAD);
	p->tick = (uint8_t)(tick % SMI_SCAN_TICKS);
	smi_scan_push(s, &s->wheel[p->tick], slot);
}

void smi_scan_disarm(struct smi_scan *s, uint32_t slot)
{
	smi_scan_unlink(s, &s->wheel[s->slots[slot].tick], slot);
}

bool smi_scan_tick(struct smi_scan *s, int64_t now, struct smi_scan_row *row)
{
	static const struct smi_scan_row none = { SMI_SCAN_NONE,
						  SMI_SCAN_NONE };
	int64_t last = now / TICK;

	/* After a long pause each row is due once. */
	s->wheel_at = SMI_MAX(s->wheel_at, last - SMI_SCAN_TICKS);
	while (s->wheel_at < last) {
		struct smi_scan_row *w =
			&s->wheel[++s->wheel_at % SMI_SCAN_TICKS];

		if (w->head == SMI_SCAN_NONE)
			continue;
		*row = *w;
		*w = none;
		return true;
	}
	return false;
}

int64_t smi_scan_wheel_next(const struct smi_scan *s)
{
	for (int64_t t = s->wheel_at + 1; t <= s->wheel_at + AHEAD; t++)
		if (s->wheel[t % SMI_SCAN_TICKS].head != SMI_SCAN_NONE)
			return t * TICK;
	return INT64_MAX;
}

void smi_scan_take_off(struct smi_scan *s, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];
	struct smi_scan_host *h = &s->hosts[p->host];

	p->flying = true;
	p->dark = !h->live;
	h->flight++;
	s->flight += !p->dark;
	s->dark_flight += p->dark;
}

void smi_scan_landed(struct smi_scan *s, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];

	if (!p->flying)
		return;
	p->flying = false;
	s->hosts[p->host].flight--;
	s->flight -= !p->dark;
	s->dark_flight -= p->dark;
}
