#include <time.h>

#include "store/db.h"
#include "store/groups.h"
#include "store/metrics.h"
#include "store/rollup.h"

struct query {
	struct ct_store *store;
	enum ct_stats_by by;
	ct_stats_row_fn *fn;
	void *user;
	struct ct_groups groups; /* by anything but time */
	struct ct_group period; /* by time: the one that rows come of now */
	bool has_period;
	struct ct_err *err;
};

static bool is_by_time(enum ct_stats_by by)
{
	return by == CT_BY_DAY || by == CT_BY_HOUR;
}

/* The key, as far as the grouping has it. */
static struct ct_sums key_of(const struct query *q, const struct ct_sums *sums)
{
	const int64_t span = q->by == CT_BY_DAY ? CT_SPAN_DAY : CT_SPAN_HOUR;
	struct ct_sums key = { 0 };

	if (is_by_time(q->by))
		key.start = sums->start - sums->start % span;
	if (q->by == CT_BY_MODEL || q->by == CT_BY_PROVIDER)
		key.provider = sums->provider;
	if (q->by == CT_BY_MODEL)
		key.model = sums->model;
	if (q->by == CT_BY_USER)
		key.user_id = sums->user_id;
	return key;
}

static void write_period(const struct query *q, const struct ct_group *group,
			 char out[32])
{
	time_t seconds = (time_t)(group->start / 1000);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	strftime(out, 32, q->by == CT_BY_DAY ? "%Y-%m-%d" : "%Y-%m-%dT%H:00Z", &tm);
}

static int emit(struct query *q, const struct ct_group *group)
{
	struct ct_stats_row row = group->row;
	char period[32];

	if (is_by_time(q->by)) {
		write_period(q, group, period);
		row.period = ct_str(period);
	}
	row.failures = row.requests - row.successes;
	row.total_tokens = row.input_tokens + row.output_tokens;
	row.avg_ms = row.successes > 0
			     ? (group->duration_sum + row.successes / 2) / row.successes
			     : -1;
	row.p50_ms = ct_histogram_percentile(&group->durations, 0.50);
	row.p95_ms = ct_histogram_percentile(&group->durations, 0.95);
	row.p99_ms = ct_histogram_percentile(&group->durations, 0.99);
	row.p50_first_token_ms = ct_histogram_percentile(&group->first_tokens, 0.50);
	return q->fn(q->user, &row);
}

/* Periods come newest first and each in one run, so one group is enough for all of them. */
static int find_period(struct query *q, const struct ct_sums *key, struct ct_group **out)
{
	*out = &q->period;
	if (q->has_period && q->period.start == key->start)
		return CT_OK;

	int rc = q->has_period ? emit(q, &q->period) : CT_OK;
	q->period = (struct ct_group){ .start = key->start };
	q->has_period = true;
	return rc;
}

static int find(struct query *q, const struct ct_sums *key, struct ct_group **out)
{
	if (is_by_time(q->by))
		return find_period(q, key, out);
	if (ct_groups_find(&q->groups, key, out) == CT_OK)
		return CT_OK;
	return ct_fail(q->err, CT_ESTORE, "cannot read the store %s: out of memory",
		       q->store->path);
}

static int add(struct query *q, const struct ct_sums *sums, struct ct_group **out)
{
	struct ct_sums key = key_of(q, sums);
	int rc = find(q, &key, out);

	if (rc != CT_OK)
		return rc;
	struct ct_stats_row *row = &(*out)->row;
	row->requests += sums->requests;
	row->successes += sums->successes;
	row->fallbacks += sums->fallbacks;
	row->input_tokens += sums->input;
	row->output_tokens += sums->output;
	row->cost_usd_nanos += sums->cost;
	(*out)->duration_sum += sums->duration;
	if (row->last_used_ms < sums->last_used)
		row->last_used_ms = sums->last_used;
	return CT_OK;
}

/* The columns that both tables answer, in this order. A user_id of '' is none. */
static struct ct_sums read_sums(sqlite3_stmt *stmt)
{
	struct ct_sums sums = {
		.start = sqlite3_column_int64(stmt, 0),
		.provider = ct_db_str(stmt, 1),
		.model = ct_db_str(stmt, 2),
		.user_id = ct_db_str(stmt, 3),
		.requests = sqlite3_column_int64(stmt, 4),
		.successes = sqlite3_column_int64(stmt, 5),
		.fallbacks = sqlite3_column_int64(stmt, 6),
		.input = sqlite3_column_int64(stmt, 7),
		.output = sqlite3_column_int64(stmt, 8),
		.cost = sqlite3_column_int64(stmt, 9),
		.duration = sqlite3_column_int64(stmt, 10),
		.last_used = sqlite3_column_int64(stmt, 11),
	};

	if (sums.user_id.len == 0)
		sums.user_id = (struct ct_str){ NULL, 0 };
	return sums;
}

static int add_rollup(struct query *q, sqlite3_stmt *stmt)
{
	struct ct_sums sums = read_sums(stmt);
	struct ct_group *group;
	int rc = add(q, &sums, &group);

	if (rc != CT_OK)
		return rc;
	const void *durations = sqlite3_column_blob(stmt, 12);
	const void *first_tokens = sqlite3_column_blob(stmt, 13);
	if (!ct_histogram_merge(&group->durations, durations,
				(size_t)sqlite3_column_bytes(stmt, 12)) ||
	    !ct_histogram_merge(&group->first_tokens, first_tokens,
				(size_t)sqlite3_column_bytes(stmt, 13)))
		return ct_fail(q->err, CT_ESTORE,
			       "cannot read the store %s: a histogram in it is damaged",
			       q->store->path);
	return CT_OK;
}

static int add_row(struct query *q, sqlite3_stmt *stmt)
{
	struct ct_sums sums = read_sums(stmt);
	struct ct_group *group;
	int rc = add(q, &sums, &group);

	if (rc != CT_OK || sums.successes == 0)
		return rc;
	ct_histogram_add(&group->durations, sums.duration);
	if (sqlite3_column_type(stmt, 12) != SQLITE_NULL)
		ct_histogram_add(&group->first_tokens, sqlite3_column_int64(stmt, 12));
	return CT_OK;
}

typedef int add_fn(struct query *q, sqlite3_stmt *stmt);

static int scan(struct query *q, sqlite3_stmt *stmt, add_fn *add_one)
{
	int rc = CT_OK, code = SQLITE_DONE;

	while (rc == CT_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = add_one(q, stmt);
	if (rc == CT_OK && code != SQLITE_DONE)
		rc = ct_db_fail(q->store, "read", q->err);
	sqlite3_reset(stmt);
	return rc;
}

/* Rollups that begin from `from` on and before `to`. */
static int scan_rollups(struct query *q, int64_t span, int64_t from, int64_t to)
{
	static const char sql[] =
		"SELECT "
		"start,provider,model,user_id,requests,successes,fallbacks,input_tokens,"
		"output_tokens,cost_usd_nanos,duration_sum,last_used_at,durations,first_"
		"tokens "
		"FROM provider_rollups WHERE span=?1 AND start>=?2 AND start<?3 "
		"ORDER BY start DESC";
	sqlite3_stmt *stmt;

	if (from >= to)
		return CT_OK;
	int rc = ct_db_statement(q->store, sql, &stmt, q->err);
	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, span);
	sqlite3_bind_int64(stmt, 2, from);
	sqlite3_bind_int64(stmt, 3, to);
	return scan(q, stmt, add_rollup);
}

static int scan_rows(struct query *q, int64_t from, int64_t to)
{
	static const char sql[] =
		"SELECT "
		"created_at,provider,model,user_id,1,success,fallback,input_tokens,"
		"output_tokens,ifnull(cost_usd_nanos,0),iif(success,duration,0),created_"
		"at,"
		"first_token_ms FROM provider_metrics INDEXED BY metrics_created "
		"WHERE created_at>=?1 AND created_at<?2";
	sqlite3_stmt *stmt;

	if (from >= to)
		return CT_OK;
	int rc = ct_db_statement(q->store, sql, &stmt, q->err);
	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to);
	return scan(q, stmt, add_row);
}

static int64_t round_up(int64_t at, int64_t span)
{
	return (at + span - 1) / span * span;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * since ..... hour ........... day .................... now
 *       rows      hourly          daily, newest first
 */
static int scan_all(struct query *q, int64_t since, int64_t now)
{
	int64_t end = now + 1, hour = round_up(since, CT_SPAN_HOUR);
	int64_t day = q->by == CT_BY_HOUR ? INT64_MAX : round_up(since, CT_SPAN_DAY);

	int rc = scan_rollups(q, CT_SPAN_DAY, day, end);
	if (rc == CT_OK)
		rc = scan_rollups(q, CT_SPAN_HOUR, hour, smaller(day, end));
	return rc == CT_OK ? scan_rows(q, since, smaller(hour, end)) : rc;
}

static int emit_all(struct query *q)
{
	int rc = CT_OK;

	if (q->has_period)
		return emit(q, &q->period);
	ct_groups_sort(&q->groups);
	for (size_t i = 0; i < q->groups.count && rc == CT_OK; i++)
		rc = emit(q, q->groups.list[i]);
	return rc;
}

/* One snapshot for the three scans, so that nothing is counted twice or not at all. */
static int scan_at_once(struct query *q, int64_t since, int64_t now)
{
	bool own = sqlite3_get_autocommit(q->store->db);

	int rc = own ? ct_db_exec(q->store, "BEGIN", q->err) : CT_OK;

	if (rc != CT_OK)
		return rc;
	rc = scan_all(q, since, now);
	if (own)
		sqlite3_exec(q->store->db, "COMMIT", NULL, NULL, NULL);
	return rc;
}

int ct_stats_query(struct ct_store *store, enum ct_stats_by by, int64_t since_ms,
		   int64_t now_ms, ct_stats_row_fn *fn, void *user, struct ct_err *err)
{
	struct query q = { .store = store, .by = by, .fn = fn, .user = user, .err = err };

	if (since_ms > now_ms)
		return CT_OK;
	now_ms = smaller(now_ms, INT64_MAX / 2);
	int rc = scan_at_once(&q, since_ms > 0 ? since_ms : 0, now_ms);
	if (rc == CT_OK)
		rc = emit_all(&q);
	ct_groups_fini(&q.groups);
	return rc;
}
