/* What the headers about limits have in common: retry_after.c and rate_headers.c read them. */
#ifndef CT_CODEC_LIMIT_FIELDS_H
#define CT_CODEC_LIMIT_FIELDS_H

#include "base/str.h"

/* The LIMIT of a name "<before>LIMIT<after>", letters in either case; empty for another name. */
struct ct_str ct_limit_name(struct ct_str name, const char *before, const char *after);

/*
 * Take the next part of a structured field, up to separator; quoted text may hold it (RFC 9651).
 * Blanks around it are gone.
 */
struct ct_str ct_field_part(struct ct_str *rest, char separator);

/*
 * A number of seconds as ms from now: up to a week it counts from now, above it is Unix time, and
 * one too far off for that is in ms (OpenRouter). May be negative: in the past. INT64_MIN: no number.
 */
int64_t ct_limit_seconds_ms(struct ct_str number, int64_t now_wall_ms);

#endif
