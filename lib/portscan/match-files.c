/* SPDX-License-Identifier: MIT */
/* Files from afar: FTP, rsync, SMB. */
#include "portscan/match-all.h"
#include "portscan/match-reply.h"

/* "220 (vsFTPd 3.0.3)" */
enum smi_match smi_match_ftp(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	static const struct smi_text_product products[] = {
		{ "vsFTPd", "vsftpd" },
		{ "vsftpd", "vsftpd" },
		{ "ProFTPD", "ProFTPD" },
		{ "Pure-FTPd", "Pure-FTPd" },
		{ "FileZilla Server", "FileZilla Server" },
		{ "Microsoft FTP Service", "Microsoft FTP Service" },
		{ "pyftpdlib", "pyftpdlib" },
		{ "bftpd", "bftpd" },
		{ "wu-", "WU-FTPD" },
		{ "inetutils", "GNU inetutils ftpd" },
		{ "Serv-U FTP Server", "Serv-U" },
		{ "Titan FTP Server", "Titan FTP Server" },
		{ "CrushFTP", "CrushFTP" },
	};
	struct smi_reply r;
	enum smi_match begins = smi_reply_read(reply, end, &r);
	struct smi_span distro;

	if (begins != SMI_MATCH_YES)
		return begins;
	if (smi_reply_kind(&r) != SMI_REPLY_FTP)
		return SMI_MATCH_NO;
	smi_id_set(id, "ftp");
	id->starttls = SMI_STARTTLS_FTP;
	smi_text_product(r.text, products, SMI_COUNT(products), id);
	if (r.code >= 400)
		smi_id_add(id, "refused: ", r.line);
	else if (smi_text_between(r.text, "ProFTPD Server (", ")", &distro))
		smi_id_add(id, "", distro);
	return SMI_MATCH_YES;
}

/* "@RSYNCD: 31.0 sha512 md5\n" */
enum smi_match smi_match_rsync(struct smi_span reply, bool end,
			       struct smi_service_id *id)
{
	enum smi_match begins = smi_text_begins(reply, "@RSYNCD: ", end);
	struct smi_span rest = smi_span_skip(reply, 9), line;

	if (begins != SMI_MATCH_YES)
		return begins;
	if (!end && smi_span_find(reply, '\n') == reply.len)
		return SMI_MATCH_MORE;
	smi_id_set(id, "rsync");
	if (smi_text_line(&rest, end, &line))
		smi_id_add(id, "protocol ", smi_text_word(&line));
	return SMI_MATCH_YES;
}

static const char *smb_dialect(uint64_t dialect)
{
	static const struct {
		uint16_t dialect;
		const char *name;
	} names[] = {
		{ 0x0202, "2.0.2" }, { 0x0210, "2.1" },	  { 0x02ff, "2" },
		{ 0x0300, "3.0" },   { 0x0302, "3.0.2" }, { 0x0311, "3.1.1" },
	};

	for (size_t i = 0; i < SMI_COUNT(names); i++)
		if (names[i].dialect == dialect)
			return names[i].name;
	return NULL;
}

/* [MS-SMB2] 2.2.1 and 2.2.4: a negotiate response behind the 4 bytes of direct
 * TCP; [MS-CIFS] where it knows the first version alone. */
enum smi_match smi_match_smb(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	enum {
		SIGNING_REQUIRED = 2,
		NEGOTIATE = 0
	};
	struct smi_wire w = smi_wire_of(reply), body;
	uint64_t len, protocol, status, command, mode;
	const char *dialect;

	if (reply.len > 0 && reply.p[0] != 0)
		return SMI_MATCH_NO;
	len = smi_wire_be(&w, 4);
	if (!w.over && (len < 32 || len > UINT16_MAX))
		return SMI_MATCH_NO;
	protocol = smi_wire_be(&w, 4);
	if (!w.over && protocol == 0xff534d42) {
		smi_id_set(id, "smb");
		smi_id_add(id, "", SMI_SPAN("SMB 1"));
		return SMI_MATCH_YES;
	}
	if (!w.over && protocol != 0xfe534d42)
		return SMI_MATCH_NO;
	if (w.over || reply.len < len + 4)
		return smi_match_short(end);
	body = smi_wire_of(smi_span_head(smi_span_skip(reply, 8), len - 4));
	smi_wire_bytes(&body, 4);
	status = smi_wire_le(&body, 4);
	command = smi_wire_le(&body, 2);
	smi_wire_bytes(&body, 50);
	smi_wire_bytes(&body, 2);
	mode = smi_wire_le(&body, 2);
	dialect = smb_dialect(smi_wire_le(&body, 2));
	if (body.over || command != NEGOTIATE)
		return SMI_MATCH_NO;
	smi_id_set(id, "smb");
	if (status != 0 || !dialect)
		return SMI_MATCH_YES;
	smi_id_add(id, "SMB ", smi_span_str(dialect));
	smi_id_add(id, "signing ",
		   smi_span_str(mode & SIGNING_REQUIRED ? "required"
							: "not required"));
	return SMI_MATCH_YES;
}
