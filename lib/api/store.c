/* SPDX-License-Identifier: MIT */
#include "store/store.h"
#include "report/format.h"

/* A record with all its members, as every JSON of ours has it. */
static void write_doc(struct smi_buf *b, const sm_record *rec)
{
	struct smi_fieldlist all = { .n = 0 };
	const struct smi_kind *kind = smi_kind(rec->kind);

	for (unsigned f = 0; f < kind->nfields; f++)
		all.f[all.n++] = (uint8_t)f;
	smi_json_record(b, kind, &all, rec);
}

SM_EXPORT int sm_store_open(sm_ctx *ctx, const char *url, sm_store **out)
{
	return smi_store_open(ctx, url, true, write_doc, out);
}

SM_EXPORT int sm_store_open_existing(sm_ctx *ctx, const char *url,
				     sm_store **out)
{
	return smi_store_open(ctx, url, false, write_doc, out);
}
