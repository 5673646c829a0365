/* The subcommands of `provider`; each file of cmd_provider_*.c holds one. */
#ifndef CT_CMD_CMD_PROVIDER_H
#define CT_CMD_CMD_PROVIDER_H

#include "cmd.h"

extern const struct ct_cmd ct_cmd_provider_list, ct_cmd_provider_stats, ct_cmd_provider_logs,
	ct_cmd_provider_circuit, ct_cmd_provider_health, ct_cmd_provider_test;

/* `provider test --faults`: the exit status. */
int ct_cmd_provider_faults(struct ct_cli *cli, struct ct_err *err);

/* "at": an ISO time, null for 0. */
void ct_jw_member_time(struct ct_jw *jw, const char *key, int64_t wall_ms);
/* A number, null where it is negative. */
void ct_jw_member_measure(struct ct_jw *jw, const char *key, int64_t value);

#endif
