/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <sysmon/sysmon.h>

#include "base/base.h"
#include "base/dl.h"
#include "logsrc/packed.h"

SM_EXPORT uint32_t sm_version(void)
{
	return SM_VERSION;
}

SM_EXPORT const char *sm_version_string(void)
{
	return SM_VERSION_STRING;
}

/* The libraries that are opened at run time, where this build knows them. */
#ifdef SMI_WITH_JOURNAL
#define JOURNAL SMI_SONAME_JOURNAL
#else
#define JOURNAL NULL
#endif
#ifdef SMI_WITH_OPENSSL
#define OPENSSL SMI_SONAME_OPENSSL
#else
#define OPENSSL NULL
#endif
#ifdef SMI_WITH_SQLITE
#define SQLITE SMI_SONAME_SQLITE
#else
#define SQLITE NULL
#endif

static int opens(const char *soname)
{
	struct smi_dl dl = { NULL };
	char why[128];

	if (!soname ||
	    smi_dl_open(&dl, soname, NULL, 0, NULL, why, sizeof(why)) < 0)
		return 0;
	smi_dl_close(&dl);
	return 1;
}

static int has_journal(void)
{
	return opens(JOURNAL);
}

static int unpacks(const struct smi_unpack_ops *ops)
{
	void *state = NULL;
	char why[128];
	int r = ops->open ? ops->open(&state, why, sizeof(why)) : -ENOTSUP;

	if (state)
		ops->free(state);
	return r == 0;
}

/* Whether the kernel allows it is known when it is tried. */
static int has_bpf(void)
{
#ifdef SMI_WITH_BPF
	return 1;
#else
	return 0;
#endif
}

static int has_gzip(void)
{
	return unpacks(&smi_unpack_gzip);
}

static int has_xz(void)
{
	return unpacks(&smi_unpack_xz);
}

static int has_zstd(void)
{
	return unpacks(&smi_unpack_zstd);
}

static int has_bzip2(void)
{
	return unpacks(&smi_unpack_bzip2);
}

static int has_tls(void)
{
	return opens(OPENSSL);
}

static int has_sqlite(void)
{
	return opens(SQLITE);
}

static int has_jit(void)
{
	uint32_t jit = 0;

	return pcre2_config(PCRE2_CONFIG_JIT, &jit) >= 0 && jit;
}

/* By number, from 1; one without a function is not in this build. */
static const struct {
	const char *name;
	int (*has)(void);
} features[] = {
	{ "syn-scan", NULL },
	{ "proc-events", NULL },
	{ "journald", has_journal },
	{ "gzip", has_gzip },
	{ "xz", has_xz },
	{ "zstd", has_zstd },
	{ "sqlite", has_sqlite },
	{ "clickhouse", NULL },
	{ "tls", has_tls },
	{ "geoip", NULL },
	{ "bpf", has_bpf },
	{ "regex-jit", has_jit },
	{ "bzip2", has_bzip2 },
};

SM_EXPORT int sm_has_feature(int feature)
{
	if (feature < 1 || feature > (int)SMI_COUNT(features) ||
	    !features[feature - 1].has)
		return 0;
	return features[feature - 1].has();
}

SM_EXPORT const char *sm_feature_name(int feature)
{
	if (feature < 1 || feature > (int)SMI_COUNT(features))
		return NULL;
	return features[feature - 1].name;
}
