/* SPDX-License-Identifier: MIT */
#include "detect/join.h"

static void add_value(struct smi_join_values *out, struct smi_join_value v)
{
	if (out->n < SMI_JOIN_VALUES)
		out->v[out->n++] = v;
}

static void add_text(struct smi_join_values *out, const sm_record *rec,
		     int field, const char *text)
{
	if (text[0])
		add_value(out, (struct smi_join_value){
				       .is_text = true,
				       .text = smi_span_str(text),
				       .rec = rec,
				       .field = field,
			       });
}

static void add_field(const sm_record *rec, int field,
		      struct smi_join_values *out)
{
	union smi_value v = rec->v[field];

	switch (smi_kind(rec->kind)->fields[field].type) {
	case SM_TYPE_STR:
		add_text(out, rec, field, v.s);
		break;
	case SM_TYPE_STRS:
		for (size_t i = 0; i < v.strs->n; i++)
			add_text(out, rec, field, v.strs->v[i]);
		break;
	case SM_TYPE_INT:
	case SM_TYPE_BOOL:
	case SM_TYPE_TIME:
		add_value(out, (struct smi_join_value){
				       .number = v.i,
				       .rec = rec,
				       .field = field,
			       });
		break;
	default:
		break;
	}
}

static void add_answered(const sm_record *host, struct smi_join_values *out)
{
	int64_t open = smi_rec_int(host, SM_KIND_HOST, SMI_HOST_OPEN);
	int64_t closed = smi_rec_int(host, SM_KIND_HOST, SMI_HOST_CLOSED);

	add_value(out, (struct smi_join_value){
			       .number = open + closed,
			       .rec = host,
			       .field = SMI_HOST_CLOSED,
		       });
}

static bool get_own(const sm_record *rec, const struct smi_join_member *m,
		    struct smi_join_values *out)
{
	int field = m->field[rec->kind];

	if (field == SMI_JOIN_ANSWERED) {
		add_answered(rec, out);
		return true;
	}
	if (field < 0 || !smi_rec_has(rec, (unsigned)field))
		return false;
	add_field(rec, field, out);
	return true;
}

void smi_join_get(const sm_record *rec, const struct smi_join_member *m,
		  struct smi_join_values *out)
{
	const struct smi_recs *evidence;

	out->n = 0;
	if (get_own(rec, m, out) || rec->kind != SM_KIND_FINDING ||
	    !smi_rec_has(rec, SMI_FINDING_EVIDENCE))
		return;
	evidence = rec->v[SMI_FINDING_EVIDENCE].recs;
	for (size_t i = 0; i < evidence->n; i++)
		get_own(evidence->v[i], m, out);
}

static bool in_order(enum smi_join_op op, int64_t a, int64_t b)
{
	switch (op) {
	case SMI_JOIN_LT:
		return a < b;
	case SMI_JOIN_LE:
		return a <= b;
	case SMI_JOIN_GT:
		return a > b;
	case SMI_JOIN_GE:
		return a >= b;
	default:
		return a == b;
	}
}

static bool values_fit(enum smi_join_op op, const struct smi_join_value *a,
		       const struct smi_join_value *b)
{
	if (a->is_text != b->is_text)
		return false;
	if (a->is_text)
		return op == SMI_JOIN_EQ && smi_span_eq(a->text, b->text);
	return in_order(op, a->number, b->number);
}

static bool port_fits(enum smi_join_op op, const sm_record *port,
		      const struct smi_join_values *values, bool maybe)
{
	for (size_t i = 0; port->kind == SM_KIND_PORT && i < values->n; i++) {
		const struct smi_join_value *v = &values->v[i];

		if (!v->is_text)
			continue;
		if (op == SMI_JOIN_SERVES
			    ? smi_join_serves(port, v->text, maybe)
			    : smi_join_reaches(port, v->text))
			return true;
	}
	return false;
}

bool smi_join_test(const struct smi_join_test *t, const sm_record *const *recs,
		   bool maybe)
{
	struct smi_join_values a, b;

	if (t->has_number) {
		b.v[0] = (struct smi_join_value){ .number = t->number };
		b.n = 1;
	} else {
		smi_join_get(recs[t->right.part], &t->right, &b);
	}
	if (t->op >= SMI_JOIN_SERVES)
		return port_fits(t->op, recs[t->left.part], &b, maybe);
	smi_join_get(recs[t->left.part], &t->left, &a);
	for (size_t i = 0; i < a.n; i++)
		for (size_t k = 0; k < b.n; k++)
			if (values_fit(t->op, &a.v[i], &b.v[k]))
				return true;
	return false;
}
