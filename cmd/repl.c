#include "repl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "codec/utf8.h"
#include "exit.h"
#include "repl_history.h"

enum { PROMPT_BYTES = 1024, PATH_BYTES = 4096 };

bool ct_repl_wanted(const struct ct_cli *cli)
{
	static const char *const others[] = { "dry-run", "output", "extract", "file",
					      "template", "no-stdin", "schema" };

	if (cli->out.json || !cli->out.is_tty || !isatty(STDIN_FILENO) ||
	    ct_args_word_count(cli->args) > 0)
		return false;
	for (size_t i = 0; i < CT_COUNT(others); i++)
		if (ct_args_count(cli->args, others[i]) > 0)
			return false;
	return true;
}

bool ct_repl_is_sandbox(const struct ct_candidate *candidate)
{
	const char *sandbox = getenv("CARTRITA_SANDBOX");

	return sandbox != NULL && *sandbox != '\0' &&
	       ct_str_starts(candidate->service->endpoint.base_url, sandbox);
}

int ct_repl_first(struct ct_repl *r, struct ct_candidate *first, struct ct_err *err)
{
	struct ct_candidates candidates;
	int rc = ct_candidates_find(r->cli->app, &r->in.choice, &candidates, err);

	if (rc != CT_OK)
		return rc;
	*first = candidates.list[0];
	for (size_t i = candidates.count; i > 0; i--)
		if (ct_config_has_key(r->cli->app->config, candidates.list[i - 1].service))
			*first = candidates.list[i - 1];
	return CT_OK;
}

static const char *keep_name(char to[CT_REPL_NAME_BYTES], const char *name)
{
	snprintf(to, CT_REPL_NAME_BYTES, "%s", name != NULL ? name : "");
	return name != NULL ? to : NULL;
}

int ct_repl_choose(struct ct_repl *r, const char *provider, const char *model,
		   struct ct_err *err)
{
	struct ct_choice wanted = r->in.choice;
	struct ct_candidates candidates;

	wanted.provider = provider;
	wanted.model = model;
	int rc = ct_candidates_find(r->cli->app, &wanted, &candidates, err);
	if (rc == CT_OK)
		rc = ct_config_key(r->cli->app->config, candidates.list[0].service, err);
	if (rc != CT_OK)
		return rc;
	/* wanted may point into what is overwritten */
	char kept[CT_REPL_NAME_BYTES];
	const char *kept_model = keep_name(kept, model);
	r->in.choice.provider = keep_name(r->provider, provider);
	r->in.choice.model = keep_name(r->model, kept_model);
	return ct_conversation_set_asked(r->talk, r->in.choice.provider, r->in.choice.model, err);
}

/* "sandbox claude/claude-sonnet-5-5> ", as much of it as leaves half of the line to type in. */
static void write_prompt(struct ct_repl *r, char *prompt)
{
	struct ct_candidate first;
	char name[PROMPT_BYTES / 2] = "", files[32] = "";
	bool color = r->cli->out.color;
	int room = r->cli->out.width / 2;

	if (ct_repl_first(r, &first, NULL) == CT_OK) {
		const char *sandbox = ct_repl_is_sandbox(&first) ? "sandbox " : "";
		struct ct_str provider = first.service->endpoint.name, model = first.model_id;
		snprintf(name, sizeof(name), "%s%.*s/%.*s", sandbox, CT_STR_ARG(provider),
			 CT_STR_ARG(model));
		if (ct_text_width(ct_str(name)) > room)
			snprintf(name, sizeof(name), "%s%.*s", sandbox, CT_STR_ARG(provider));
		if (ct_text_width(ct_str(name)) > room)
			*name = '\0';
	}
	if (r->attached_count > 0)
		snprintf(files, sizeof(files), " +%zu", r->attached_count);
	snprintf(prompt, PROMPT_BYTES, "%s%s%s> %s", color ? "\1\033[1;32m\1" : "", name, files,
		 color ? "\1\033[0m\1" : "");
	for (char *p = prompt; *p != '\0'; p++) /* a name of the configuration's is anybody's */
		if ((unsigned char)*p < ' ' && *p != '\1' && !(*p == '\033' && p > prompt &&
							      p[-1] == '\1'))
			*p = '?';
}

static bool ends_open(struct ct_str text)
{
	size_t n = 0;

	while (n < text.len && text.ptr[text.len - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

static bool has_quotes(struct ct_str text)
{
	text = ct_str_trim(text);
	return text.len >= 3 && memcmp(text.ptr + text.len - 3, "\"\"\"", 3) == 0;
}

/* Lines up to one that ends with quotes, which are dropped as those at the beginning were. */
static enum ct_line_end read_quoted(struct ct_repl *r, struct ct_buf *text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(CT_LINE_BYTES);
	enum ct_line_end end = CT_LINE_TEXT;
	struct ct_str opened = ct_str_trim(ct_buf_str(text));
	bool closed = opened.len >= 6 && has_quotes(opened);

	ct_buf_drop(text, (size_t)(opened.ptr - text->ptr) + 3);
	while (end == CT_LINE_TEXT && !closed) {
		end = ct_line_read(r->line, "... ", true, &line);
		closed = has_quotes(ct_buf_str(&line));
		if (text->len > 0)
			ct_buf_puts(text, "\n");
		ct_buf_add(text, ct_buf_str(&line));
	}
	struct ct_str whole = ct_str_trim(ct_buf_str(text));
	if (closed && end == CT_LINE_TEXT) {
		size_t keep = (size_t)(whole.ptr - text->ptr) + whole.len - 3;
		text->ptr[text->len = keep] = '\0';
	}
	return end;
}

/* Lines that end with a backslash go on with the next. */
static enum ct_line_end read_more(struct ct_repl *r, struct ct_buf *text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(CT_LINE_BYTES);
	enum ct_line_end end = CT_LINE_TEXT;

	while (end == CT_LINE_TEXT && ends_open(ct_buf_str(text))) {
		text->ptr[--text->len] = '\0';
		end = ct_line_read(r->line, "... ", true, &line);
		ct_buf_puts(text, "\n");
		ct_buf_add(text, ct_buf_str(&line));
	}
	return end;
}

static enum ct_line_end read_input(struct ct_repl *r, struct ct_buf *text)
{
	char prompt[PROMPT_BYTES];

	write_prompt(r, prompt);
	enum ct_line_end end = ct_line_read(r->line, prompt, false, text);
	if (end != CT_LINE_TEXT)
		return end;
	if (ct_str_starts(ct_str_trim(ct_buf_str(text)), "\"\"\""))
		return read_quoted(r, text);
	return read_more(r, text);
}

static void show_error(struct ct_repl *r, const struct ct_err *err)
{
	if (err->code == CT_ECANCELLED)
		ct_out_note(&r->cli->out, "(stopped)");
	else if (err->code != CT_OK)
		ct_out_error(&r->cli->out, err);
}

/* /edit has left a draft: it is sent as if it had been typed. */
static void send_draft(struct ct_repl *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf draft = r->draft;
	struct ct_err err = { 0 };

	r->draft = (struct ct_buf)CT_BUF_INIT(CT_LINE_BYTES);
	if (ct_str_trim(ct_buf_str(&draft)).len == 0)
		return;
	ct_line_remember(r->line, ct_buf_str(&draft));
	ct_repl_ask(r, ct_buf_str(&draft), &err);
	show_error(r, &err);
}

static void take(struct ct_repl *r, struct ct_str text)
{
	struct ct_err err = { 0 };
	size_t good = ct_utf8_valid(text);

	if (ct_str_trim(text).len == 0)
		return;
	ct_line_remember(r->line, text);
	if (good < text.len)
		ct_fail(&err, CT_EINVALID, "that is not valid UTF-8 (byte %zu)", good + 1);
	else if (ct_repl_is_command(text))
		ct_repl_command_run(r, text, &err);
	else
		ct_repl_ask(r, text, &err);
	show_error(r, &err);
	send_draft(r);
}

/* While nobody types yet: what the first question needs is made ready. */
static void on_idle(void *user)
{
	struct ct_repl *r = user;

	ct_app_open_net(r->cli->app, NULL);
	ct_app_open_store(r->cli->app, CT_STORE_WRITE, NULL);
}

static void greet(struct ct_repl *r)
{
	if (r->cli->verbose >= 0)
		ct_out_note(&r->cli->out,
			    "/help lists the commands, Ctrl-D leaves.");
}

static void loop(struct ct_repl *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_LINE_BYTES);
	struct ct_out *out = &r->cli->out;

	while (!r->leave && !r->killed && !out->closed && !out->failed) {
		enum ct_line_end end = read_input(r, &text);
		r->killed = r->killed || end == CT_LINE_KILLED;
		r->leave = end == CT_LINE_LEFT;
		if (end == CT_LINE_LEFT)
			ct_out_write(out, ct_str("\n"));
		if (end == CT_LINE_TEXT)
			take(r, ct_buf_str(&text));
	}
}

/* The conversation that goes on, or a new one; what was named for it before counts again. */
static int open_talk(struct ct_repl *r, struct ct_err *err)
{
	const struct ct_args *args = r->cli->args;
	const char *id = ct_args_text(args, "conversation");
	struct ct_str user = r->in.request.user;

	if (id == NULL && ct_args_count(args, "continue") > 0)
		id = "last";
	int rc = id != NULL ? ct_conversation_resume(r->cli->app, ct_str(id), user, &r->talk, err) :
			      ct_conversation_create(r->cli->app, user, &r->talk, err);
	if (rc == CT_OK && r->in.request.system.ptr != NULL)
		rc = ct_conversation_set_system(r->talk, r->in.request.system, err);
	if (rc != CT_OK)
		return rc;
	const char *provider = r->in.choice.provider, *model = r->in.choice.model;
	if (provider == NULL && model == NULL) {
		provider = r->talk->asked_provider.ptr;
		model = r->talk->asked_model.ptr;
	}
	if (provider != NULL || model != NULL)
		rc = ct_repl_choose(r, provider, model, err);
	return rc;
}

static int run(struct ct_repl *r, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf history = CT_BUF_INIT(PATH_BYTES);
	struct ct_line_hooks hooks = { ct_repl_complete, on_idle, r };
	int rc = ct_chat_read_options(r->cli, &r->in, err);

	if (rc == CT_OK)
		rc = open_talk(r, err);
	ct_history_path(&history);
	if (rc == CT_OK)
		rc = ct_line_open(&r->cli->out, &hooks, history.len > 0 ? history.ptr : NULL,
				  &r->line, err);
	if (rc != CT_OK)
		return rc;
	greet(r);
	loop(r);
	return r->killed ? CT_ECANCELLED : CT_OK;
}

int ct_repl_run(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_repl r = {
		.cli = cli,
		.in = CT_CHAT_INPUT_INIT,
		.attached = CT_ATTACHED_INIT,
		.unanswered = CT_BUF_INIT(CT_LINE_BYTES),
		.draft = CT_BUF_INIT(CT_LINE_BYTES),
		.options = ct_chat_call_options(cli),
		.raw = ct_args_count(cli->args, "raw") > 0,
		.web = ct_args_count(cli->args, "web") > 0,
	};
	int rc = run(&r, err);

	ct_line_close(r.line);
	ct_conversation_destroy(r.talk);
	ct_attached_fini(&r.attached);
	ct_chat_input_fini(&r.in);
	ct_buf_fini(&r.unanswered);
	ct_buf_fini(&r.draft);
	return ct_exit_status(rc);
}
