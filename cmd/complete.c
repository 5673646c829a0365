/*
 * `cartrita __complete -- WORD...`: what the last word, begun or empty, may become, a line each:
 * "word<TAB>description". A line ":files" asks the shell for names of files. Never fails:
 * what cannot be known is not offered.
 */
#include <stdlib.h>

#include "cmd.h"
#include "codec/utf8.h"
#include "service/conversation.h"
#include "service/diagnostics.h"

enum { TEXT_MAX = 16 << 20, CONVERSATIONS = 50, ID_SHOWN = 12 };

struct complete {
	struct ct_cli *cli;
	struct ct_buf *out;
	const char *partial; /* what the word begins with */
	struct ct_str before; /* stands in the same word before it: "--color=" */
	unsigned capabilities; /* of the providers to offer */
};

static void offer_with(struct complete *c, struct ct_str word, struct ct_str description)
{
	if (!ct_str_starts(word, c->partial))
		return;
	ct_buf_add(c->out, c->before);
	ct_buf_add(c->out, word);
	if (description.len > 0)
		ct_buf_printf(c->out, "\t%.*s", CT_STR_ARG(description));
	ct_buf_puts(c->out, "\n");
}

static void offer(struct complete *c, struct ct_str word, const char *description)
{
	offer_with(c, word, ct_str(description));
}

static void offer_choices(struct complete *c, const char *choices)
{
	while (choices && *choices) {
		size_t len = strcspn(choices, "|");
		offer(c, (struct ct_str){ choices, len }, NULL);
		choices += len + (choices[len] == '|');
	}
}

static int offer_provider(void *user, const struct ct_provider_row *row)
{
	struct complete *c = user;

	if (row->capabilities & c->capabilities)
		offer(c, row->name, row->configured ? "" : "not configured");
	return CT_OK;
}

/* "provider": all of them; "provider:search": who can do that. */
static void offer_providers(struct complete *c, const char *what)
{
	static const struct {
		const char *what;
		unsigned capabilities;
	} who[] = { { ":chat", CT_CAN_CHAT },	      { ":search", CT_CAN_SEARCH },
		    { ":extract", CT_CAN_EXTRACT },   { ":voice", CT_CAN_STT | CT_CAN_TTS },
		    { ":github", CT_CAN_READ } };

	c->capabilities = ~0U;
	for (size_t i = 0; i < CT_COUNT(who); i++)
		if (strcmp(what, who[i].what) == 0)
			c->capabilities = who[i].capabilities;
	if (ct_app_open_config(c->cli->app, NULL) == CT_OK)
		ct_diag_providers(c->cli->app, offer_provider, c, NULL);
}

static void offer_models(struct complete *c)
{
	struct ct_app *app = c->cli->app;

	if (ct_app_open_catalog(app, NULL) != CT_OK)
		return;
	for (size_t i = 0; i < app->config->alias_count; i++)
		offer_with(c, app->config->aliases[i][0], app->config->aliases[i][1]);
	for (size_t i = 0; i < ct_catalog_count(app->catalog); i++) {
		const struct ct_model *model = ct_catalog_at(app->catalog, i);
		if (!ct_str_is(model->status, "retired"))
			offer_with(c, model->id, model->provider);
	}
}

/* As `conversation list` shows it; the whole id for who has begun to type that. */
static int offer_conversation(void *user, const struct ct_conversation_row *row)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf title = CT_BUF_INIT(TEXT_MAX);
	struct complete *c = user;

	ct_utf8_printable(row->title, &title);
	for (size_t i = 0; i < title.len; i++)
		if (title.ptr[i] == '\n' || title.ptr[i] == '\t')
			title.ptr[i] = ' ';
	if (row->id.len > ID_SHOWN)
		offer(c, ct_str_from(row->id, row->id.len - ID_SHOWN), title.ptr);
	if (c->partial[0] != '\0')
		offer(c, row->id, title.ptr);
	return CT_OK;
}

/* "conversation"; "conversation:id" where "last" is refused. */
static void offer_conversations(struct complete *c, const char *what)
{
	struct ct_conversation_filter filter = { .limit = CONVERSATIONS };
	struct ct_str last = CT_STR("last");

	if (strcmp(what, ":id") != 0)
		offer(c, last, "the newest one");
	ct_conversations_list(c->cli->app, &filter, offer_conversation, c, NULL);
}

static void offer_templates(struct complete *c)
{
	struct ct_app *app = c->cli->app;

	if (ct_app_open_config(app, NULL) != CT_OK)
		return;
	for (size_t i = 0; i < app->config->template_count; i++)
		offer(c, app->config->templates[i].name, NULL);
}

static void offer_commands(struct complete *c, const struct ct_cmd *const *list)
{
	for (; list != NULL && *list != NULL; list++)
		if ((*list)->summary != NULL)
			offer(c, ct_str((*list)->name), (*list)->summary);
}

/* words: as in struct ct_opt and ct_cmd. */
static void offer_words(struct complete *c, const char *words)
{
	if (words == NULL)
		return;
	if (ct_str_starts(ct_str(words), "provider")) {
		offer_providers(c, words + strlen("provider"));
	} else if (strcmp(words, "model") == 0) {
		offer_models(c);
	} else if (ct_str_starts(ct_str(words), "conversation")) {
		offer_conversations(c, words + strlen("conversation"));
	} else if (strcmp(words, "template") == 0) {
		offer_templates(c);
	} else if (strcmp(words, "file") == 0) {
		ct_buf_puts(c->out, ":files\n");
	} else if (strcmp(words, "command") != 0) {
		offer_choices(c, words);
	}
}

static void offer_value(struct complete *c, const struct ct_opt *opt)
{
	if (opt->words != NULL)
		offer_words(c, opt->words);
	else
		offer_choices(c, opt->choices);
}

static void offer_options(struct complete *c, const struct ct_opt *table)
{
	struct ct_str dashes = CT_STR("--");

	if (c->partial[0] == '-')
		c->partial += c->partial[1] == '-' ? 2 : 1;
	c->before = dashes;
	for (; table != NULL && table->name != NULL; table++)
		offer(c, ct_str(table->name), table->summary);
}

static const struct ct_opt *find(const struct ct_opt *table, struct ct_str name, char letter)
{
	for (; table != NULL && table->name != NULL; table++)
		if ((name.ptr && ct_str_is(name, table->name)) ||
		    (name.ptr && table->also && ct_str_is(name, table->also)) ||
		    (letter && table->letter == letter))
			return table;
	return NULL;
}

static const struct ct_opt *find_any(const struct ct_cmd_path *path, struct ct_str name,
				     char letter)
{
	const struct ct_opt *opt = find(ct_cmd_options(path), name, letter);

	return opt ? opt : find(ct_global_options, name, letter);
}

/* The option whose value the word after `word` is; NULL: it is none's. */
static const struct ct_opt *awaits_value(const struct ct_cmd_path *path, const char *word)
{
	const struct ct_opt *opt = NULL;

	if (word[0] == '-' && word[1] == '-' && strchr(word, '=') == NULL) {
		opt = find_any(path, ct_str(word + 2), 0);
	} else if (word[0] == '-' && word[1] != '-' && word[1] != '\0') {
		size_t at = 1;
		struct ct_str none = { NULL, 0 };
		do
			opt = find_any(path, none, word[at]);
		while (word[++at] != '\0' && opt && opt->type == CT_OPT_FLAG);
		if (word[at] != '\0')
			return NULL; /* its value stands in the same word */
	}
	return opt && opt->type != CT_OPT_FLAG && opt->implied == NULL ? opt : NULL;
}

/* "--color=al" */
static bool complete_attached(struct complete *c, const struct ct_cmd_path *path)
{
	const char *equals = strchr(c->partial, '=');
	struct ct_str name = { c->partial + 2, 0 };

	if (!ct_str_starts(ct_str(c->partial), "--") || equals == NULL)
		return false;
	name.len = (size_t)(equals - name.ptr);
	const struct ct_opt *opt = find_any(path, name, 0);
	c->before = (struct ct_str){ c->partial, (size_t)(equals - c->partial) + 1 };
	c->partial = equals + 1;
	if (opt != NULL)
		offer_value(c, opt);
	return true;
}

/* help's own arguments are names of commands. */
static void complete_command(struct complete *c, int argc, char *argv[])
{
	struct ct_cmd_path path = { .depth = 0 };

	for (int i = 0; i < argc && path.depth < CT_CMD_DEPTH; i++) {
		const struct ct_cmd *cmd = ct_cmd_find(ct_cmd_below(&path), ct_str(argv[i]));
		if (cmd != NULL)
			path.cmd[path.depth++] = cmd;
	}
	offer_commands(c, ct_cmd_below(&path));
}

static void complete_word(struct complete *c, const struct ct_cmd_path *path, int argc,
			  char *argv[])
{
	const struct ct_cmd *cmd = path->depth ? path->cmd[path->depth - 1] : NULL;
	const struct ct_opt *opt = argc > 0 ? awaits_value(path, argv[argc - 1]) : NULL;
	bool dashes = false;

	for (int i = 0; i < argc; i++)
		dashes = dashes || strcmp(argv[i], "--") == 0;
	if (!dashes && opt != NULL) {
		offer_value(c, opt);
	} else if (!dashes && c->partial[0] == '-') {
		if (complete_attached(c, path))
			return;
		const char *partial = c->partial;
		offer_options(c, ct_cmd_options(path));
		c->partial = partial;
		offer_options(c, ct_global_options);
	} else if (cmd && cmd->words && strcmp(cmd->words, "command") == 0) {
		complete_command(c, argc, argv);
	} else {
		offer_commands(c, ct_cmd_below(path));
		offer_words(c, cmd ? cmd->words : NULL);
	}
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(TEXT_MAX);
	int from = ct_args_dashes_at(cli->args), argc = cli->argc - from - 1;
	struct complete c = { .cli = cli, .out = &out, .before = CT_STR("") };
	struct ct_cmd_path path = { .depth = 0 };

	(void)err;
	if (from < 0 || argc < 0)
		return CT_EXIT_OK;
	char **argv = cli->argv + from; /* its names of commands go: nobody needs them any more */
	c.partial = argv[argc];
	ct_cmd_resolve(&path, &argc, &argv, NULL);
	complete_word(&c, &path, argc, argv);
	ct_out_write(&cli->out, ct_buf_str(&out));
	return CT_EXIT_OK;
}

const struct ct_cmd ct_cmd_complete = {
	.name = "__complete",
	.args = "-- [WORD]...",
	.words = "command",
	.run = run,
};
