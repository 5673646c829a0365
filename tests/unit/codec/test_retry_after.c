#include <criterion/criterion.h>
#include <stdio.h>

#include "codec/retry_after.h"
#include "leaks.h"

TestSuite(retry_after, .fini = check_leaks);

/* 2026-11-20T10:50:00Z */
#define NOW INT64_C(1795171800000)
#define WEEK (INT64_C(7) * 24 * 3600 * 1000)

/* "name: value" lines to headers. */
static void read_headers(struct ct_headers *headers, const char *lines)
{
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n"), name = strcspn(lines, ":");
		ct_headers_add(headers, (struct ct_str){ lines, name },
			       (struct ct_str){ lines + name + 1, len - name - 1 });
		lines += len + (lines[len] == '\n');
	}
}

static int64_t wait_of(const char *lines, const char *body)
{
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };
	const struct ct_json *json = NULL;

	read_headers(&headers, lines);
	if (body != NULL)
		cr_assert_eq(
			ct_json_parse(&arena, ct_str(body), CT_JSON_LENIENT, &json, NULL),
			CT_OK);
	int64_t ms = ct_retry_after_ms(&headers, json, NOW);
	ct_arena_fini(&arena);
	return ms;
}

Test(retry_after, reads_every_header_that_occurs)
{
	static const struct {
		const char *lines;
		int64_t ms;
	} cases[] = {
		{ "", 0 },
		{ "content-type: text/html", 0 },
		{ "retry-after-ms: 1500.2", 1501 },
		{ "retry-after-ms: 1500\nretry-after: 90", 1500 },
		{ "retry-after-ms: soon\nRetry-After: 90", 90000 },
		{ "retry-after-ms: 0\nretry-after: 90", 90000 },
		{ "Retry-After: 34.07", 34070 },
		{ "retry-after: 0.0001", 1 },
		{ "retry-after: 3e1", 30000 },
		{ "retry-after: -5", 0 },
		{ "retry-after: 0", 0 },
		{ "retry-after: 5 minutes", 0 },
		{ "retry-after: 99999999", WEEK },
		{ "retry-after: 99999999999999999999999", WEEK },
		{ "retry-after: nan", 0 },
		{ "retry-after: Fri, 20 Nov 2026 10:51:30 GMT", 90000 },
		{ "retry-after: Friday, 20-Nov-26 10:51:30 GMT", 90000 },
		{ "retry-after: Fri Nov 20 10:51:30 2026", 90000 },
		{ "retry-after: Sun, 06 Nov 1994 08:49:37 GMT", 0 },
		{ "retry-after: Fri, 20 Nov 2026 10:51:30", 0 },
		{ "x-ratelimit-reset-requests: 6m0s\nx-ratelimit-remaining-requests: 0",
		  360000 },
		{ "x-ratelimit-reset-requests: 6m0s\nx-ratelimit-remaining-requests: 3",
		  0 },
		{ "X-RateLimit-Reset-Requests: 1s\nX-RateLimit-Remaining-Requests: 0\n"
		  "x-ratelimit-reset-tokens: 1m2.5s\nx-ratelimit-remaining-tokens: 0",
		  62500 },
		{ "x-ratelimit-reset-requests: 24h\nx-ratelimit-remaining-requests: 9\n"
		  "x-ratelimit-reset-tokens: 12ms\nx-ratelimit-remaining-tokens: 0",
		  12 },
		{ "x-ratelimit-reset-tokens: 2m59.56s", 179560 },
		{ "x-ratelimit-reset-tokens: 17", 17000 },
		{ "retry-after: 2\nx-ratelimit-reset-tokens: 1h", 2000 },
		{ "x-ratelimit-reset: 1795171860\nx-ratelimit-remaining: 0", 60000 },
		{ "x-ratelimit-reset: 1795171860\nx-ratelimit-remaining: 4", 0 },
		{ "x-ratelimit-reset: 1795171860", 60000 },
		{ "x-ratelimit-reset: 1795171860500", 60500 },
		{ "x-ratelimit-reset: 45", 45000 },
		{ "x-ratelimit-reset: 1795171000", 0 },
		{ "anthropic-ratelimit-tokens-reset: 2026-11-20T10:51:00Z\n"
		  "anthropic-ratelimit-tokens-remaining: 0\n"
		  "anthropic-ratelimit-requests-reset: 2026-11-20T11:50:00Z\n"
		  "anthropic-ratelimit-requests-remaining: 12",
		  60000 },
		{ "anthropic-ratelimit-input-tokens-reset: 2026-11-20T11:51:00+01:00",
		  60000 },
		{ "anthropic-ratelimit-tokens-reset: tomorrow", 0 },
		{ "anthropic-ratelimit-reset: 2026-11-20T10:51:00Z", 0 },
		{ "RateLimit: \"api\";r=0;t=55", 55000 },
		{ "RateLimit: \"api\";r=3;t=55", 0 },
		{ "RateLimit: \"api\";t=55;r=3", 0 },
		{ "RateLimit: \"api\"; t=55", 55000 },
		{ "RateLimit: \"a,;t=9\\\";\";r=0;t=5, \"b\";r=0;t=7 , \"c\";r=1;t=99",
		  7000 },
		{ "ratelimit: \"a\";r=0;t=5\nRateLimit: \"b\";r=0;t=6", 6000 },
		{ "RateLimit: \"api;r=0;t=55", 0 },
		{ "RateLimit-Policy: \"api\";q=10;w=60;t=5", 0 },
		{ "x-ratelimit-reset-requests: 0s\nRateLimit: a;r=0;t=4", 4000 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		int64_t ms = wait_of(cases[i].lines, NULL);
		cr_assert_eq(ms, cases[i].ms, "%s: %lld", cases[i].lines, (long long)ms);
	}
}

Test(retry_after, reads_every_body_that_occurs)
{
	static const struct {
		const char *body;
		int64_t ms;
	} cases[] = {
		{ "{\"error\":{\"details\":[{\"@type\":\"type.googleapis.com/"
		  "google.rpc.Help\"},"
		  "{\"@type\":\"type.googleapis.com/"
		  "google.rpc.RetryInfo\",\"retryDelay\":\"34.07s\"}]}}",
		  34070 },
		{ "[{\"error\":{\"details\":[{\"@type\":\"type.googleapis.com/"
		  "google.rpc.RetryInfo\","
		  "\"retryDelay\":\"2s\"}]}}]",
		  2000 },
		{ "{\"error\":{\"details\":[{\"@type\":\"google.rpc.QuotaFailure\","
		  "\"retryDelay\":\"34s\"}]}}",
		  0 },
		{ "{\"error\":{\"details\":{\"retryDelay\":\"34s\"}}}", 0 },
		{ "{\"error\":{\"details\":[{\"@type\":\"google.rpc.RetryInfo\","
		  "\"retryDelay\":7}]}}",
		  0 },
		{ "{\"error\":{\"retry_after_seconds\":12.5}}", 12500 },
		{ "{\"retry_after_seconds\":\"3\"}", 3000 },
		{ "{\"retry_after_seconds\":1e1}", 10000 },
		{ "{\"retry_after_seconds\":-4}", 0 },
		{ "{\"retry_after_seconds\":[4]}", 0 },
		{ "{\"error\":\"text\"}", 0 },
		{ "[]", 0 },
		{ "7", 0 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		int64_t ms = wait_of("", cases[i].body);
		cr_assert_eq(ms, cases[i].ms, "%s: %lld", cases[i].body, (long long)ms);
	}
}

Test(retry_after, takes_the_longer_of_header_and_body)
{
	cr_assert_eq(wait_of("retry-after: 2", "{\"retry_after_seconds\":3}"), 3000);
	cr_assert_eq(wait_of("retry-after: 4", "{\"retry_after_seconds\":3}"), 4000);
	cr_assert_eq(ct_retry_after_ms(NULL, NULL, NOW), 0);
}

Test(retry_after, knows_durations_from_other_text)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "12ms", 12 },
		{ "1.2s", 1200 },
		{ "6m0s", 360000 },
		{ "1h2m3.5s", 3723500 },
		{ "34.07s", 34070 },
		{ "34.0700001s", 34071 },
		{ ".5s", 500 },
		{ "5.s", 5000 },
		{ "1ns", 1 },
		{ "1000us", 1 },
		{ "1500\xC2\xB5s", 2 },
		{ "0", 0 },
		{ "0s", 0 },
		{ "", -1 },
		{ "s", -1 },
		{ ".s", -1 },
		{ "5", -1 },
		{ "5m3", -1 },
		{ "5d", -1 },
		{ "-5s", -1 },
		{ "5 s", -1 },
		{ "5s ", -1 },
		{ "1.2.3s", -1 },
		{ "9999999h", -1 },
		{ "99999999999999999999s", -1 },
		{ "2000000h2000000h", -1 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		int64_t ms = ct_duration_ms(ct_str(cases[i].text));
		cr_assert_eq(ms, cases[i].ms, "%s: %lld", cases[i].text, (long long)ms);
	}
}

Test(retry_after, knows_rfc3339_times_from_other_text)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "2026-11-20T10:50:00Z", NOW },
		{ "2026-11-20t10:50:00.1239z", NOW + 123 },
		{ "2026-11-20 10:50:00.5Z", NOW + 500 },
		{ "2026-11-20T12:50:00+02:00", NOW },
		{ "2026-11-20T06:20:00-04:30", NOW },
		{ "2024-02-29T00:00:00Z", INT64_C(1709164800000) },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-02-29T00:00:00Z", -1 },
		{ "2100-02-29T00:00:00Z", -1 },
		{ "2026-13-01T00:00:00Z", -1 },
		{ "2026-00-01T00:00:00Z", -1 },
		{ "2026-11-31T00:00:00Z", -1 },
		{ "2026-11-00T00:00:00Z", -1 },
		{ "2026-11-20T24:00:00Z", -1 },
		{ "2026-11-20T10:60:00Z", -1 },
		{ "2026-11-20T10:50:61Z", -1 },
		{ "2026-11-20T10:50:00", -1 },
		{ "2026-11-20T10:50:00.Z", -1 },
		{ "2026-11-20T10:50:00+2:00", -1 },
		{ "2026-11-20T10:50:00+24:00", -1 },
		{ "2026-11-20T10:50:00Zx", -1 },
		{ "2026-11-20", -1 },
		{ "2026-11-20X10:50:00Z", -1 },
		{ "26-11-20T10:50:00Z", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "1970-01-01T00:00:00+01:00", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		int64_t ms = ct_rfc3339_ms(ct_str(cases[i].text));
		cr_assert_eq(ms, cases[i].ms, "%s: %lld", cases[i].text, (long long)ms);
	}
}

Test(retry_after, knows_http_dates_from_other_text)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", INT64_C(784111777000) },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", INT64_C(784111777000) },
		{ "Sun Nov  6 08:49:37 1994", INT64_C(784111777000) },
		{ "Friday, 20-Nov-26 10:50:00 GMT", NOW },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT+1", -1 },
		{ "Sun, 31 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nof 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 ovD 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 25:49:37 GMT", -1 },
		{ "Sun, -6 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT and then much that is no date at all, "
		  "really",
		  -1 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		int64_t ms = ct_http_date_ms(ct_str(cases[i].text), NOW);
		cr_assert_eq(ms, cases[i].ms, "%s: %lld", cases[i].text, (long long)ms);
	}
	cr_assert_eq(
		ct_http_date_ms((struct ct_str)CT_STR("Sun, 06 Nov 1994 08:49:37 GMT\0x"),
				NOW),
		-1);
}
