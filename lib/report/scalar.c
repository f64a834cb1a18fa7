/* SPDX-License-Identifier: MIT */
#include "report/format.h"

#define DECIMALS 3

void smi_scalar_text(struct smi_buf *b, int type, const union smi_value *v)
{
	char text[SMI_TIME_STRLEN];

	switch (type) {
	case SM_TYPE_INT:
		smi_buf_int(b, v->i);
		break;
	case SM_TYPE_BOOL:
		smi_buf_str(b, v->i ? "true" : "false");
		break;
	case SM_TYPE_REAL:
		if (__builtin_isfinite(v->r))
			smi_buf_real(b, v->r, DECIMALS);
		break;
	case SM_TYPE_STR:
		smi_buf_str(b, v->s);
		break;
	case SM_TYPE_TIME:
		smi_buf_str(b, smi_time_format(v->i, text));
		break;
	default:
		break;
	}
}
