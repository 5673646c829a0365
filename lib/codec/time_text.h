/*
 * Times and spans of time as text. No clock: what is relative to now is told now.
 * All answer in milliseconds, and -1 for a text that is not of the form.
 */
#ifndef CT_CODEC_TIME_TEXT_H
#define CT_CODEC_TIME_TEXT_H

#include "base/str.h"

/* "12ms", "1.2s", "6m0s", "1h2m3.5s", "34.07s" (as Go writes them), rounded up. */
int64_t ct_duration_ms(struct ct_str text);

/* A number of units of that many ms ("34.07", "3e1"), rounded up, at most 9 * 10^15. */
int64_t ct_count_ms(struct ct_str text, int64_t unit_ms);

/* An RFC 3339 time, from 1970 on, in Unix ms. */
int64_t ct_rfc3339_ms(struct ct_str text);

/*
 * An HTTP date (RFC 9110 section 5.6.7, also the two obsolete forms), from 1970 on, in
 * Unix ms. A year of two digits is the one nearest to now, at most 50 years ahead.
 */
int64_t ct_http_date_ms(struct ct_str text, int64_t now_wall_ms);

#endif
