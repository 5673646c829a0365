#include "codec/rate_headers.h"

#include <stdio.h>

#include "base/defs.h"
#include "codec/limit_fields.h"
#include "codec/time_text.h"

#define LONGEST_MS (INT64_C(7) * 24 * 3600 * 1000)
#define MOST_REMAINING INT64_C(1000000000000)

enum { NAME_BYTES = 64 };

/* The least room so far; found: there is one. */
struct least {
	struct ct_rate_headers room;
	bool found;
	int64_t now;
};

static int64_t read_remaining(struct ct_str text)
{
	double value;

	if (!ct_str_num(ct_str_trim(text), &value))
		return -1;
	if (value <= 0)
		return 0;
	return value < (double)MOST_REMAINING ? (int64_t)value : MOST_REMAINING;
}

/* In whatever form; 0 for none, or one that is over. */
static int64_t read_reset(struct ct_str text, int64_t now)
{
	struct ct_str value = ct_str_trim(text);
	int64_t ms = ct_limit_seconds_ms(value, now), at;

	if (ms == INT64_MIN)
		ms = ct_duration_ms(value);
	if (ms < 0 && (at = ct_rfc3339_ms(value)) >= 0)
		ms = at - now;
	if (ms < 0 && (at = ct_http_date_ms(value, now)) >= 0)
		ms = at - now;
	if (ms <= 0)
		return 0;
	return ms < LONGEST_MS ? ms : LONGEST_MS;
}

static bool counts_requests(struct ct_str limit)
{
	static const char *const periods[] = { "second", "minute", "hour", "day", "month" };

	for (size_t i = 0; i < CT_COUNT(periods); i++)
		if (ct_str_is_nocase(limit, periods[i]))
			return true;
	return limit.len == 0 ||
	       (limit.len >= 3 && ct_str_is_nocase((struct ct_str){ limit.ptr, 3 }, "req"));
}

/* limit: its name; empty where it has none. */
static void consider(struct least *least, struct ct_str limit, struct ct_str remaining,
		     struct ct_str reset)
{
	struct ct_rate_headers room = { read_remaining(remaining),
					read_reset(reset, least->now) };

	if (room.remaining < 0 || room.reset_ms == 0)
		return;
	if (room.remaining > 0 && !counts_requests(limit))
		return;
	if (least->found && (room.remaining > least->room.remaining ||
			     (room.remaining == least->room.remaining &&
			      room.reset_ms <= least->room.reset_ms)))
		return;
	least->room = room;
	least->found = true;
}

/* Headers that come in pairs, with the limit's name within theirs. */
static void read_named(const struct ct_headers *headers, struct least *least)
{
	static const struct {
		const char *remaining[2], *reset[2]; /* before and after the limit's name */
	} families[] = {
		{ { "x-ratelimit-remaining-", "" }, { "x-ratelimit-reset-", "" } },
		{ { "anthropic-ratelimit-", "-remaining" }, { "anthropic-ratelimit-", "-reset" } },
	};

	for (size_t i = 0; i < headers->count; i++)
		for (size_t f = 0; f < CT_COUNT(families); f++) {
			const char *const *around = families[f].remaining;
			struct ct_str limit =
				ct_limit_name(headers->names[i], around[0], around[1]);
			char name[NAME_BYTES + 64];

			if (limit.len == 0 || limit.len > NAME_BYTES)
				continue;
			snprintf(name, sizeof(name), "%s%.*s%s", families[f].reset[0],
				 CT_STR_ARG(limit), families[f].reset[1]);
			consider(least, limit, headers->values[i],
				 ct_headers_get(headers, name));
		}
}

static void read_plain(const struct ct_headers *headers, struct least *least)
{
	static const struct {
		const char *remaining, *reset;
	} pairs[] = {
		{ "x-ratelimit-remaining", "x-ratelimit-reset" },
		{ "x-rate-limit-remaining", "x-rate-limit-reset" },
		{ "ratelimit-remaining", "ratelimit-reset" },
	};

	for (size_t i = 0; i < CT_COUNT(pairs); i++)
		consider(least, (struct ct_str){ NULL, 0 },
			 ct_headers_get(headers, pairs[i].remaining),
			 ct_headers_get(headers, pairs[i].reset));
}

/* "api";r=5;t=55, or of the earlier drafts one of limit=9, remaining=5, reset=55. */
static void read_item(struct ct_str item, struct least *least, struct ct_str older[2])
{
	struct ct_str name = ct_field_part(&item, ';'), remaining = { NULL, 0 }, reset = remaining;

	if (ct_str_starts(name, "remaining="))
		older[0] = ct_str_from(name, strlen("remaining="));
	if (ct_str_starts(name, "reset="))
		older[1] = ct_str_from(name, strlen("reset="));
	while (item.len > 0) {
		struct ct_str param = ct_field_part(&item, ';');
		if (ct_str_starts(param, "r="))
			remaining = ct_str_from(param, 2);
		if (ct_str_starts(param, "t="))
			reset = ct_str_from(param, 2);
	}
	consider(least, (struct ct_str){ NULL, 0 }, remaining, reset);
}

static void read_structured(const struct ct_headers *headers, struct least *least)
{
	struct ct_str older[2] = { { NULL, 0 }, { NULL, 0 } };

	for (size_t i = 0; i < headers->count; i++) {
		struct ct_str list = headers->values[i];
		if (!ct_str_is_nocase(headers->names[i], "ratelimit"))
			continue;
		while (list.len > 0)
			read_item(ct_field_part(&list, ','), least, older);
	}
	consider(least, (struct ct_str){ NULL, 0 }, older[0], older[1]);
}

bool ct_rate_headers(const struct ct_headers *headers, int64_t now_wall_ms,
		     struct ct_rate_headers *out)
{
	struct least least = { .now = now_wall_ms };

	if (headers == NULL)
		return false;
	read_named(headers, &least);
	read_plain(headers, &least);
	read_structured(headers, &least);
	*out = least.room;
	return least.found;
}
