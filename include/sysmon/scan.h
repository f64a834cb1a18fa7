/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_SCAN_H
#define SYSMON_SCAN_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One port of one host: SM_KIND_PORT. The getters take NULL, never fail and may be
 * called from any thread; a text lives as long as its record. What is not known,
 * or was not asked for (sm_scan_opts_set_fields), is "" or 0.
 */
typedef struct sm_port sm_port;
enum sm_port_state {
	/* This machine could not send the probe. */
	SM_PORT_UNKNOWN = 0,
	/* It completed the handshake; of UDP, it sent a datagram. */
	SM_PORT_OPEN = 1,
	/* It refused, so its host is there. */
	SM_PORT_CLOSED = 2,
	/* No answer, or one that says that something stands in the way. */
	SM_PORT_FILTERED = 3,
	/* Of UDP, no answer: a program that did not care for what was sent, or a filter,
	 * or a host that keeps silent about closed ports. */
	SM_PORT_OPEN_FILTERED = 4,
	/* A program of this machine has its socket there (sm_list_listeners). */
	SM_PORT_LISTENING = 5
};
/* NULL where the record is another kind. */
const sm_port *sm_record_port(const sm_record *rec);
/* The address that was probed (RFC 5952), and the name that was given for it; of a
 * listener the one that it is bound to: "0.0.0.0" and "::" are all. */
const char *sm_port_address(const sm_port *p);
const char *sm_port_hostname(const sm_port *p);
uint16_t sm_port_number(const sm_port *p);
/* "tcp", "udp". */
const char *sm_port_protocol(const sm_port *p);
/* SM_PORT_*. */
int sm_port_state(const sm_port *p);
/*
 * Why it has that state: "syn-ack", "udp-response", "conn-refused" or "reset" (both are a refusal, as
 * connect and as syn see it), "no-response"; by an ICMP
 * message (RFC 792, RFC 4443) "host-unreachable", "net-unreachable",
 * "port-unreachable", "proto-unreachable", "admin-prohibited", "source-route";
 * "local-error" when unknown; "socket" of a listener.
 */
const char *sm_port_reason(const sm_port *p);
/*
 * What it said it is ("ssh", "https"), where services are asked for, or of UDP, and it
 * said so; otherwise what usually has that number.
 */
const char *sm_port_service(const sm_port *p);
/* Which of these, where services are asked for: "probed", or "table" for the number. */
const char *sm_port_service_method(const sm_port *p);
/* What it told of its program ("OpenSSH", "9.2p1"), and beside that. It may lie. */
const char *sm_port_product(const sm_port *p);
const char *sm_port_version(const sm_port *p);
const char *sm_port_info(const sm_port *p);
/*
 * The first bytes that it sent, 256 at most, as they came: neither text nor ended by
 * a NUL. len may be NULL. The field "banner" has them as text that is safe to show.
 */
const void *sm_port_banner(const sm_port *p, size_t *len);
/* From the probe to the answer that told the state, in ns; and when it came. */
int64_t sm_port_rtt_ns(const sm_port *p);
int64_t sm_port_time(const sm_port *p);

/*
 * Who listens there, where the address is one of this machine: the process that
 * has the socket, its name (comm), the user who made the socket, the path of its
 * program and its systemd unit ("ssh.service"). Processes of other users are shown to
 * root alone; what is not shown stays unknown, and a notice tells so.
 */
int32_t sm_port_pid(const sm_port *p);
const char *sm_port_process(const sm_port *p);
const char *sm_port_user(const sm_port *p);
const char *sm_port_exe(const sm_port *p);
const char *sm_port_unit(const sm_port *p);

/*
 * What a TLS handshake with the port showed, at once or by STARTTLS; it belongs to
 * its record. NULL where there was none. Nothing of it was verified: anybody can make
 * a certificate that says anything.
 */
typedef struct sm_tls sm_tls;
const sm_tls *sm_port_tls(const sm_port *p);
/* As negotiated: "TLSv1.3", "TLS_AES_256_GCM_SHA384", and the protocol by ALPN, "h2". */
const char *sm_tls_version(const sm_tls *t);
const char *sm_tls_cipher(const sm_tls *t);
const char *sm_tls_alpn(const sm_tls *t);
/*
 * Of the server's certificate. Names are as in RFC 4514 ("CN=example.org,O=Example").
 * san: names and addresses that it is for, 100 at most; "" behind the last.
 */
const char *sm_tls_subject(const sm_tls *t);
const char *sm_tls_issuer(const sm_tls *t);
size_t sm_tls_nsan(const sm_tls *t);
const char *sm_tls_san(const sm_tls *t, size_t i);
/* SM_TIME_NONE where it has none. */
int64_t sm_tls_not_before(const sm_tls *t);
int64_t sm_tls_not_after(const sm_tls *t);
/* 1: it is signed by its own key, and nobody else vouches for it. */
int sm_tls_self_signed(const sm_tls *t);
/* Of the certificate as it was sent, 64 hexadecimal digits. */
const char *sm_tls_sha256(const sm_tls *t);

/*
 * What to scan, and how. A setter that fails leaves the object unusable on
 * purpose: the call that takes it fails with the same error, so an unchecked
 * setter never turns into a scan that nobody asked for. Setters give 0, or a
 * negative errno with its sentence in sm_ctx_errmsg(); -EINVAL for a NULL object.
 * An object belongs to its context and its thread; texts are copied.
 */
typedef struct sm_scan_opts sm_scan_opts;
/* All defaults and no target. Free it when the call that took it has returned. */
int sm_scan_opts_new(sm_ctx *ctx, sm_scan_opts **out);
void sm_scan_opts_free(sm_scan_opts *o);

/*
 * Adds a name (all its addresses are scanned), an address ("10.0.0.1",
 * "2001:db8::1", "fe80::1%eth0"), a prefix ("10.0.0.0/24", "fe80::%eth0/120"), or a
 * range ("10.0.0.1-20", "10.0.0.1-10.0.1.20"). An address that is named twice is
 * scanned once. -EINVAL for what is none of these and for an address of one link
 * without its interface, -E2BIG for more than 2^32 addresses or 1,000,000 targets,
 * -ENOENT for an unknown interface.
 */
int sm_scan_opts_add_target(sm_scan_opts *o, const char *target);
/* A list, one target a line; # begins a comment, empty lines do not count. It is
 * read here, to its end; the sentence of an error has the line. */
int sm_scan_opts_add_targets_file(sm_scan_opts *o, const char *path);
/* The same from a descriptor, which stays open. name stands for it in sentences.
 * -EINVAL for fd < 0. */
int sm_scan_opts_add_targets_fd(sm_scan_opts *o, int fd, const char *name);
/* Written like a target, of any size; never probed, however it was named. Without an
 * interface it is spared on every link. A name that has no address is -ENOENT of
 * the call that takes the object. */
int sm_scan_opts_add_exclude(sm_scan_opts *o, const char *target);
/* Lists of those. */
int sm_scan_opts_add_exclude_file(sm_scan_opts *o, const char *path);
int sm_scan_opts_add_exclude_fd(sm_scan_opts *o, int fd, const char *name);
/*
 * "22,80,8000-8100", service names ("ssh"), "top-100" (up to top-1000: what is open
 * most often; UDP has a list of its own), "all". NULL: "top-1000", the default; of UDP
 * the ports that a known program usually has. -EINVAL for what is no port, -ENOENT for an unknown service.
 */
int sm_scan_opts_set_ports(sm_scan_opts *o, const char *ports);
enum sm_scan_method {
	/* syn where the caller is allowed to, else connect: the record of each
	 * host tells which, and a notice about "method" that it is not syn. */
	SM_SCAN_AUTO = 0,
	/* connect(2): no privilege needed. */
	SM_SCAN_CONNECT = 1,
	/* Half-open, from raw sockets: needs CAP_NET_RAW, and finds the same faster
	 * and without a connection at the service. -EPERM of the call that takes the
	 * object where it is not allowed. */
	SM_SCAN_SYN = 2
};
/* Default: auto. -EINVAL for what is none of these; and of the call that takes the
 * object where another than auto is chosen for UDP, which has one method. */
int sm_scan_opts_set_method(sm_scan_opts *o, int method);
enum sm_scan_protocol {
	SM_SCAN_TCP = 0,
	/*
	 * By connected sockets: no privilege needed. Each port gets what a program that
	 * usually has it would answer, or an empty datagram. A closed port is told by an
	 * ICMP message, which hosts send at a limited rate: that rate is found out and
	 * kept, so that a port which is silent for that reason alone is asked again. A
	 * host that lets few of them go takes long (Linux: one a second for each who
	 * asks), and after 30 minutes of that its silent ports are taken as they are, and
	 * after the tries of sm_scan_opts_set_retries(); a notice tells how many may be
	 * closed. What came back is the banner, and is looked at for what it says, also
	 * where services are not asked for.
	 */
	SM_SCAN_UDP = 1
};
/* Default: TCP. -EINVAL for what is none of these. */
int sm_scan_opts_set_protocol(sm_scan_opts *o, int protocol);
/*
 * The longest wait for an answer, 1 to 600000 ms. Default: 3500. A host that has
 * answered is waited for as its round trips ask for (RFC 6298, 20 ms at least; of TCP
 * twice as long with each further try, of UDP with the first two; the last wait for a
 * UDP port whose usual program is known is 500 ms at least, or this time). One that
 * has not is asked about once a second; all tries of a port share this time, or have a
 * second each (this time, if that is less) where that makes more. By connect, where
 * the kernel asks again by itself, a time above a second is the whole wait for a dark
 * host.
 */
int sm_scan_opts_set_timeout_ms(sm_scan_opts *o, int64_t ms);
/* Further tries of a port that does not answer, 0 to 100. Default: 2 while no packet
 * was seen to be lost on the way to its host; with losses, so many that fewer than
 * one port in a million scans is missed, 11 at most. Of UDP the tries are also the
 * questions: a port of which two or three are known gets the next one with each try,
 * so that fewer than 2 may leave some of them out. */
int sm_scan_opts_set_retries(sm_scan_opts *o, uint32_t n);
/* A cap on probes that wait for an answer at the same time, 1 to 16384. Default: 4096,
 * and by connect and of UDP, where each needs a descriptor, half of RLIMIT_NOFILE at
 * most. */
int sm_scan_opts_set_max_inflight(sm_scan_opts *o, uint32_t n);
/* A cap on probes a second, over all hosts, 1 to 10000000. Default: none. */
int sm_scan_opts_set_rate_pps(sm_scan_opts *o, uint32_t pps);
/*
 * How many threads probe. More than one: the job starts so many, with all signals
 * blocked, when it starts itself, and joins them when it ends or is freed, at any
 * moment; each has a share of the hosts, or of the ports of a few hosts. What is found
 * does not depend on n, nor do the caps; callbacks run on the caller's thread alone.
 * Where descriptors or threads are few it works with fewer. A program that forks
 * meanwhile: see sm_job_free(). -ERANGE beyond 1 to 64. Default: 1, and no thread is
 * started.
 */
int sm_scan_opts_set_threads(sm_scan_opts *o, uint32_t n);
enum sm_scan_close {
	/* Nothing of it stays, and a service may log a connection that was reset. */
	SM_SCAN_CLOSE_RST = 0,
	/* A service sees a client that went away; its port here stays in TIME_WAIT
	 * for a minute. */
	SM_SCAN_CLOSE_FIN = 1
};
/* How connections to open ports are ended, where the method makes some (connect).
 * Default: by RST. */
int sm_scan_opts_set_close(sm_scan_opts *o, int how);
/*
 * Keeps in a file how far the scan came, and goes on there: nothing is told twice, and
 * nothing is missing, when the scan before ended by a cancel that was followed to its
 * end. Of one that ended otherwise (a callback that stops it, SIGKILL) the last three
 * seconds may be told again. The file is written whole or not at all, mode 0600, every
 * two seconds and at the end; when the scan is complete it is removed. One that does
 * not exist yet begins a scan. Targets, ports, protocol, what is shown and whether
 * services are asked for must be the same, and this version one that probes the ports
 * in the same order: -EINVAL otherwise, and for a file that is no state of a scan,
 * -EBADMSG for a damaged one, -ENOTSUP for one of a later version; it is not touched,
 * and nothing is probed. The shares of threads stay those of the first run. NULL: none, the default.
 */
int sm_scan_opts_set_resume(sm_scan_opts *o, const char *path);
enum sm_scan_show {
	SM_SCAN_SHOW_OPEN = 0,
	SM_SCAN_SHOW_ALL = 1
};
/*
 * Which ports become records. Default: the open ones. Then those of a host of which 200
 * and more were probed, all of them are open and none says anything (1 in 20 may), are
 * not told one by one: the host's record has their number, and a notice tells so. Until
 * that is clear the open ports of a host, so far all, wait.
 */
int sm_scan_opts_set_show(sm_scan_opts *o, int show);
/*
 * 1: open ports are asked what they are, by connections of their own: what they say by
 * themselves, answers to questions of common protocols, TLS. A port has its record when
 * that is done. Where all ports of a host are open and none says anything, the rest is
 * not asked, and a notice tells so. Of UDP nothing is asked beyond the probe itself, of
 * which the answer tells with 0 as with 1. Default: 0.
 */
int sm_scan_opts_set_services(sm_scan_opts *o, int on);
/* The longest time for one port in all, 1 to 600000 ms. Default: 5000. */
int sm_scan_opts_set_service_timeout_ms(sm_scan_opts *o, int64_t ms);
/* The most that is read of one answer, 256 to 1048576 bytes. Default: 8192. Like the
 * time before, it is for ports that services are asked of: without that, and of UDP,
 * it is of no effect. */
int sm_scan_opts_set_service_bytes(sm_scan_opts *o, uint32_t n);
/* 1: judge what is seen (sysmon-checks(7)), the default. 0: no findings. */
int sm_scan_opts_set_checks(sm_scan_opts *o, int on);
/* A set whose allow entries accept findings by their key; its other rules are for
 * logs. It is referenced, and frozen by the call that scans. NULL: none, the default. */
int sm_scan_opts_set_rules(sm_scan_opts *o, sm_ruleset *rs);
/* An address or prefix ("192.0.2.0/24") that makes no findings. Repeat for more. */
int sm_scan_opts_add_ignore(sm_scan_opts *o, const char *prefix);
/* The fields to make: "address,port,state". NULL: all, the default. -ENOENT for a
 * name that is none. Without pid, process, exe and unit no process is looked at. */
int sm_scan_opts_set_fields(sm_scan_opts *o, const char *fields);

/*
 * A record of SM_KIND_HOST tells, besides address, hostname, state ("up",
 * "unknown"), open, closed, filtered, open_filtered (ports; the last of UDP alone) and
 * method, how sure that is, by
 * sm_record_field_int() and _real() with sm_kind_field():
 *
 *   probes, resent      tries sent, and those of them that were further ones
 *   lost                tries known to be lost: of ports that answered a later one
 *   srtt_ms, rttvar_ms  the round trip and its variation (RFC 6298), of a host that
 *                       answered
 *   confidence          1 - loss^tries: the chance that a port which answers was
 *                       heard. loss is the upper 95 % bound of the share of tries
 *                       lost (Wilson's score, one-sided), tries is how many a port
 *                       without an answer got. 0 for a host that answered nothing.
 */
/*
 * Scans ports. fn gets an SM_EVENT_RECORD for each port that is to be shown,
 * as its answer comes, and one of SM_KIND_HOST when a host is complete; SM_EVENT_
 * PROGRESS in ports, at most 10 times a second; SM_EVENT_FINDING for what should not
 * be as it is, with the record as its evidence; SM_EVENT_NOTICE for what could not be
 * seen. A name without an address is a notice and a host of state "unknown";
 * -ENOENT where no other target is left. Nothing outside o limits descriptors; with
 * few of them it is slower and finds the same.
 * 0: complete. Otherwise fn's non-zero result, or a negative errno.
 */
int sm_scan_ports(sm_ctx *ctx, const sm_scan_opts *o, sm_event_fn fn,
		  void *user);
/* The same as a job. Names are resolved here, which may block; the job itself
 * never does. */
int sm_job_new_scan(sm_ctx *ctx, const sm_scan_opts *o, sm_job **out);

/*
 * Lists what listens on this machine, in its network namespace, TCP and UDP (of UDP the
 * sockets that have a port and no peer), and sends no packet: by sock_diag(7), which
 * takes no privilege. fn gets an SM_EVENT_RECORD for each address, port and process,
 * by port, of state SM_PORT_LISTENING; SM_EVENT_FINDING for what should not be
 * reachable and is bound to more than loopback; one SM_EVENT_NOTICE where processes
 * are not shown to this user: their pid, process, exe and unit stay unknown.
 * Of o, which may be NULL, fields, checks, rules and ignore count; a target is
 * -EINVAL, and the rest is about probes and has no effect.
 * 0: complete. Otherwise fn's non-zero result, or a negative errno: the one of the
 * kernel where it does not list its sockets.
 */
int sm_list_listeners(sm_ctx *ctx, const sm_scan_opts *o, sm_event_fn fn,
		      void *user);
/* The same as a job. */
int sm_job_new_listeners(sm_ctx *ctx, const sm_scan_opts *o, sm_job **out);

#ifdef __cplusplus
}
#endif

#endif
