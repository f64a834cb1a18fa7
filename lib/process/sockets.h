/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_SOCKETS_H
#define SMI_PROCESS_SOCKETS_H

#include "base/ip.h"
#include "process/fds.h"

/* The files of /proc/PID/net that are read, proc_pid_net(5). */
enum smi_socket_kind {
	SMI_SOCKET_TCP,
	SMI_SOCKET_UDP,
	SMI_SOCKET_RAW,
	SMI_SOCKET_PACKET,
};

/*
 * One socket of a network namespace. The port of a raw one is its protocol, that of
 * a packet socket its EtherType; its peer_port the interface's number, 0 for all.
 */
struct smi_socket {
	uint64_t inode;
	uint8_t kind;
	uint8_t state;	 /* include/net/tcp_states.h */
	uint8_t address; /* bytes of one: 4, 16; 0 without */
	uint8_t ip[16], peer[16];
	uint16_t port;
	uint32_t peer_port;
};

/*
 * A line of /proc/net/tcp, tcp6, udp, udp6, raw, raw6 (net/ipv4/tcp_ipv4.c and its
 * like: addresses as words in the machine's own order) or packet
 * (net/packet/af_packet.c). false for the head line and what no process holds.
 */
bool smi_socket_parse(struct smi_span line, enum smi_socket_kind kind,
		      struct smi_socket *out);
/* It takes what comes from anybody: "listening"; or it has a peer. */
bool smi_socket_listens(const struct smi_socket *s);
bool smi_socket_has_peer(const struct smi_socket *s);
/* "tcp 0.0.0.0:22", "tcp 10.0.0.1:5000 > [2001:db8::1]:443 ESTABLISHED",
 * "raw 0.0.0.0:1", "packet 0x0003 interface 2". Gives out. */
#define SMI_SOCKET_TEXT 192
const char *smi_socket_text(const struct smi_socket *s,
			    char out[SMI_SOCKET_TEXT]);

/* How many sockets are kept, and of how many namespaces they are read. */
#define SMI_SOCKETS_MAX	   ((size_t)1 << 18)
#define SMI_NAMESPACES_MAX ((size_t)1 << 10)

/* All sockets, of all network namespaces that were added, for any thread. */
struct smi_sockets;
/* NULL when memory is out. */
struct smi_sockets *smi_sockets_new(void);
void smi_sockets_free(struct smi_sockets *t);
/* All is read anew when it is asked for; no thread may be at it. */
void smi_sockets_forget(struct smi_sockets *t);
/* What the limits left out. */
struct smi_sockets_left_out {
	uint64_t sockets, namespaces;
};
struct smi_sockets_left_out smi_sockets_left_out(struct smi_sockets *t);

typedef SMI_VEC(struct smi_socket) smi_socket_list;
/*
 * Those of the given inodes that are network sockets, in their order, appended to
 * out; the namespace of process pid is read before unless it was. -ESRCH, -EACCES,
 * -ENOMEM, ...
 */
int smi_sockets_find(struct smi_sockets *t, const struct smi_procdir *d,
		     int32_t pid, int32_t tid, const struct smi_fd_socket *v,
		     size_t n, smi_socket_list *out);

#endif
