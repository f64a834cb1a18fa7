/* SPDX-License-Identifier: MIT */
#include "record/filter-node.h"

static bool text_matches(const struct smi_filter_node *t, const char *s)
{
	struct smi_span v = smi_span_str(s);

	return t->op == EQ ? smi_span_eq(v, t->text)
			   : t->text.len == 0 ||
				     memmem(v.p, v.len, t->text.p, t->text.len);
}

static bool list_matches(const struct smi_filter_node *t,
			 const struct smi_strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_matches(t, list->v[i]))
			return true;
	return false;
}

static bool in_order(unsigned op, int order)
{
	switch (op) {
	case EQ:
		return order == 0;
	case LT:
		return order < 0;
	case LE:
		return order <= 0;
	case GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

static bool is_set(const struct smi_filter_node *t, const union smi_value *v)
{
	switch (t->type) {
	case SM_TYPE_STR:
		return v->s[0] != '\0';
	case SM_TYPE_STRS:
		return v->strs->n > 0;
	case SM_TYPE_REAL:
		return v->r > 0 || v->r < 0;
	case SM_TYPE_RECORDS:
		return v->recs->n > 0;
	default:
		return v->i != 0;
	}
}

static bool term_matches(const struct smi_filter_node *t, const sm_record *rec)
{
	const union smi_value *v = &rec->v[t->field];

	if (!smi_rec_has(rec, t->field))
		return false;
	if (t->op == IS_SET)
		return is_set(t, v);
	switch (t->type) {
	case SM_TYPE_STR:
		return text_matches(t, v->s);
	case SM_TYPE_STRS:
		return list_matches(t, v->strs);
	case SM_TYPE_REAL:
		return in_order(t->op,
				(v->r > t->number.r) - (v->r < t->number.r));
	default:
		return in_order(t->op,
				(v->i > t->number.i) - (v->i < t->number.i));
	}
}

static bool node_matches(const struct smi_filter *f, unsigned i,
			 const sm_record *rec)
{
	const struct smi_filter_node *n = &f->nodes[i];

	switch (n->kind) {
	case TERM:
		return term_matches(n, rec);
	case NOT:
		return !node_matches(f, n->left, rec);
	case AND:
		return node_matches(f, n->left, rec) &&
		       node_matches(f, n->right, rec);
	default:
		return node_matches(f, n->left, rec) ||
		       node_matches(f, n->right, rec);
	}
}

bool smi_filter_match(const struct smi_filter *f, const sm_record *rec)
{
	return node_matches(f, f->root, rec);
}
