/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/buf.h"
#include "fuzz.h"
#include "process/fds.h"
#include "process/procfs.h"

/* A link that is taken for a socket is the kernel's own, and no other text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf again = { 0 };
	struct smi_span link = smi_span_of(data, size);
	uint64_t inode, limit;

	(void)smi_procfs_number(link, SMI_SPAN("Max open files"), &limit);
	if (smi_fd_link(link, &inode) != SMI_FD_SOCKET)
		return 0;
	smi_buf_str(&again, "socket:[");
	smi_buf_uint(&again, inode);
	smi_buf_char(&again, ']');
	/* But for zeros before the number. */
	if (again.len > size || !smi_span_ends(link, SMI_SPAN("]")))
		abort();
	return 0;
}
