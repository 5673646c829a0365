#include "store/groups.h"

#include <stdlib.h>

#include "base/defs.h"
#include "base/err.h"

static uint64_t hash_str(uint64_t hash, struct ct_str s)
{
	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
	return (hash ^ 0xFF) * 0x100000001b3u; /* ends the string: it is in no UTF-8 */
}

static uint64_t hash_key(const struct ct_sums *key)
{
	uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)key->start * 0x9E3779B97F4A7C15u;

	return hash_str(hash_str(hash_str(hash, key->provider), key->model),
			key->user_id);
}

static bool is_group(const struct ct_group *group, const struct ct_sums *key)
{
	return group->start == key->start &&
	       ct_str_eq(group->row.provider, key->provider) &&
	       ct_str_eq(group->row.model, key->model) &&
	       ct_str_eq(group->row.user_id, key->user_id);
}

static size_t slot_of(const struct ct_groups *groups, uint64_t hash,
		      const struct ct_sums *key)
{
	size_t mask = 2 * groups->cap - 1, at = hash & mask;

	while (groups->slots[at] != 0 &&
	       !(groups->list[groups->slots[at] - 1]->hash == hash &&
		 is_group(groups->list[groups->slots[at] - 1], key)))
		at = (at + 1) & mask;
	return at;
}

static int grow(struct ct_groups *groups)
{
	size_t cap = groups->cap == 0 ? 64 : 2 * groups->cap;
	struct ct_group **list =
		reallocarray(groups->list, cap, sizeof(struct ct_group *));

	if (list == NULL)
		return CT_ENOMEM;
	groups->list = list;
	size_t *slots = calloc(2 * cap, sizeof(*slots));
	if (slots == NULL)
		return CT_ENOMEM;
	free(groups->slots);
	groups->slots = slots;
	groups->cap = cap;
	for (size_t i = 0; i < groups->count; i++) {
		size_t at = list[i]->hash & (2 * cap - 1);
		while (slots[at] != 0)
			at = (at + 1) & (2 * cap - 1);
		slots[at] = i + 1;
	}
	return CT_OK;
}

static struct ct_str dup_of(struct ct_groups *groups, struct ct_str s, bool *ok)
{
	if (s.ptr == NULL)
		return s;
	struct ct_str copy = ct_arena_dup(&groups->arena, s);
	*ok = *ok && copy.ptr != NULL;
	return copy;
}

static struct ct_group *create(struct ct_groups *groups, const struct ct_sums *key)
{
	struct ct_group *group = ct_arena_alloc(&groups->arena, sizeof(*group));
	bool ok = group != NULL;

	if (!ok)
		return NULL;
	group->start = key->start;
	group->row.provider = dup_of(groups, key->provider, &ok);
	group->row.model = dup_of(groups, key->model, &ok);
	group->row.user_id = dup_of(groups, key->user_id, &ok);
	return ok ? group : NULL;
}

int ct_groups_find(struct ct_groups *groups, const struct ct_sums *key,
		   struct ct_group **out)
{
	if (groups->last != NULL && is_group(groups->last, key)) {
		*out = groups->last;
		return CT_OK;
	}
	if (groups->count == groups->cap) {
		int rc = grow(groups);
		if (rc != CT_OK)
			return rc;
	}

	uint64_t hash = hash_key(key);
	size_t slot = slot_of(groups, hash, key);
	if (groups->slots[slot] == 0) {
		struct ct_group *group = create(groups, key);
		if (group == NULL)
			return CT_ENOMEM;
		group->hash = hash;
		groups->list[groups->count++] = group;
		groups->slots[slot] = groups->count;
	}
	*out = groups->last = groups->list[groups->slots[slot] - 1];
	return CT_OK;
}

static int compare_names(const struct ct_group *a, const struct ct_group *b)
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
	const struct ct_group *a = *(struct ct_group *const *)left;
	const struct ct_group *b = *(struct ct_group *const *)right;

	if (a->row.requests != b->row.requests)
		return a->row.requests > b->row.requests ? -1 : 1;
	return compare_names(a, b);
}

void ct_groups_sort(struct ct_groups *groups)
{
	if (groups->count > 1)
		qsort(groups->list, groups->count, sizeof(struct ct_group *), compare);
}

void ct_groups_fini(struct ct_groups *groups)
{
	free(groups->list);
	free(groups->slots);
	ct_arena_fini(&groups->arena);
	*groups = (struct ct_groups){ 0 };
}
