#include "resilience/limiter.h"

/* More than a burst of CT_RATE_MOST at one a day, and any wait: a row that says more is not ours. */
#define MOST_AHEAD_US INT64_C(100000000000000000)
#define MOST_TOLD_MS (INT64_C(7) * CT_RATE_DAY_MS)

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Rounded up: never more often than was said. */
static int64_t interval_us(const struct ct_rate *rate)
{
	return (rate->period_ms * 1000 + rate->count - 1) / rate->count;
}

/* How much earlier than evenly the next may come. */
static int64_t tolerance_us(const struct ct_rate *rate)
{
	return (rate->burst - 1) * interval_us(rate);
}

/* Milliseconds since then; 0 where the clock was set back between two boots. */
static int64_t since_ms(struct ct_time now, struct ct_time then)
{
	return larger(ct_time_since(now, then), 0);
}

/* Of a span that began then, what is left. */
static int64_t left_of(int64_t span, int64_t per_ms, struct ct_time now, struct ct_time then)
{
	int64_t gone_ms = since_ms(now, then);

	return gone_ms > span / per_ms ? 0 : span - gone_ms * per_ms;
}

/* How far ahead of now the theoretical arrival time lies; by another rate, as many requests. */
static int64_t ahead_us(const struct ct_limit *limit, int64_t interval, struct ct_time now)
{
	int64_t span = smaller(larger(limit->ahead_us, 0), MOST_AHEAD_US);
	int64_t ahead = left_of(span, 1000, now, limit->at);

	if (ahead == 0 || limit->interval_us <= 0 || limit->interval_us == interval)
		return ahead;
	double requests = (double)ahead / (double)limit->interval_us;
	double scaled = requests * (double)interval + 1;
	return scaled < (double)MOST_AHEAD_US ? (int64_t)scaled : MOST_AHEAD_US;
}

/* How long what the provider said still holds. */
static int64_t told_ms(const struct ct_limit *limit, struct ct_time now)
{
	int64_t span = smaller(larger(limit->lasts_ms, 0), MOST_TOLD_MS);

	return left_of(span, 1, now, limit->told);
}

/* When this slot may be used, as far as the provider is concerned; after now. */
static int64_t allowed_us(const struct ct_limit *limit, struct ct_time now, int64_t serial)
{
	return serial > limit->bound ? told_ms(limit, now) * 1000 : 0;
}

/* What was written in a future that did not come counts from now. */
static bool set_right(struct ct_limit *limit, struct ct_time now)
{
	bool at = limit->at.wall_ms != 0 && ct_time_since(now, limit->at) < 0;
	bool told = limit->told.wall_ms != 0 && ct_time_since(now, limit->told) < 0;

	if (at)
		limit->at = now;
	if (told)
		limit->told = now;
	return at || told;
}

bool ct_limiter_reserve(struct ct_limit *limit, const struct ct_rate *rate,
			struct ct_time now, int64_t most_ms, struct ct_rate_slot *slot,
			bool *changed)
{
	int64_t interval = interval_us(rate), serial = limit->serial + 1;
	int64_t earliest = allowed_us(limit, now, serial);
	int64_t arrival = larger(ahead_us(limit, interval, now), earliest);
	int64_t leave = larger(arrival - tolerance_us(rate), earliest);

	*slot = (struct ct_rate_slot){ .wait_ms = (leave + 999) / 1000,
				       .told = leave > 0 && leave == earliest };
	*changed = set_right(limit, now);
	if (slot->wait_ms > most_ms)
		return false;
	*changed = true;
	slot->serial = limit->serial = serial;
	limit->at = now;
	limit->ahead_us = arrival + interval;
	limit->interval_us = interval;
	return true;
}

bool ct_limiter_give_back(struct ct_limit *limit, const struct ct_rate *rate,
			  struct ct_time now, int64_t serial)
{
	int64_t interval = interval_us(rate);

	if (serial == 0 || serial != limit->serial)
		return false;
	limit->ahead_us = larger(ahead_us(limit, interval, now) - interval, 0);
	limit->interval_us = interval;
	limit->at = now;
	limit->serial--;
	return true;
}

bool ct_limiter_tighten(struct ct_limit *limit, const struct ct_rate *rate,
			const struct ct_room *room, struct ct_time told, int64_t serial)
{
	int64_t lasts = smaller(larger(room->reset_ms, 0), MOST_TOLD_MS);
	int64_t remaining = smaller(larger(room->remaining, 0), INT64_C(1) << 40);
	int64_t known = serial > 0 && serial <= limit->serial ? serial : limit->serial;
	bool holds = told_ms(limit, told) > 0;
	/* the most that may leave by our own limit until then */
	int64_t most = rate->burst + lasts * 1000 / interval_us(rate) + 1;

	if (holds && known < limit->teller) {
		if (ct_time_since(limit->told, told) >= lasts)
			return false; /* it was over when the later one was said */
		int64_t bound = smaller(limit->bound, known + remaining);
		bool tighter = bound < limit->bound;
		limit->bound = bound;
		return tighter;
	}
	if (!holds && (lasts == 0 || remaining > most + limit->serial - known))
		return false;
	limit->told = told;
	limit->lasts_ms = lasts;
	limit->bound = known + remaining;
	limit->teller = known;
	return true;
}

bool ct_limiter_holds(const struct ct_limit *limit, struct ct_time now, int64_t serial)
{
	return allowed_us(limit, now, serial) == 0;
}

int64_t ct_limiter_free(const struct ct_limit *limit, const struct ct_rate *rate,
			struct ct_time now)
{
	int64_t interval = interval_us(rate);
	int64_t room = tolerance_us(rate) + interval - ahead_us(limit, interval, now);
	int64_t count = room > 0 ? room / interval : 0;

	if (told_ms(limit, now) > 0)
		count = smaller(count, larger(limit->bound - limit->serial, 0));
	return count;
}
