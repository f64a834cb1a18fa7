/* SPDX-License-Identifier: MIT */
#include "base/ip.h"
#include "detect/port-check.h"

static const char *const between[] = { "T1557" };
static const char *const sniffing[] = { "T1557", "T1040" };

#define DAY	   (86400 * SMI_SEC)
#define SOON	   (14 * DAY)
#define IN_A_WHILE (30 * DAY)

static bool has(const sm_record *rec, unsigned field)
{
	return smi_rec_has(rec, field);
}

/* From the look to what the certificate says. */
static int64_t time_to(const sm_record *rec, unsigned field)
{
	return smi_rec_int(rec, SM_KIND_PORT, field) -
	       smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_TIME);
}

static bool has_expired(const sm_record *rec, double threshold,
			struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return has(rec, SMI_PORT_TLS_NOT_AFTER) &&
	       time_to(rec, SMI_PORT_TLS_NOT_AFTER) < 0;
}

static bool expires_soon(const sm_record *rec, double threshold,
			 struct smi_verdict *v)
{
	int64_t left = time_to(rec, SMI_PORT_TLS_NOT_AFTER);

	(void)threshold;
	if (!has(rec, SMI_PORT_TLS_NOT_AFTER) || left < 0 || left > IN_A_WHILE)
		return false;
	if (left > SOON)
		v->severity = SM_SEV_LOW;
	return true;
}

static bool is_early(const sm_record *rec, double threshold,
		     struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return has(rec, SMI_PORT_TLS_NOT_BEFORE) &&
	       time_to(rec, SMI_PORT_TLS_NOT_BEFORE) > 0;
}

/* The last label of names that no public authority gives certificates for: RFC 6761,
 * 6762, 8375, 9476, and what ICANN has set aside for private use. */
static const char *const private_labels[] = {
	"alt",	       "arpa",	    "corp",    "example", "home",
	"internal",    "intranet",  "invalid", "lan",	  "local",
	"localdomain", "localhost", "onion",   "private", "test",
};

static bool is_public_name(struct smi_span name)
{
	struct smi_ip ip;
	size_t dot = name.len;

	if (smi_ip_parse(name, &ip))
		return false;
	while (dot > 0 && name.p[dot - 1] != '.')
		dot--;
	if (dot == 0 || dot == name.len)
		return false;
	name = smi_span_skip(name, dot);
	for (size_t i = 0; i < SMI_COUNT(private_labels); i++)
		if (smi_span_eq_nocase(name, smi_span_str(private_labels[i])))
			return false;
	return true;
}

/* The names of the certificate, and that by which the host was called. */
static bool is_self_signed(const sm_record *rec, double threshold,
			   struct smi_verdict *v)
{
	struct smi_span name =
		smi_span_str(smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_HOSTNAME));
	const struct smi_strs *names =
		smi_rec_strs(rec, SM_KIND_PORT, SMI_PORT_TLS_SAN);
	size_t n = names ? names->n : 0;

	(void)threshold;
	if (!smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_TLS_SELF_SIGNED))
		return false;
	for (size_t i = 0; !is_public_name(name) && i < n; i++)
		name = smi_span_str(names->v[i]);
	v->detail = name;
	return is_public_name(name);
}

static bool is_old_version(const sm_record *rec, double threshold,
			   struct smi_verdict *v)
{
	static const char *const old[] = { "SSLv2", "SSLv3", "TLSv1",
					   "TLSv1.1" };
	const char *version =
		smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_TLS_VERSION);

	(void)threshold;
	(void)v;
	for (size_t i = 0; i < SMI_COUNT(old); i++)
		if (strcmp(version, old[i]) == 0)
			return true;
	return false;
}

/* Of a certificate: another one is another episode. */
#define CERTIFICATE(...)                                                       \
	.kind = SM_KIND_PORT, SMI_PORT_ATTACK(between), .c.key = SMI_PORT_ID,  \
	.episode = SMI_PORT_TLS_SHA256,                                        \
	.c.fields = { SMI_PORT_TLS_SUBJECT, SMI_PORT_TLS_SHA256,               \
		      __VA_ARGS__ },                                           \
	.c.nfields = 2 + sizeof((const uint8_t[]){ __VA_ARGS__ })

static const struct smi_port_check tls_checks[] = {
	{
		CERTIFICATE(SMI_PORT_TLS_NOT_AFTER),
		.c.id = "tls-expired",
		.c.kind = "tls_expired",
		.c.severity = SM_SEV_HIGH,
		.c.fn = has_expired,
		.c.title = "The certificate of {subject} has expired",
		.c.why = "It was good until {tls.not_after} ({tls.subject}). "
			 "Clients fail, or their users learn to pass over the "
			 "warning that would tell them of an attacker.",
		.c.next_step = "Renew it, and find out why what renews it did "
			       "not.",
	},
	{
		CERTIFICATE(SMI_PORT_TLS_NOT_AFTER),
		.c.id = "tls-expires-soon",
		.c.kind = "tls_expires_soon",
		.c.severity = SM_SEV_MEDIUM,
		.c.fn = expires_soon,
		.c.title = "The certificate of {subject} expires soon",
		.c.why = "It is good until {tls.not_after} ({tls.subject}).",
		.c.innocent = "Certificates that live for days are renewed "
			      "late.",
		.c.next_step = "Look whether it is renewed without a hand, "
			       "and renew it otherwise.",
	},
	{
		CERTIFICATE(SMI_PORT_TLS_NOT_BEFORE),
		.c.id = "tls-not-yet-valid",
		.c.kind = "tls_not_yet_valid",
		.c.severity = SM_SEV_MEDIUM,
		.c.fn = is_early,
		.c.title = "The certificate of {subject} is not valid yet",
		.c.why = "It is good from {tls.not_before} on "
			 "({tls.subject}); until then clients refuse it.",
		.c.innocent = "A clock that is wrong, there or here, looks "
			      "the same.",
		.c.next_step = "Compare the clocks of both machines, then "
			       "give the server the certificate it had.",
	},
	{
		CERTIFICATE(SMI_PORT_TLS_SELF_SIGNED, SMI_PORT_TLS_SAN,
			    SMI_PORT_HOSTNAME),
		.c.id = "tls-self-signed",
		.c.kind = "tls_self_signed",
		.c.severity = SM_SEV_MEDIUM,
		.c.fn = is_self_signed,
		.c.title = "{subject} signs its certificate for {detail} "
			   "itself",
		.c.why = "Nobody vouches for it, so clients cannot tell it "
			 "from one that an attacker on the way has made.",
		.c.innocent = "Servers for a closed group, whose clients know "
			      "the certificate, do this.",
		.c.next_step = "Get a certificate from an authority that the "
			       "clients know; public names get them for "
			       "nothing (ACME).",
	},
	{
		.kind = SM_KIND_PORT,
		.c.id = "tls-old-version",
		.c.kind = "tls_old_version",
		.c.severity = SM_SEV_MEDIUM,
		SMI_PORT_ATTACK(sniffing),
		.c.fields = { SMI_PORT_TLS_VERSION, SMI_PORT_TLS_CIPHER },
		.c.nfields = 2,
		.c.key = SMI_PORT_ID,
		.c.fn = is_old_version,
		.c.title = "{subject} speaks {tls.version} at best",
		.c.why = "Asked for the newest that it has, it chose "
			 "{tls.version} with {tls.cipher}. Versions before "
			 "1.2 are broken (RFC 8996), and current clients "
			 "refuse them.",
		.c.next_step = "Let the server speak TLS 1.2 and 1.3, and "
			       "nothing older.",
	},
};
SMI_PORT_CHECKS(tls);
