#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd_github.h"
#include "codec/webhook.h"

/* Can an environment have it at all? */
static bool is_variable(const char *name)
{
	return *name != '\0' && strchr(name, '=') == NULL;
}

static int find_secret(struct ct_cli *cli, struct ct_str *secret, struct ct_err *err)
{
	const char *name = ct_args_text(cli->args, "secret-env");

	if (name == NULL)
		return ct_fail(
			err, CT_EUSAGE,
			"which secret? --secret-env names the variable that holds it");
	if (!is_variable(name))
		return ct_fail(err, CT_EUSAGE, "--secret-env: '%.60s' names no variable",
			       name);
	*secret = ct_str(getenv(name));
	if (secret->len == 0) {
		ct_fail(err, CT_ENOKEY, "%.60s is %s", name,
			secret->ptr == NULL ? "not set" : "empty: that proves nothing");
		ct_hint(err, "Put the secret of the webhook into it: export %.60s", name);
		return CT_ENOKEY;
	}
	return ct_redactor_add(cli->app->redactor, *secret) == CT_OK
		       ? CT_OK
		       : ct_fail(err, CT_ENOMEM, "out of memory");
}

static int read_body(struct ct_buf *body, struct ct_err *err)
{
	if (isatty(STDIN_FILENO))
		return ct_fail(err, CT_EUSAGE,
			       "the body comes on standard input, which is a terminal");
	int rc = ct_file_read_fd(STDIN_FILENO, "standard input", body, err);
	if (rc == CT_ETOOBIG)
		return ct_fail(err, CT_EINVALID,
			       "the body is over %d MB: GitHub sends no such webhook",
			       CT_WEBHOOK_BODY_BYTES >> 20);
	return rc;
}

static void print_valid(struct ct_cli *cli)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(1024);
	struct ct_jw jw = ct_jw(&text);

	if (!cli->out.json) {
		ct_out_printf(&cli->out, "The signature is right.\n");
		return;
	}
	ct_jw_object(&jw);
	ct_jw_member_bool(&jw, "valid", true);
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
}

static int run_verify(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(CT_WEBHOOK_BODY_BYTES);
	const char *signature = ct_args_text(cli->args, "signature");
	struct ct_str secret = { NULL, 0 };
	int rc = CT_OK;

	if (ct_args_count(cli->args, "secret-env") > 0 && signature == NULL)
		rc = ct_fail(err, CT_EUSAGE,
			     "which signature? --signature takes what "
			     "X-Hub-Signature-256 says");
	if (rc == CT_OK)
		rc = find_secret(cli, &secret, err);
	if (rc == CT_OK)
		rc = read_body(&body, err);
	if (rc == CT_OK)
		rc = ct_webhook_verify(secret, ct_str(signature), ct_buf_str(&body), err);
	if (rc == CT_OK)
		print_valid(cli);
	return ct_exit_status(rc);
}

static const struct ct_opt verify_options[] = {
	{ "secret-env", 0, CT_OPT_TEXT, "NAME",
	  "The variable of the environment that holds the webhook's secret" },
	{ "signature", 0, CT_OPT_TEXT, "SIGNATURE",
	  "What X-Hub-Signature-256 says: sha256=…" },
	{ .name = NULL },
};

static const struct ct_cmd verify_cmd = {
	.name = "verify",
	.args = "[OPTION]...",
	.summary = "Is a webhook GitHub's own? Its body is read from standard input",
	.details = "Both options are needed. The exit status is 0 where the signature is "
		   "that of "
		   "the body, else 4. At most 25 MB are read, the very bytes that came.",
	.options = verify_options,
	.run = run_verify,
};

static const struct ct_cmd *const subs[] = { &verify_cmd, NULL };

const struct ct_cmd ct_cmd_github_webhook = {
	.name = "webhook",
	.args = "COMMAND [OPTION]...",
	.summary = "Look at what GitHub sends by itself",
	.subs = subs,
};
