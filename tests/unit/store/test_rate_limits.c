#include "store/rate_limits.h"
#include "temp_store.h"

TestSuite(rate_limits, .init = make_temp, .fini = remove_temp);

static const struct ct_limit whole = {
	.at = { 1, 2, -3 },
	.ahead_us = 4,
	.interval_us = 5,
	.serial = 6,
	.told = { 7, 8, INT64_MAX },
	.lasts_ms = 9,
	.bound = 10,
	.teller = 11,
};

static struct ct_limit load(struct ct_store *store, const char *key)
{
	struct ct_limit limit;

	memset(&limit, 0xAA, sizeof(limit));
	cr_assert_eq(ct_limit_load(store, ct_str(key), &limit, NULL), CT_OK);
	return limit;
}

static void save(struct ct_store *store, const char *key, const struct ct_limit *limit)
{
	cr_assert_eq(ct_limit_save(store, ct_str(key), limit, NULL), CT_OK);
}

Test(rate_limits, brings_back_every_member_to_another_process)
{
	struct ct_store *store = open_store(CT_STORE_WRITE),
			*other = open_store(CT_STORE_READ);
	struct ct_limit limit = whole;

	save(store, "provider:openai", &limit);
	limit = load(other, "provider:openai");
	cr_assert_arr_eq(&limit, &whole, sizeof(limit));
	limit.serial = 7;
	save(store, "provider:openai", &limit);
	cr_assert_eq(load(other, "provider:openai").serial, 7);
	cr_assert_eq(ask(store, "SELECT count(*) FROM rate_limits"), 1);
	ct_store_close(other);
	ct_store_close(store);
}

Test(rate_limits, answers_zeros_where_nothing_is_kept_and_in_an_older_store)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_limit zeros = { 0 }, limit = load(store, "user:ann");

	cr_assert_arr_eq(&limit, &zeros, sizeof(limit));
	run(store, "DROP TABLE rate_limits;PRAGMA user_version=4");
	ct_store_close(store);
	store = open_store(CT_STORE_READ);
	limit = load(store, "user:ann");
	cr_assert_arr_eq(&limit, &zeros, sizeof(limit));
	ct_store_close(store);
}

Test(rate_limits, takes_what_another_tool_wrote_without_harm)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);

	save(store, "k", &whole);
	run(store, "UPDATE rate_limits SET at_wall=-9223372036854775807-1,ahead_us='x',"
		   "serial=9223372036854775807,told_boot_ms=-1");
	struct ct_limit limit = load(store, "k");
	cr_assert_eq(limit.at.wall_ms, 0);
	cr_assert_eq(limit.ahead_us, 0);
	cr_assert_eq(limit.told.boot_ms, 0);
	cr_assert_lt(limit.serial, INT64_MAX - 1);
	ct_store_close(store);
}

Test(rate_limits, forgets_users_who_are_long_gone_as_others_come)
{
	enum { DAY_MS = 24 * 3600 * 1000 };
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_limit limit = { .at = { 100, 100, 1 }, .serial = 1 };
	char key[32];

	for (int i = 0; i < 5; i++) {
		snprintf(key, sizeof(key), "user:%d", i);
		save(store, key, &limit);
	}
	limit.at.wall_ms = 100 + DAY_MS; /* not quite a day idle */
	save(store, "user:ann", &limit);
	cr_assert_eq(ask(store, "SELECT count(*) FROM rate_limits"), 6);
	limit.at.wall_ms++;
	save(store, "user:ben", &limit);
	cr_assert_eq(ask(store, "SELECT count(*) FROM rate_limits"), 5, "two went for one");
	cr_assert_eq(load(store, "user:ann").serial, 1);
	limit.serial = 2; /* whoever is there already makes nobody go */
	save(store, "user:ben", &limit);
	cr_assert_eq(ask(store, "SELECT count(*) FROM rate_limits"), 5);
	ct_store_close(store);
}
