#include "cmd_conversation.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

enum { LIMIT = 20, LIMIT_MAX = 1000000 };

#define LIMIT_OPTION(what) \
	{ \
		"limit", 'n', CT_OPT_INT, "COUNT", what, 1, LIMIT_MAX, .also = "number" \
	}
#define USER_OPTION \
	{ \
		"user", 0, CT_OPT_TEXT, "ID", "Only conversations of this user" \
	}

int ct_conversation_word(struct ct_cli *cli, struct ct_str *id, struct ct_err *err)
{
	if (ct_args_word_count(cli->args) != 1) {
		ct_fail(err, CT_EUSAGE,
			ct_args_word_count(cli->args)
				? "one conversation, and nothing after it"
				: "which conversation? Name its id");
		ct_hint(err, "see `cartrita conversation list`");
		return CT_EUSAGE;
	}
	*id = ct_str(ct_args_word(cli->args, 0));
	return CT_OK;
}

void ct_conversation_members(struct ct_jw *jw, const struct ct_conversation_row *row)
{
	ct_jw_member(jw, "id", row->id);
	ct_jw_member(jw, "title", row->title);
	ct_jw_member_or_null(jw, "user_id", row->user_id);
	ct_jw_member_int(jw, "messages_total", row->messages);
	ct_jw_member_or_null(jw, "provider", row->provider);
	ct_jw_member_or_null(jw, "model", row->model);
	ct_jw_member_or_null(jw, "forked_from", row->forked_from);
	ct_jw_member_time(jw, "created_at", row->created_ms);
	ct_jw_member_time(jw, "updated_at", row->updated_ms);
}

struct list {
	struct ct_jw jw; /* with --json */
	struct ct_table *table; /* else */
	struct ct_cli *cli;
	int64_t now_ms;
	size_t rows;
};

static int add_row_json(void *user, const struct ct_conversation_row *row)
{
	struct list *list = user;

	ct_jw_object(&list->jw);
	ct_conversation_members(&list->jw, row);
	ct_jw_end_object(&list->jw);
	return CT_OK;
}

static const struct ct_column columns[] = {
	{ .title = "WHEN" },
	{ .title = "MESSAGES", .align = CT_RIGHT },
	{ .title = "MODEL", .shrink = true, .optional = true },
	{ .title = "ID" },
	{ .title = "TITLE", .shrink = true },
};

static int add_row(void *user, const struct ct_conversation_row *row)
{
	struct list *list = user;
	char text[CT_HUMAN_SIZE];

	list->rows++;
	ct_table_cell(list->table, "%s",
		      ct_human_ago(text, sizeof(text), row->updated_ms, list->now_ms));
	ct_table_cell(list->table, "%lld", (long long)row->messages);
	ct_table_cell(list->table, "%.*s", CT_STR_ARG(row->model));
	ct_table_cell(list->table, "%.*s", CT_STR_ARG(ct_log_short_id(row->id)));
	ct_table_cell(list->table, "%.*s", CT_STR_ARG(row->title));
	return CT_OK;
}

static int list_json(struct ct_cli *cli, const struct ct_conversation_filter *filter,
		     struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf text = CT_BUF_INIT(CT_CONVERSATION_TEXT_MAX);
	struct list list = { .jw = ct_jw(&text) };

	ct_jw_array(&list.jw);
	int rc = ct_conversations_list(cli->app, filter, add_row_json, &list, err);
	ct_jw_end_array(&list.jw);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return rc;
}

static int list_table(struct ct_cli *cli, const struct ct_conversation_filter *filter,
		      struct ct_err *err)
{
	struct list list = { .table = ct_table_create(columns, CT_COUNT(columns)),
			     .now_ms = ct_time_now().wall_ms };
	int rc = ct_conversations_list(cli->app, filter, add_row, &list, err);

	if (rc == CT_OK && list.rows == 0 && cli->verbose >= 0)
		ct_out_note(&cli->out, "There are no such conversations.");
	if (rc == CT_OK && list.rows > 0)
		ct_table_print(list.table, &cli->out);
	else
		ct_table_destroy(list.table);
	return rc;
}

static int run_list(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_conversation_filter filter = {
		.limit = ct_args_int(cli->args, "limit", LIMIT),
		.by_user = ct_args_count(cli->args, "user") > 0,
		.user_id = ct_str(ct_args_text(cli->args, "user")),
	};

	return ct_exit_status(cli->out.json ? list_json(cli, &filter, err)
					    : list_table(cli, &filter, err));
}

static const struct ct_opt list_options[] = {
	LIMIT_OPTION("The last COUNT conversations, default 20"),
	USER_OPTION,
	{ .name = NULL },
};

static const struct ct_cmd list_cmd = {
	.name = "list",
	.args = "[OPTION]...",
	.summary = "Show the last conversations, newest first",
	.options = list_options,
	.run = run_list,
};

/* One line, the words that were found marked by on and off. */
static void write_snippet(struct ct_str snippet, const char *on, const char *off,
			  struct ct_buf *out)
{
	for (size_t i = 0; i < snippet.len; i++) {
		char c = snippet.ptr[i];
		if (c == '\x02' || c == '\x03')
			ct_buf_puts(out, c == '\x02' ? on : off);
		else if (c == '\n' || c == '\t' || c == '\r')
			ct_buf_puts(out, " ");
		else
			ct_buf_append(out, &c, (unsigned char)c >= ' ' && c != 0x7f);
	}
}

static int add_hit_json(void *user, const struct ct_conversation_hit *hit)
{
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf snippet = CT_BUF_INIT(CT_CONVERSATION_TEXT_MAX);
	struct list *list = user;
	struct ct_jw *jw = &list->jw;

	write_snippet(hit->snippet, "", "", &snippet);
	ct_jw_object(jw);
	ct_jw_member(jw, "conversation_id", hit->conversation_id);
	ct_jw_member(jw, "title", hit->title);
	ct_jw_member(jw, "message_id", hit->message_id);
	ct_jw_member(jw, "role",
		     ct_str(hit->role == CT_ROLE_USER ? "user" : "assistant"));
	ct_jw_member(jw, "snippet", ct_buf_str(&snippet));
	ct_jw_member_time(jw, "created_at", hit->created_ms);
	ct_jw_end_object(jw);
	return CT_OK;
}

static int print_hit(void *user, const struct ct_conversation_hit *hit)
{
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf title = CT_BUF_INIT(CT_CONVERSATION_TEXT_MAX);
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf snippet = CT_BUF_INIT(CT_CONVERSATION_TEXT_MAX);
	struct list *list = user;
	struct ct_out *out = &list->cli->out;
	char text[CT_HUMAN_SIZE];

	list->rows++;
	write_snippet(hit->title, "", "", &title);
	write_snippet(hit->snippet, out->color ? "\033[1m" : "",
		      out->color ? "\033[0m" : "", &snippet);
	ct_out_printf(out, "%.*s  %s  (%s)\n",
		      CT_STR_ARG(ct_log_short_id(hit->conversation_id)), title.ptr,
		      ct_human_ago(text, sizeof(text), hit->created_ms, list->now_ms));
	ct_out_printf(out, "  %s %s\n", hit->role == CT_ROLE_USER ? ">" : "<",
		      snippet.ptr);
	return CT_OK;
}

static int search_json(struct ct_cli *cli, const struct ct_conversation_search *search,
		       struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf text = CT_BUF_INIT(CT_CONVERSATION_TEXT_MAX);
	struct list list = { .jw = ct_jw(&text) };

	ct_jw_array(&list.jw);
	int rc = ct_conversations_search(cli->app, search, add_hit_json, &list, err);
	ct_jw_end_array(&list.jw);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return rc;
}

static int search_text(struct ct_cli *cli, const struct ct_conversation_search *search,
		       struct ct_err *err)
{
	struct list list = { .cli = cli, .now_ms = ct_time_now().wall_ms };
	int rc = ct_conversations_search(cli->app, search, print_hit, &list, err);

	if (rc == CT_OK && list.rows == 0 && cli->verbose >= 0)
		ct_out_note(&cli->out, "Nothing was said of that.");
	return rc;
}

static int run_search(struct ct_cli *cli, struct ct_err *err)
{
	size_t count = ct_args_word_count(cli->args);
	const char **words = calloc(count + 1, sizeof(*words));
	int rc;

	if (words == NULL)
		return ct_exit_status(ct_fail(err, CT_ENOMEM, "out of memory"));
	if (count == 0) { /* also where there is no store yet that would say so */
		free(words);
		return ct_exit_status(ct_fail(err, CT_EUSAGE, "search for what? Give a word"));
	}
	for (size_t i = 0; i < count; i++)
		words[i] = ct_args_word(cli->args, i);
	struct ct_conversation_search search = {
		.words = words,
		.word_count = count,
		.limit = ct_args_int(cli->args, "limit", LIMIT),
		.by_user = ct_args_count(cli->args, "user") > 0,
		.user_id = ct_str(ct_args_text(cli->args, "user")),
	};
	rc = cli->out.json ? search_json(cli, &search, err)
			   : search_text(cli, &search, err);
	free(words);
	return ct_exit_status(rc);
}

static const struct ct_opt search_options[] = {
	LIMIT_OPTION("The last COUNT messages, default 20"),
	USER_OPTION,
	{ .name = NULL },
};

static const struct ct_cmd search_cmd = {
	.name = "search",
	.args = "[OPTION]... WORD...",
	.summary = "Find messages by their words, newest first",
	.details = "Every WORD must occur in a message; case and accents do not matter. "
		   "A WORD with "
		   "blanks in it is a phrase, one that ends in * a beginning.",
	.options = search_options,
	.run = run_search,
};

static void print_id(struct ct_cli *cli, const char *key, struct ct_str id)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(4096);
	struct ct_jw jw = ct_jw(&text);

	if (!cli->out.json) {
		ct_out_printf(&cli->out, "%.*s\n", CT_STR_ARG(id));
		return;
	}
	ct_jw_object(&jw);
	ct_jw_member(&jw, key, id);
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
}

static int run_fork(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_str id, at = ct_str(ct_args_text(cli->args, "at"));
	char fork_id[CT_UUID_SIZE];
	int rc = ct_conversation_word(cli, &id, err);

	if (rc == CT_OK)
		rc = ct_conversations_fork(cli->app, id, at, fork_id, err);
	if (rc == CT_OK)
		print_id(cli, "id", ct_str(fork_id));
	return ct_exit_status(rc);
}

static const struct ct_opt fork_options[] = {
	{ "at", 0, CT_OPT_TEXT, "MESSAGE",
	  "The last answer that they share: its id or the end of it" },
	{ .name = NULL },
};

static const struct ct_cmd fork_cmd = {
	.name = "fork",
	.args = "[OPTION]... ID|last",
	.summary = "Begin a new conversation that shares the past of one",
	.details =
		"Prints the new conversation's id. The one it comes from stays as it is.",
	.options = fork_options,
	.words = "conversation",
	.run = run_fork,
};

/* What is about to be deleted, as a question. */
static int ask_row(void *user, const struct ct_conversation_row *row)
{
	struct ct_cli *cli = user;
	char answer[16] = "";
	char line[512];

	snprintf(line, sizeof(line), "Delete \"%.*s\" (%lld messages)? [y/N]",
		 CT_STR_ARG(row->title), (long long)row->messages);
	ct_out_note(&cli->out, "%s", line);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return CT_ECANCELLED;
	return answer[0] == 'y' || answer[0] == 'Y' ? CT_OK : CT_ECANCELLED;
}

static int no_message(void *user, const struct ct_kept_message *message)
{
	(void)user, (void)message;
	return CT_OK;
}

static int confirm(struct ct_cli *cli, struct ct_str id, struct ct_err *err)
{
	struct ct_conversation_reader reader = { ask_row, no_message, cli };

	if (ct_args_count(cli->args, "yes"))
		return CT_OK;
	if (!isatty(STDIN_FILENO)) {
		ct_fail(err, CT_EUSAGE, "nobody is there to be asked");
		ct_hint(err, "--yes deletes without asking.");
		return CT_EUSAGE;
	}
	int rc = ct_conversations_show(cli->app, id, true, &reader, err);
	if (rc == CT_ECANCELLED)
		ct_fail(err, CT_ECANCELLED, "nothing is deleted");
	return rc;
}

static int run_delete(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_str id;
	int rc = ct_conversation_word(cli, &id, err);

	if (rc == CT_OK && ct_str_is(id, "last"))
		rc = ct_fail(err, CT_EUSAGE,
			     "delete takes an id, not 'last': "
			     "another process may begin one now");
	if (rc == CT_OK)
		rc = confirm(cli, id, err);
	if (rc == CT_OK)
		rc = ct_conversations_delete(cli->app, id, err);
	if (rc == CT_OK && cli->out.json)
		print_id(cli, "deleted", id);
	else if (rc == CT_OK && cli->verbose >= 0)
		ct_out_note(&cli->out, "The conversation is deleted.");
	return ct_exit_status(rc);
}

static const struct ct_opt delete_options[] = {
	{ "yes", 'y', CT_OPT_FLAG, NULL, "Do not ask" },
	{ .name = NULL },
};

static const struct ct_cmd delete_cmd = {
	.name = "delete",
	.args = "[OPTION]... ID",
	.summary = "Delete a conversation, and its text from the log of requests",
	.details = "Asks on a terminal. What forks share of it stays with them; "
		   "statistics stay.",
	.options = delete_options,
	.words = "conversation:id",
	.run = run_delete,
};

static const struct ct_cmd *const subs[] = {
	&list_cmd,   &ct_cmd_conversation_show,
	&search_cmd, &ct_cmd_conversation_export,
	&fork_cmd,   &delete_cmd,
	NULL,
};

const struct ct_cmd ct_cmd_conversation = {
	.name = "conversation",
	.args = "COMMAND [OPTION]...",
	.summary = "Look at what was said: list, search, export, fork, delete",
	.subs = subs,
};
