/*
 * seed_store FILE [ROWS]: add ROWS requests, with an attempt each, spread over the last 90
 * days, through the functions that record real ones; then print what asking costs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/defs.h"
#include "base/uuid.h"
#include "store/journal.h"
#include "store/metrics.h"

enum { BATCH = 2000 };
static const int64_t period_ms = 90LL * 24 * 3600 * 1000;

static const struct {
	const char *provider, *model;
} models[] = {
	{ "claude", "claude-sonnet-5-5" },
	{ "claude", "claude-haiku-5-5" },
	{ "gemini", "gemini-3-pro" },
	{ "gemini", "gemini-3-flash" },
	{ "openai", "gpt-6" },
	{ "openai", "gpt-6-mini" },
};

static void check(int rc, const struct ct_err *err)
{
	if (rc == CT_OK)
		return;
	fprintf(stderr, "seed_store: %s\n", err->msg);
	exit(1);
}

/* xorshift64: https://www.jstatsoft.org/article/view/v008i14 */
static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

static void add_row(struct ct_store *store, int64_t at, uint64_t *random)
{
	char id[CT_UUID_SIZE], request_id[CT_UUID_SIZE], user[16], conversation[16];
	uint64_t r = next(random);
	size_t m = r % CT_COUNT(models);
	bool ok = (r >> 8) % 50 != 0;
	int64_t duration = 200 + (int64_t)((r >> 16) % 200) * (int64_t)((r >> 24) % 200);
	struct ct_err err = { 0 };

	snprintf(user, sizeof(user), "user%d", (int)((r >> 32) % 5));
	snprintf(conversation, sizeof(conversation), "c%d", (int)((r >> 36) % 1000000));
	struct ct_journal_entry entry = {
		.id = ct_str(ct_uuid(id, at)),
		.request_id = ct_str(ct_uuid(request_id, at)),
		.user_id = ct_str(user),
		.conversation_id = ct_str(conversation),
		.provider = ct_str(models[m].provider),
		.model = ct_str(models[m].model),
		.request_data = ct_str("{\"messages\":[]}"),
		.created_ms = at,
	};
	struct ct_journal_outcome outcome = {
		.completed = ok,
		.response_data = ct_str("{\"response\":\"\"}"),
		.duration_ms = duration,
		.ended_ms = at + duration,
	};
	struct ct_attempt attempt = {
		.provider = entry.provider,
		.model = entry.model,
		.started_wall_ms = at,
		.code = ok ? CT_OK : CT_EUPSTREAM,
		.status = ok ? 200 : 503,
		.duration_ms = duration,
		.first_token_ms = ok ? duration / 3 : -1,
		.usage = { .known = ok,
			   .input = (int64_t)(r >> 40) % 5000,
			   .output = 300 },
		.cost_usd_nanos = 1500000,
	};
	check(ct_journal_end(store, &entry, &outcome, &err), &err);
	check(ct_metrics_add(store, &attempt, entry.request_id, 1, entry.user_id, &err),
	      &err);
}

static void seed(struct ct_store *store, int64_t rows, int64_t now)
{
	uint64_t random = (uint64_t)now | 1;
	struct ct_err err = { 0 };

	for (int64_t done = 0; done < rows; done++) {
		if (done % BATCH == 0)
			check(ct_store_begin(store, &err), &err);
		add_row(store,
			now - period_ms +
				(int64_t)((double)period_ms * (double)done /
					  (double)rows),
			&random);
		if (done % BATCH == BATCH - 1 || done == rows - 1)
			check(ct_store_commit(store, &err), &err);
	}
}

static int count_stats(void *user, const struct ct_stats_row *row)
{
	*(int64_t *)user += row->requests;
	return CT_OK;
}

static int count_logs(void *user, const struct ct_log_row *row, int64_t rowid)
{
	(void)row, (void)rowid;
	++*(int64_t *)user;
	return CT_OK;
}

static void time_stats(const char *path, const char *name, enum ct_stats_by by,
		       int64_t since)
{
	struct ct_store *store;
	struct ct_err err = { 0 };
	int64_t sum = 0, began = ct_clock_us();

	check(ct_store_open(path, CT_STORE_READ, 1000, &store, &err), &err);
	int64_t opened = ct_clock_us();
	check(ct_stats_query(store, by, since, ct_time_now().wall_ms, count_stats, &sum,
			     &err),
	      &err);
	printf("stats %-22s open %5lld us, query %7lld us, %lld requests\n", name,
	       (long long)(opened - began), (long long)(ct_clock_us() - opened),
	       (long long)sum);
	ct_store_close(store);
}

static void time_logs(const char *path, const char *name, struct ct_log_filter filter)
{
	struct ct_store *store;
	struct ct_err err = { 0 };
	int64_t sum = 0, began = ct_clock_us();

	filter.limit = 20;
	check(ct_store_open(path, CT_STORE_READ, 1000, &store, &err), &err);
	int64_t opened = ct_clock_us();
	check(ct_journal_list(store, &filter, count_logs, &sum, &err), &err);
	printf("logs  %-22s open %5lld us, query %7lld us, %lld rows\n", name,
	       (long long)(opened - began), (long long)(ct_clock_us() - opened),
	       (long long)sum);
	ct_store_close(store);
}

static int keep_tail(void *user, const struct ct_log_row *row, struct ct_str attempts)
{
	(void)attempts;
	snprintf(user, 13, "%.12s", row->request_id.ptr + row->request_id.len - 12);
	return CT_OK;
}

static void time_show(const char *path)
{
	struct ct_store *store;
	struct ct_err err = { 0 };
	char tail[13];

	check(ct_store_open(path, CT_STORE_READ, 1000, &store, &err), &err);
	check(ct_journal_show(store, ct_str("last"), keep_tail, tail, &err), &err);
	int64_t began = ct_clock_us();
	check(ct_journal_show(store, ct_str(tail), keep_tail, tail, &err), &err);
	printf("show  %-22s %26lld us\n", tail, (long long)(ct_clock_us() - began));
	ct_store_close(store);
}

int main(int argc, char *argv[])
{
	struct ct_store *store;
	struct ct_err err = { 0 };
	int64_t rows = 0, now = ct_time_now().wall_ms, began = ct_clock_us();
	const int64_t hour = 3600 * 1000;

	if (argc < 2 || (argc > 2 && !ct_str_int(ct_str(argv[2]), &rows)))
		return fputs("usage: seed_store FILE [ROWS]\n", stderr), 2;
	check(ct_store_open(argv[1], CT_STORE_WRITE, 10000, &store, &err), &err);
	seed(store, rows, now);
	ct_store_close(store);
	printf("%lld rows added in %lld ms\n", (long long)rows,
	       (long long)(ct_clock_us() - began) / 1000);

	time_stats(argv[1], "24 h", CT_BY_MODEL, now - 24 * hour - 1);
	time_stats(argv[1], "24 h, first hour whole", CT_BY_MODEL,
		   now - 24 * hour - now % hour + 1);
	time_stats(argv[1], "30 days", CT_BY_PROVIDER, now - 720 * hour);
	time_stats(argv[1], "all", CT_BY_MODEL, 0);
	time_stats(argv[1], "all by day", CT_BY_DAY, 0);
	time_stats(argv[1], "all by hour", CT_BY_HOUR, 0);
	time_logs(argv[1], "all", (struct ct_log_filter){ 0 });
	time_logs(argv[1], "provider",
		  (struct ct_log_filter){ .provider = ct_str("gemini") });
	time_logs(argv[1], "failed", (struct ct_log_filter){ .failed = true });
	time_logs(argv[1], "failed, provider",
		  (struct ct_log_filter){ .failed = true, .provider = ct_str("openai") });
	time_logs(argv[1], "user, provider",
		  (struct ct_log_filter){ .user_id = ct_str("user3"),
					  .provider = ct_str("claude") });
	time_logs(argv[1], "conversation",
		  (struct ct_log_filter){ .conversation_id = ct_str("c77") });
	time_logs(argv[1], "no such provider",
		  (struct ct_log_filter){ .provider = ct_str("none") });
	time_show(argv[1]);
	return 0;
}
