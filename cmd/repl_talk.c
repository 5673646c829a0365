/* Commands of the session that are about the conversation. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "codec/utf8.h"
#include "repl.h"

enum { LIST_MOST = 20, TEXT_BYTES = 256 << 20, SHOWN_ID = 12, PATH_BYTES = 4096 };

/* Take another conversation; what it was asked with counts from now on, where it says so. */
static int take(struct ct_repl *r, struct ct_conversation *talk, struct ct_err *err)
{
	struct ct_conversation *before = r->talk;

	r->talk = talk;
	ct_buf_clear(&r->unanswered);
	ct_conversation_destroy(before);
	if (talk->asked_provider.ptr == NULL && talk->asked_model.ptr == NULL)
		return ct_conversation_set_asked(talk, r->in.choice.provider, r->in.choice.model,
						 err);
	return ct_repl_choose(r, talk->asked_provider.ptr, talk->asked_model.ptr, err);
}

int ct_repl_new(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	struct ct_conversation *talk;

	if (args.len > 0)
		return ct_fail(err, CT_EUSAGE, "/new takes no argument");
	int rc = ct_conversation_create(r->cli->app, r->in.request.user, &talk, err);
	if (rc == CT_OK) /* the system prompt stays */
		rc = ct_conversation_set_system(talk, r->talk->system, err);
	if (rc == CT_OK)
		rc = take(r, talk, err);
	if (rc == CT_OK)
		ct_out_note(&r->cli->out, "a new conversation");
	return rc;
}

struct list {
	struct ct_table *table;
	int64_t now_ms;
	struct ct_str current; /* id */
};

static int add_row(void *user, const struct ct_conversation_row *row)
{
	struct list *list = user;
	char ago[CT_HUMAN_SIZE];
	struct ct_str id = ct_str_from(row->id, row->id.len > SHOWN_ID ? row->id.len - SHOWN_ID : 0);

	ct_table_cell(list->table, "%s%.*s", ct_str_eq(row->id, list->current) ? "*" : " ",
		      CT_STR_ARG(id));
	ct_table_cell(list->table, "%s",
		      ct_human_ago(ago, sizeof(ago), row->updated_ms, list->now_ms));
	ct_table_cell(list->table, "%lld", (long long)row->messages);
	ct_table_cell(list->table, "%.*s", CT_STR_ARG(row->title));
	return CT_OK;
}

int ct_repl_list(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	static const struct ct_column columns[] = {
		{ .title = " ID" },
		{ .title = "USED", .optional = true },
		{ .title = "MESSAGES", .align = CT_RIGHT, .optional = true },
		{ .title = "TITLE", .shrink = true },
	};
	struct ct_conversation_filter filter = { .limit = LIST_MOST };
	struct list list = { .now_ms = ct_time_now().wall_ms, .current = r->talk->id };

	if (args.len > 0 && (!ct_str_int(args, &filter.limit) || filter.limit < 1))
		return ct_fail(err, CT_EUSAGE, "/list takes a number");
	list.table = ct_table_create(columns, CT_COUNT(columns));
	int rc = ct_conversations_list(r->cli->app, &filter, add_row, &list, err);
	if (rc == CT_OK)
		ct_table_print(list.table, &r->cli->out);
	else
		ct_table_destroy(list.table);
	return rc;
}

/* What was said last, for the person to find in again. */
static void show_last(struct ct_repl *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_chat_print print = { .cli = r->cli };
	const struct ct_conversation *c = r->talk;

	ct_out_note(&r->cli->out, "%.*s: %zu messages", CT_STR_ARG(c->title), c->count);
	if (c->count == 0)
		return;
	struct ct_str last = c->path[c->count - 1].text;
	ct_chat_print_open(&print, r->raw);
	if (print.markdown != NULL) {
		ct_markdown_feed(print.markdown, last, &text);
		ct_markdown_finish(print.markdown, &text);
	} else {
		ct_utf8_printable(last, &text);
		ct_buf_puts(&text, "\n");
	}
	ct_out_write(&r->cli->out, ct_buf_str(&text));
	ct_chat_print_fini(&print);
}

int ct_repl_resume(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	struct ct_conversation *talk;

	if (args.len == 0)
		return ct_fail(err, CT_EUSAGE, "/resume needs an ID: /list shows them");
	int rc = ct_conversation_resume(r->cli->app, args, r->in.request.user, &talk, err);
	if (rc == CT_OK) {
		rc = take(r, talk, err);
		show_last(r);
	}
	return rc;
}

int ct_repl_undo(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	struct ct_str undone = ct_buf_str(&r->unanswered);
	int rc = CT_OK;

	if (args.len > 0)
		return ct_fail(err, CT_EUSAGE, "/undo takes no argument");
	if (undone.len == 0) /* a question without an answer is in no conversation */
		rc = ct_conversation_undo(r->talk, &undone, err);
	if (rc == CT_OK)
		ct_out_note(&r->cli->out, "undone: %.*s", (int)ct_text_fit(undone, 60), undone.ptr);
	ct_buf_clear(&r->unanswered);
	return rc;
}

static void write_markdown(const struct ct_conversation *c, struct ct_buf *out)
{
	if (c->title.len > 0)
		ct_buf_printf(out, "# %.*s\n\n", CT_STR_ARG(c->title));
	if (c->system.len > 0)
		ct_buf_printf(out, "## System\n\n%.*s\n\n", CT_STR_ARG(c->system));
	for (size_t i = 0; i < c->count; i++) {
		const struct ct_kept_message *m = &c->path[i];
		if (m->role == CT_ROLE_USER)
			ct_buf_puts(out, "## You\n\n");
		else
			ct_buf_printf(out, "## %.*s/%.*s\n\n", CT_STR_ARG(m->provider),
				      CT_STR_ARG(m->model));
		ct_buf_add(out, ct_str_trim(m->text));
		ct_buf_puts(out, "\n\n");
	}
}

int ct_repl_save(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(PATH_BYTES);
	const char *home = getenv("HOME");
	bool tilde = ct_str_starts(args, "~/") && home != NULL;

	if (args.len == 0)
		return ct_fail(err, CT_EUSAGE, "/save needs a FILE");
	if (r->talk->count == 0)
		return ct_fail(err, CT_EUSAGE, "nothing is said yet");
	ct_buf_puts(&path, tilde ? home : "");
	ct_buf_add(&path, ct_str_from(args, tilde));
	write_markdown(r->talk, &text);
	int rc = ct_buf_check(&path, "the path", err);
	if (rc == CT_OK)
		rc = ct_buf_check(&text, "the conversation", err);
	if (rc == CT_OK)
		rc = ct_file_write(path.ptr, ct_buf_str(&text), 0600, err);
	if (rc == CT_OK)
		ct_out_note(&r->cli->out, "%zu messages written to %s", r->talk->count, path.ptr);
	return rc;
}

int ct_repl_system(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf shown = CT_BUF_INIT(TEXT_BYTES);
	int rc = CT_OK;

	if (ct_str_is(args, "-"))
		rc = ct_conversation_set_system(r->talk, (struct ct_str){ NULL, 0 }, err);
	else if (args.len > 0)
		rc = ct_conversation_set_system(r->talk, args, err);
	if (rc != CT_OK)
		return rc;
	ct_utf8_printable(r->talk->system, &shown);
	ct_out_printf(&r->cli->out, "  %s\n", shown.len > 0 ? shown.ptr : "no system prompt");
	return CT_OK;
}
