#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/rate_headers.h"
#include "leaks.h"

TestSuite(rate_headers, .fini = check_leaks);

/* 2026-11-20T10:50:00Z */
#define NOW INT64_C(1795171800000)
#define WEEK (INT64_C(7) * 24 * 3600 * 1000)

/* "name: value" lines. */
static struct ct_rate_headers room_of(const char *lines)
{
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };
	struct ct_rate_headers room;

	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n"), name = strcspn(lines, ":");
		ct_headers_add(&headers, (struct ct_str){ lines, name },
			       (struct ct_str){ lines + name + 1, len - name - 1 });
		lines += len + (lines[len] == '\n');
	}
	if (!ct_rate_headers(&headers, NOW, &room))
		room = (struct ct_rate_headers){ -1, -1 };
	ct_arena_fini(&arena);
	return room;
}

struct sample {
	const char *lines;
	int64_t remaining, reset_ms; /* -1: nothing is told */
};

static void check(const struct sample *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ct_rate_headers room = room_of(cases[i].lines);
		cr_expect_eq(room.remaining, cases[i].remaining, "%s: %lld remain",
			     cases[i].lines, (long long)room.remaining);
		cr_expect_eq(room.reset_ms, cases[i].reset_ms, "%s: for %lld ms",
			     cases[i].lines, (long long)room.reset_ms);
	}
}

Test(rate_headers, reads_what_each_provider_sends)
{
	static const struct sample cases[] = {
		/* OpenAI, Groq */
		{ "X-Ratelimit-Limit-Requests: 1800\nX-Ratelimit-Remaining-Requests: 1789\n"
		  "X-Ratelimit-Reset-Requests: 60ms\nX-Ratelimit-Remaining-Tokens: 9992949\n"
		  "X-Ratelimit-Reset-Tokens: 5ms",
		  1789, 60 },
		{ "x-ratelimit-remaining-requests: 2\nx-ratelimit-reset-requests: 6m0s", 2, 360000 },
		{ "x-ratelimit-remaining-requests: 2\nx-ratelimit-reset-requests: 2m59.56s", 2,
		  179560 },
		/* Azure, Cerebras: seconds */
		{ "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 17", 0, 17000 },
		{ "x-ratelimit-remaining-requests-day: 14399\n"
		  "x-ratelimit-reset-requests-day: 33011.382867",
		  14399, 33011383 },
		/* Anthropic */
		{ "Anthropic-Ratelimit-Requests-Limit: 50\n"
		  "Anthropic-Ratelimit-Requests-Remaining: 49\n"
		  "Anthropic-Ratelimit-Requests-Reset: 2026-11-20T10:50:01Z\n"
		  "Anthropic-Ratelimit-Input-Tokens-Remaining: 50000\n"
		  "Anthropic-Ratelimit-Input-Tokens-Reset: 2026-11-20T10:50:00Z",
		  49, 1000 },
		/* GitHub */
		{ "X-RateLimit-Limit: 5000\nX-RateLimit-Remaining: 4980\n"
		  "X-RateLimit-Reset: 1795173600\nX-RateLimit-Used: 20",
		  4980, 1800000 },
		{ "x-ratelimit-remaining: 4999\nx-ratelimit-reset: 1795171860000", 4999, 60000 },
		{ "x-ratelimit-remaining: 9\nx-ratelimit-reset: 45", 9, 45000 },
		/* Hugging Face, and the draft's older forms */
		{ "RateLimit: \"api\";r=3;t=55\nRateLimit-Policy: \"api\";q=1000;w=300", 3, 55000 },
		{ "RateLimit: limit=100, remaining=50, reset=5", 50, 5000 },
		{ "RateLimit-Limit: 100\nRateLimit-Remaining: 50\nRateLimit-Reset: 5", 50, 5000 },
		{ "X-Rate-Limit-Remaining: 4\nX-Rate-Limit-Reset: 1795171810", 4, 10000 },
	};

	check(cases, CT_COUNT(cases));
}

Test(rate_headers, takes_the_limit_that_leaves_the_least_room)
{
	static const struct sample cases[] = {
		{ "x-ratelimit-remaining-requests-day: 3\nx-ratelimit-reset-requests-day: 3600\n"
		  "x-ratelimit-remaining-requests-minute: 9\n"
		  "x-ratelimit-reset-requests-minute: 30",
		  3, 3600000 },
		{ "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 1s\n"
		  "x-ratelimit-remaining-tokens: 0\nx-ratelimit-reset-tokens: 9s",
		  0, 9000 },
		{ "RateLimit: \"a\";r=5;t=9, \"b,;r=1\";r=4;t=7 , \"c\";r=8;t=99", 4, 7000 },
		{ "ratelimit: \"a\";r=5;t=9\nRateLimit: \"b\";t=6;r=2", 2, 6000 },
		/* other things than requests run out, or tell nothing */
		{ "x-ratelimit-remaining-tokens: 12\nx-ratelimit-reset-tokens: 9s", -1, -1 },
		{ "x-ratelimit-remaining-tokens: 0\nx-ratelimit-reset-tokens: 9s\n"
		  "x-ratelimit-remaining-requests: 5\nx-ratelimit-reset-requests: 60s",
		  0, 9000 },
		{ "anthropic-ratelimit-output-tokens-remaining: 0\n"
		  "anthropic-ratelimit-output-tokens-reset: 2026-11-20T11:51:00+01:00",
		  0, 60000 },
	};

	check(cases, CT_COUNT(cases));
}

Test(rate_headers, tells_nothing_from_what_is_no_limit)
{
	static const struct sample cases[] = {
		{ "", -1, -1 },
		{ "content-type: text/html", -1, -1 },
		{ "x-ratelimit-remaining-requests: 5", -1, -1 },
		{ "x-ratelimit-reset-requests: 5s", -1, -1 },
		{ "x-ratelimit-remaining-requests: many\nx-ratelimit-reset-requests: 5s", -1, -1 },
		{ "x-ratelimit-remaining-requests: 5\nx-ratelimit-reset-requests: soon", -1, -1 },
		{ "x-ratelimit-remaining-requests: 5\nx-ratelimit-reset-requests: 0s", -1, -1 },
		{ "x-ratelimit-remaining-requests: 5\nx-ratelimit-reset-requests: -3", -1, -1 },
		{ "x-ratelimit-remaining: 0\nx-ratelimit-reset: 1795171000", -1, -1 },
		{ "anthropic-ratelimit-requests-remaining: 0\n"
		  "anthropic-ratelimit-requests-reset: 1994-11-06T08:49:37Z",
		  -1, -1 },
		{ "RateLimit: \"api;r=0;t=55", -1, -1 },
		{ "RateLimit: remaining=5", -1, -1 },
		{ "x-ratelimit-remaining: nan\nx-ratelimit-reset: 5", -1, -1 },
		/* what makes sense is taken */
		{ "x-ratelimit-remaining: -5\nx-ratelimit-reset: 5", 0, 5000 },
		{ "x-ratelimit-remaining: 1.9\nx-ratelimit-reset: 0.0001", 1, 1 },
		{ "x-ratelimit-remaining: 1e300\nx-ratelimit-reset: 1", 1000000000000, 1000 },
		{ "x-ratelimit-remaining: 1\nx-ratelimit-reset: 9000h", 1, WEEK },
	};

	check(cases, CT_COUNT(cases));
	cr_assert_not(ct_rate_headers(NULL, NOW, &(struct ct_rate_headers){ 0 }));
}
