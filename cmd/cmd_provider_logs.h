/* How `provider logs` writes a request: shared by the list, --follow and show. */
#ifndef CT_CMD_CMD_PROVIDER_LOGS_H
#define CT_CMD_CMD_PROVIDER_LOGS_H

#include "cmd_provider.h"
#include "service/diagnostics.h"

enum { CT_LOG_TEXT_MAX = 256 << 20 };

extern const struct ct_cmd ct_cmd_provider_logs_show;

/* The members that all forms have, without the braces. */
void ct_log_members(struct ct_jw *jw, const struct ct_log_row *row);

/* A JSON text of the store as a member: null where there is none, a string where it is no JSON. */
void ct_log_member_json(struct ct_jw *jw, const char *key, struct ct_str json);

/* The last characters of an id: enough to name it again. */
struct ct_str ct_log_short_id(struct ct_str id);

/* What went wrong in a line ("rate_limited: slow down"), copied into the arena; empty: nothing. */
struct ct_str ct_log_error_line(struct ct_arena *arena, const struct ct_log_row *row);

/* Tokens of the answer; -1 where they are not known. */
int64_t ct_log_tokens(const struct ct_log_row *row);

/*
 * --follow: print the last filter->limit requests, then each as it begins and as it ends, until
 * SIGINT or until nobody reads. The exit status.
 */
int ct_log_follow(struct ct_cli *cli, const struct ct_log_filter *filter, struct ct_err *err);

#endif
