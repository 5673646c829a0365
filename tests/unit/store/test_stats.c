#include <math.h>

#include "base/defs.h"
#include "store/rollup.h"
#include "temp_store.h"

static struct ct_store *store;

static void init(void)
{
	make_temp();
	store = open_store(CT_STORE_WRITE);
}

static void fini(void)
{
	ct_store_close(store);
	remove_temp();
}

TestSuite(stats, .init = init, .fini = fini);

static const int64_t day = 1800057600000; /* 2027-01-16T00:00Z */
enum { MINUTE = 60000, HOUR = CT_SPAN_HOUR };

static struct ct_attempt attempt_at(int64_t at, const char *provider, const char *model)
{
	return (struct ct_attempt){
		.provider = ct_str(provider),
		.model = ct_str(model),
		.started_wall_ms = at,
		.duration_ms = 100,
		.first_token_ms = -1,
		.usage = { .known = true, .input = 1, .output = 2 },
		.cost_usd_nanos = 3,
	};
}

static void add(const struct ct_attempt *attempt, const char *user)
{
	struct ct_err err = { 0 };
	int rc = ct_metrics_add(store, attempt, ct_str("r"), 1, ct_str(user), &err);

	cr_assert_eq(rc, CT_OK, "%s", err.msg);
}

/* An attempt every 7 minutes for three days, from a day before on. */
static void add_three_days(void)
{
	static const char *const users[] = { NULL, "ann", "bob" };
	int n = 0;

	cr_assert_eq(ct_store_begin(store, NULL), CT_OK);
	for (int64_t at = day - 24 * HOUR; at < day + 48 * HOUR; at += 7 * MINUTE, n++) {
		struct ct_attempt attempt = attempt_at(at, n % 3 ? "claude" : "gemini",
						       n % 2 ? "small" : "large");
		attempt.code = n % 11 == 0 ? CT_EUPSTREAM : CT_OK;
		attempt.fallback = n % 13 == 0;
		attempt.duration_ms = 50 + n * 7919 % 5000;
		attempt.first_token_ms = n % 4 ? attempt.duration_ms / 2 : -1;
		attempt.usage.input = n;
		add(&attempt, users[n % 3]);
	}
	cr_assert_eq(ct_store_commit(store, NULL), CT_OK);
}

struct seen {
	char text[2048]; /* "provider/model/user/period requests;" for each row */
	int reply, count;
	struct ct_stats_row sum, row; /* of counts; the last */
};

static int record(void *user, const struct ct_stats_row *row)
{
	struct seen *seen = user;
	size_t used = strlen(seen->text);

	snprintf(seen->text + used, sizeof(seen->text) - used,
		 "%.*s/%.*s/%.*s/%.*s %lld;", CT_STR_ARG(row->provider),
		 CT_STR_ARG(row->model), CT_STR_ARG(row->user_id),
		 CT_STR_ARG(row->period), (long long)row->requests);
	seen->count++;
	seen->sum.requests += row->requests;
	seen->sum.successes += row->successes;
	seen->sum.failures += row->failures;
	seen->sum.fallbacks += row->fallbacks;
	seen->sum.input_tokens += row->input_tokens;
	seen->sum.total_tokens += row->total_tokens;
	seen->sum.cost_usd_nanos += row->cost_usd_nanos;
	if (seen->sum.last_used_ms < row->last_used_ms)
		seen->sum.last_used_ms = row->last_used_ms;
	seen->row = *row;
	return seen->reply;
}

static struct seen *query(enum ct_stats_by by, int64_t since, int64_t now)
{
	static struct seen seen;
	struct ct_err err = { 0 };

	seen = (struct seen){ .reply = CT_OK };
	cr_assert_eq(ct_stats_query(store, by, since, now, record, &seen, &err), CT_OK,
		     "%s", err.msg);
	return &seen;
}

Test(stats, of_an_empty_store_have_no_rows)
{
	for (int by = CT_BY_MODEL; by <= CT_BY_HOUR; by++)
		cr_assert_eq(query((enum ct_stats_by)by, 0, day)->count, 0, "by %d", by);
}

static int64_t exact(const char *what, int64_t since)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "SELECT ifnull(%s,0) FROM provider_metrics WHERE created_at>=%lld", what,
		 (long long)since);
	return ask(store, sql);
}

Test(stats, equal_the_sums_of_rows_wherever_they_begin)
{
	static const int64_t begins[] = {
		-25 * HOUR, /* before all */
		-24 * HOUR,
		-24 * HOUR + 1,
		-3 * HOUR,
		-3 * HOUR + 20 * MINUTE,
		-1,
		0,
		1,
		59 * MINUTE,
		HOUR,
		23 * HOUR + 30 * MINUTE,
		24 * HOUR,
		40 * HOUR + 1,
		47 * HOUR,
		47 * HOUR + 30 * MINUTE,
		48 * HOUR - 1 * MINUTE,
	};
	const int64_t now = day + 48 * HOUR - 1;

	add_three_days();
	for (size_t i = 0; i <= CT_COUNT(begins); i++) {
		int64_t since = i < CT_COUNT(begins) ? day + begins[i] : 0;
		for (int by = CT_BY_MODEL; by <= CT_BY_HOUR; by++) {
			struct ct_stats_row sum =
				query((enum ct_stats_by)by, since, now)->sum;
			cr_assert_eq(sum.requests, exact("count(*)", since),
				     "begin %zu by %d", i, by);
			cr_assert_eq(sum.successes, exact("sum(success)", since),
				     "begin %zu by %d", i, by);
			cr_assert_eq(sum.failures, sum.requests - sum.successes,
				     "begin %zu by %d", i, by);
			cr_assert_eq(sum.fallbacks, exact("sum(fallback)", since),
				     "begin %zu by %d", i, by);
			cr_assert_eq(sum.input_tokens, exact("sum(input_tokens)", since),
				     "begin %zu by %d", i, by);
			cr_assert_eq(sum.total_tokens, exact("sum(total_tokens)", since),
				     "begin %zu by %d", i, by);
			cr_assert_eq(sum.cost_usd_nanos,
				     exact("sum(cost_usd_nanos)", since),
				     "begin %zu by %d", i, by);
			cr_assert_eq(sum.last_used_ms, exact("max(created_at)", since),
				     "begin %zu by %d", i, by);
		}
	}
}

/* The value at rank ceil(share * n) of a column. */
static int64_t exact_percentile(const char *column, double share, int64_t since)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
		 "WITH v AS (SELECT %s AS x FROM provider_metrics WHERE success AND %s "
		 "IS NOT NULL "
		 "AND provider='claude' AND created_at>=%lld) SELECT x FROM v ORDER BY x "
		 "LIMIT 1 "
		 "OFFSET (SELECT CAST(ceil(count(*)*%.2f) AS INT)-1 FROM v)",
		 column, column, (long long)since, share);
	return ask(store, sql);
}

static void check_near(int64_t told, int64_t value, const char *name)
{
	cr_assert_leq(fabs((double)(told - value)), 0.03 * (double)value,
		      "%s: %lld for %lld", name, (long long)told, (long long)value);
}

Test(stats, tell_percentiles_within_3_percent_across_rows_hours_and_days)
{
	const int64_t since = day - 5 * HOUR + 10 * MINUTE;

	add_three_days();
	struct ct_err err = { 0 };
	struct seen seen = {
		.reply = CT_ECANCELLED
	}; /* the first: claude has most requests */
	cr_assert_eq(ct_stats_query(store, CT_BY_PROVIDER, since, day + 48 * HOUR, record,
				    &seen, &err),
		     CT_ECANCELLED);
	cr_assert_not_null(strstr(seen.text, "claude"), "%s", seen.text);
	check_near(seen.row.p50_ms, exact_percentile("duration", 0.50, since), "p50");
	check_near(seen.row.p95_ms, exact_percentile("duration", 0.95, since), "p95");
	check_near(seen.row.p99_ms, exact_percentile("duration", 0.99, since), "p99");
	check_near(seen.row.p50_first_token_ms,
		   exact_percentile("first_token_ms", 0.50, since), "first token");
	char sql[256];
	snprintf(sql, sizeof(sql),
		 "SELECT round(avg(duration)) FROM provider_metrics WHERE success AND "
		 "provider='claude' AND created_at>=%lld",
		 (long long)since);
	cr_assert_eq(seen.row.avg_ms, ask(store, sql));
}

Test(stats, have_no_times_without_a_success)
{
	struct ct_attempt attempt = attempt_at(day, "claude", "m");

	attempt.code = CT_EUPSTREAM;
	attempt.first_token_ms = 5;
	add(&attempt, NULL);
	for (int64_t since = 0; since <= day; since += day) {
		struct ct_stats_row row = query(CT_BY_MODEL, since, day + 5)->row;
		cr_assert_eq(row.avg_ms, -1);
		cr_assert_eq(row.p50_ms, -1);
		cr_assert_eq(row.p99_ms, -1);
		cr_assert_eq(row.p50_first_token_ms, -1);
	}
}

Test(stats, count_an_attempt_where_it_began_from_the_first_ms_on)
{
	struct ct_attempt attempt = attempt_at(day + 30 * MINUTE, "claude", "m");

	add(&attempt, NULL);
	cr_assert_eq(query(CT_BY_MODEL, day + 30 * MINUTE, day + HOUR)->sum.requests, 1);
	cr_assert_eq(query(CT_BY_MODEL, day + 30 * MINUTE + 1, day + HOUR)->sum.requests,
		     0);
	cr_assert_eq(
		query(CT_BY_MODEL, day + 30 * MINUTE, day + 30 * MINUTE)->sum.requests,
		1);
	cr_assert_eq(query(CT_BY_MODEL, day + 1, day + 29 * MINUTE)->sum.requests, 0);
	cr_assert_eq(query(CT_BY_MODEL, day + HOUR, day)->sum.requests, 0);
	cr_assert_eq(query(CT_BY_MODEL, -5, INT64_MAX)->sum.requests, 1);
}

Test(stats, group_by_what_is_asked_for_most_requests_first)
{
	static const struct {
		const char *provider, *model, *user;
		int64_t at;
	} attempts[] = {
		{ "claude", "x", "ann", -2 * HOUR },
		{ "claude", "y", NULL, -HOUR },
		{ "gemini", "x", "ann", 5 },
		{ "gemini", "x", "bob", HOUR },
		{ "gemini", "x", "ann", 2 * HOUR },
		{ "clau", "dex", "ann", 2 * HOUR + 1 },
	};
	static const struct {
		enum ct_stats_by by;
		const char *expected;
	} cases[] = {
		{ CT_BY_MODEL, "gemini/x// 3;clau/dex// 1;claude/x// 1;claude/y// 1;" },
		{ CT_BY_PROVIDER, "gemini/// 3;claude/// 2;clau/// 1;" },
		{ CT_BY_USER, "//ann/ 4;/// 1;//bob/ 1;" },
		{ CT_BY_DAY, "///2027-01-16 4;///2027-01-15 2;" },
		{ CT_BY_HOUR, "///2027-01-16T02:00Z 2;///2027-01-16T01:00Z 1;"
			      "///2027-01-16T00:00Z 1;///2027-01-15T23:00Z 1;"
			      "///2027-01-15T22:00Z 1;" },
	};

	for (size_t i = 0; i < CT_COUNT(attempts); i++) {
		struct ct_attempt attempt = attempt_at(
			day + attempts[i].at, attempts[i].provider, attempts[i].model);
		add(&attempt, attempts[i].user);
	}
	/* all; from the first attempt on; and so that the first day has rows, hours and a day */
	for (int64_t since = 0; since <= day; since += day - 2 * HOUR) {
		for (size_t c = 0; c < CT_COUNT(cases) && since < day; c++) {
			struct seen *seen = query(cases[c].by, since, day + 3 * HOUR);
			cr_assert_str_eq(seen->text, cases[c].expected,
					 "since %lld by %d: %s", (long long)since,
					 (int)cases[c].by, seen->text);
		}
	}
	for (size_t c = 0; c < CT_COUNT(cases); c++) {
		struct seen *seen =
			query(cases[c].by, day - 2 * HOUR - 10 * MINUTE, day + 3 * HOUR);
		cr_assert_str_eq(seen->text, cases[c].expected, "by %d: %s",
				 (int)cases[c].by, seen->text);
	}
}

Test(stats, keep_many_groups_apart)
{
	char user[32];
	struct ct_attempt attempt = attempt_at(day, "claude", "m");

	cr_assert_eq(ct_store_begin(store, NULL), CT_OK);
	for (int i = 0; i < 500; i++) {
		snprintf(user, sizeof(user), "user%d", i % 250);
		add(&attempt, user);
	}
	cr_assert_eq(ct_store_commit(store, NULL), CT_OK);
	struct seen *seen = query(CT_BY_USER, 0, day);
	cr_assert_eq(seen->count, 250);
	cr_assert_eq(seen->sum.requests, 500);
	cr_assert_eq(seen->row.requests, 2);
}

Test(stats, end_with_the_callbacks_code)
{
	add_three_days();
	for (int by = CT_BY_MODEL; by <= CT_BY_HOUR; by++) {
		struct seen seen = { .reply = CT_ECANCELLED };
		cr_assert_eq(ct_stats_query(store, (enum ct_stats_by)by, 0,
					    day + 48 * HOUR, record, &seen, NULL),
			     CT_ECANCELLED, "by %d", by);
		cr_assert_eq(seen.count, 1, "by %d", by);
	}
}

Test(stats, say_that_a_histogram_is_damaged)
{
	struct ct_attempt attempt = attempt_at(day, "claude", "m");
	struct ct_err err = { 0 };
	struct seen seen = { .reply = CT_OK };

	add(&attempt, NULL);
	run(store, "UPDATE provider_rollups SET first_tokens=x'80'");
	cr_assert_eq(ct_stats_query(store, CT_BY_MODEL, 0, day, record, &seen, &err),
		     CT_ESTORE);
	cr_assert_not_null(strstr(err.msg, "damaged"), "%s", err.msg);
}
