/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "report/html.h"

/* FNV-1a: makes comparing cheap; who forges equal values makes it slow at most. */
static uint64_t hash_of(const char *key)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return h;
}

#define CUT "\342\200\246" /* an ellipsis */

/* Cut where a character begins. */
void smi_html_key(char out[SMI_HTML_KEY], const char *text)
{
	size_t len = strlen(text), all = len;

	if (len >= SMI_HTML_KEY) {
		len = SMI_HTML_KEY - sizeof(CUT);
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(out, text, len);
	memcpy(out + len, CUT, all > len ? sizeof(CUT) : 1);
	if (all == len)
		out[len] = '\0';
}

static size_t find(const struct smi_html_top *t, const char *key, uint64_t hash)
{
	size_t i = 0;

	while (i < t->n &&
	       (t->v[i].hash != hash || strcmp(t->v[i].key, key) != 0))
		i++;
	return i;
}

/* "Space saving": a new name takes the place, and the count, of the rarest one. */
void smi_html_top_guess(struct smi_html_top *t, const char *text, uint64_t n)
{
	char key[SMI_HTML_KEY];
	uint64_t hash;
	size_t i, least = 0;

	smi_html_key(key, text);
	hash = hash_of(key);
	i = find(t, key, hash);
	if (i == t->n && t->n < SMI_HTML_TOP) {
		t->v[t->n].n = 0;
		t->n++;
	} else if (i == t->n) {
		for (i = 0; i < t->n; i++)
			if (t->v[i].n < t->v[least].n)
				least = i;
		i = least;
	}
	memcpy(t->v[i].key, key, sizeof(key));
	t->v[i].hash = hash;
	t->v[i].n += n;
}

void smi_html_top_keep(struct smi_html_top *t)
{
	for (size_t i = 0; i < t->n && i < SMI_HTML_SHOWN; i++) {
		struct smi_html_name first = t->v[i];
		size_t most = i;

		for (size_t k = i + 1; k < t->n; k++)
			if (t->v[k].n > t->v[most].n)
				most = k;
		t->v[i] = t->v[most];
		t->v[most] = first;
	}
	t->n = SMI_MIN(t->n, SMI_HTML_SHOWN);
	for (size_t i = 0; i < t->n; i++)
		t->v[i].n = 0;
}

int smi_html_top_count(struct smi_html_top *t, const char *text, uint64_t n)
{
	char key[SMI_HTML_KEY];
	size_t i;

	smi_html_key(key, text);
	i = find(t, key, hash_of(key));
	if (i == t->n) {
		t->others += n;
		return -1;
	}
	t->v[i].n += n;
	return (int)i;
}

void smi_html_top_order(const struct smi_html_top *t,
			size_t order[SMI_HTML_SHOWN])
{
	for (size_t i = 0; i < t->n; i++) {
		size_t k = i;

		for (; k && t->v[order[k - 1]].n < t->v[i].n; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
}

static const char *text_of(const sm_record *rec, unsigned field)
{
	return smi_rec_str(rec, rec->kind, field);
}

/* 0: a failed login, 1: an accepted one, -1: something else. */
static int login_of(const sm_record *rec)
{
	const char *action = text_of(rec, SMI_EVENT_ACTION);

	return !strcmp(action, "login_failed") ? 0
	       : !strcmp(action, "login_ok")   ? 1
					       : -1;
}

static bool is_attempt(const sm_record *rec)
{
	const char *action = text_of(rec, SMI_EVENT_ACTION);

	return smi_rec_int(rec, SM_KIND_EVENT, SMI_EVENT_FAILURE) ||
	       !strcmp(action, "web_attack") ||
	       !strcmp(action, "attack_detected");
}

static uint64_t times_of(const sm_record *rec)
{
	int64_t n = smi_rec_int(rec, SM_KIND_EVENT, SMI_EVENT_COUNT);

	return (uint64_t)SMI_MAX(n, 1);
}

static int guess(const sm_record *rec, void *user)
{
	struct smi_html_events *e = user;

	if (is_attempt(rec) && *text_of(rec, SMI_EVENT_SOURCE_IP))
		smi_html_top_guess(&e->sources,
				   text_of(rec, SMI_EVENT_SOURCE_IP),
				   times_of(rec));
	if (login_of(rec) == 0 && *text_of(rec, SMI_EVENT_USER))
		smi_html_top_guess(&e->users, text_of(rec, SMI_EVENT_USER),
				   times_of(rec));
	return 0;
}

static void count_time(struct smi_html_events *e, const sm_record *rec,
		       int login)
{
	int64_t t = smi_rec_time(rec, SM_KIND_EVENT, SMI_EVENT_TIME);
	int64_t hours;

	e->nlogins[login] += times_of(rec);
	if (t == SM_TIME_NONE)
		return;
	hours = t / (3600 * SMI_SEC) - (t % (3600 * SMI_SEC) < 0);
	/* 1970-01-01 was a Thursday */
	hours = ((hours + 3 * 24) % 168 + 168) % 168;
	e->logins[login][hours / 24][hours % 24] += times_of(rec);
}

static int count(const sm_record *rec, void *user)
{
	struct smi_html_events *e = user;
	int login = login_of(rec), source = -1, name = -1;

	if (is_attempt(rec) && *text_of(rec, SMI_EVENT_SOURCE_IP))
		source = smi_html_top_count(&e->sources,
					    text_of(rec, SMI_EVENT_SOURCE_IP),
					    times_of(rec));
	if (login == 0 && *text_of(rec, SMI_EVENT_USER))
		name = smi_html_top_count(
			&e->users, text_of(rec, SMI_EVENT_USER), times_of(rec));
	if (source >= 0 && name >= 0)
		e->matrix[name][source] += times_of(rec);
	if (login >= 0)
		count_time(e, rec, login);
	return 0;
}

/* Without events findings know who did what. */
static int guess_finding(const sm_record *rec, void *user)
{
	struct smi_html_events *e = user;
	int64_t n = smi_rec_int(rec, SM_KIND_FINDING, SMI_FINDING_COUNT);

	if (*text_of(rec, SMI_FINDING_SOURCE_IP))
		smi_html_top_guess(&e->sources,
				   text_of(rec, SMI_FINDING_SOURCE_IP),
				   (uint64_t)SMI_MAX(n, 1));
	return 0;
}

static int count_finding(const sm_record *rec, void *user)
{
	struct smi_html_events *e = user;
	int64_t n = smi_rec_int(rec, SM_KIND_FINDING, SMI_FINDING_COUNT);

	if (*text_of(rec, SMI_FINDING_SOURCE_IP))
		smi_html_top_count(&e->sources,
				   text_of(rec, SMI_FINDING_SOURCE_IP),
				   (uint64_t)SMI_MAX(n, 1));
	return 0;
}

int smi_html_count_events(struct smi_render *r, struct smi_html_events *e)
{
	bool events = sm_report_size(r->report, SM_KIND_EVENT);
	int kind = events ? SM_KIND_EVENT : SM_KIND_FINDING;
	int rc = smi_report_each(r->report, kind, r->style->min_severity,
				 events ? guess : guess_finding, e);

	if (rc)
		return rc;
	smi_html_top_keep(&e->sources);
	smi_html_top_keep(&e->users);
	return smi_report_each(r->report, kind, r->style->min_severity,
			       events ? count : count_finding, e);
}
