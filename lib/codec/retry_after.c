#include "codec/retry_after.h"

#include <stdio.h>

#include "codec/limit_fields.h"

#define LONGEST_MS (INT64_C(7) * 24 * 3600 * 1000)

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t from_retry_after(struct ct_str value, int64_t now)
{
	int64_t ms = ct_count_ms(value, 1000), date;

	if (ms >= 0)
		return ms;
	date = ct_http_date_ms(value, now);
	return date < 0 ? -1 : date - now;
}

/* May the reset of this limit be meant? Not while the limit has room left. */
static bool is_used_up(const struct ct_headers *headers, const char *remaining_name)
{
	struct ct_str remaining = ct_headers_get(headers, remaining_name);
	double left;

	return !ct_str_num(remaining, &left) || left <= 0;
}

/* The longest duration of the limits that are used up: OpenAI, Groq. */
static int64_t from_durations(const struct ct_headers *headers)
{
	int64_t longest = -1;

	for (size_t i = 0; i < headers->count; i++) {
		struct ct_str limit =
			ct_limit_name(headers->names[i], "x-ratelimit-reset-", "");
		struct ct_str value = ct_str_trim(headers->values[i]);
		char name[128];

		if (limit.len == 0 || limit.len > 64)
			continue;
		snprintf(name, sizeof(name), "x-ratelimit-remaining-%.*s",
			 CT_STR_ARG(limit));
		if (!is_used_up(headers, name))
			continue;
		/* a bare number is seconds: Azure */
		longest = longer(longest, ct_duration_ms(value));
		longest = longer(longest, ct_count_ms(value, 1000));
	}
	return longest;
}

static int64_t from_anthropic(const struct ct_headers *headers, int64_t now)
{
	int64_t longest = -1;

	for (size_t i = 0; i < headers->count; i++) {
		struct ct_str limit =
			ct_limit_name(headers->names[i], "anthropic-ratelimit-", "-reset");
		int64_t at = ct_rfc3339_ms(ct_str_trim(headers->values[i]));
		char name[128];

		if (limit.len == 0 || limit.len > 64 || at < 0)
			continue;
		snprintf(name, sizeof(name), "anthropic-ratelimit-%.*s-remaining",
			 CT_STR_ARG(limit));
		if (is_used_up(headers, name))
			longest = longer(longest, at - now);
	}
	return longest;
}

/* Unix seconds; but OpenRouter writes milliseconds, and some count from now. */
static int64_t from_epoch(const struct ct_headers *headers, int64_t now)
{
	struct ct_str value = ct_headers_get(headers, "x-ratelimit-reset");

	if (!is_used_up(headers, "x-ratelimit-remaining"))
		return -1;
	return ct_limit_seconds_ms(value, now);
}

/* "api";r=0;t=55: t, where r is 0 or not said. */
static int64_t from_policy(struct ct_str item)
{
	int64_t wait = -1;
	double left;

	ct_field_part(&item, ';'); /* its name */
	while (item.len > 0) {
		struct ct_str param = ct_field_part(&item, ';');
		if (ct_str_starts(param, "r=") &&
		    ct_str_num(ct_str_from(param, 2), &left) && left > 0)
			return -1;
		if (ct_str_starts(param, "t="))
			wait = ct_count_ms(ct_str_from(param, 2), 1000);
	}
	return wait;
}

static int64_t from_policies(const struct ct_headers *headers)
{
	int64_t longest = -1;

	for (size_t i = 0; i < headers->count; i++) {
		struct ct_str list = headers->values[i];
		if (!ct_str_is_nocase(headers->names[i], "ratelimit"))
			continue;
		while (list.len > 0)
			longest = longer(longest, from_policy(ct_field_part(&list, ',')));
	}
	return longest;
}

static int64_t from_headers(const struct ct_headers *headers, int64_t now)
{
	int64_t ms;

	if (headers == NULL)
		return 0;
	ms = ct_count_ms(ct_headers_get(headers, "retry-after-ms"), 1);
	if (ms <= 0)
		ms = from_retry_after(ct_headers_get(headers, "retry-after"), now);
	if (ms <= 0)
		ms = from_durations(headers);
	if (ms <= 0)
		ms = from_epoch(headers, now);
	if (ms <= 0)
		ms = from_anthropic(headers, now);
	if (ms <= 0)
		ms = from_policies(headers);
	return ms;
}

/* error.details[] of Google's APIs. */
static int64_t from_details(const struct ct_json *body)
{
	const struct ct_json *details = ct_json_at(body, "error.details");
	int64_t longest = -1;

	if (!ct_json_is(details, CT_JSON_ARRAY))
		return -1;
	for (const struct ct_json *d = details->first; d != NULL; d = d->next)
		if (ct_str_has(ct_json_str_at(d, "@type"), "google.rpc.RetryInfo"))
			longest = longer(longest,
					 ct_duration_ms(ct_json_str_at(d, "retryDelay")));
	return longest;
}

static int64_t from_body(const struct ct_json *body)
{
	static const char *const paths[] = { "retry_after_seconds",
					     "error.retry_after_seconds",
					     "error.metadata.retry_after_seconds" };
	int64_t longest;

	if (ct_json_is(body, CT_JSON_ARRAY)) /* Gemini's stream without alt=sse */
		body = body->first;
	longest = from_details(body);
	for (size_t i = 0; i < CT_COUNT(paths); i++) {
		const struct ct_json *value = ct_json_at(body, paths[i]);
		if (ct_json_is(value, CT_JSON_NUMBER) ||
		    ct_json_is(value, CT_JSON_STRING))
			longest = longer(longest, ct_count_ms(value->text, 1000));
	}
	return longest;
}

int64_t ct_retry_after_ms(const struct ct_headers *headers, const struct ct_json *body,
			  int64_t now_wall_ms)
{
	int64_t ms = longer(from_headers(headers, now_wall_ms), from_body(body));

	if (ms <= 0)
		return 0;
	return ms < LONGEST_MS ? ms : LONGEST_MS;
}
