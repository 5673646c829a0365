#include "store/metrics.h"

#include "base/defs.h"
#include "base/uuid.h"
#include "store/db.h"
#include "store/histogram.h"
#include "store/rollup.h"

/* An attempt with what the store adds to it. */
struct entry {
	const struct ct_attempt *attempt;
	struct ct_str request_id, user_id;
	int number;
	int64_t at; /* when it began: rows and rollups are placed by this alone */
	int64_t input, output, cost, duration;
	bool success;
};

/* The histograms of one rollup with the attempt in them, as they will be kept. */
struct rollup {
	int64_t span;
	size_t durations_len, first_tokens_len;
	unsigned char durations[CT_HISTOGRAM_BYTES], first_tokens[CT_HISTOGRAM_BYTES];
};

/* A provider may claim anything: sums must not overflow. */
static int64_t limit(int64_t value)
{
	const int64_t most = 1000000000000;

	return value < 0 ? 0 : value < most ? value : most;
}

static int fail_damaged(const struct ct_store *store, struct ct_err *err)
{
	return ct_fail(err, CT_ESTORE,
		       "cannot write the store %s: a histogram in it is damaged",
		       store->path);
}

static void bind_key(sqlite3_stmt *stmt, const struct entry *entry, int64_t span)
{
	sqlite3_bind_int64(stmt, 1, span);
	sqlite3_bind_int64(stmt, 2, entry->at - entry->at % span);
	ct_db_bind_text(stmt, 3, entry->attempt->provider);
	ct_db_bind_text(stmt, 4, entry->attempt->model);
	ct_db_bind_text(stmt, 5, entry->user_id);
}

static bool merge(struct ct_histogram *histogram, sqlite3_stmt *stmt, int column)
{
	const void *bytes = sqlite3_column_blob(stmt, column);

	return ct_histogram_merge(histogram, bytes,
				  (size_t)sqlite3_column_bytes(stmt, column));
}

static const char load_sql[] =
	"SELECT durations,first_tokens FROM provider_rollups "
	"WHERE span=?1 AND start=?2 AND provider=?3 AND model=?4 AND user_id=?5";

static int load(struct ct_store *store, const struct entry *entry, int64_t span,
		struct ct_histogram kept[2], struct ct_err *err)
{
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, load_sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	bind_key(stmt, entry, span);
	int code = sqlite3_step(stmt);
	if (code == SQLITE_ROW) {
		if (!merge(&kept[0], stmt, 0) || !merge(&kept[1], stmt, 1))
			rc = fail_damaged(store, err);
	} else if (code != SQLITE_DONE) {
		rc = ct_db_fail(store, "read", err);
	}
	sqlite3_reset(stmt);
	return rc;
}

static int prepare(struct ct_store *store, const struct entry *entry,
		   struct rollup *rollup, struct ct_err *err)
{
	struct ct_histogram kept[2] = { 0 };
	int rc = load(store, entry, rollup->span, kept, err);

	if (rc != CT_OK)
		return rc;
	if (entry->success)
		ct_histogram_add(&kept[0], entry->duration);
	if (entry->success && entry->attempt->first_token_ms >= 0)
		ct_histogram_add(&kept[1], entry->attempt->first_token_ms);
	rollup->durations_len = ct_histogram_encode(&kept[0], rollup->durations);
	rollup->first_tokens_len = ct_histogram_encode(&kept[1], rollup->first_tokens);
	return CT_OK;
}

static const char rollup_sql[] =
	"INSERT INTO provider_rollups(span,start,provider,model,user_id,requests,"
	"successes,fallbacks,input_tokens,output_tokens,cost_usd_nanos,duration_"
	"sum,"
	"last_used_at,durations,first_tokens)"
	"VALUES(?1,?2,?3,?4,?5,1,?6,?7,?8,?9,?10,?11,?12,?13,?14)"
	"ON CONFLICT DO UPDATE SET requests=requests+1,"
	"successes=successes+excluded.successes,fallbacks=fallbacks+excluded."
	"fallbacks,"
	"input_tokens=input_tokens+excluded.input_tokens,"
	"output_tokens=output_tokens+excluded.output_tokens,"
	"cost_usd_nanos=cost_usd_nanos+excluded.cost_usd_nanos,"
	"duration_sum=duration_sum+excluded.duration_sum,"
	"last_used_at=max(last_used_at,excluded.last_used_at),"
	"durations=excluded.durations,first_tokens=excluded.first_tokens";

static int add_to_rollup(struct ct_store *store, const struct entry *entry,
			 const struct rollup *rollup, struct ct_err *err)
{
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, rollup_sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	bind_key(stmt, entry, rollup->span);
	sqlite3_bind_int(stmt, 6, entry->success);
	sqlite3_bind_int(stmt, 7, entry->attempt->fallback);
	sqlite3_bind_int64(stmt, 8, entry->input);
	sqlite3_bind_int64(stmt, 9, entry->output);
	sqlite3_bind_int64(stmt, 10, entry->cost);
	sqlite3_bind_int64(stmt, 11, entry->success ? entry->duration : 0);
	sqlite3_bind_int64(stmt, 12, entry->at);
	sqlite3_bind_blob64(stmt, 13, rollup->durations, rollup->durations_len,
			    SQLITE_STATIC);
	sqlite3_bind_blob64(stmt, 14, rollup->first_tokens, rollup->first_tokens_len,
			    SQLITE_STATIC);
	return ct_db_run(store, stmt, err);
}

static void bind_row(sqlite3_stmt *stmt, const struct entry *entry)
{
	const struct ct_attempt *a = entry->attempt;

	ct_db_bind_text(stmt, 2, a->provider);
	ct_db_bind_text(stmt, 3, a->model);
	sqlite3_bind_int64(stmt, 4, entry->input);
	sqlite3_bind_int64(stmt, 5, entry->output);
	sqlite3_bind_int64(stmt, 6, entry->input + entry->output);
	sqlite3_bind_int64(stmt, 7, entry->duration);
	sqlite3_bind_int(stmt, 8, entry->success);
	sqlite3_bind_int64(stmt, 9, entry->at);
	ct_db_bind(stmt, 10, entry->request_id);
	sqlite3_bind_int(stmt, 11, entry->number);
	ct_db_bind(stmt, 12, entry->user_id);
	if (!entry->success)
		ct_db_bind(stmt, 13, ct_str(ct_code_name(a->code)));
	if (a->first_token_ms >= 0)
		sqlite3_bind_int64(stmt, 14, limit(a->first_token_ms));
	if (a->cost_usd_nanos >= 0)
		sqlite3_bind_int64(stmt, 15, entry->cost);
	sqlite3_bind_int(stmt, 16, a->usage.known);
	sqlite3_bind_int(stmt, 17, a->fallback);
	if (a->status != 0)
		sqlite3_bind_int(stmt, 18, a->status);
	sqlite3_bind_int64(stmt, 19, limit(a->usage.audio_ms));
	sqlite3_bind_int64(stmt, 20, limit(a->usage.characters));
}

static const char row_sql[] =
	"INSERT INTO "
	"provider_metrics(id,provider,model,input_tokens,output_tokens,"
	"total_tokens,duration,success,created_at,request_id,attempt,user_id,"
	"error_code,"
	"first_token_ms,cost_usd_nanos,usage_known,fallback,status,audio_ms,characters)"
	"VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,"
	"?20)";

static int insert_row(struct ct_store *store, const struct entry *entry,
		      struct ct_err *err)
{
	char id[CT_UUID_SIZE];
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, row_sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 1, ct_str(ct_uuid(id, entry->at)));
	bind_row(stmt, entry);
	return ct_db_run(store, stmt, err);
}

/* What may be found damaged is read first: then nothing has been written yet. */
static int add(struct ct_store *store, const struct entry *entry, struct ct_err *err)
{
	struct rollup hour = { .span = CT_SPAN_HOUR }, day = { .span = CT_SPAN_DAY };
	int rc = prepare(store, entry, &hour, err);

	if (rc == CT_OK)
		rc = prepare(store, entry, &day, err);
	if (rc == CT_OK)
		rc = insert_row(store, entry, err);
	if (rc == CT_OK)
		rc = add_to_rollup(store, entry, &hour, err);
	return rc == CT_OK ? add_to_rollup(store, entry, &day, err) : rc;
}

int ct_metrics_add(struct ct_store *store, const struct ct_attempt *attempt,
		   struct ct_str request_id, int number, struct ct_str user_id,
		   struct ct_err *err)
{
	struct entry entry = {
		.attempt = attempt,
		.request_id = request_id,
		.user_id = user_id,
		.number = number,
		.at = attempt->started_wall_ms > 0 ? attempt->started_wall_ms : 0,
		.input = limit(attempt->usage.input),
		.output = limit(attempt->usage.output),
		.cost = limit(attempt->cost_usd_nanos),
		.duration = limit(attempt->duration_ms),
		.success = attempt->code == CT_OK,
	};
	bool own;

	if (attempt->skipped)
		return CT_OK;
	int rc = ct_db_enter(store, &own, err);
	if (rc != CT_OK)
		return rc;
	return ct_db_leave(store, own, add(store, &entry, err), err);
}

void ct_metrics_warm(struct ct_store *store)
{
	ct_db_warm(store, (const char *const[]){ load_sql, rollup_sql, row_sql, NULL });
}
