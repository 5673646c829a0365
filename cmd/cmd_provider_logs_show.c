#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "cmd_provider_logs.h"
#include "codec/utf8.h"

static int show_json(void *user, const struct ct_log_row *row, struct ct_str attempts)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_LOG_TEXT_MAX);
	struct ct_cli *cli = user;
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_log_members(&jw, row);
	ct_log_member_json(&jw, "request", row->request_data);
	ct_log_member_json(&jw, "response", row->response_data);
	ct_log_member_json(&jw, "attempts", attempts);
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
	return CT_OK;
}

/* Text of the store as a terminal may show it, each line indented. */
static void put_text(struct ct_buf *out, struct ct_str text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf valid = CT_BUF_INIT(CT_LOG_TEXT_MAX);
	CT_CLEANUP(ct_buf_fini) struct ct_buf plain = CT_BUF_INIT(CT_LOG_TEXT_MAX);

	ct_utf8_clean(ct_str_trim(text), &valid);
	ct_utf8_printable(ct_buf_str(&valid), &plain);
	if (out->failed == CT_OK)
		out->failed = valid.failed ? valid.failed : plain.failed;
	for (struct ct_str rest = ct_buf_str(&plain); rest.len > 0;) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
		if (len > 0)
			ct_buf_puts(out, "  ");
		ct_buf_append(out, rest.ptr, len);
		ct_buf_puts(out, "\n");
		rest = ct_str_from(rest, len + 1);
	}
}

static void put_json(struct ct_buf *out, const struct ct_json *value)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_LOG_TEXT_MAX);
	struct ct_jw jw = { .out = &text, .indent = 2 };

	ct_jw_value(&jw, value);
	put_text(out, ct_buf_str(&text));
}

/* What went with a message: its content is not in the journal. */
static void add_attachments(struct ct_buf *text, const struct ct_json *list)
{
	for (const struct ct_json *a = ct_json_first(list); a != NULL; a = a->next)
		ct_buf_printf(text, "\n[%.*s: %.*s, %lld bytes]",
			      CT_STR_ARG(ct_json_str_at(a, "name")),
			      CT_STR_ARG(ct_json_str_at(a, "mime")),
			      (long long)ct_json_int_at(a, "bytes", 0));
}

/* "user: …" for each message whose content is text; false where it is something else. */
static bool put_messages(struct ct_buf *out, const struct ct_json *messages)
{
	const struct ct_json *m = ct_json_first(messages);

	for (; m != NULL; m = m->next)
		if (ct_json_str_at(m, "content").ptr == NULL)
			return false;
	for (m = ct_json_first(messages); m != NULL; m = m->next) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_LOG_TEXT_MAX);
		ct_buf_printf(&text, "%.*s: ", CT_STR_ARG(ct_json_str_at(m, "role")));
		ct_buf_add(&text, ct_json_str_at(m, "content"));
		add_attachments(&text, ct_json_get(m, "attachments"));
		put_text(out, ct_buf_str(&text));
	}
	return ct_json_first(messages) != NULL;
}

/* A body under a title: the text that people asked or got where it is found, else its JSON. */
static void put_body(struct ct_buf *out, const char *title, struct ct_str json,
		     const char *member)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *value;

	if (json.ptr == NULL)
		return;
	ct_buf_printf(out, "\n%s\n", title);
	if (ct_json_parse(&arena, json, CT_JSON_LENIENT, &value, NULL) != CT_OK)
		put_text(out, json);
	else if (ct_json_str_at(value, member).ptr != NULL)
		put_text(out, ct_json_str_at(value, member));
	else if (!put_messages(out, ct_json_get(value, "messages")))
		put_json(out, value);
}

static void put_field(struct ct_buf *out, const char *name, struct ct_str value)
{
	if (value.len > 0)
		ct_buf_printf(out, "%-13s %.*s\n", name, CT_STR_ARG(value));
}

static void put_head(struct ct_buf *out, const struct ct_log_row *row)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	char text[CT_HUMAN_SIZE], iso[CT_ISO_SIZE];
	int64_t tokens = ct_log_tokens(row);

	put_field(out, "Request", row->request_id);
	put_field(out, "Conversation", row->conversation_id);
	put_field(out, "User", row->user_id);
	put_field(out, "State", row->state);
	put_field(out, "Provider", row->provider);
	put_field(out, "Model", row->model);
	put_field(out, "Began", ct_str(ct_time_iso(iso, row->created_ms)));
	if (row->duration_ms >= 0)
		put_field(out, "Took",
			  ct_str(ct_human_ms(text, sizeof(text), row->duration_ms)));
	if (tokens >= 0)
		put_field(out, "Tokens", ct_str(ct_human_count(text, sizeof(text), tokens)));
	put_field(out, "Error", ct_log_error_line(&arena, row));
}

static const struct ct_column columns[] = {
	{ .title = "#", .align = CT_RIGHT },
	{ .title = "PROVIDER", .shrink = true },
	{ .title = "MODEL", .shrink = true, .optional = 1 },
	{ .title = "RESULT" },
	{ .title = "STATUS", .align = CT_RIGHT, .optional = 1 },
	{ .title = "TOOK", .align = CT_RIGHT, .optional = 1 },
	{ .title = "WHY", .shrink = true },
};

/* What was waited for, what happened, and what was decided then. */
static void put_why(struct ct_buf *out, const struct ct_json *attempt)
{
	struct ct_str message = ct_json_str_at(attempt, "message");
	struct ct_str reason = ct_json_str_at(attempt, "reason");
	int64_t waited = ct_json_int_at(attempt, "waited_ms", 0);
	char text[CT_HUMAN_SIZE];

	if (waited > 0)
		ct_buf_printf(out, "after a wait of %s",
			      ct_human_ms(text, sizeof(text), waited));
	if (message.len > 0 && !ct_str_eq(message, reason))
		ct_buf_printf(out, "%s%.*s", out->len > 0 ? ": " : "", CT_STR_ARG(message));
	if (reason.len > 0)
		ct_buf_printf(out, "%s%.*s", out->len > 0 ? "; " : "", CT_STR_ARG(reason));
}

static void attempt_row(struct ct_table *table, int number, const struct ct_json *attempt)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf why = CT_BUF_INIT(CT_LOG_TEXT_MAX);
	struct ct_str error = ct_json_str_at(attempt, "error");
	int64_t status = ct_json_int_at(attempt, "status", 0);
	char text[CT_HUMAN_SIZE];
	bool skipped = ct_json_true(ct_json_get(attempt, "skipped"));

	ct_table_cell(table, "%d", number);
	ct_table_cell(table, "%.*s", CT_STR_ARG(ct_json_str_at(attempt, "provider")));
	ct_table_cell(table, "%.*s", CT_STR_ARG(ct_json_str_at(attempt, "model")));
	ct_table_cell_color(table, skipped ? "2" : error.len > 0 ? "31" : "32", "%.*s",
			    CT_STR_ARG(skipped	       ? ct_str("skipped")
				       : error.len > 0 ? error
						       : ct_str("answered")));
	if (status > 0)
		ct_table_cell(table, "%d", (int)status);
	else
		ct_table_cell(table, "-");
	ct_table_cell(table, "%s",
		      ct_human_ms(text, sizeof(text),
				  skipped ? -1 : ct_json_int_at(attempt, "duration_ms", -1)));
	put_why(&why, attempt);
	ct_table_cell(table, "%.*s", CT_STR_ARG(ct_buf_str(&why)));
}

static void print_attempts(struct ct_out *out, struct ct_str attempts)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *list = NULL, *attempt;
	int number = 0;

	if (attempts.ptr != NULL)
		ct_json_parse(&arena, attempts, CT_JSON_LENIENT, &list, NULL);
	attempt = ct_json_first(list);
	if (attempt == NULL)
		return;
	ct_out_printf(out, "\nAttempts\n");
	struct ct_table *table = ct_table_create(columns, CT_COUNT(columns));
	for (; attempt != NULL; attempt = attempt->next)
		attempt_row(table, ++number, attempt);
	ct_table_print(table, out);
}

static int show_text(void *user, const struct ct_log_row *row, struct ct_str attempts)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_LOG_TEXT_MAX);
	struct ct_cli *cli = user;
	struct ct_err err;

	put_head(&text, row);
	if (row->request_data.ptr != NULL) {
		put_body(&text, "Request", row->request_data, "message");
		put_body(&text, "Answer", row->response_data, "response");
	} else
		ct_buf_puts(&text, "\nRequest and answer were not to be kept (--no-log).\n");
	int rc = ct_buf_check(&text, "the request's text", &err);
	if (rc != CT_OK)
		return rc;
	ct_out_write(&cli->out, ct_buf_str(&text));
	print_attempts(&cli->out, attempts);
	return CT_OK;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	const char *id = ct_args_word(cli->args, 0);

	if (ct_args_word_count(cli->args) != 1 || *id == '\0')
		return ct_exit_status(
			ct_fail(err, CT_EUSAGE, "logs show takes one request id, or last"));
	return ct_exit_status(ct_diag_log_show(cli->app, ct_str(id),
					       cli->out.json ? show_json : show_text, cli, err));
}

const struct ct_cmd ct_cmd_provider_logs_show = {
	.name = "show",
	.args = "REQUEST_ID|last",
	.summary = "Show one request, its answer and every attempt",
	.details = "An id may be shortened to a unique ending.",
	.words = "last",
	.run = run,
};
