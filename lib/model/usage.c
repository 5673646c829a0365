#include "model/usage.h"

#include <math.h>

struct ct_pricing ct_pricing_unknown(void)
{
	return (struct ct_pricing){ .base = { -1, -1, -1, -1 },
				    .audio_minute = -1,
				    .million_characters = -1 };
}

static double or_else(double price, double other)
{
	return price >= 0 ? price : other;
}

/* Of what is not counted in tokens; negative: has no price, or there is none of it. */
static double speech_nanos(const struct ct_usage *usage, const struct ct_pricing *pricing)
{
	if (usage->audio_ms > 0 && pricing->audio_minute >= 0)
		return (double)usage->audio_ms / 60000 * pricing->audio_minute * 1e9;
	if (usage->characters > 0 && pricing->million_characters >= 0)
		return (double)usage->characters * pricing->million_characters * 1000;
	return -1;
}

int64_t ct_usage_cost_usd_nanos(const struct ct_usage *usage,
				const struct ct_pricing *pricing)
{
	struct ct_price price = pricing->base;

	for (int i = 0; i < pricing->tier_count; i++)
		if (usage->input > pricing->tiers[i].above_input_tokens)
			price = pricing->tiers[i].price;
	double speech = speech_nanos(usage, pricing);
	if (speech >= 0 && (price.input < 0 || price.output < 0))
		price = (struct ct_price){ 0, 0, 0, 0 };
	if (!usage->known || price.input < 0 || price.output < 0)
		return -1;

	double plain =
		(double)usage->input - (double)usage->cached - (double)usage->cache_write;
	double hour =
		fmax(fmin((double)usage->hour_write, (double)usage->cache_write), 0);
	/* a USD per million tokens is 1000 nano-USD a token */
	double nanos =
		1000 *
		(fmax(plain, 0) * price.input +
		 (double)usage->cached * or_else(price.cache_read, price.input) +
		 ((double)usage->cache_write - hour) * or_else(price.cache_write, price.input) +
		 hour * 2 * price.input +
		 (double)usage->output * price.output) +
		fmax(speech, 0);
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
	bool first = !total->known && total->input == 0 && total->output == 0 &&
		     total->audio_ms == 0 && total->characters == 0;

	total->known = more->known && (first || total->known);
	add(&total->input, more->input);
	add(&total->cached, more->cached);
	add(&total->cache_write, more->cache_write);
	add(&total->hour_write, more->hour_write);
	add(&total->output, more->output);
	add(&total->reasoning, more->reasoning);
	add(&total->audio_ms, more->audio_ms);
	add(&total->characters, more->characters);
}
