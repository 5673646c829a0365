#include "base/defs.h"
#include "store/histogram.h"
#include "store/rollup.h"
#include "temp_store.h"

TestSuite(metrics, .init = make_temp, .fini = remove_temp);

static const int64_t day = 1800057600000; /* a midnight in UTC */

static struct ct_attempt attempt_at(int64_t at)
{
	return (struct ct_attempt){
		.provider = ct_str("claude"),
		.model = ct_str("sonnet"),
		.status = 200,
		.started_wall_ms = at,
		.duration_ms = 800,
		.first_token_ms = 200,
		.usage = { .known = true, .input = 10, .output = 20 },
		.cost_usd_nanos = 5,
	};
}

static void add(struct ct_store *store, const struct ct_attempt *attempt,
		const char *user)
{
	struct ct_err err = { 0 };
	int rc = ct_metrics_add(store, attempt, ct_str("r"), 2, ct_str(user), &err);

	cr_assert_eq(rc, CT_OK, "%s", err.msg);
}

Test(metrics, keep_all_that_is_known_of_an_attempt)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_attempt attempt = attempt_at(day);

	add(store, &attempt, "ann");
	attempt.code = CT_ERATE;
	attempt.status = 429;
	attempt.fallback = true;
	attempt.first_token_ms = attempt.cost_usd_nanos = -1;
	attempt.usage = (struct ct_usage){ 0 };
	add(store, &attempt, NULL);
	attempt.status = 0;
	add(store, &attempt, NULL);
	cr_assert_eq(
		ask(store,
		    "SELECT count(*) FROM provider_metrics WHERE provider='claude' AND "
		    "model='sonnet' AND input_tokens=10 AND output_tokens=20 AND "
		    "total_tokens=30 AND duration=800 AND success=1 AND "
		    "created_at=1800057600000 AND request_id='r' AND attempt=2 AND "
		    "user_id='ann' AND error_code IS NULL AND first_token_ms=200 AND "
		    "cost_usd_nanos=5 AND usage_known=1 AND fallback=0 AND status=200 "
		    "AND id LIKE '________-____-7___-____-____________'"),
		1);
	cr_assert_eq(
		ask(store,
		    "SELECT count(*) FROM provider_metrics WHERE total_tokens=0 AND "
		    "success=0 AND user_id IS NULL AND error_code='rate_limited' AND "
		    "first_token_ms IS NULL AND cost_usd_nanos IS NULL AND "
		    "usage_known=0 AND fallback=1 AND status=429"),
		1);
	cr_assert_eq(
		ask(store, "SELECT count(*) FROM provider_metrics WHERE status IS NULL"),
		1);
	ct_store_close(store);
}

Test(metrics, have_no_row_for_a_provider_that_was_not_asked)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_attempt attempt = attempt_at(day);

	attempt.skipped = true;
	add(store, &attempt, NULL);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_metrics"), 0);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_rollups"), 0);
	ct_store_close(store);
}

/* Attempts on both sides of hours and days, for several keys. */
static void add_many(struct ct_store *store)
{
	static const char *const users[] = { NULL, "ann", "bob" };
	static const char *const models[] = { "sonnet", "haiku" };
	static const int64_t offsets[] = { -1,	    0,	     1,	       3599999,
					   3600000, 3600001, 86399999, 86400000 };
	int n = 0;

	cr_assert_eq(ct_store_begin(store, NULL), CT_OK);
	for (size_t i = 0; i < CT_COUNT(offsets) * 6; i++) {
		struct ct_attempt attempt = attempt_at(day + offsets[i / 6]);
		attempt.model = ct_str(models[i % 2]);
		attempt.code = i % 5 == 0 ? CT_EUPSTREAM : CT_OK;
		attempt.fallback = i % 7 == 0;
		attempt.duration_ms = 100 + ++n;
		attempt.usage.input = n;
		attempt.cost_usd_nanos = i % 4 == 0 ? -1 : n;
		add(store, &attempt, users[i % 3]);
	}
	cr_assert_eq(ct_store_commit(store, NULL), CT_OK);
}

Test(metrics, add_up_to_the_same_in_rows_hours_and_days)
{
	static const int64_t spans[] = { CT_SPAN_HOUR, CT_SPAN_DAY };
	struct ct_store *store = open_store(CT_STORE_WRITE);
	char sql[1500];

	add_many(store);
	for (size_t i = 0; i < CT_COUNT(spans); i++) {
		const long long span = spans[i];
		snprintf(sql, sizeof(sql),
			 "SELECT count(*) FROM (SELECT "
			 "created_at-created_at%%%lld,provider,model,"
			 "ifnull(user_id,''),count(*),sum(success),sum(fallback),sum("
			 "input_tokens),"
			 "sum(output_tokens),ifnull(sum(cost_usd_nanos),0),"
			 "sum(iif(success,duration,0)),max(created_at) FROM "
			 "provider_metrics "
			 "GROUP BY 1,2,3,4 EXCEPT SELECT "
			 "start,provider,model,user_id,requests,"
			 "successes,fallbacks,input_tokens,output_tokens,cost_usd_nanos,"
			 "duration_sum,last_used_at FROM provider_rollups WHERE "
			 "span=%lld)",
			 span, span);
		cr_assert_eq(ask(store, sql), 0, "span %lld", span);
		snprintf(sql, sizeof(sql),
			 "SELECT count(*)=(SELECT count(DISTINCT "
			 "(created_at/%lld)||model||"
			 "ifnull(user_id,'')) FROM provider_metrics) FROM "
			 "provider_rollups WHERE "
			 "span=%lld",
			 span, span);
		cr_assert_eq(ask(store, sql), 1, "span %lld", span);
	}
	ct_store_close(store);
}

Test(metrics, cut_what_no_provider_can_mean)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_attempt attempt = attempt_at(-5);

	attempt.usage.input = attempt.usage.output = attempt.cost_usd_nanos = INT64_MAX;
	attempt.duration_ms = attempt.first_token_ms = INT64_MAX;
	for (int i = 0; i < 50; i++)
		add(store, &attempt, NULL);
	attempt.usage.input = attempt.usage.output = attempt.duration_ms = INT64_MIN;
	attempt.started_wall_ms = INT64_MAX;
	add(store, &attempt, NULL);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_rollups WHERE "
				"typeof(input_tokens)<>'integer' OR input_tokens<0 OR "
				"typeof(duration_sum)<>'integer' OR duration_sum<0"),
		     0);
	ct_store_close(store);
}

Test(metrics, write_nothing_beside_a_damaged_histogram)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_attempt attempt = attempt_at(day);
	struct ct_err err = { 0 };

	add(store, &attempt, NULL);
	run(store,
	    "UPDATE provider_rollups SET durations=x'ffffffffffff' WHERE span=86400000");
	cr_assert_eq(ct_metrics_add(store, &attempt, ct_str("r"), 1, ct_str(NULL), &err),
		     CT_ESTORE);
	cr_assert_not_null(strstr(err.msg, "damaged"), "%s", err.msg);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_metrics"), 1);
	cr_assert_eq(ask(store, "SELECT sum(requests) FROM provider_rollups"), 2);
	ct_store_close(store);
}
