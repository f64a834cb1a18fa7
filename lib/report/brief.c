/* SPDX-License-Identifier: MIT */
#include "base/nls.h"
#include "record/told.h"
#include "report/format.h"

static void add_known(struct smi_buf *b, const char *before, const char *text,
		      const char *after)
{
	if (!*text)
		return;
	smi_buf_str(b, before);
	smi_buf_str(b, text);
	smi_buf_str(b, after);
}

static void add_value(struct smi_buf *b, const sm_record *rec, unsigned field,
		      bool told)
{
	if (told)
		smi_told(b, rec, field);
	else
		smi_buf_str(b, smi_rec_str(rec, rec->kind, field));
}

static void brief_line(struct smi_buf *b, const sm_record *rec)
{
	int k = rec->kind;
	int64_t pid = smi_rec_int(rec, k, SMI_LINE_PID);
	char text[SMI_TIME_STRLEN];

	add_known(b, "",
		  smi_time_format(smi_rec_time(rec, k, SMI_LINE_TIME), text),
		  " ");
	add_known(b, "", smi_rec_str(rec, k, SMI_LINE_HOST), " ");
	smi_buf_str(b, smi_rec_str(rec, k, SMI_LINE_PROGRAM));
	if (pid)
		smi_buf_printf(b, "[%lld]", (long long)pid);
	if (pid || *smi_rec_str(rec, k, SMI_LINE_PROGRAM))
		smi_buf_str(b, ": ");
	smi_buf_str(b, smi_rec_str(rec, k, SMI_LINE_MESSAGE));
}

static void brief_process(struct smi_buf *b, const sm_record *rec, bool told)
{
	int k = SM_KIND_PROCESS;

	smi_buf_printf(b, "pid %lld ",
		       (long long)smi_rec_int(rec, k, SMI_PROC_PID));
	smi_buf_str(b, smi_rec_str(rec, k, SMI_PROC_NAME));
	add_known(b, told ? smi_tr(" of ") : " of ",
		  smi_rec_str(rec, k, SMI_PROC_USER), "");
	if (smi_rec_has(rec, SMI_PROC_CPU_PERCENT)) {
		smi_buf_str(b, ", CPU ");
		smi_buf_real(b, smi_rec_real(rec, k, SMI_PROC_CPU_PERCENT), 1);
		smi_buf_str(b, " %");
	}
	if (smi_rec_has(rec, SMI_PROC_MEMORY_PERCENT)) {
		smi_buf_str(b, told ? smi_tr(", memory ") : ", memory ");
		smi_buf_real(b, smi_rec_real(rec, k, SMI_PROC_MEMORY_PERCENT),
			     1);
		smi_buf_str(b, " %");
	}
	add_known(b, ", ", smi_rec_str(rec, k, SMI_PROC_EXE), "");
}

static void brief_port(struct smi_buf *b, const sm_record *rec, bool told)
{
	int k = SM_KIND_PORT;

	smi_buf_str(b, smi_rec_str(rec, k, SMI_PORT_ADDRESS));
	smi_buf_printf(b, " %s %lld ", smi_rec_str(rec, k, SMI_PORT_PROTOCOL),
		       (long long)smi_rec_int(rec, k, SMI_PORT_NUMBER));
	add_value(b, rec, SMI_PORT_STATE, told);
	add_known(b, ", ", smi_rec_str(rec, k, SMI_PORT_PRODUCT), "");
	add_known(b, *smi_rec_str(rec, k, SMI_PORT_PRODUCT) ? " " : ", ",
		  smi_rec_str(rec, k, SMI_PORT_VERSION), "");
	add_known(b, ", ", smi_rec_str(rec, k, SMI_PORT_PROCESS), "");
}

static void brief(struct smi_buf *b, const sm_record *rec, bool told)
{
	switch (rec->kind) {
	case SM_KIND_LINE:
	case SM_KIND_EVENT:
		brief_line(b, rec);
		break;
	case SM_KIND_PROCESS:
		brief_process(b, rec, told);
		break;
	case SM_KIND_PORT:
		brief_port(b, rec, told);
		break;
	case SM_KIND_FINDING:
		add_value(b, rec, SMI_FINDING_TITLE, told);
		break;
	default:
		smi_buf_str(b, smi_kind(rec->kind)->name);
		break;
	}
}

void smi_brief(struct smi_buf *b, const sm_record *rec)
{
	brief(b, rec, false);
}

void smi_brief_told(struct smi_buf *b, const sm_record *rec)
{
	brief(b, rec, true);
}
