/* --file of `cartrita chat`. */
#include "chat.h"
#include "service/fetch.h"
#include "service/interrupt.h"

/* A fetch on its way. */
struct fetching {
	struct ct_cli *cli;
	struct ct_attached *attached;
};

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	struct fetching *f = user;

	if (cause == CT_INTERRUPT_READER)
		f->cli->out.closed = true;
	ct_attach_cancel(f->cli->app, f->attached);
}

bool ct_chat_attaches_stdin(const struct ct_cli *cli)
{
	const char *path;

	for (size_t i = 0; (path = ct_args_at(cli->args, "file", i)) != NULL; i++)
		if (strcmp(path, "-") == 0)
			return true;
	return false;
}

static int check(struct ct_cli *cli, bool *urls, struct ct_err *err)
{
	const char *path;
	size_t dashes = 0;

	*urls = false;
	for (size_t i = 0; (path = ct_args_at(cli->args, "file", i)) != NULL; i++) {
		dashes += strcmp(path, "-") == 0;
		*urls = *urls || ct_fetch_is_url(path);
	}
	if (dashes > 1)
		return ct_fail(err, CT_EUSAGE,
			       "--file -: standard input can be read once");
	return CT_OK;
}

static int attach_all(struct ct_cli *cli, struct ct_attached *attached,
		      struct ct_err *err)
{
	const char *path;
	int rc = CT_OK;

	for (size_t i = 0; rc == CT_OK && (path = ct_args_at(cli->args, "file", i)); i++)
		rc = ct_attach(cli->app, path, attached, err);
	return rc;
}

int ct_chat_attach(struct ct_cli *cli, struct ct_chat_input *in, struct ct_buf *prompt,
		   struct ct_err *err)
{
	struct ct_attached *attached = &in->attached;
	struct fetching fetching = { cli, attached };
	struct ct_interrupt *interrupt = NULL;
	bool urls;
	int rc = check(cli, &urls, err);

	if (rc == CT_OK && urls)
		rc = ct_app_open_net(cli->app, err);
	if (rc == CT_OK && urls)
		ct_interrupt_watch(cli->app->loop, on_interrupt, &fetching, &interrupt,
				   NULL);
	if (rc == CT_OK)
		rc = attach_all(cli, attached, err);
	ct_interrupt_end(interrupt);
	if (rc != CT_OK)
		return rc;
	if (prompt->len > 0 && attached->text.len > 0)
		ct_buf_puts(prompt, "\n\n");
	ct_buf_add(prompt, ct_buf_str(&attached->text));
	in->message.parts = attached->parts;
	in->message.part_count = attached->part_count;
	return ct_buf_check(&attached->text, "the attached text", err);
}
