/* The subcommands of `github`; each file of cmd_github_*.c holds one group. */
#ifndef CT_CMD_CMD_GITHUB_H
#define CT_CMD_CMD_GITHUB_H

#include "cmd.h"

extern const struct ct_cmd ct_cmd_github_webhook;

#endif
