#include <criterion/criterion.h>

#include "base/defs.h"
#include "resilience/limiter.h"

/* Two a second, four at once. */
static const struct ct_rate rate = { 2, 1000, 4 };

enum { LONG_MS = 3600 * 1000 };

static struct ct_time at(int64_t ms)
{
	return (struct ct_time){ 1000000 + ms, 5000 + ms, 9 };
}

/* The wait of the next slot, which is taken; -1: refused. */
static int64_t take(struct ct_limit *limit, int64_t now, int64_t most_ms)
{
	struct ct_rate_slot slot;
	bool changed;
	bool taken = ct_limiter_reserve(limit, &rate, at(now), most_ms, &slot, &changed);

	cr_assert_eq(taken, slot.serial > 0);
	cr_assert(!taken || changed);
	return taken ? slot.wait_ms : -1;
}

static struct ct_limit used(int slots)
{
	struct ct_limit limit = { 0 };

	for (int i = 0; i < slots; i++)
		take(&limit, 0, LONG_MS);
	return limit;
}

Test(limiter, lets_a_burst_leave_at_once_and_then_one_per_interval)
{
	static const int64_t waits[] = { 0, 0, 0, 0, 500, 1000, 1500 };
	struct ct_limit limit = { 0 };

	for (size_t i = 0; i < CT_COUNT(waits); i++)
		cr_assert_eq(take(&limit, 0, LONG_MS), waits[i], "slot %zu", i);
	cr_assert_eq(take(&limit, 1500, LONG_MS), 500, "behind those who wait");
}

Test(limiter, gives_a_whole_burst_again_after_a_quiet_time_and_no_more)
{
	struct ct_limit limit = used(4);

	for (int i = 0; i < 4; i++)
		cr_assert_eq(take(&limit, LONG_MS, LONG_MS), 0);
	cr_assert_eq(take(&limit, LONG_MS, LONG_MS), 500);
}

Test(limiter, takes_nothing_where_the_wait_is_too_long)
{
	struct ct_limit limit = used(4), before = limit;
	struct ct_rate_slot slot;
	bool changed;

	cr_assert_not(ct_limiter_reserve(&limit, &rate, at(0), 499, &slot, &changed));
	cr_assert_not(changed);
	cr_assert_eq(slot.wait_ms, 500, "it says how long it would have been");
	cr_assert_arr_eq(&limit, &before, sizeof(limit));
	cr_assert_eq(take(&limit, 0, 500), 500, "exactly as long is not too long");
}

Test(limiter, is_never_faster_than_a_rate_that_is_no_whole_number_of_ms)
{
	static const struct ct_rate odd = { 7, 1000, 1 };
	struct ct_limit limit = { 0 };
	struct ct_rate_slot slot;
	int64_t last = 0;
	bool changed;

	for (int i = 0; i <= 7000; i++) {
		cr_assert(ct_limiter_reserve(&limit, &odd, at(0), INT64_MAX, &slot, &changed));
		last = slot.wait_ms;
	}
	cr_assert_geq(last, 1000000);
	cr_assert_leq(last, 1000010);
}

Test(limiter, gets_a_slot_back_while_it_is_the_last)
{
	struct ct_limit limit = used(5);

	cr_assert(ct_limiter_give_back(&limit, &rate, at(100), 5));
	cr_assert_eq(take(&limit, 100, LONG_MS), 400, "the same place in the queue");
	cr_assert(ct_limiter_give_back(&limit, &rate, at(200), 5));
	cr_assert(ct_limiter_give_back(&limit, &rate, at(200), 4), "and then the one before");
	cr_assert_eq(take(&limit, 200, LONG_MS), 0);
}

Test(limiter, loses_a_slot_that_is_given_back_out_of_turn)
{
	struct ct_limit limit = used(6), before = limit;

	cr_assert_not(ct_limiter_give_back(&limit, &rate, at(100), 5));
	cr_assert_not(ct_limiter_give_back(&limit, &rate, at(100), 0));
	cr_assert_arr_eq(&limit, &before, sizeof(limit));
}

Test(limiter, gives_back_no_more_than_was_taken)
{
	struct ct_limit limit = used(1);

	cr_assert(ct_limiter_give_back(&limit, &rate, at(LONG_MS), 1));
	cr_assert_eq(ct_limiter_free(&limit, &rate, at(LONG_MS)), 4);
	cr_assert_not(ct_limiter_give_back(&limit, &rate, at(LONG_MS), 0));
}

Test(limiter, lets_only_as_many_leave_as_the_provider_says_remain)
{
	struct ct_limit limit = used(1);
	struct ct_room room = { 2, 60000 };

	cr_assert(ct_limiter_tighten(&limit, &rate, &room, at(10), 1));
	cr_assert_eq(ct_limiter_free(&limit, &rate, at(10)), 2);
	cr_assert_eq(take(&limit, 10, LONG_MS), 0);
	cr_assert_eq(take(&limit, 10, LONG_MS), 0);
	cr_assert_eq(take(&limit, 10, 59999 - 1), -1);
	cr_assert_eq(take(&limit, 10010, LONG_MS), 50000, "the third after the reset");
	for (int i = 0; i < 3; i++)
		cr_assert_eq(take(&limit, 10010, LONG_MS), 50000, "and with it a burst");
	cr_assert_eq(take(&limit, 10010, LONG_MS), 50500);
}

Test(limiter, lets_none_leave_where_none_remain)
{
	struct ct_limit limit = used(1);
	struct ct_room room = { 0, 7000 };

	cr_assert(ct_limiter_tighten(&limit, &rate, &room, at(0), 1));
	cr_assert_eq(take(&limit, 0, 6999), -1);
	cr_assert_eq(take(&limit, 6999, LONG_MS), 1);
	cr_assert_eq(take(&limit, 7000, LONG_MS), 0);
}

Test(limiter, counts_what_left_since_the_request_whose_answer_told)
{
	struct ct_limit limit = used(3);
	struct ct_room room = { 3, 60000 };

	/* the answer to the first of three: two of the three that remain are gone */
	cr_assert(ct_limiter_tighten(&limit, &rate, &room, at(0), 1));
	cr_assert_eq(take(&limit, 0, 0), 0);
	cr_assert_eq(take(&limit, 2000, 0), -1);
}

Test(limiter, hears_answers_that_come_in_another_order)
{
	static const struct ct_room nine = { 9, 60000 }, seven = { 7, 60000 };
	struct ct_limit limit = used(3);

	cr_assert(ct_limiter_tighten(&limit, &rate, &seven, at(0), 3));
	cr_assert_not(ct_limiter_tighten(&limit, &rate, &nine, at(1), 1));
	cr_assert_eq(limit.bound, 10);
	/* the provider saw them in another order: what is less holds */
	cr_assert(ct_limiter_tighten(&limit, &rate, &seven, at(2), 1));
	cr_assert_eq(limit.bound, 8);
	/* but not what was over before it came */
	cr_assert_not(ct_limiter_tighten(&limit, &rate, &(struct ct_room){ 0, 500 }, at(-500), 1));
	/* a later request's answer knows better */
	cr_assert(ct_limiter_tighten(&limit, &rate, &nine, at(3), 3));
	cr_assert_eq(limit.bound, 12);
}

Test(limiter, is_not_bothered_by_a_provider_that_has_more_room_than_we_use)
{
	struct ct_limit limit = used(1), before = limit;
	static const struct ct_room rooms[] = { { 9999, 6 }, { 5000, 60000 }, { 0, 0 } };

	for (size_t i = 0; i < CT_COUNT(rooms); i++)
		cr_assert_not(ct_limiter_tighten(&limit, &rate, &rooms[i], at(0), 1));
	cr_assert_arr_eq(&limit, &before, sizeof(limit));
}

Test(limiter, calls_in_the_slot_of_one_that_waits_when_the_provider_says_no)
{
	struct ct_limit limit = used(6);
	struct ct_room room = { 1, 60000 };

	cr_assert(ct_limiter_holds(&limit, at(0), 6));
	ct_limiter_tighten(&limit, &rate, &room, at(0), 4);
	cr_assert(ct_limiter_holds(&limit, at(500), 5));
	cr_assert_not(ct_limiter_holds(&limit, at(1000), 6));
	cr_assert(ct_limiter_holds(&limit, at(60000), 6));
}

Test(limiter, keeps_requests_not_times_when_the_rate_is_changed)
{
	static const struct ct_rate slow = { 1, CT_RATE_DAY_MS, 10 }, fast = { 100, 1000, 10 };
	struct ct_limit limit = { 0 };
	struct ct_rate_slot slot;
	bool changed;

	for (int i = 0; i < 10; i++)
		ct_limiter_reserve(&limit, &slow, at(0), 0, &slot, &changed);
	cr_assert_eq(ct_limiter_free(&limit, &slow, at(0)), 0);
	cr_assert_eq(ct_limiter_free(&limit, &fast, at(50)), 0, "ten days become a tenth of a second");
	cr_assert(ct_limiter_reserve(&limit, &fast, at(50), 100, &slot, &changed));
	cr_assert_eq(ct_limiter_free(&limit, &fast, at(500)), 10);
}

/* Another boot: only the wall clock tells, and it may have been set back by years. */
Test(limiter, is_not_held_up_by_a_clock_that_was_set_back)
{
	struct ct_limit limit = used(5);
	struct ct_room room = { 0, 3000 };
	struct ct_time past = { 5, 100, 10 };
	struct ct_rate_slot slot;
	bool changed;

	ct_limiter_tighten(&limit, &rate, &room, at(0), 5);
	cr_assert_not(ct_limiter_reserve(&limit, &rate, past, 0, &slot, &changed));
	cr_assert(changed, "so that it counts from now on");
	cr_assert_eq(slot.wait_ms, 3000);
	cr_assert(ct_limiter_reserve(&limit, &rate, ct_time_add(past, 3000), 0, &slot, &changed));
}

Test(limiter, survives_a_row_that_another_has_written)
{
	struct ct_limit limit = {
		.at = { INT64_MAX, INT64_MAX, 1 },
		.ahead_us = INT64_MAX,
		.interval_us = 1,
		.serial = INT64_MAX / 2,
		.told = { INT64_MAX, 0, 0 },
		.lasts_ms = INT64_MAX,
		.bound = -1,
		.teller = INT64_MAX,
	};
	static const struct ct_rate slowest = { 1, CT_RATE_DAY_MS, CT_RATE_MOST };
	struct ct_rate_slot slot;
	bool changed;

	cr_assert_not(ct_limiter_reserve(&limit, &slowest, at(0), LONG_MS, &slot, &changed));
	cr_assert(changed);
	cr_assert_eq(ct_limiter_free(&limit, &slowest, at(0)), 0);
	cr_assert_gt(slot.wait_ms, 0);
}

/* --- many processes, one limit --- */

enum { CLIENTS = 40, STEPS = 60000, LEFT_MAX = 20000, MOST_WAIT_MS = 3000 };

struct client {
	int64_t serial, leaves_at; /* 0: it waits for nothing */
};

struct run {
	struct ct_limit limit;
	struct client clients[CLIENTS];
	int64_t left[LEFT_MAX]; /* when requests left */
	size_t count;
	int64_t last_wait_end; /* of the queue */
	uint32_t random;
};

static uint32_t draw(struct run *run, uint32_t below)
{
	run->random = run->random * 1664525 + 1013904223;
	return (run->random >> 8) % below;
}

static void leave(struct run *run, int64_t now)
{
	cr_assert_lt(run->count, LEFT_MAX);
	run->left[run->count++] = now;
}

static void arrive(struct run *run, struct client *c, const struct ct_rate *r, int64_t now)
{
	struct ct_rate_slot slot;
	bool changed;

	if (!ct_limiter_reserve(&run->limit, r, at(now), MOST_WAIT_MS, &slot, &changed))
		return;
	cr_assert_geq(now + slot.wait_ms, run->last_wait_end, "nobody overtakes");
	run->last_wait_end = now + slot.wait_ms;
	*c = (struct client){ slot.serial, now + slot.wait_ms };
}

/* Cancelled, or killed: then nobody gives the slot back. */
static void drop(struct run *run, struct client *c, const struct ct_rate *r, int64_t now)
{
	int64_t back = draw(run, 2) == 0 &&
		       ct_limiter_give_back(&run->limit, r, at(now), c->serial);

	if (back)
		run->last_wait_end = 0;
	*c = (struct client){ 0 };
}

static void step(struct run *run, const struct ct_rate *r, int64_t now)
{
	for (int i = 0; i < CLIENTS; i++) {
		struct client *c = &run->clients[i];
		if (c->serial != 0 && c->leaves_at <= now) {
			leave(run, now);
			*c = (struct client){ 0 };
		} else if (c->serial != 0 && draw(run, 20000) == 0) {
			drop(run, c, r, now);
		} else if (c->serial == 0 && draw(run, now / 10000 % 2 ? 20 : 2000) == 0) {
			arrive(run, c, r, now);
			if (c->leaves_at == now) {
				leave(run, now);
				*c = (struct client){ 0 };
			}
		}
	}
}

/* Of all windows that begin and end with a departure. */
static void check_windows(const struct run *run, const struct ct_rate *r)
{
	for (size_t i = 0; i < run->count; i++)
		for (size_t j = i; j < run->count && j < i + 1000; j++) {
			/* those who wait do so for whole ms: the first may be up to one late */
			int64_t span = run->left[j] - run->left[i] + 1;
			int64_t most = r->burst + span * r->count / r->period_ms;
			cr_assert_leq((int64_t)(j - i + 1), most,
				      "%zu requests within %lld ms", j - i + 1, (long long)span);
		}
}

Test(limiter, never_lets_more_than_burst_and_rate_leave_in_any_window_and_none_overtake)
{
	static const struct ct_rate rates[] = { { 20, 1000, 7 }, { 7, 1000, 1 }, { 600, 60000, 60 } };
	static struct run run;

	for (size_t i = 0; i < CT_COUNT(rates); i++) {
		run = (struct run){ .random = (uint32_t)i + 1 };
		for (int64_t now = 0; now < STEPS; now++)
			step(&run, &rates[i], now);
		check_windows(&run, &rates[i]);
		/* and the limit is used, too: half of the time there was more to do than allowed */
		cr_assert_gt((int64_t)run.count, STEPS * rates[i].count / rates[i].period_ms / 3);
	}
}
