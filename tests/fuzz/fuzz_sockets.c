/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "process/sockets.h"

/* The first byte chooses the file that the line is from. What is a socket has a
 * text, and never both listens and has a peer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[SMI_SOCKET_TEXT];
	struct smi_socket s;

	if (size == 0 ||
	    !smi_socket_parse(smi_span_of(data + 1, size - 1), data[0] & 3, &s))
		return 0;
	if (s.inode == 0 || strlen(smi_socket_text(&s, text)) < 8 ||
	    (smi_socket_listens(&s) && s.kind != SMI_SOCKET_TCP &&
	     smi_socket_has_peer(&s)))
		abort();
	return 0;
}
