/* Conversations from outside: what `cartrita conversation` does. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "service/conversation.h"
#include "service/history.h"

/* CT_OK with app->store NULL where there is no file yet. */
static int open_store(struct ct_app *app, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(4096);

	if (app->store != NULL)
		return CT_OK;
	ct_app_db_path(app, &path);
	int rc = ct_buf_check(&path, "the store's path", err);
	if (rc != CT_OK || access(path.ptr, F_OK) != 0)
		return rc;
	return ct_app_open_store(app, CT_STORE_READ, err);
}

int ct_conversations_list(struct ct_app *app, const struct ct_conversation_filter *filter,
			  ct_conversation_row_fn *fn, void *user, struct ct_err *err)
{
	int rc = open_store(app, err);

	if (rc != CT_OK || app->store == NULL)
		return rc;
	return ct_conversation_list(app->store, filter, fn, user, err);
}

int ct_conversations_search(struct ct_app *app,
			    const struct ct_conversation_search *search,
			    ct_conversation_hit_fn *fn, void *user, struct ct_err *err)
{
	int rc = open_store(app, err);

	if (rc != CT_OK || app->store == NULL)
		return rc;
	return ct_conversation_search(app->store, search, fn, user, err);
}

static int copy_id(void *user, const struct ct_conversation_row *row)
{
	snprintf(user, CT_UUID_SIZE, "%.*s", CT_STR_ARG(row->id));
	return CT_OK;
}

/* Here "last" is the one that a list shows first, whoever's it is. */
static int find(struct ct_app *app, struct ct_str id, char out[CT_UUID_SIZE],
		struct ct_err *err)
{
	struct ct_conversation_filter newest = { .limit = 1 };
	struct ct_str nobody = { NULL, 0 };

	out[0] = '\0';
	if (app->store != NULL && !ct_str_is(id, "last"))
		return ct_conversation_find(app->store, id, nobody, out, err);
	int rc = app->store != NULL
			 ? ct_conversation_list(app->store, &newest, copy_id, out, err)
			 : CT_OK;
	if (rc != CT_OK || out[0] != '\0')
		return rc;
	ct_fail(err, CT_EINVALID, "there is no conversation yet");
	ct_hint(err, "every chat begins one: cartrita chat hello");
	return CT_EINVALID;
}

/* Its row goes to the reader; the head is remembered. */
struct show {
	const struct ct_conversation_reader *reader;
	char head[CT_UUID_SIZE];
};

static int on_row(void *user, const struct ct_conversation_row *row)
{
	struct show *show = user;

	snprintf(show->head, sizeof(show->head), "%.*s", CT_STR_ARG(row->head_id));
	return show->reader->on_row(show->reader->user, row);
}

static int show_path(struct ct_app *app, const struct show *show, struct ct_err *err)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_history history = { .arena = &arena };
	int rc = CT_OK;

	if (show->head[0] != '\0')
		rc = ct_history_load(app->store, ct_str(show->head), &history, err);
	if (rc == CT_OK && history.cut)
		ct_log(CT_LOG_WARN,
		       "the conversation is very long: its oldest messages are left out");
	if (rc == CT_OK && history.torn)
		ct_log(CT_LOG_WARN,
		       "the beginning of the conversation is missing in the store");
	for (size_t i = 0; rc == CT_OK && i < history.count; i++)
		rc = show->reader->on_message(show->reader->user, &history.list[i]);
	free(history.list);
	return rc;
}

int ct_conversations_show(struct ct_app *app, struct ct_str id, bool all,
			  const struct ct_conversation_reader *reader, struct ct_err *err)
{
	struct show show = { .reader = reader };
	char whole[CT_UUID_SIZE];

	int rc = open_store(app, err);
	if (rc == CT_OK)
		rc = find(app, id, whole, err);
	if (rc == CT_OK)
		rc = ct_conversation_get(app->store, ct_str(whole), on_row, &show, err);
	if (rc != CT_OK)
		return rc;
	if (all)
		return ct_conversation_messages(app->store, ct_str(whole),
						reader->on_message, reader->user, err);
	return show_path(app, &show, err);
}

static int open_to_write(struct ct_app *app, struct ct_str id, char whole[CT_UUID_SIZE],
			 struct ct_err *err)
{
	int rc = open_store(app, err); /* nothing is made where there is nothing */

	if (rc != CT_OK || app->store == NULL)
		return rc != CT_OK ? rc : find(app, id, whole, err);
	ct_store_close(app->store);
	app->store = NULL;
	rc = ct_app_open_store(app, CT_STORE_WRITE, err);
	return rc == CT_OK ? find(app, id, whole, err) : rc;
}

/* What a fork's message must be. */
struct point {
	bool found, answer;
};

static int on_point(void *user, const struct ct_kept_message *message)
{
	struct point *point = user;

	point->found = true;
	point->answer = message->role == CT_ROLE_ASSISTANT;
	return CT_ETOOBIG; /* the first one is all that matters */
}

static int check_point(struct ct_app *app, struct ct_str message, struct ct_err *err)
{
	struct point point = { false, false };
	int rc = ct_conversation_walk(app->store, message, on_point, &point, err);

	if (rc != CT_OK && rc != CT_ETOOBIG)
		return rc;
	if (point.found && point.answer)
		return CT_OK;
	ct_fail(err, CT_EINVALID,
		"message %.*s is a question: nothing can follow it but its answer",
		CT_STR_ARG(message));
	ct_hint(err, "name the answer before or after it");
	return CT_EINVALID;
}

static int copy_head(void *user, const struct ct_conversation_row *row)
{
	snprintf(user, CT_UUID_SIZE, "%.*s", CT_STR_ARG(row->head_id));
	return CT_OK;
}

int ct_conversations_fork(struct ct_app *app, struct ct_str id, struct ct_str message,
			  char out[CT_UUID_SIZE], struct ct_err *err)
{
	char whole[CT_UUID_SIZE], at[CT_UUID_SIZE] = "";
	int64_t now = ct_time_now().wall_ms;
	struct ct_str head = { NULL, 0 };

	int rc = open_to_write(app, id, whole, err);
	if (rc == CT_OK && message.ptr != NULL)
		rc = ct_conversation_find_message(app->store, ct_str(whole), message, at,
						  err);
	else if (rc == CT_OK)
		rc = ct_conversation_get(app->store, ct_str(whole), copy_head, at, err);
	if (rc == CT_OK && at[0] != '\0') {
		head = ct_str(at);
		rc = check_point(app, head, err);
	}
	if (rc != CT_OK)
		return rc;
	ct_uuid(out, now);
	return ct_conversation_fork(app->store, ct_str(whole), head, ct_str(out), now,
				    err);
}

int ct_conversations_delete(struct ct_app *app, struct ct_str id, struct ct_err *err)
{
	char whole[CT_UUID_SIZE];
	int rc = open_to_write(app, id, whole, err);

	return rc == CT_OK ? ct_conversation_delete(app->store, ct_str(whole), err) : rc;
}
