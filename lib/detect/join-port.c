/* SPDX-License-Identifier: MIT */
#include "base/ip.h"
#include "detect/join.h"

/* Programs that logs name, and the services (as scans name them) that are theirs. */
static const struct {
	const char *program, *service;
} known[] = {
	{ "sshd", "ssh" },
	{ "sshd-session", "ssh" },
	{ "sshd-auth", "ssh" },
	{ "dropbear", "ssh" },
	{ "vsftpd", "ftp" },
	{ "proftpd", "ftp" },
	{ "pure-ftpd", "ftp" },
	{ "postfix/smtpd", "smtp" },
	{ "postfix/submission/smtpd", "submission" },
	{ "postfix/smtps/smtpd", "submissions" },
	{ "exim", "smtp" },
	{ "exim4", "smtp" },
	{ "dovecot", "imap" },
	{ "dovecot", "imaps" },
	{ "dovecot", "pop3" },
	{ "dovecot", "pop3s" },
	{ "mysqld", "mysql" },
	{ "mariadbd", "mysql" },
	{ "postgres", "postgresql" },
	{ "redis", "redis" },
	{ "smbd", "microsoft-ds" },
	{ "nginx", "http" },
	{ "nginx", "https" },
	{ "apache2", "http" },
	{ "apache2", "https" },
	{ "httpd", "http" },
	{ "httpd", "https" },
};

bool smi_join_is_known(struct smi_span program)
{
	for (size_t i = 0; i < SMI_COUNT(known); i++)
		if (smi_span_eq_str(program, known[i].program))
			return true;
	return false;
}

bool smi_join_serves(const sm_record *port, struct smi_span program, bool maybe)
{
	const char *owner = smi_rec_str(port, SM_KIND_PORT, SMI_PORT_PROCESS);
	const char *service = smi_rec_str(port, SM_KIND_PORT, SMI_PORT_SERVICE);

	if (owner[0] && smi_span_eq_str(program, owner))
		return true;
	for (size_t i = 0; service[0] && i < SMI_COUNT(known); i++)
		if (strcmp(known[i].service, service) == 0 &&
		    smi_span_eq_str(program, known[i].program))
			return true;
	return maybe && !owner[0];
}

/*
 * Ports of this machine alone, which the kernel told the listener of: what the logs
 * say happened here. A listener at :: that a scan saw at an IPv4 address takes both; of
 * one that was listed it is not known, and most do.
 */
bool smi_join_reaches(const sm_record *port, struct smi_span peer)
{
	const char *at =
		smi_rec_str(port, SM_KIND_PORT, SMI_PORT_LISTEN_ADDRESS);
	const char *seen = smi_rec_str(port, SM_KIND_PORT, SMI_PORT_ADDRESS);
	struct smi_prefix from;
	struct smi_ip ip, address;

	if (!smi_ip_parse(smi_span_str(at), &ip) ||
	    !smi_ip_parse(smi_span_str(seen), &address) ||
	    !smi_prefix_parse(peer, &from))
		return false;
	if (address.family != from.ip.family && !smi_ip_is_any(&address))
		return false;
	if (smi_ip_is_loopback(&from.ip))
		return smi_ip_is_any(&ip) || smi_ip_is_loopback(&ip);
	return !smi_ip_is_loopback(&ip);
}
