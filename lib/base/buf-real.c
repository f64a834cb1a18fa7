/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

/*
 * Decimal text of a double, correctly rounded (half to even) from its exact
 * value. printf() would write the decimal point of the program's locale.
 */
#define DIGITS_MAX 17
#define INT_LIMBS  36 /* of 9 decimal digits: DBL_MAX has 309 */
#define FRAC_LIMBS 34 /* of 32 bits: the smallest double is 2^-1074 */

struct number {
	uint32_t whole[INT_LIMBS]; /* base 10^9, lowest first */
	size_t n_whole;
	uint32_t frac[FRAC_LIMBS]; /* base 2^32, highest first */
	size_t n_frac;
	char decimals[DIGITS_MAX];
};

static void whole_set(struct number *x, uint64_t v)
{
	x->n_whole = 0;
	for (; v > 0; v /= 1000000000)
		x->whole[x->n_whole++] = (uint32_t)(v % 1000000000);
}

static void whole_muladd(struct number *x, uint32_t mul, uint32_t add)
{
	uint64_t carry = add;

	for (size_t i = 0; i < x->n_whole; i++) {
		carry += (uint64_t)x->whole[i] * mul;
		x->whole[i] = (uint32_t)(carry % 1000000000);
		carry /= 1000000000;
	}
	if (carry > 0)
		x->whole[x->n_whole++] = (uint32_t)carry;
}

/* mant * 2^-shift, below 1 */
static void frac_set(struct number *x, uint64_t mant, unsigned int shift)
{
	size_t n = (shift + 31) / 32;
	unsigned int pad = (unsigned int)n * 32 - shift;
	uint64_t high = mant >> (32 - pad);

	memset(x->frac, 0, n * sizeof(x->frac[0]));
	x->frac[n - 1] = (uint32_t)(mant << pad);
	if (n >= 2)
		x->frac[n - 2] = (uint32_t)high;
	if (n >= 3)
		x->frac[n - 3] = (uint32_t)(high >> 32);
	x->n_frac = n;
}

static char frac_next_digit(struct number *x)
{
	uint64_t carry = 0;

	for (size_t i = x->n_frac; i-- > 0;) {
		carry += (uint64_t)x->frac[i] * 10;
		x->frac[i] = (uint32_t)carry;
		carry >>= 32;
	}
	return (char)('0' + carry);
}

static bool rounds_up(const struct number *x, bool odd)
{
	if (x->n_frac == 0 || x->frac[0] < UINT32_C(0x80000000))
		return false;
	if (x->frac[0] > UINT32_C(0x80000000))
		return true;
	for (size_t i = 1; i < x->n_frac; i++) {
		if (x->frac[i] > 0)
			return true;
	}
	return odd;
}

static void round_up(struct number *x, int digits)
{
	for (int i = digits; i-- > 0;) {
		if (x->decimals[i] < '9') {
			x->decimals[i]++;
			return;
		}
		x->decimals[i] = '0';
	}
	whole_muladd(x, 1, 1);
}

static void add_number(struct smi_buf *b, const struct number *x, int digits,
		       bool negative)
{
	while (digits > 0 && x->decimals[digits - 1] == '0')
		digits--;
	if (negative && (digits > 0 || x->n_whole > 0))
		smi_buf_char(b, '-');
	smi_buf_uint(b, x->n_whole > 0 ? x->whole[x->n_whole - 1] : 0);
	for (size_t i = x->n_whole; i-- > 1;) {
		char nine[9];
		uint32_t v = x->whole[i - 1];

		for (int k = 9; k-- > 0; v /= 10)
			nine[k] = (char)('0' + v % 10);
		smi_buf_add(b, nine, sizeof(nine));
	}
	if (digits == 0)
		return;
	smi_buf_char(b, '.');
	smi_buf_add(b, x->decimals, (size_t)digits);
}

void smi_buf_real(struct smi_buf *b, double v, int digits)
{
	struct number x;
	uint64_t bits, mant, low = 0;
	int exp;
	bool odd;

	digits = SMI_MAX(0, SMI_MIN(digits, DIGITS_MAX));
	/* IEEE 754 binary64: sign, 11 bits of exponent, 52 of fraction */
	memcpy(&bits, &v, sizeof(bits));
	exp = (int)(bits >> 52 & 0x7ff);
	mant = bits & ((UINT64_C(1) << 52) - 1);
	if (exp == 0x7ff) {
		smi_buf_char(b, '0');
		return;
	}
	if (exp == 0)
		exp = 1;
	else
		mant |= UINT64_C(1) << 52;
	exp -= 1075;

	x.n_frac = 0;
	if (exp >= 0) {
		whole_set(&x, mant);
		for (; exp > 0; exp -= SMI_MIN(exp, 29))
			whole_muladd(&x, UINT32_C(1) << SMI_MIN(exp, 29), 0);
		odd = false;
	} else {
		whole_set(&x, -exp < 64 ? mant >> -exp : 0);
		odd = -exp < 64 && (mant >> -exp & 1);
		low = -exp < 64 ? mant & ((UINT64_C(1) << -exp) - 1) : mant;
		frac_set(&x, low, (unsigned int)-exp);
	}
	for (int i = 0; i < digits; i++)
		x.decimals[i] = frac_next_digit(&x);
	if (digits > 0)
		odd = x.decimals[digits - 1] & 1;
	if (rounds_up(&x, odd))
		round_up(&x, digits);
	add_number(b, &x, digits, bits >> 63);
}
