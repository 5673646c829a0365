#include "service/rate_limits.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/defs.h"

/* Users of one process; beyond that the one seen last longest ago is forgotten. */
enum { OWN_MOST = 4096, NAME_BYTES = 1024 };

struct ct_own_limit {
	char *key;
	size_t len;
	struct ct_limit limit;
};

void ct_own_limits_fini(struct ct_own_limits *own)
{
	for (size_t i = 0; i < own->count; i++)
		free(own->list[i].key);
	free(own->list);
	*own = (struct ct_own_limits){ 0 };
}

static struct ct_own_limit *find_own(const struct ct_own_limits *own, struct ct_str key)
{
	for (size_t i = 0; i < own->count; i++)
		if (ct_str_eq(key, (struct ct_str){ own->list[i].key, own->list[i].len }))
			return &own->list[i];
	return NULL;
}

static struct ct_own_limit *oldest(const struct ct_own_limits *own)
{
	struct ct_own_limit *least = &own->list[0];

	for (size_t i = 1; i < own->count; i++)
		if (own->list[i].limit.at.boot_ms < least->limit.at.boot_ms)
			least = &own->list[i];
	return least;
}

static struct ct_own_limit *make_room(struct ct_own_limits *own)
{
	if (own->count == OWN_MOST) {
		struct ct_own_limit *gone = oldest(own);
		free(gone->key);
		*gone = own->list[--own->count];
	}
	if (own->count == own->room) {
		size_t room = own->room > 0 ? 2 * own->room : 8;
		struct ct_own_limit *more = realloc(own->list, room * sizeof(*more));
		if (more == NULL)
			return NULL;
		own->list = more;
		own->room = room;
	}
	return &own->list[own->count];
}

static int save_own(struct ct_own_limits *own, struct ct_str key,
		    const struct ct_limit *limit, struct ct_err *err)
{
	struct ct_own_limit *entry = find_own(own, key);

	if (entry == NULL) {
		entry = make_room(own);
		char *copy = entry != NULL ? malloc(key.len + 1) : NULL;
		if (copy == NULL)
			return ct_fail(err, CT_ENOMEM, "no memory for a rate limit");
		memcpy(copy, key.ptr, key.len);
		*entry = (struct ct_own_limit){ .key = copy, .len = key.len };
		own->count++;
	}
	entry->limit = *limit;
	return CT_OK;
}

static int load(const struct ct_limits *at, struct ct_str key, struct ct_limit *out,
		struct ct_err *err)
{
	if (at->store != NULL)
		return ct_limit_load(at->store, key, out, err);
	const struct ct_own_limit *entry = find_own(at->own, key);
	*out = entry != NULL ? entry->limit : (struct ct_limit){ 0 };
	return CT_OK;
}

static int save(const struct ct_limits *at, struct ct_str key, const struct ct_limit *limit,
		struct ct_err *err)
{
	return at->store != NULL ? ct_limit_save(at->store, key, limit, err) :
				   save_own(at->own, key, limit, err);
}

static bool is_set(const struct ct_rate *rate)
{
	return rate != NULL && rate->count > 0;
}

/* "provider:NAME", "user:ID"; those that are alike for so long share a limit. */
static int key_of(const char *kind, struct ct_str name, struct ct_buf *key,
		  struct ct_err *err)
{
	ct_buf_puts(key, kind);
	ct_buf_append(key, name.ptr, name.len < NAME_BYTES ? name.len : NAME_BYTES);
	return ct_buf_check(key, "the name of a rate limit", err);
}

/* A limit on its way: read, decided on, and written if it is to be. */
struct turn {
	struct ct_buf key;
	struct ct_limit limit;
	struct ct_rate_slot slot;
	bool taken, changed;
};

static void turn_fini(struct turn *turn)
{
	ct_buf_fini(&turn->key);
}

#define TURN_INIT \
	{ \
		.key = CT_BUF_INIT(NAME_BYTES + 16) \
	}

static int open_turn(const struct ct_limits *at, const char *kind, struct ct_str name,
		     struct turn *turn, struct ct_err *err)
{
	int rc = key_of(kind, name, &turn->key, err);

	return rc == CT_OK ? load(at, ct_buf_str(&turn->key), &turn->limit, err) : rc;
}

static int save_turn(const struct ct_limits *at, const struct turn *turn, struct ct_err *err)
{
	return turn->changed ? save(at, ct_buf_str(&turn->key), &turn->limit, err) : CT_OK;
}

static int give_back(const struct ct_limits *at, const char *kind, struct ct_str name,
		     const struct ct_rate *rate, int64_t slot, struct ct_err *err)
{
	CT_CLEANUP(turn_fini) struct turn turn = TURN_INIT;
	int rc = slot != 0 ? open_turn(at, kind, name, &turn, err) : CT_OK;

	if (rc != CT_OK || slot == 0)
		return rc;
	turn.changed = ct_limiter_give_back(&turn.limit, rate, at->now, slot);
	return save_turn(at, &turn, err);
}

int ct_limits_drop(const struct ct_limits *at, struct ct_held *held, struct ct_err *err)
{
	int rc = give_back(at, "provider:", ct_str(held->service), held->rate, held->slot, err);

	held->slot = 0;
	return rc;
}

int ct_limits_drop_all(const struct ct_limits *at, struct ct_held *held, struct ct_err *err)
{
	int rc = ct_limits_drop(at, held, err);

	if (rc == CT_OK)
		rc = give_back(at, "user:", held->user, held->user_rate, held->user_slot, err);
	held->user_slot = 0;
	return rc;
}

/* The user's slot. Taken where none is needed. */
static int take_user(const struct ct_limits *at, const struct ct_limits_ask *ask,
		     const struct ct_held *held, struct turn *turn, struct ct_err *err)
{
	turn->taken = held->user_passed || !is_set(ask->user_rate);
	if (turn->taken)
		return CT_OK;
	int rc = open_turn(at, "user:", ask->user, turn, err);
	if (rc == CT_OK)
		turn->taken = ct_limiter_reserve(&turn->limit, ask->user_rate, at->now,
						 ask->most_ms, &turn->slot, &turn->changed);
	return rc;
}

/* The provider's: the one that was waited for if it still holds, else the next. */
static int take_provider(const struct ct_limits *at, const struct ct_limits_ask *ask,
			 struct ct_held *held, struct turn *turn, struct ct_err *err)
{
	turn->taken = !is_set(ask->rate);
	if (turn->taken)
		return CT_OK;
	int rc = open_turn(at, "provider:", ct_str(ask->service), turn, err);
	if (rc != CT_OK)
		return rc;
	if (held->slot != 0 && ct_limiter_holds(&turn->limit, at->now, held->slot)) {
		turn->taken = true;
		turn->slot.serial = held->slot;
		return CT_OK;
	}
	ct_limiter_give_back(&turn->limit, ask->rate, at->now, held->slot);
	held->slot = 0;
	turn->taken = ct_limiter_reserve(&turn->limit, ask->rate, at->now, ask->most_ms,
					 &turn->slot, &turn->changed);
	turn->changed = true;
	return CT_OK;
}

static void hold_user(const struct ct_limits_ask *ask, const struct turn *turn,
		      struct ct_held *held)
{
	if (turn->slot.serial == 0)
		return;
	held->user = ask->user;
	held->user_rate = ask->user_rate;
	held->user_slot = turn->slot.serial;
	held->user_passed = true;
}

static void hold_provider(const struct ct_limits_ask *ask, const struct turn *turn,
			  struct ct_held *held)
{
	held->service = ask->service;
	held->rate = ask->rate;
	held->slot = turn->slot.serial;
}

/* The user's turn has come, or it waits, or it is refused; then the provider's is not looked at. */
static bool ends_with_user(const struct turn *user, struct ct_limits_answer *answer)
{
	*answer = (struct ct_limits_answer){ .refused = !user->taken,
					     .by_user = true,
					     .wait_ms = user->slot.wait_ms };
	return !user->taken || user->slot.wait_ms > 0;
}

int ct_limits_take(const struct ct_limits *at, const struct ct_limits_ask *ask,
		   struct ct_held *held, struct ct_limits_answer *answer, struct ct_err *err)
{
	CT_CLEANUP(turn_fini) struct turn user = TURN_INIT;
	CT_CLEANUP(turn_fini) struct turn provider = TURN_INIT;
	bool other = held->slot != 0 && strcmp(held->service, ask->service) != 0;
	int rc = other ? ct_limits_drop(at, held, err) : CT_OK;

	*answer = (struct ct_limits_answer){ 0 };
	if (rc == CT_OK)
		rc = take_user(at, ask, held, &user, err);
	if (rc == CT_OK && ends_with_user(&user, answer)) {
		hold_user(ask, &user, held);
		return save_turn(at, &user, err);
	}
	if (rc == CT_OK)
		rc = take_provider(at, ask, held, &provider, err);
	if (rc != CT_OK)
		return rc;
	*answer = (struct ct_limits_answer){ .refused = !provider.taken,
					     .told = provider.slot.told,
					     .wait_ms = provider.slot.wait_ms };
	rc = save_turn(at, &provider, err);
	if (rc != CT_OK || !provider.taken)
		return rc;
	hold_user(ask, &user, held);
	hold_provider(ask, &provider, held);
	answer->slot = provider.slot.wait_ms == 0 ? provider.slot.serial : 0;
	return save_turn(at, &user, err);
}

int ct_limits_look(const struct ct_limits *at, const char *service, struct ct_limit *out,
		   struct ct_err *err)
{
	CT_CLEANUP(turn_fini) struct turn turn = TURN_INIT;
	int rc = open_turn(at, "provider:", ct_str(service), &turn, err);

	*out = turn.limit;
	return rc;
}

int ct_limits_tell(const struct ct_limits *at, const struct ct_told *told,
		   struct ct_err *err)
{
	CT_CLEANUP(turn_fini) struct turn turn = TURN_INIT;
	int rc;

	if (!is_set(told->rate) || told->room.reset_ms <= 0)
		return CT_OK;
	rc = open_turn(at, "provider:", ct_str(told->service), &turn, err);
	if (rc != CT_OK)
		return rc;
	turn.changed = ct_limiter_tighten(&turn.limit, told->rate, &told->room, told->at,
					  told->slot);
	return save_turn(at, &turn, err);
}
