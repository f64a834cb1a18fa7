/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "logsrc/packed.h"

/* What there is to read, and how much at a time. */
struct feed {
	struct smi_span left;
	size_t step;
};

static ptrdiff_t feed_read(void *user, void *p, size_t len)
{
	struct feed *f = user;

	len = SMI_MIN(SMI_MIN(len, f->step), f->left.len);
	if (len)
		memcpy(p, f->left.p, len);
	f->left = smi_span_skip(f->left, len);
	return (ptrdiff_t)len;
}

/* The first byte says how much a read gives; the rest is a packed file. At most
 * 16 MiB of it are unpacked. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { .step = size ? (size_t)data[0] * data[0] + 1 : 1 };
	struct smi_packed *packed = NULL;
	const struct smi_pack *pack;
	static const size_t room = 65536;
	char why[64], *out;
	bool more;

	if (size < 2)
		return 0;
	f.left = smi_span_of(data + 1, size - 1);
	pack = smi_pack_find(f.left, &more);
	if (!pack || smi_packed_new(pack, smi_span_of("", 0), why, sizeof(why),
				    &packed) < 0)
		return 0;
	out = malloc(room);
	for (int i = 0; out && i < 256; i++) {
		ptrdiff_t n = smi_packed_read(packed, feed_read, &f, out, room);

		if (n > (ptrdiff_t)room)
			abort();
		if (n <= 0 && n != -EINPROGRESS)
			break;
	}
	free(out);
	smi_packed_free(packed);
	return 0;
}
