/*
 * How long a provider asks us to wait, in every form that occurs: retry-after-ms,
 * retry-after (seconds, or an HTTP date, RFC 9110 section 10.2.3), x-ratelimit-reset-*
 * (durations as Go writes them) and x-ratelimit-reset (Unix seconds) of limits that are used up,
 * anthropic-ratelimit-*-reset (RFC 3339), RateLimit's t (draft-ietf-httpapi-ratelimit-headers-09),
 * google.rpc.RetryInfo.retryDelay and retry_after_seconds in the body.
 */
#ifndef CT_CODEC_RETRY_AFTER_H
#define CT_CODEC_RETRY_AFTER_H

#include "codec/headers.h"
#include "codec/json.h"
#include "codec/time_text.h"

/*
 * Milliseconds, rounded up, 0 where nothing asks for a wait. Of the headers the first
 * of the list above that is there and valid counts; where header and body differ, the
 * longer. Of several resets in one form the longest of a limit that is used up, or does
 * not say what remains. Values that are negative, zero, past or no number are ignored;
 * at most 7 days. An x-ratelimit-reset of up to a week is seconds from now, one too far off for
 * seconds is milliseconds (OpenRouter); an x-ratelimit-reset-* without a unit is seconds.
 * now_wall_ms is for dates. headers and body may be NULL.
 */
int64_t ct_retry_after_ms(const struct ct_headers *headers, const struct ct_json *body,
			  int64_t now_wall_ms);

#endif
