#include "service/conversation.h"

#include <stdlib.h>

#include "base/log.h"
#include "service/conversation_turn.h"
#include "service/history.h"

int ct_conversation_create(struct ct_app *app, struct ct_str user_id,
			   struct ct_conversation **out, struct ct_err *err)
{
	struct ct_conversation *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return ct_conversation_fail_memory(err);
	c->app = app;
	c->id = ct_conversation_new_id(&c->arena, ct_time_now().wall_ms);
	if (user_id.ptr != NULL)
		c->user_id = ct_arena_dup(&c->arena, user_id);
	if (c->id.ptr == NULL || (user_id.ptr != NULL && c->user_id.ptr == NULL)) {
		ct_conversation_destroy(c);
		return ct_conversation_fail_memory(err);
	}
	*out = c;
	return CT_OK;
}

void ct_conversation_destroy(struct ct_conversation *c)
{
	if (c == NULL)
		return;
	free(c->path);
	free(c->messages);
	ct_arena_fini(&c->arena);
	free(c);
}

static int on_row(void *user, const struct ct_conversation_row *row)
{
	struct ct_conversation *c = user;
	struct {
		struct ct_str *to, from;
	} all[] = {
		{ &c->id, row->id },
		{ &c->user_id, row->user_id },
		{ &c->title, row->title },
		{ &c->system, row->system },
		{ &c->asked_provider, row->asked_provider },
		{ &c->asked_model, row->asked_model },
		{ &c->head_id, row->head_id },
	};

	for (size_t i = 0; i < CT_COUNT(all); i++) {
		if (all[i].from.ptr == NULL)
			continue;
		*all[i].to = ct_arena_dup(&c->arena, all[i].from);
		if (all[i].to->ptr == NULL)
			return CT_ENOMEM;
	}
	return CT_OK;
}

static int load(struct ct_conversation *c, const char *id, struct ct_err *err)
{
	struct ct_history history = { .arena = &c->arena };
	struct ct_store *store = c->app->store;

	int rc = ct_conversation_get(store, ct_str(id), on_row, c, err);
	if (rc == CT_ENOMEM)
		return ct_conversation_fail_memory(err);
	if (rc == CT_OK)
		rc = ct_history_load(store, c->head_id, &history, err);
	if (rc == CT_OK && c->head_id.ptr != NULL)
		ct_history_clean(&history);
	c->path = history.list;
	c->count = c->saved = history.count;
	c->cap = history.cap;
	c->exists = true;
	return rc;
}

int ct_conversation_resume(struct ct_app *app, struct ct_str id, struct ct_str user_id,
			   struct ct_conversation **out, struct ct_err *err)
{
	char whole[CT_UUID_SIZE];
	struct ct_conversation *c;

	*out = NULL;
	int rc = ct_app_open_store(app, CT_STORE_WRITE, err);
	if (rc == CT_OK)
		rc = ct_conversation_find(app->store, id, user_id, whole, err);
	if (rc != CT_OK)
		return rc;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ct_conversation_fail_memory(err);
	c->app = app;
	rc = load(c, whole, err);
	if (rc != CT_OK) {
		ct_conversation_destroy(c);
		return rc;
	}
	*out = c;
	return CT_OK;
}

static int set(struct ct_conversation *c, struct ct_str *member, struct ct_str value,
	       struct ct_err *err)
{
	struct ct_str copy = { NULL, 0 };

	if (value.len > 0) { /* an empty one is none */
		copy = ct_arena_dup(&c->arena, value);
		if (copy.ptr == NULL)
			return ct_conversation_fail_memory(err);
	}
	*member = copy;
	return CT_OK;
}

int ct_conversation_set_system(struct ct_conversation *c, struct ct_str system,
			       struct ct_err *err)
{
	return set(c, &c->system, system, err);
}

int ct_conversation_set_asked(struct ct_conversation *c, const char *provider,
			      const char *model, struct ct_err *err)
{
	int rc = set(c, &c->asked_provider, ct_str(provider), err);

	return rc == CT_OK ? set(c, &c->asked_model, ct_str(model), err) : rc;
}

/* May these go along, too? The newest come first; what is left is for older ones. */
static bool takes_from(size_t *room, const struct ct_kept_message *m)
{
	size_t bytes = 0;

	for (size_t i = 0; i < m->part_count; i++)
		bytes += m->parts[i].bytes.len;
	bool fits = bytes <= *room;
	*room = fits ? *room - bytes : 0;
	return fits;
}

/* The first `place` messages of the path. */
static int write_past(struct ct_conversation *c, size_t place, struct ct_err *err)
{
	size_t room = CT_CONVERSATION_PARTS_BYTES;
	bool left_out = false;
	int rc = CT_OK;

	for (size_t i = place; rc == CT_OK && i-- > 0;) {
		const struct ct_kept_message *m = &c->path[i];
		struct ct_message *to = &c->messages[i];
		*to = (struct ct_message){ .role = m->role,
					   .text = m->text,
					   .parts = m->parts,
					   .part_count = m->part_count };
		if (m->part_count == 0 || takes_from(&room, m))
			continue;
		left_out = true;
		rc = ct_conversation_name_parts(c, to, &to->text, err);
		to->part_count = 0;
	}
	if (left_out)
		ct_log(CT_LOG_WARN,
		       "what was attached to earlier messages is left out: all of it "
		       "together is over %d MiB",
		       CT_CONVERSATION_PARTS_BYTES >> 20);
	return rc;
}

/* The first `place` messages, and the prompt where there is one. */
static int write_request(struct ct_conversation *c, size_t place,
			 const struct ct_message *prompt, struct ct_request *request,
			 struct ct_err *err)
{
	struct ct_message *list = realloc(c->messages, (place + 1) * sizeof(*list));

	if (list == NULL)
		return ct_conversation_fail_memory(err);
	c->messages = list;
	int rc = write_past(c, place, err);
	if (rc != CT_OK)
		return rc;
	if (prompt != NULL)
		list[place] = *prompt;
	request->messages = list;
	request->message_count = place + (prompt != NULL);
	request->system = c->system;
	return CT_OK;
}

static void set_options(struct ct_conversation *c, struct ct_call_options *options)
{
	options->turn = options->no_log ? NULL : &c->turn;
	options->conversation_id =
		c->exists || !options->no_log ? c->id : (struct ct_str){ NULL, 0 };
}

int ct_conversation_ask(struct ct_conversation *c, const struct ct_message *prompt,
			struct ct_request *request, struct ct_call_options *options,
			struct ct_err *err)
{
	int rc = ct_conversation_begin_turn(c, c->count, prompt, err);

	if (rc == CT_OK)
		rc = write_request(c, c->count, prompt, request, err);
	if (rc == CT_OK)
		set_options(c, options);
	return rc;
}

/* The place of the last question; count where there is none. */
static size_t last_question(const struct ct_conversation *c)
{
	for (size_t i = c->count; i > 0; i--)
		if (c->path[i - 1].role == CT_ROLE_USER)
			return i - 1;
	return c->count;
}

int ct_conversation_retry(struct ct_conversation *c, struct ct_request *request,
			  struct ct_call_options *options, struct ct_err *err)
{
	size_t place = last_question(c);

	if (place == c->count)
		return ct_fail(err, CT_EINVALID, "there is no question to ask again");
	int rc = ct_conversation_begin_turn(c, place + 1, NULL, err);
	if (rc == CT_OK)
		rc = write_request(c, place + 1, NULL, request, err);
	if (rc == CT_OK)
		set_options(c, options);
	return rc;
}

static bool adopt(struct ct_conversation *c)
{
	size_t count = c->turn_from + c->turn.count;

	if (count > c->cap) {
		struct ct_kept_message *path =
			realloc(c->path, 2 * count * sizeof(*path));
		if (path == NULL)
			return false;
		c->path = path;
		c->cap = 2 * count;
	}
	memcpy(c->path + c->turn_from, c->turn.messages,
	       c->turn.count * sizeof(*c->turn.messages));
	c->count = count;
	c->saved = c->turn_from;
	return true;
}

int ct_conversation_settle(struct ct_conversation *c, struct ct_err *err)
{
	struct ct_turn turn = c->turn;

	if (!turn.answered)
		return CT_OK;
	if (!adopt(c))
		return ct_conversation_fail_memory(err);
	c->turn = (struct ct_turn){ .count = 0 };
	/* of a store that fails the record has warned */
	if (!turn.kept && turn.err.code == CT_EINVALID && !c->needed)
		ct_log(CT_LOG_WARN, "the answer is not kept: %s", turn.err.msg);
	if (!turn.kept)
		return ct_fail(err, turn.err.code == CT_EBUSY ? CT_EBUSY : CT_ESTORE,
			       "the answer is not kept in the conversation: %s",
			       turn.err.msg);
	c->saved = c->count;
	c->exists = true;
	c->head_id = c->path[c->count - 1].id;
	if (turn.branched)
		ct_log(CT_LOG_WARN, "the conversation has gone on elsewhere meanwhile: "
				    "both branches are kept, "
				    "and it goes on from this one");
	return CT_OK;
}

/* The store's head goes back, where the store knows of what is undone. */
static int move_head(struct ct_conversation *c, size_t place, struct ct_err *err)
{
	struct ct_str head = c->path[place].parent_id;
	bool was_there = true;

	if (place >= c->saved)
		return CT_OK;
	int rc = ct_app_open_store(c->app, CT_STORE_WRITE, err);
	if (rc == CT_OK)
		rc = ct_conversation_move(c->app->store, c->id, head, c->head_id,
					  &was_there, err);
	if (rc != CT_OK)
		return rc;
	if (!was_there)
		ct_log(CT_LOG_WARN,
		       "the conversation has gone on elsewhere meanwhile: what was "
		       "said there stays as a branch");
	c->head_id = head;
	return CT_OK;
}

int ct_conversation_undo(struct ct_conversation *c, struct ct_str *undone,
			 struct ct_err *err)
{
	size_t place = last_question(c);

	if (place == c->count)
		return ct_fail(err, CT_EINVALID, "there is nothing to undo");
	int rc = move_head(c, place, err);
	if (rc != CT_OK)
		return rc;
	*undone = c->path[place].text;
	c->count = place;
	c->saved = c->saved < place ? c->saved : place;
	return CT_OK;
}
