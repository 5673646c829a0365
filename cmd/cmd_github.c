#include "cmd_github.h"

static const struct ct_cmd *const subs[] = {
	&ct_cmd_github_webhook,
	NULL,
};

const struct ct_cmd ct_cmd_github = {
	.name = "github",
	.args = "COMMAND [OPTION]...",
	.summary = "Read from GitHub: repositories, pull requests, webhooks",
	.subs = subs,
};
