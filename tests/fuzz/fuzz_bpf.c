/* SPDX-License-Identifier: MIT */
/* What our programs in the kernel write: records of processes; with an odd first byte,
 * a ring of events, where three bytes say how far it is read and written. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "process/bpf-records.h"

#define RING 4096
/* The seeds are of this form: with another they test nothing. */
_Static_assert(sizeof(struct smi_bpf_proc) == 96 &&
		       sizeof(struct smi_bpf_likeness) == 56,
	       "make the seeds of processes anew");

static _Alignas(8) char room[2 * RING];

static void check_in_room(struct smi_span s)
{
	if (s.len > 0 && (s.p < room || s.p + s.len > room + sizeof(room)))
		abort();
}

static void read_procs(struct smi_span in)
{
	const struct smi_bpf_likeness *like;
	const struct smi_bpf_proc *p;
	struct smi_span rest;
	size_t n = 0;

	in = smi_span_head(in, sizeof(room));
	if (in.len > 0)
		memcpy(room, in.p, in.len);
	rest = smi_span_of(room, in.len);
	while (smi_bpf_proc_next(&rest, &p, &like) == 1) {
		check_in_room(smi_span_of((const char *)(p + 1),
					  (size_t)p->args + p->env));
		if (like)
			check_in_room(
				smi_span_of((const char *)like, sizeof(*like)));
		if (++n > sizeof(room) / sizeof(*p))
			abort();
	}
}

static void read_ring(struct smi_span in)
{
	unsigned long consumer, producer;
	struct smi_ring ring = { room, RING, &consumer, &producer, 0 };
	struct smi_proc_event ev;
	size_t n = 0;
	int r;

	if (in.len < 3)
		return;
	consumer = 8UL * (unsigned char)in.p[0];
	producer = consumer + 256UL * (unsigned char)in.p[1] +
		   (unsigned char)in.p[2];
	in = smi_span_head(smi_span_skip(in, 3), RING);
	memset(room, 0, sizeof(room));
	if (in.len > 0)
		memcpy(room, in.p, in.len);
	memcpy(room + RING, room, RING);
	while ((r = smi_ring_next(&ring, &ev)) == 1) {
		if (ev.pid <= 0 || ev.mono < 0 || ev.start < 0 ||
		    ev.what > SMI_PROC_EXIT)
			abort();
		check_in_room(ev.name);
		check_in_room(ev.exe);
		check_in_room(ev.args);
		if (++n > RING / 8)
			abort();
	}
	if (consumer > producer || (r < 0 && r != -EBADMSG))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span in = smi_span_of(data, size);

	if (size > 0 && data[0] & 1)
		read_ring(smi_span_skip(in, 1));
	else if (size > 0)
		read_procs(smi_span_skip(in, 1));
	return 0;
}
