/*
 * What statistics are summed into: one group for each key that occurs, found by hash.
 * A group holds two histograms (3 KiB), so that thousands are no burden.
 */
#ifndef CT_STORE_GROUPS_H
#define CT_STORE_GROUPS_H

#include "base/arena.h"
#include "model/record.h"
#include "store/histogram.h"

/* A row of provider_metrics or of provider_rollups; as a key its first two lines. */
struct ct_sums {
	struct ct_str provider, model,
		user_id; /* {NULL, 0}: not part of the key, or none */
	int64_t start; /* Unix ms; as a key the beginning of the period, 0 for none */
	int64_t requests, successes, fallbacks, input, output, cost, duration, last_used;
};

struct ct_group {
	struct ct_stats_row row; /* its strings are in the arena */
	uint64_t hash;
	int64_t start;
	int64_t duration_sum;
	struct ct_histogram durations, first_tokens;
};

/* All zeros is empty. */
struct ct_groups {
	struct ct_arena arena;
	struct ct_group **list; /* in order of appearance, until sorted */
	size_t count, cap;
	size_t *slots; /* index + 1 into list by hash, open addressing; twice cap of them */
	struct ct_group *last; /* found last: the next row is often of the same */
};

/* The group of that key, made where there is none; borrowed until fini. CT_OK or CT_ENOMEM. */
int ct_groups_find(struct ct_groups *groups, const struct ct_sums *key,
		   struct ct_group **out);

/* Most requests first, then by names. Nothing can be found afterwards. */
void ct_groups_sort(struct ct_groups *groups);

void ct_groups_fini(struct ct_groups *groups);

#endif
