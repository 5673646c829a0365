#include "chat.h"
#include "chat_conversation.h"
#include "chat_web.h"
#include "repl.h"
#include "service/interrupt.h"
#include "service/preview.h"

static const struct ct_opt options[] = {
	{ "provider", 'p', CT_OPT_TEXT, "NAME", "Ask this provider first", .words = "provider:chat" },
	{ "model", 'm', CT_OPT_TEXT, "ID", "A model, an alias, or provider/model", .words = "model" },
	{ "system", 's', CT_OPT_TEXT, "TEXT", "System prompt (@FILE reads it)" },
	CT_CONVERSATION_OPTIONS,
	{ "file", 'f', CT_OPT_LIST, "PATH", "Attach a file, folder, 'pattern', URL or - (repeatable)",
	  .words = "file" },
	{ "template", 0, CT_OPT_TEXT, "NAME", "A prompt of the configuration, with gaps",
	  .words = "template" },
	{ "var", 0, CT_OPT_LIST, "NAME=VALUE", "What fills a gap of the template (repeatable)" },
	{ "web", 0, CT_OPT_FLAG, NULL, "Search the web first; the answer cites what was found" },
	{ "temperature", 't', CT_OPT_NUM, "N", "Sampling temperature", 0, 2 },
	{ "max-tokens", 0, CT_OPT_INT, "N", "At most this many tokens in the answer", 1, 1e9 },
	{ "top-p", 0, CT_OPT_NUM, "N", "Nucleus sampling", 0, 1 },
	{ "stop", 0, CT_OPT_LIST, "TEXT", "Stop where this text would come (repeatable)" },
	{ "seed", 0, CT_OPT_INT, "N", "Seed of the sampling, where the provider takes one",
	  -9e15, 9e15 },
	{ "effort", 0, CT_OPT_CHOICE, "LEVEL", "How hard the model should think",
	  .choices = "none|minimal|low|medium|high|xhigh|max" },
	{ "option", 'o', CT_OPT_LIST, "KEY=VALUE", "Into the request body as it is (repeatable)" },
	{ "stream", 0, CT_OPT_FLAG, NULL, "Write as it arrives, also into a pipe" },
	{ "no-stream", 0, CT_OPT_FLAG, NULL, "Ask the provider for the whole answer at once" },
	{ "raw", 0, CT_OPT_FLAG, NULL, "Do not render Markdown on a terminal" },
	{ "extract", 'x', CT_OPT_FLAG, NULL, "Only the first fenced code block" },
	{ "output", 0, CT_OPT_TEXT, "FILE", "Write there, renamed into place when whole",
	  .words = "file" },
	{ "reasoning", 0, CT_OPT_FLAG, NULL, "Ask for the model's reasoning, and show it on stderr" },
	{ "no-fallback", 0, CT_OPT_FLAG, NULL, "Only the first provider" },
	{ "fallback", 0, CT_OPT_TEXT, "LIST", "Then these: names or provider/model, by commas",
	  .words = "provider:chat" },
	{ "on-cut", 0, CT_OPT_CHOICE, "WHAT", "When an answer breaks off after a part was shown",
	  .choices = "repair|fail" },
	{ "timeout", 0, CT_OPT_NUM, "S", "For the whole call, waits included; else 600", 0.001, 86400 },
	{ "first-token-timeout", 0, CT_OPT_NUM, "S", "Until the first sign of work", 0.001, 86400 },
	{ "idle-timeout", 0, CT_OPT_NUM, "S", "Between signs of work", 0.001, 86400 },
	{ "retries", 0, CT_OPT_INT, "N", "Per provider; else 2", 0, 20 },
	{ "user", 0, CT_OPT_TEXT, "ID", "Whom the log and quotas name" },
	{ "no-log", 0, CT_OPT_FLAG, NULL, "Record metrics, not content" },
	{ "no-stdin", 0, CT_OPT_FLAG, NULL, "Leave standard input alone" },
	{ "dry-run", 0, CT_OPT_CHOICE, "HOW", "Print the request that would be sent, and stop",
	  .choices = "http|curl", .implied = "http" },
	{ .name = NULL },
};

/* A question on its way. */
struct chat {
	struct ct_cli *cli;
	struct ct_chat_print print;
	struct ct_call *call;
	struct ct_chat_web web; /* with --web, in place of call */
	bool live;
	int code;
	struct ct_err *err;
};

static int64_t seconds(struct ct_cli *cli, const char *name, int64_t fallback)
{
	double s = ct_args_num(cli->args, name, -1);

	return s < 0 ? fallback : (int64_t)(s * 1000 + 0.5);
}

/* Where stdout is no terminal, an answer is written when it is whole; --stream says otherwise. */
static enum ct_show show_mode(struct ct_cli *cli)
{
	bool whole = cli->out.json || ct_args_count(cli->args, "extract") ||
		     ct_args_count(cli->args, "output") || ct_args_count(cli->args, "no-stream");

	if (whole)
		return CT_SHOW_WHOLE;
	if (cli->out.is_tty)
		return CT_SHOW_LIVE;
	return ct_args_count(cli->args, "stream") ? CT_SHOW_PIPE : CT_SHOW_WHOLE;
}

struct ct_call_options ct_chat_call_options(struct ct_cli *cli)
{
	struct ct_call_options o = ct_call_defaults(cli->app->config);
	const char *on_cut = ct_args_text(cli->args, "on-cut");

	o.show = show_mode(cli);
	if (on_cut != NULL)
		o.on_cut_fail = strcmp(on_cut, "fail") == 0;
	o.timeout_ms = seconds(cli, "timeout", o.timeout_ms);
	o.first_ms = seconds(cli, "first-token-timeout", o.first_ms);
	o.idle_ms = seconds(cli, "idle-timeout", o.idle_ms);
	o.retries = ct_args_int(cli->args, "retries", o.retries);
	o.no_log = ct_args_count(cli->args, "no-log") > 0;
	o.user_id = ct_str(ct_args_text(cli->args, "user"));
	return o;
}

static void stop(struct chat *chat)
{
	if (chat->call != NULL)
		ct_call_cancel(chat->call);
	else
		ct_web_stop(&chat->web.web);
}

static void on_event(void *user, const struct ct_call_event *event)
{
	struct chat *chat = user;

	ct_chat_print_event(&chat->print, event);
	if (chat->cli->out.closed)
		stop(chat);
}

static void on_done(void *user, const struct ct_call_result *result)
{
	struct chat *chat = user;

	chat->code = ct_chat_print_result(&chat->print, result, chat->live, chat->err);
}

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	struct chat *chat = user;

	if (cause == CT_INTERRUPT_READER)
		chat->cli->out.closed = true;
	stop(chat);
}

static const struct ct_call_handler handler = { on_event, on_done };

/* With --web: the search, and then the question. */
static int ask_web(struct chat *chat, const struct ct_request *request,
		   const struct ct_candidates *candidates, const struct ct_call_options *o)
{
	struct ct_interrupt *interrupt = NULL;
	struct ct_web *web = &chat->web.web;

	web->request = request;
	web->candidates = candidates;
	web->options = *o;
	web->handler = handler;
	web->user = chat;
	int rc = ct_chat_web_init(&chat->web, &chat->print, chat->err);
	if (rc != CT_OK)
		return rc;
	ct_chat_print_open(&chat->print, ct_args_count(chat->cli->args, "raw") > 0);
	chat->print.spinner = ct_spinner_start(chat->cli);
	ct_interrupt_watch(chat->cli->app->loop, on_interrupt, chat, &interrupt, NULL);
	rc = ct_chat_web_run(&chat->web, chat->err);
	ct_interrupt_end(interrupt);
	ct_chat_print_fini(&chat->print);
	ct_web_fini(web);
	return rc != CT_OK ? rc : chat->code;
}

static int ask(struct ct_cli *cli, struct ct_chat_input *in, struct ct_conversation *conversation,
	       const struct ct_candidates *candidates, struct ct_err *err)
{
	struct ct_call_options o = ct_chat_call_options(cli);
	struct chat chat = { .cli = cli, .err = err, .live = o.show != CT_SHOW_WHOLE };
	struct ct_interrupt *interrupt = NULL;

	chat.print = (struct ct_chat_print){
		.cli = cli,
		.show_reasoning = in->request.reasoning,
		.extract = ct_args_count(cli->args, "extract") > 0,
		.output = ct_args_text(cli->args, "output"),
	};
	int rc = conversation == NULL ? CT_OK :
					ct_conversation_ask(conversation, &in->message,
							    &in->request, &o, err);
	if (rc == CT_OK && ct_args_count(cli->args, "web") > 0) {
		rc = ask_web(&chat, &in->request, candidates, &o);
		return rc != CT_OK ? rc : ct_chat_settle(cli, conversation, err);
	}
	if (rc == CT_OK)
		rc = ct_call_start(cli->app, &in->request, candidates, &o, &handler, &chat,
				   &chat.call, err);
	if (rc != CT_OK && cli->out.json && candidates->list[0].named)
		ct_out_error_json(&cli->out, err,
				  &(struct ct_error_extra){
					  .provider = candidates->list[0].service->endpoint.name });
	if (rc != CT_OK)
		return rc;
	ct_chat_print_open(&chat.print, ct_args_count(cli->args, "raw") > 0);
	chat.print.spinner = ct_spinner_start(cli);
	ct_interrupt_watch(cli->app->loop, on_interrupt, &chat, &interrupt, NULL);
	ct_call_wait(chat.call);
	ct_interrupt_end(interrupt);
	ct_chat_print_fini(&chat.print);
	return chat.code != CT_OK ? chat.code : ct_chat_settle(cli, conversation, err);
}

static int preview(struct ct_cli *cli, struct ct_chat_input *in,
		   struct ct_conversation *conversation, const struct ct_candidates *candidates,
		   struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(256 << 20);
	CT_CLEANUP(ct_buf_fini) struct ct_buf document = CT_BUF_INIT(512 << 20);
	bool curl = strcmp(ct_args_text(cli->args, "dry-run"), "curl") == 0;
	struct ct_jw jw = ct_jw(&document);
	struct ct_call_options unused = { .no_log = true };
	int rc = conversation == NULL ? CT_OK :
					ct_conversation_ask(conversation, &in->message,
							    &in->request, &unused, err);

	if (rc == CT_OK)
		rc = ct_preview(cli->app, &in->request, candidates,
				curl		? CT_PREVIEW_CURL
				: cli->out.json ? CT_PREVIEW_JSON
						: CT_PREVIEW_HTTP,
				&text, err);
	if (rc == CT_OK && curl && cli->out.json) {
		ct_jw_object(&jw);
		ct_jw_member(&jw, "command", ct_buf_str(&text));
		ct_jw_end_object(&jw);
		ct_out_json(&cli->out, &document);
	} else if (rc == CT_OK)
		ct_out_write(&cli->out, ct_buf_str(&text));
	return rc;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_chat_input_fini) struct ct_chat_input in = CT_CHAT_INPUT_INIT;
	struct ct_conversation *conversation = NULL;
	struct ct_candidates candidates;

	if (ct_repl_wanted(cli))
		return ct_repl_run(cli, err);
	int rc = ct_chat_check_output(ct_args_text(cli->args, "output"), err);

	if (rc == CT_OK)
		rc = ct_chat_read(cli, &in, err);
	if (rc == CT_OK)
		rc = ct_chat_conversation(cli, &in, &conversation, err);
	if (rc == CT_OK)
		rc = ct_candidates_find(cli->app, &in.choice, &candidates, err);
	if (rc == CT_OK && ct_args_count(cli->args, "dry-run"))
		rc = preview(cli, &in, conversation, &candidates, err);
	else if (rc == CT_OK)
		rc = ask(cli, &in, conversation, &candidates, err);
	ct_conversation_destroy(conversation);
	return ct_exit_status(rc);
}

/* A question will be sent at once, unless a person is yet to type it. */
static void early(struct ct_cli *cli)
{
	if (!ct_args_count(cli->args, "dry-run") && !ct_repl_wanted(cli))
		ct_app_expect_net(cli->app);
}

const struct ct_cmd ct_cmd_chat = {
	.name = "chat",
	.args = "[OPTION]... [PROMPT]...",
	.summary = "Ask a model; fall back to the next provider when one fails",
	.details =
		"The words of PROMPT are joined by a blank. Standard input that is not a terminal is read "
		"and follows them after an empty line; `-` says so explicitly.\n"
		"On a terminal the answer appears as it arrives; elsewhere it is written when it is whole, "
		"so that a script gets all of it or none (--stream changes that).",
	.needs = CT_NEEDS_CATALOG,
	.options = options,
	.early = early,
	.run = run,
};
