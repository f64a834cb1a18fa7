/* SPDX-License-Identifier: MIT */
#include "record/record.h"

SM_EXPORT const sm_notice *sm_record_notice(const sm_record *rec)
{
	return rec && rec->kind == SM_KIND_NOTICE ? (const sm_notice *)rec
						  : NULL;
}

SM_EXPORT const char *sm_notice_text(const sm_notice *n)
{
	return smi_rec_str((const sm_record *)n, SM_KIND_NOTICE,
			   SMI_NOTICE_TEXT);
}

SM_EXPORT const char *sm_notice_source(const sm_notice *n)
{
	return smi_rec_str((const sm_record *)n, SM_KIND_NOTICE,
			   SMI_NOTICE_SOURCE);
}

SM_EXPORT int sm_notice_errno(const sm_notice *n)
{
	return (int)smi_rec_int((const sm_record *)n, SM_KIND_NOTICE,
				SMI_NOTICE_ERRNO);
}
