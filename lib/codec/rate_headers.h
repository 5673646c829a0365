/*
 * How much room a provider's rate limit leaves, as its answers say: x-ratelimit-remaining-* and
 * -reset-* (OpenAI, Groq, Azure, Mistral: durations as Go writes them, or seconds),
 * anthropic-ratelimit-*-remaining and -reset (RFC 3339), x-ratelimit-remaining and -reset
 * (GitHub: Unix seconds), RateLimit and RateLimit-* (draft-ietf-httpapi-ratelimit-headers).
 */
#ifndef CT_CODEC_RATE_HEADERS_H
#define CT_CODEC_RATE_HEADERS_H

#include "codec/headers.h"

struct ct_rate_headers {
	int64_t remaining; /* requests, 0 to 10^12 */
	int64_t reset_ms; /* until so long from now, 1 ms to 7 days */
};

/*
 * The limit that leaves the least room (of several the one that ends last); false where none says
 * both what remains and until when. Of a limit on something else than requests (tokens, images)
 * only that nothing remains can be told. headers may be NULL.
 */
bool ct_rate_headers(const struct ct_headers *headers, int64_t now_wall_ms,
		     struct ct_rate_headers *out);

#endif
