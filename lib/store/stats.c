#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/defs.h"
#include "store/db.h"
#include "store/histogram.h"
#include "store/metrics.h"
#include "store/rollup.h"

/* What is summed under one key. */
struct group {
	struct ct_stats_row row; /* its strings are in the arena */
	uint64_t hash;
	int64_t period; /* by day or hour: its beginning */
	int64_t duration_sum;
	struct ct_histogram durations, first_tokens;
};

struct query {
	struct ct_store *store;
	enum ct_stats_by by;
	ct_stats_row_fn *fn;
	void *user;
	struct ct_arena arena;
	struct group **groups; /* in order of appearance */
	size_t count, cap;
	size_t *slots; /* index + 1 into groups by hash, open addressing; twice cap of them */
	struct group *last; /* the row before was of this one */
	struct ct_err *err;
};

/* One row of either table. */
struct sums {
	struct ct_str provider, model, user_id;
	int64_t start, requests, successes, fallbacks, input, output, cost, duration, last_used;
};

static bool is_by_time(enum ct_stats_by by)
{
	return by == CT_BY_DAY || by == CT_BY_HOUR;
}

static int fail_memory(struct query *q)
{
	return ct_fail(q->err, CT_ESTORE, "cannot read the store %s: out of memory",
		       q->store->path);
}

/* The key, as far as the grouping has it. */
static struct sums key_of(const struct query *q, const struct sums *sums)
{
	const int64_t span = q->by == CT_BY_DAY ? CT_SPAN_DAY : CT_SPAN_HOUR;
	struct sums key = { 0 };

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

static uint64_t hash_str(uint64_t hash, struct ct_str s)
{
	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
	return (hash ^ 0xFF) * 0x100000001b3u; /* ends the string: it is in no UTF-8 */
}

static uint64_t hash_key(const struct sums *key)
{
	uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)key->start * 0x9E3779B97F4A7C15u;

	return hash_str(hash_str(hash_str(hash, key->provider), key->model), key->user_id);
}

static bool is_group(const struct group *group, const struct sums *key)
{
	return group->period == key->start && ct_str_eq(group->row.provider, key->provider) &&
	       ct_str_eq(group->row.model, key->model) &&
	       ct_str_eq(group->row.user_id, key->user_id);
}

static size_t slot_of(const struct query *q, uint64_t hash, const struct sums *key)
{
	size_t mask = 2 * q->cap - 1, at = hash & mask;

	while (q->slots[at] != 0 && !(q->groups[q->slots[at] - 1]->hash == hash &&
				      is_group(q->groups[q->slots[at] - 1], key)))
		at = (at + 1) & mask;
	return at;
}

static int grow(struct query *q)
{
	size_t cap = q->cap == 0 ? 64 : 2 * q->cap;
	struct group **groups = reallocarray(q->groups, cap, sizeof(struct group *));

	if (groups == NULL)
		return fail_memory(q);
	q->groups = groups;
	size_t *slots = calloc(2 * cap, sizeof(*slots));
	if (slots == NULL)
		return fail_memory(q);
	free(q->slots);
	q->slots = slots;
	q->cap = cap;
	for (size_t i = 0; i < q->count; i++) {
		size_t at = groups[i]->hash & (2 * cap - 1);
		while (slots[at] != 0)
			at = (at + 1) & (2 * cap - 1);
		slots[at] = i + 1;
	}
	return CT_OK;
}

static struct ct_str dup_of(struct query *q, struct ct_str s, bool *ok)
{
	if (s.ptr == NULL)
		return s;
	struct ct_str copy = ct_arena_dup(&q->arena, s);
	*ok = *ok && copy.ptr != NULL;
	return copy;
}

static struct group *create(struct query *q, const struct sums *key)
{
	struct group *group = ct_arena_alloc(&q->arena, sizeof(*group));
	bool ok = group != NULL;

	if (!ok)
		return NULL;
	group->period = key->start;
	group->row.provider = dup_of(q, key->provider, &ok);
	group->row.model = dup_of(q, key->model, &ok);
	group->row.user_id = dup_of(q, key->user_id, &ok);
	return ok ? group : NULL;
}

static int find_group(struct query *q, const struct sums *key, struct group **out)
{
	if (q->last != NULL && is_group(q->last, key)) {
		*out = q->last;
		return CT_OK;
	}
	if (q->count == q->cap) {
		int rc = grow(q);
		if (rc != CT_OK)
			return rc;
	}

	uint64_t hash = hash_key(key);
	size_t slot = slot_of(q, hash, key);
	if (q->slots[slot] == 0) {
		struct group *group = create(q, key);
		if (group == NULL)
			return fail_memory(q);
		group->hash = hash;
		q->groups[q->count++] = group;
		q->slots[slot] = q->count;
	}
	*out = q->last = q->groups[q->slots[slot] - 1];
	return CT_OK;
}

static void write_period(const struct query *q, const struct group *group, char out[32])
{
	time_t seconds = (time_t)(group->period / 1000);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	strftime(out, 32, q->by == CT_BY_DAY ? "%Y-%m-%d" : "%Y-%m-%dT%H:00Z", &tm);
}

static int emit(struct query *q, const struct group *group)
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
static int period_group(struct query *q, const struct sums *key, struct group **out)
{
	if (q->last == NULL || q->last->period != key->start) {
		int rc = q->last != NULL ? emit(q, q->last) : CT_OK;
		if (rc != CT_OK)
			return rc;
		if (q->last == NULL)
			q->last = ct_arena_alloc(&q->arena, sizeof(*q->last));
		if (q->last == NULL)
			return fail_memory(q);
		*q->last = (struct group){ .period = key->start };
	}
	*out = q->last;
	return CT_OK;
}

static int add(struct query *q, const struct sums *sums, struct group **out)
{
	struct sums key = key_of(q, sums);
	int rc = is_by_time(q->by) ? period_group(q, &key, out) : find_group(q, &key, out);

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
static struct sums read_sums(sqlite3_stmt *stmt)
{
	struct sums sums = {
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
	struct sums sums = read_sums(stmt);
	struct group *group;
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
	struct sums sums = read_sums(stmt);
	struct group *group;
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
		"SELECT start,provider,model,user_id,requests,successes,fallbacks,input_tokens,"
		"output_tokens,cost_usd_nanos,duration_sum,last_used_at,durations,first_tokens "
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
		"SELECT created_at,provider,model,user_id,1,success,fallback,input_tokens,"
		"output_tokens,ifnull(cost_usd_nanos,0),iif(success,duration,0),created_at,"
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

static int compare_names(const struct group *a, const struct group *b)
{
	const struct ct_str names[][2] = {
		{ a->row.provider, b->row.provider },
		{ a->row.model, b->row.model },
		{ a->row.user_id, b->row.user_id },
	};

	for (size_t i = 0; i < CT_COUNT(names); i++) {
		size_t len = names[i][0].len < names[i][1].len ? names[i][0].len
							       : names[i][1].len;
		int order = len > 0 ? memcmp(names[i][0].ptr, names[i][1].ptr, len) : 0;
		if (order == 0)
			order = (names[i][0].len > len) - (names[i][1].len > len);
		if (order != 0)
			return order;
	}
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct group *a = *(struct group *const *)left;
	const struct group *b = *(struct group *const *)right;

	if (a->row.requests != b->row.requests)
		return a->row.requests > b->row.requests ? -1 : 1;
	return compare_names(a, b);
}

static int emit_all(struct query *q)
{
	int rc = CT_OK;

	if (is_by_time(q->by))
		return q->last != NULL ? emit(q, q->last) : CT_OK;
	if (q->count > 1)
		qsort(q->groups, q->count, sizeof(struct group *), compare);
	for (size_t i = 0; i < q->count && rc == CT_OK; i++)
		rc = emit(q, q->groups[i]);
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
	free(q.groups);
	free(q.slots);
	ct_arena_fini(&q.arena);
	return rc;
}
