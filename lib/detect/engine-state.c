/* SPDX-License-Identifier: MIT */
#include "detect/engine-stage.h"

#define NO_WINDOWS                                                             \
	"the windows in the state file were made with other rules or by "      \
	"another version: they begin anew"

static int load_windows(void *data, struct smi_span bytes, struct smi_out *out)
{
	struct smi_log_stage *s = data;
	sm_ctx *ctx = smi_out_ctx(out);
	int r;

	s->keeps = true;
	s->out = out;
	if (bytes.len < sizeof(s->time))
		return 0;
	r = smi_correlator_load(s->correlator,
				smi_span_skip(bytes, sizeof(s->time)));
	if (r == -ENOTSUP)
		return smi_out_notice(out, 0, NULL, NO_WINDOWS, NULL, 0);
	if (r == -EBADMSG)
		return smi_fail(ctx, r,
				"cannot use the state: its windows are "
				"damaged");
	if (r < 0)
		return r == -ENOMEM ? smi_fail_nomem(ctx) : r;
	memcpy(&s->time, bytes.p, sizeof(s->time));
	return 0;
}

static int save(struct smi_log_stage *s, bool last, struct smi_buf *out)
{
	smi_buf_add(out, &s->time, sizeof(s->time));
	return smi_correlator_save(s->correlator, last, out);
}

static int save_windows(void *data, struct smi_buf *out)
{
	struct smi_log_stage *s = data;

	if (!s->closing)
		return save(s, false, out);
	smi_buf_span_add(out, smi_buf_span(&s->kept));
	return smi_buf_error(out);
}

static int save_filters(void *data, struct smi_buf *out)
{
	const struct smi_log_stage *s = data;

	return s->filters ? smi_f2b_run_save(s->filters, out) : 0;
}

#define NO_FILTERS                                                             \
	"what the filters knew in the state file was written by another "      \
	"version: they begin anew"

/* Lines that an earlier run has told are shown to filters that know nothing of it:
 * only how many of them are equal counts. */
static int load_filters(void *data, struct smi_span bytes, struct smi_out *out)
{
	struct smi_log_stage *s = data;
	sm_ctx *ctx = smi_out_ctx(out);
	int r;

	if (!s->filters || !bytes.len)
		return 0;
	r = smi_f2b_run_again(s->filters, &s->replay);
	if (r == 0)
		r = smi_f2b_run_load(s->filters, bytes);
	if (r == -ENOTSUP)
		return smi_out_notice(out, 0, NULL, NO_FILTERS, NULL, 0);
	if (r == -EBADMSG)
		return smi_fail(ctx, r,
				"cannot use the state: what its filters knew "
				"is damaged");
	return r < 0 ? smi_fail_nomem(ctx) : 0;
}

int smi_log_stage_close(struct smi_log_stage *s)
{
	int r = s->keeps && !s->closing ? save(s, true, &s->kept) : 0;

	s->closing = true;
	return r;
}

const struct smi_stage_part smi_log_stage_parts[SMI_LOG_STAGE_PARTS] = {
	{ "windows", save_windows, load_windows },
	{ "filters", save_filters, load_filters },
};
