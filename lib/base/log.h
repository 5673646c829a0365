/*
 * Notices for people: one line each, to one sink. The sink is the only mutable
 * global of the library; cmd/ points it at stderr, through the redactor.
 */
#ifndef CT_BASE_LOG_H
#define CT_BASE_LOG_H

#include <stdbool.h>

#include "base/defs.h"

enum ct_log_level {
	CT_LOG_ERROR, /* what -q still shows */
	CT_LOG_WARN, /* the default: fallbacks, what was not recorded or not sent */
	CT_LOG_INFO, /* -v */
	CT_LOG_DEBUG, /* -vv: each candidate, attempt, wait and the reason for each decision */
};

/* line is NUL-terminated, without a line end, valid during the call only. */
typedef void ct_log_fn(void *user, enum ct_log_level level, const char *line);

/* NULL for fn: nothing is logged (as at the start). */
void ct_log_set(enum ct_log_level most, ct_log_fn *fn, void *user);

/* Would a line of this level be seen? For work that only a log line needs. */
bool ct_log_on(enum ct_log_level level);

void ct_log(enum ct_log_level level, const char *fmt, ...) CT_PRINTF(2, 3);

#endif
