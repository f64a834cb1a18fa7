/* SPDX-License-Identifier: MIT */
#include "detect/join.h"

/* The records that can be each part, and those that are tried together. */
struct match {
	const struct smi_join_rule *rule;
	SMI_VEC(const sm_record *) choices[SMI_JOIN_PARTS];
	const sm_record *recs[SMI_JOIN_PARTS];
	struct smi_join_found *out;
	uint64_t limit; /* of steps */
	bool tired;	/* it is reached */
};

static void free_match(struct match *m)
{
	for (size_t i = 0; i < SMI_JOIN_PARTS; i++)
		smi_vec_free(&m->choices[i]);
}

void smi_join_found_done(struct smi_join_found *f)
{
	for (size_t i = 0; i < f->groups.n; i++) {
		smi_vec_free(&f->groups.v[i]->rows);
		free(f->groups.v[i]);
	}
	smi_vec_free(&f->groups);
	smi_map_free(&f->by_key);
	smi_map_free(&f->seen);
}

static int list_choices(const sm_join *j, struct match *m)
{
	for (size_t i = 0; i < j->entries.n; i++) {
		const sm_record *rec = j->entries.v[i].rec;

		for (size_t p = 0; rec && p < m->rule->nparts; p++)
			if (smi_join_is_choice(&m->rule->parts[p], rec) &&
			    !smi_vec_push(&m->choices[p], rec))
				return -ENOMEM;
	}
	return 0;
}

/* Whether the record that part has now fits those before it. */
static bool fits(struct match *m, size_t part)
{
	const struct smi_join_rule *rule = m->rule;
	/* Who says that something is not there must know. */
	bool maybe = rule->parts[part].need == SMI_JOIN_WITHOUT;

	m->out->steps++;
	for (size_t i = 0; i < rule->ntests; i++)
		if (rule->tests[i].last == part &&
		    !smi_join_test(&rule->tests[i], m->recs, maybe))
			return false;
	return true;
}

static bool is_tired(struct match *m)
{
	if (m->out->steps < m->limit)
		return false;
	m->tired = m->out->tired = true;
	return true;
}

/* Of a program that is not known no port can be told to be closed. */
static bool can_tell(const struct match *m)
{
	for (size_t i = 0; i < m->rule->ntests; i++) {
		const struct smi_join_test *t = &m->rule->tests[i];
		struct smi_join_values v;

		if (t->op != SMI_JOIN_SERVES ||
		    m->rule->parts[t->left.part].need != SMI_JOIN_WITHOUT)
			continue;
		smi_join_get(m->recs[t->right.part], &t->right, &v);
		for (size_t k = 0; k < v.n; k++)
			if (!v.v[k].is_text || !smi_join_is_known(v.v[k].text))
				return false;
		if (v.n == 0)
			return false;
	}
	return true;
}

static bool is_missing(struct match *m)
{
	if (!can_tell(m))
		return false;
	for (size_t p = m->rule->nneeded; p < m->rule->nparts; p++) {
		if (m->rule->parts[p].need != SMI_JOIN_WITHOUT)
			continue;
		for (size_t i = 0; i < m->choices[p].n && !is_tired(m); i++) {
			m->recs[p] = m->choices[p].v[i];
			if (fits(m, p))
				return false;
		}
	}
	/* What was not looked at to the end may be there. */
	return !m->tired;
}

static int new_group(struct match *m, struct smi_span key,
		     struct smi_join_group **out)
{
	struct smi_join_found *f = m->out;
	struct smi_join_group *g;

	*out = NULL;
	if (f->groups.n == SMI_JOIN_GROUPS) {
		f->dropped++;
		return 0;
	}
	g = smi_zalloc(sizeof(*g));
	if (!g || !smi_vec_push(&f->groups, g)) {
		free(g);
		return -ENOMEM;
	}
	g->first = g->last = SM_TIME_NONE;
	*out = g;
	return smi_map_put(&f->by_key, key, g) ? 0 : -ENOMEM;
}

static int find_group(struct match *m, struct smi_join_group **out)
{
	const sm_record *key[SMI_JOIN_PARTS] = { NULL };
	struct smi_span bytes = { (const char *)key, sizeof(key) };

	for (size_t p = 0; p < m->rule->nneeded; p++)
		if (m->rule->group_by >> p & 1)
			key[p] = m->recs[p];
	*out = smi_map_get(&m->out->by_key, bytes);
	return *out ? 0 : new_group(m, bytes, out);
}

static void add_time(struct smi_join_group *g, int64_t when)
{
	if (when == SM_TIME_NONE)
		return;
	if (g->first == SM_TIME_NONE || when < g->first)
		g->first = when;
	if (g->last == SM_TIME_NONE || when > g->last)
		g->last = when;
}

/* What a check found it found now: when its process began says more. */
static void count(struct smi_join_group *g, const sm_record *rec)
{
	const sm_finding *f = sm_record_finding(rec);

	g->count += f ? sm_finding_count(f) : 1;
	if (f && !smi_rec_has(rec, SMI_FINDING_PID)) {
		add_time(g, sm_finding_first(f));
		add_time(g, sm_finding_last(f));
	}
	add_time(g, smi_rec_time(rec, SM_KIND_PROCESS, SMI_PROC_START));
	add_time(g, smi_rec_time(rec, SM_KIND_EVENT, SMI_EVENT_TIME));
}

static int add_row(struct match *m, struct smi_join_group *g, size_t part)
{
	const struct {
		const void *group, *rec;
		size_t part;
	} key = { g, m->recs[part], part };
	struct smi_span bytes = { (const char *)&key, sizeof(key) };
	struct smi_join_row row = { (uint8_t)part, m->recs[part] };

	if (smi_map_get(&m->out->seen, bytes))
		return 0;
	if (!smi_map_put(&m->out->seen, bytes, g))
		return -ENOMEM;
	count(g, row.rec);
	if (g->records[part]++ >= SMI_JOIN_KEPT)
		return 0;
	return smi_vec_push(&g->rows, row) ? 0 : -ENOMEM;
}

static int add_also(struct match *m, struct smi_join_group *g)
{
	int r = 0;

	for (size_t p = m->rule->nneeded; r == 0 && p < m->rule->nparts; p++) {
		if (m->rule->parts[p].need != SMI_JOIN_ALSO)
			continue;
		for (size_t i = 0;
		     r == 0 && i < m->choices[p].n && !is_tired(m); i++) {
			m->recs[p] = m->choices[p].v[i];
			if (fits(m, p))
				r = add_row(m, g, p);
		}
	}
	return r;
}

static int add(struct match *m)
{
	struct smi_join_group *g;
	int r;

	if (!is_missing(m))
		return 0;
	r = find_group(m, &g);
	if (r < 0 || !g)
		return r;
	for (size_t p = 0; r == 0 && p < m->rule->nneeded; p++)
		r = add_row(m, g, p);
	return r < 0 ? r : add_also(m, g);
}

/* As deep as a rule has parts. */
static int try_part(struct match *m, size_t part)
{
	int r = 0;

	if (part == m->rule->nneeded)
		return add(m);
	for (size_t i = 0; r == 0 && i < m->choices[part].n && !is_tired(m);
	     i++) {
		m->recs[part] = m->choices[part].v[i];
		if (fits(m, part))
			r = try_part(m, part + 1);
	}
	return r;
}

/* Each record of the first part has its share of what is left: decoys, which anybody
 * can make, use up theirs alone. */
static int try_all(struct match *m)
{
	size_t n = m->choices[0].n;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		m->limit = m->out->steps +
			   (SMI_JOIN_STEPS - m->out->steps) / (n - i);
		m->tired = false;
		m->recs[0] = m->choices[0].v[i];
		if (is_tired(m))
			break;
		if (fits(m, 0))
			r = try_part(m, 1);
	}
	return r;
}

int smi_join_match(const sm_join *j, const struct smi_join_rule *rule,
		   struct smi_join_found *out)
{
	SMI_CLEANUP(free_match) struct match m = { .rule = rule, .out = out };
	int r = list_choices(j, &m);

	return r < 0 ? r : try_all(&m);
}
