/* What a request used and what that costs. Counts mean the same for every provider. */
#ifndef CT_MODEL_USAGE_H
#define CT_MODEL_USAGE_H

#include <stdbool.h>
#include <stdint.h>

struct ct_usage {
	bool known; /* the provider reported counts */
	int64_t input; /* the whole prompt, with what came from or went into a cache */
	int64_t cached; /* of input: read from the provider's cache */
	int64_t cache_write; /* of input: written to it */
	int64_t hour_write; /* of cache_write: to stay there for an hour */
	int64_t output; /* all that was generated, reasoning included */
	int64_t reasoning; /* of output */
	int64_t audio_ms; /* of sound that was listened to */
	int64_t characters; /* of text that was spoken */
};

enum { CT_PRICE_TIERS = 4 };

/* USD per million tokens; a negative member is unknown. */
struct ct_price {
	double input, output, cache_read, cache_write;
};

/* Prices that replace the base for the whole request once the prompt passes a size. */
struct ct_price_tier {
	int64_t above_input_tokens;
	struct ct_price price;
};

struct ct_pricing {
	struct ct_price base;
	double audio_minute; /* USD for a minute of sound; negative: unknown */
	double million_characters; /* USD for that many characters spoken; negative: unknown */
	struct ct_price_tier tiers[CT_PRICE_TIERS]; /* ascending */
	int tier_count;
};

/* A pricing with nothing known. */
struct ct_pricing ct_pricing_unknown(void);

/*
 * Cost in 10^-9 USD, rounded to the nearest: cached tokens at cache_read (at input where that is
 * unknown), written ones at cache_write (likewise), those for an hour at twice the input (as Anthropic
 * has it), the rest of the input at input, all output at output; sound and characters at theirs,
 * and with them no tokens where those have no price. -1 where a price or the usage is unknown, or its counts are absurd.
 */
int64_t ct_usage_cost_usd_nanos(const struct ct_usage *usage, const struct ct_pricing *pricing);

/* total += more; known stays only if both are, a zeroed total starts as known by the first. */
void ct_usage_add(struct ct_usage *total, const struct ct_usage *more);

#endif
