/* A whole conversation, as text, Markdown or JSON. */
#include "cmd_conversation.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "codec/utf8.h"

enum format { AS_TEXT, AS_MARKDOWN, AS_JSON };

struct show {
	struct ct_cli *cli;
	enum format format;
	bool all; /* every branch: say what follows what */
	int64_t skip; /* messages that are not shown, from the first */
	int64_t seen;
	struct ct_buf *out;
	struct ct_jw jw;
};

static const char *role_name(enum ct_role role)
{
	return role == CT_ROLE_USER ? "user" : "assistant";
}

/* What a terminal gets holds no control characters of others' making. */
static void add_text(struct show *show, struct ct_str text)
{
	if (show->format == AS_TEXT && show->cli->out.is_tty)
		ct_utf8_printable(text, show->out);
	else
		ct_buf_add(show->out, text);
	if (text.len == 0 || text.ptr[text.len - 1] != '\n')
		ct_buf_puts(show->out, "\n");
}

static int on_row_json(struct show *show, const struct ct_conversation_row *row)
{
	ct_jw_object(&show->jw);
	ct_conversation_members(&show->jw, row);
	ct_jw_member_or_null(&show->jw, "system", row->system);
	ct_jw_member_or_null(&show->jw, "head_id", row->head_id);
	ct_jw_key(&show->jw, "messages");
	ct_jw_array(&show->jw);
	return CT_OK;
}

static int on_row_markdown(struct show *show, const struct ct_conversation_row *row)
{
	char iso[CT_ISO_SIZE];

	ct_buf_puts(show->out, "# ");
	add_text(show, row->title);
	ct_buf_printf(show->out, "\n*%s, conversation %.*s*\n",
		      ct_time_iso(iso, row->created_ms), CT_STR_ARG(row->id));
	if (row->system.len > 0) {
		ct_buf_puts(show->out, "\n## system\n\n");
		add_text(show, row->system);
	}
	return CT_OK;
}

static int on_row(void *user, const struct ct_conversation_row *row)
{
	struct show *show = user;
	const char *on = show->cli->out.color ? "\033[1m" : "";
	const char *off = show->cli->out.color ? "\033[0m" : "";
	char iso[CT_ISO_SIZE];

	if (show->format == AS_JSON)
		return on_row_json(show, row);
	if (show->format == AS_MARKDOWN)
		return on_row_markdown(show, row);
	ct_buf_puts(show->out, on);
	add_text(show, row->title);
	ct_buf_printf(show->out, "%s%.*s  %s\n", off, CT_STR_ARG(row->id),
		      ct_time_iso(iso, row->created_ms));
	if (row->system.len > 0) {
		ct_buf_printf(show->out, "\n%ssystem%s\n", on, off);
		add_text(show, row->system);
	}
	return CT_OK;
}

static void add_parts_json(struct ct_jw *jw, const struct ct_kept_message *m)
{
	ct_jw_key(jw, "attachments");
	ct_jw_array(jw);
	for (size_t i = 0; i < m->part_count; i++) {
		ct_jw_object(jw);
		ct_jw_member(jw, "name", m->parts[i].name);
		ct_jw_member(jw, "type", m->parts[i].mime);
		ct_jw_member_int(jw, "bytes", (int64_t)m->parts[i].bytes.len);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void add_parts_text(struct show *show, const struct ct_kept_message *m)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(1 << 20);

	for (size_t i = 0; i < m->part_count; i++) {
		ct_buf_clear(&line);
		ct_buf_printf(&line, "[%.*s %.*s, %zu bytes]\n%s",
			      CT_STR_ARG(m->parts[i].mime), CT_STR_ARG(m->parts[i].name),
			      m->parts[i].bytes.len,
			      show->format == AS_MARKDOWN ? "\n" : "");
		add_text(show, ct_buf_str(&line));
	}
}

static void add_message_json(struct show *show, const struct ct_kept_message *m)
{
	struct ct_str none = { NULL, 0 };
	struct ct_jw *jw = &show->jw;

	ct_jw_object(jw);
	ct_jw_member(jw, "id", m->id);
	ct_jw_member_or_null(jw, "parent_id", m->parent_id);
	ct_jw_member(jw, "role", ct_str(role_name(m->role)));
	ct_jw_member_or_null(jw, "content", m->intact ? m->text : none);
	add_parts_json(jw, m);
	ct_jw_member_or_null(jw, "provider", m->provider);
	ct_jw_member_or_null(jw, "model", m->model);
	ct_jw_member_or_null(jw, "request_id", m->request_id);
	ct_jw_member_time(jw, "created_at", m->created_ms);
	ct_jw_member_bool(jw, "intact", m->intact);
	ct_jw_end_object(jw);
}

static void add_who(struct show *show, const struct ct_kept_message *m)
{
	ct_buf_puts(show->out, role_name(m->role));
	if (m->model.len > 0)
		ct_buf_printf(show->out, " (%.*s/%.*s)", CT_STR_ARG(m->provider),
			      CT_STR_ARG(m->model));
}

static void add_message_text(struct show *show, const struct ct_kept_message *m)
{
	bool color = show->format == AS_TEXT && show->cli->out.color;
	struct ct_str gone = CT_STR("[damaged: its checksum is wrong]");

	ct_buf_puts(show->out, show->format == AS_MARKDOWN ? "\n## " : "\n");
	ct_buf_puts(show->out,
		    color ? (m->role == CT_ROLE_USER ? "\033[36m" : "\033[32m") : "");
	add_who(show, m);
	if (show->format == AS_TEXT)
		ct_buf_printf(show->out, "  %.*s", CT_STR_ARG(ct_log_short_id(m->id)));
	if (show->all && m->parent_id.ptr != NULL)
		ct_buf_printf(show->out, " follows %.*s",
			      CT_STR_ARG(ct_log_short_id(m->parent_id)));
	ct_buf_puts(show->out, color ? "\033[0m" : "");
	ct_buf_puts(show->out, show->format == AS_MARKDOWN ? "\n\n" : "\n");
	add_parts_text(show, m);
	add_text(show, m->intact ? m->text : gone);
}

static int on_message(void *user, const struct ct_kept_message *m)
{
	struct show *show = user;

	if (show->seen++ < show->skip)
		return CT_OK;
	if (!m->intact)
		ct_out_notice(&show->cli->out,
			      "message %.*s is damaged: its checksum is wrong",
			      CT_STR_ARG(m->id));
	if (show->format == AS_JSON)
		add_message_json(show, m);
	else
		add_message_text(show, m);
	return CT_OK;
}

static int count_row(void *user, const struct ct_conversation_row *row)
{
	(void)user, (void)row;
	return CT_OK;
}

static int count_message(void *user, const struct ct_kept_message *m)
{
	(void)m;
	++*(int64_t *)user;
	return CT_OK;
}

/* -n: the last of them, so they are counted first. */
static int find_skip(struct show *show, struct ct_str id, struct ct_err *err)
{
	int64_t count = 0, limit = ct_args_int(show->cli->args, "limit", 0);
	struct ct_conversation_reader reader = { count_row, count_message, &count };

	if (limit == 0)
		return CT_OK;
	int rc = ct_conversations_show(show->cli->app, id, show->all, &reader, err);
	show->skip = count > limit ? count - limit : 0;
	return rc;
}

/* All of it into show->out. */
static int write_all(struct show *show, struct ct_err *err)
{
	struct ct_conversation_reader reader = { on_row, on_message, show };
	struct ct_str id;

	show->jw = ct_jw(show->out);
	int rc = ct_conversation_word(show->cli, &id, err);
	if (rc == CT_OK)
		rc = find_skip(show, id, err);
	if (rc == CT_OK)
		rc = ct_conversations_show(show->cli->app, id, show->all, &reader, err);
	if (rc == CT_OK && show->format == AS_JSON) {
		ct_jw_end_array(&show->jw);
		ct_jw_end_object(&show->jw);
	}
	return rc == CT_OK ? ct_buf_check(show->out, "the conversation", err) : rc;
}

static int run_show(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf text = CT_BUF_INIT(CT_CONVERSATION_TEXT_MAX);
	struct show show = {
		.cli = cli,
		.format = cli->out.json ? AS_JSON : AS_TEXT,
		.all = ct_args_count(cli->args, "all") > 0,
		.out = &text,
	};
	int rc = write_all(&show, err);

	if (rc == CT_OK && cli->out.json)
		ct_out_json(&cli->out, &text);
	else if (rc == CT_OK)
		ct_out_write(&cli->out, ct_buf_str(&text));
	return ct_exit_status(rc);
}

/*
 * Into --output, without any key that may stand in it; or to stdout, which sees to that
 * itself.
 */
static int deliver(struct ct_cli *cli, struct ct_buf *text, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf clean = CT_BUF_INIT(CT_CONVERSATION_TEXT_MAX);
	const char *path = ct_args_text(cli->args, "output");

	if (path == NULL || strcmp(path, "-") == 0) {
		ct_out_write(&cli->out, ct_buf_str(text));
		return CT_OK;
	}
	ct_redact(cli->out.redactor, ct_buf_str(text), &clean);
	int rc = ct_buf_check(&clean, "the conversation", err);
	return rc == CT_OK ? ct_file_write(path, ct_buf_str(&clean), 0600, err) : rc;
}

static int run_export(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf text = CT_BUF_INIT(CT_CONVERSATION_TEXT_MAX);
	const char *format = ct_args_text(cli->args, "format");
	bool json = format != NULL ? strcmp(format, "json") == 0 : cli->out.json;
	struct show show = { .cli = cli,
			     .format = json ? AS_JSON : AS_MARKDOWN,
			     .all = ct_args_count(cli->args, "all") > 0,
			     .out = &text };

	if (cli->out.json && !json)
		return ct_exit_status(
			ct_fail(err, CT_EUSAGE,
				"--json and --format markdown do not go together"));
	int rc = write_all(&show, err);
	if (rc == CT_OK && json)
		ct_buf_puts(&text, "\n");
	if (rc == CT_OK)
		rc = deliver(cli, &text, err);
	return ct_exit_status(rc);
}

#define ALL_OPTION \
	{ \
		"all", 'a', CT_OPT_FLAG, NULL, "Every branch, in the order it was said" \
	}

static const struct ct_opt show_options[] = {
	{ "limit", 'n', CT_OPT_INT, "COUNT", "Only the last COUNT messages", 1, 1000000,
	  .also = "number" },
	ALL_OPTION,
	{ .name = NULL },
};

const struct ct_cmd ct_cmd_conversation_show = {
	.name = "show",
	.args = "[OPTION]... ID|last",
	.summary = "Print a conversation",
	.details = "ID is a conversation's id or a unique ending of it.",
	.options = show_options,
	.words = "conversation",
	.run = run_show,
};

static const struct ct_opt export_options[] = {
	{ "format", 0, CT_OPT_CHOICE, "FORMAT", "How, default markdown",
	  .choices = "markdown|json" },
	{ "output", 'o', CT_OPT_TEXT, "FILE",
	  "Write there, renamed into place when whole", .words = "file" },
	ALL_OPTION,
	{ .name = NULL },
};

const struct ct_cmd ct_cmd_conversation_export = {
	.name = "export",
	.args = "[OPTION]... ID|last",
	.summary = "Write a conversation as Markdown or JSON",
	.options = export_options,
	.words = "conversation",
	.run = run_export,
};
