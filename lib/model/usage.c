#include "model/usage.h"

#include <math.h>

struct ct_pricing ct_pricing_unknown(void)
{
	return (struct ct_pricing){ .base = { -1, -1, -1, -1 } };
}

static double or_else(double price, double other)
{
	return price >= 0 ? price : other;
}

int64_t ct_usage_cost_usd_nanos(const struct ct_usage *usage,
				const struct ct_pricing *pricing)
{
	struct ct_price price = pricing->base;

	for (int i = 0; i < pricing->tier_count; i++)
		if (usage->input > pricing->tiers[i].above_input_tokens)
			price = pricing->tiers[i].price;
	if (!usage->known || price.input < 0 || price.output < 0)
		return -1;

	double plain =
		(double)usage->input - (double)usage->cached - (double)usage->cache_write;
	/* a USD per million tokens is 1000 nano-USD a token */
	double nanos =
		1000 *
		(fmax(plain, 0) * price.input +
		 (double)usage->cached * or_else(price.cache_read, price.input) +
		 (double)usage->cache_write * or_else(price.cache_write, price.input) +
		 (double)usage->output * price.output);
	/* counts come from a peer: what no one can have used has no price */
	return nanos >= 0 && nanos < 9e18 ? (int64_t)llround(nanos) : -1;
}

/* Counts come from a peer: an absurd sum stays the greatest number. */
static void add(int64_t *total, int64_t more)
{
	if (__builtin_add_overflow(*total, more, total))
		*total = INT64_MAX;
}

void ct_usage_add(struct ct_usage *total, const struct ct_usage *more)
{
	bool first = !total->known && total->input == 0 && total->output == 0;

	total->known = more->known && (first || total->known);
	add(&total->input, more->input);
	add(&total->cached, more->cached);
	add(&total->cache_write, more->cache_write);
	add(&total->output, more->output);
	add(&total->reasoning, more->reasoning);
}
