/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "process/sockets.h"

/* include/net/tcp_states.h, with the names of proc_pid_net(5); UDP uses the first
 * for a socket with a peer, and CLOSE for one without. */
enum {
	ESTABLISHED = 1,
	CLOSE = 7,
	LISTEN = 10
};
static const char *const states[] = {
	"",	     "ESTABLISHED", "SYN_SENT",	    "SYN_RECV",	  "FIN_WAIT1",
	"FIN_WAIT2", "TIME_WAIT",   "CLOSE",	    "CLOSE_WAIT", "LAST_ACK",
	"LISTEN",    "CLOSING",	    "NEW_SYN_RECV",
};
static const char *const kinds[] = { "tcp", "udp", "raw", "packet" };

/* The next word of a line whose columns are padded with blanks. */
static bool next_word(struct smi_span *rest, struct smi_span *word)
{
	while (rest->len > 0 && rest->p[0] == ' ')
		*rest = smi_span_skip(*rest, 1);
	return smi_span_split(rest, ' ', word) && word->len > 0;
}

static bool skip_words(struct smi_span *rest, int n)
{
	struct smi_span word;

	while (n-- > 0)
		if (!next_word(rest, &word))
			return false;
	return true;
}

static bool hex(struct smi_span s, uint32_t *out)
{
	uint32_t v = 0;

	if (s.len == 0 || s.len > 8)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (c >= 'A' && c <= 'F')
			v = v << 4 | (uint32_t)(c - 'A' + 10);
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

/* "0100007F:0016": words of the address as they lie in memory, and the port. */
static bool read_endpoint(struct smi_span s, uint8_t ip[16], uint8_t *len,
			  uint32_t *port)
{
	struct smi_span address;

	if (!smi_span_split(&s, ':', &address) || s.len != 4 ||
	    (address.len != 8 && address.len != 32) || !hex(s, port))
		return false;
	*len = (uint8_t)(address.len / 2);
	for (size_t i = 0; i < address.len / 8; i++) {
		uint32_t word;

		if (!hex(smi_span_of(address.p + 8 * i, 8), &word))
			return false;
		memcpy(ip + 4 * i, &word, sizeof(word));
	}
	return true;
}

/* sl, local, remote, state, queues, timer, retransmits, uid, timeout, inode */
static bool read_internet(struct smi_span line, struct smi_socket *out)
{
	struct smi_span local, remote, state, inode;
	uint32_t port, code;
	uint8_t len;

	if (!skip_words(&line, 1) || !next_word(&line, &local) ||
	    !next_word(&line, &remote) || !next_word(&line, &state) ||
	    !skip_words(&line, 5) || !next_word(&line, &inode))
		return false;
	if (!read_endpoint(local, out->ip, &out->address, &port) ||
	    !read_endpoint(remote, out->peer, &len, &out->peer_port) ||
	    len != out->address || state.len != 2 || !hex(state, &code))
		return false;
	out->port = (uint16_t)port;
	out->state = (uint8_t)code;
	return smi_span_uint(inode, UINT64_MAX, &out->inode);
}

/* sk, references, type, protocol, interface, running, memory, user, inode */
static bool read_packet(struct smi_span line, struct smi_socket *out)
{
	struct smi_span protocol, interface, inode;
	uint32_t type;
	uint64_t v;

	if (!skip_words(&line, 3) || !next_word(&line, &protocol) ||
	    !next_word(&line, &interface) || !skip_words(&line, 3) ||
	    !next_word(&line, &inode))
		return false;
	if (protocol.len != 4 || !hex(protocol, &type) ||
	    !smi_span_uint(interface, INT32_MAX, &v))
		return false;
	out->port = (uint16_t)type;
	out->peer_port = (uint32_t)v;
	return smi_span_uint(inode, UINT64_MAX, &out->inode);
}

bool smi_socket_parse(struct smi_span line, enum smi_socket_kind kind,
		      struct smi_socket *out)
{
	*out = (struct smi_socket){ .kind = (uint8_t)kind };
	return (kind == SMI_SOCKET_PACKET ? read_packet(line, out)
					  : read_internet(line, out)) &&
	       out->inode > 0;
}

static bool is_zero(const uint8_t ip[16])
{
	static const uint8_t zero[16];

	return memcmp(ip, zero, sizeof(zero)) == 0;
}

bool smi_socket_listens(const struct smi_socket *s)
{
	return s->kind == SMI_SOCKET_TCP ? s->state == LISTEN
					 : !smi_socket_has_peer(s);
}

bool smi_socket_has_peer(const struct smi_socket *s)
{
	if (s->kind == SMI_SOCKET_PACKET)
		return false;
	return !is_zero(s->peer) ||
	       (s->kind != SMI_SOCKET_RAW && s->peer_port > 0);
}

static const char *endpoint_text(const struct smi_socket *s,
				 const uint8_t b[16], uint32_t port,
				 char out[SMI_IP_STRLEN + 8])
{
	struct smi_ip ip = { .family = s->address == 4 ? 4 : 6 };
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[SMI_IP_STRLEN];

	memcpy(ip.b, b, s->address);
	/* An IPv4 peer of an IPv6 socket. */
	if (ip.family == 6 && memcmp(b, mapped, sizeof(mapped)) == 0) {
		ip = (struct smi_ip){ .family = 4 };
		memcpy(ip.b, b + sizeof(mapped), 4);
	}
	snprintf(out, SMI_IP_STRLEN + 8, ip.family == 4 ? "%s:%u" : "[%s]:%u",
		 smi_ip_format(&ip, text), port);
	return out;
}

const char *smi_socket_text(const struct smi_socket *s,
			    char out[SMI_SOCKET_TEXT])
{
	char local[SMI_IP_STRLEN + 8], peer[SMI_IP_STRLEN + 8];
	const char *kind = kinds[s->kind], *state = "";

	if (s->kind == SMI_SOCKET_PACKET) {
		snprintf(out, SMI_SOCKET_TEXT,
			 s->peer_port ? "packet 0x%04x interface %u"
				      : "packet 0x%04x",
			 s->port, s->peer_port);
		return out;
	}
	endpoint_text(s, s->ip, s->port, local);
	if (!smi_socket_has_peer(s)) {
		snprintf(out, SMI_SOCKET_TEXT, "%s %s", kind, local);
		return out;
	}
	if (s->kind == SMI_SOCKET_TCP && s->state < SMI_COUNT(states))
		state = states[s->state];
	snprintf(out, SMI_SOCKET_TEXT, "%s %s > %s%s%s", kind, local,
		 endpoint_text(s, s->peer, s->peer_port, peer),
		 state[0] ? " " : "", state);
	return out;
}
