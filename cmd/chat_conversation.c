#include "chat_conversation.h"

static int begin(struct ct_cli *cli, struct ct_conversation **out, struct ct_err *err)
{
	if (ct_args_count(cli->args, "no-log"))
		return CT_OK;
	return ct_conversation_create(cli->app, ct_str(ct_args_text(cli->args, "user")),
				      out, err);
}

/*
 * -c where there is none yet begins one: the first question of a day should not be an
 * error.
 */
static int go_on(struct ct_cli *cli, const char *id, struct ct_conversation **out,
		 struct ct_err *err)
{
	struct ct_str user = ct_str(ct_args_text(cli->args, "user"));
	struct ct_err cause = { 0 };

	int rc = ct_conversation_resume(cli->app, ct_str(id != NULL ? id : "last"), user,
					out, &cause);
	if (rc == CT_OK) {
		(*out)->needed = true;
		if (ct_args_count(cli->args, "no-log") && cli->verbose >= 0)
			ct_out_notice(
				&cli->out,
				"--no-log: this turn is not kept in the conversation");
		return CT_OK;
	}
	if (rc != CT_EINVALID || id != NULL) {
		*err = cause;
		return rc;
	}
	if (cli->verbose >= 0)
		ct_out_notice(&cli->out, "%s: this begins one", cause.msg);
	rc = begin(cli, out, err);
	if (rc == CT_OK && *out != NULL)
		(*out)->needed = true;
	return rc;
}

/* What is named now counts from now on; what is not stays as it was. */
static int merge_choice(struct ct_conversation *c, struct ct_chat_input *in,
			struct ct_err *err)
{
	struct ct_choice *choice = &in->choice;
	bool named = choice->provider != NULL || choice->model != NULL;

	if (named || !c->exists)
		return ct_conversation_set_asked(c, choice->provider, choice->model, err);
	choice->provider = c->asked_provider.ptr;
	choice->model = c->asked_model.ptr;
	return CT_OK;
}

int ct_chat_conversation(struct ct_cli *cli, struct ct_chat_input *in,
			 struct ct_conversation **out, struct ct_err *err)
{
	const char *id = ct_args_text(cli->args, "conversation");
	bool last = ct_args_count(cli->args, "continue") > 0;

	*out = NULL;
	if (last && id != NULL)
		return ct_fail(err, CT_EUSAGE,
			       "--continue and --conversation do not go together");
	int rc = last || id != NULL ? go_on(cli, id, out, err) : begin(cli, out, err);
	if (rc != CT_OK || *out == NULL)
		return rc;
	if (in->request.system.ptr != NULL)
		rc = ct_conversation_set_system(*out, in->request.system, err);
	return rc == CT_OK ? merge_choice(*out, in, err) : rc;
}

int ct_chat_settle(struct ct_cli *cli, struct ct_conversation *c, struct ct_err *err)
{
	struct ct_err cause = { 0 };
	int rc = c != NULL ? ct_conversation_settle(c, &cause) : CT_OK;

	/* a new one is no loss that was not said already: the request was not recorded either */
	if (rc == CT_OK || !c->needed)
		return CT_OK;
	*err = cause;
	cli->out.error_written = cli->out.json; /* the answer is the document */
	return rc;
}
