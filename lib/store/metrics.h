/*
 * provider_metrics: one row for each attempt, and in the same transaction its share
 * of the hourly and daily rollups (per provider, model and user), which hold sums and
 * histograms, so that statistics cost the same at ten rows and ten million.
 *
 * Percentiles are read from the histograms, within 3 % (store/histogram.h).
 */
#ifndef CT_STORE_METRICS_H
#define CT_STORE_METRICS_H

#include "model/attempt.h"
#include "model/record.h"
#include "store/store.h"

/* number: the attempt's place in its request, from 1. user_id {NULL, 0}: null. */
int ct_metrics_add(struct ct_store *store, const struct ct_attempt *attempt,
		   struct ct_str request_id, int number, struct ct_str user_id,
		   struct ct_err *err);

/* Make the next ct_metrics_add() of this process faster, where there is time to. */
void ct_metrics_warm(struct ct_store *store);

typedef int ct_stats_row_fn(void *user, const struct ct_stats_row *row);

/*
 * Statistics of attempts begun at or after since_ms (0: all) up to now_ms, grouped, most
 * requests first (periods: newest first). Whole hours and days from rollups, the first,
 * partial hour from rows. Days are UTC.
 */
int ct_stats_query(struct ct_store *store, enum ct_stats_by by, int64_t since_ms,
		   int64_t now_ms, ct_stats_row_fn *fn, void *user, struct ct_err *err);

#endif
