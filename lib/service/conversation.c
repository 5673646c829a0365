#include "service/conversation.h"

#include <stdlib.h>

#include "base/log.h"
#include "service/history.h"

enum {
	TEXT_BYTES = 128 << 20,
	MODEL_BYTES = 1024,
	PARTS_BYTES = 12 << 20, /* of what was attached earlier: below every provider's limit */
};

static int fail_memory(struct ct_err *err)
{
	return ct_fail(err, CT_ENOMEM, "no memory for a conversation");
}

static struct ct_str new_id(struct ct_arena *arena, int64_t wall_ms)
{
	char id[CT_UUID_SIZE];

	return ct_arena_dup(arena, ct_str(ct_uuid(id, wall_ms)));
}

/* A copy for the store, without any key that was typed into it; {NULL, 0} stays that. */
static int keep(struct ct_conversation *c, struct ct_str text, struct ct_str *out,
		struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(TEXT_BYTES);

	*out = (struct ct_str){ NULL, 0 };
	if (text.ptr == NULL)
		return CT_OK;
	ct_redact(c->app->redactor, text, &clean);
	int rc = ct_buf_check(&clean, "a message", err);
	if (rc != CT_OK)
		return rc;
	*out = ct_arena_dup(&c->arena, ct_buf_str(&clean));
	return out->ptr != NULL ? CT_OK : fail_memory(err);
}

struct ct_str ct_conversation_title(struct ct_arena *arena, struct ct_str prompt)
{
	char title[CT_TITLE_BYTES + 4];
	size_t len = 0, word = 0;
	bool cut = false;

	prompt = ct_str_trim(prompt);
	for (size_t i = 0; i < prompt.len && !cut; i++) {
		char ch = prompt.ptr[i];
		bool blank = ch == ' ' || ch == '\n' || ch == '\t' || ch == '\r';
		if (blank && len > 0 && title[len - 1] != ' ') {
			word = len;
			title[len++] = ' ';
		} else if (!blank && (unsigned char)ch >= ' ') {
			title[len++] = ch;
		}
		cut = len == CT_TITLE_BYTES - 3 && i + 1 < prompt.len; /* room for "…" */
	}
	if (!cut)
		return ct_arena_dup(arena, (struct ct_str){ title, len });
	if (word >= CT_TITLE_BYTES / 2)
		len = word;
	else /* one long word: back to the beginning of a character */
		while (len > 0 && ((unsigned char)title[len - 1] & 0xC0) == 0x80)
			len--;
	if (word < CT_TITLE_BYTES / 2 && len > 0 && (unsigned char)title[len - 1] >= 0xC0)
		len--;
	memcpy(title + len, "…", 4);
	return ct_arena_dup(arena, ct_str(title));
}

int ct_conversation_create(struct ct_app *app, struct ct_str user_id,
			   struct ct_conversation **out, struct ct_err *err)
{
	struct ct_conversation *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return fail_memory(err);
	c->app = app;
	c->id = new_id(&c->arena, ct_time_now().wall_ms);
	if (user_id.ptr != NULL)
		c->user_id = ct_arena_dup(&c->arena, user_id);
	if (c->id.ptr == NULL || (user_id.ptr != NULL && c->user_id.ptr == NULL)) {
		ct_conversation_destroy(c);
		return fail_memory(err);
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
		return fail_memory(err);
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
		return fail_memory(err);
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
			return fail_memory(err);
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

/* The message that comes before path[place], in the store's tree or in what is not there yet. */
static struct ct_str before(const struct ct_conversation *c, size_t place)
{
	if (place < c->count)
		return c->path[place].parent_id;
	return c->saved == c->count ? c->head_id : c->path[c->count - 1].id;
}

/* What the conversation is from this turn on, as the store may have it. */
static int describe(struct ct_conversation *c, struct ct_turn *turn, struct ct_err *err)
{
	int rc = keep(c, c->system, &turn->system, err);

	if (rc == CT_OK)
		rc = keep(c, c->asked_provider, &turn->asked_provider, err);
	if (rc == CT_OK)
		rc = keep(c, c->asked_model, &turn->asked_model, err);
	if (rc != CT_OK)
		return rc;
	turn->arena = &c->arena;
	turn->conversation_id = c->id;
	turn->user_id = c->user_id;
	turn->head_id = c->head_id;
	turn->begins = !c->exists;
	turn->needed = c->needed;
	if (!c->exists && c->count == 0) /* a first question may have failed */
		c->title = ct_conversation_title(&c->arena,
						 turn->messages[turn->count - 2].text);
	turn->title = c->title;
	return CT_OK;
}

static struct ct_kept_message new_message(struct ct_conversation *c, enum ct_role role,
					  struct ct_str parent_id)
{
	int64_t now = ct_time_now().wall_ms;

	return (struct ct_kept_message){
		.id = new_id(&c->arena, now),
		.parent_id = parent_id,
		.role = role,
		.created_ms = now,
		.intact = true,
	};
}

/* The text of a prompt as it is kept: what was attached is named, for who has only this. */
static int keep_prompt(struct ct_conversation *c, const struct ct_message *prompt,
		       struct ct_str *out, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);

	ct_buf_add(&text, prompt->text);
	for (size_t i = 0; i < prompt->part_count; i++)
		ct_buf_printf(&text, "%s[attached: %.*s]",
			      text.len == 0 ? "" : i == 0 ? "\n\n" : "\n",
			      CT_STR_ARG(prompt->parts[i].name));
	int rc = ct_buf_check(&text, "a message", err);
	return rc == CT_OK ? keep(c, ct_buf_str(&text), out, err) : rc;
}

/* What was attached goes along with later questions, too, as long as this process runs. */
static int keep_parts(struct ct_conversation *c, const struct ct_message *prompt,
		      struct ct_kept_message *out, struct ct_err *err)
{
	struct ct_part *parts =
		ct_arena_alloc(&c->arena, (prompt->part_count + 1) * sizeof(*parts));

	if (parts == NULL)
		return fail_memory(err);
	for (size_t i = 0; i < prompt->part_count; i++) {
		const struct ct_part *part = &prompt->parts[i];
		parts[i] = (struct ct_part){ part->medium, ct_arena_dup(&c->arena, part->mime),
					     ct_arena_dup(&c->arena, part->name),
					     ct_arena_dup(&c->arena, part->bytes) };
		if (parts[i].mime.ptr == NULL || parts[i].name.ptr == NULL ||
		    parts[i].bytes.ptr == NULL)
			return fail_memory(err);
	}
	out->parts = parts;
	out->part_count = prompt->part_count;
	return CT_OK;
}

/*
 * A turn that follows the first `place` messages of path: those of them that are not in the store
 * yet, the prompt (NULL: none) and room for the answer.
 */
static int begin_turn(struct ct_conversation *c, size_t place,
		      const struct ct_message *prompt, struct ct_err *err)
{
	size_t from = c->saved < place ? c->saved : place, unsaved = place - from, n = unsaved;
	struct ct_str parent = before(c, place);
	struct ct_kept_message *list =
		ct_arena_alloc(&c->arena, (unsaved + 2) * sizeof(*list));

	if (list == NULL)
		return fail_memory(err);
	if (unsaved > 0)
		memcpy(list, c->path + from, unsaved * sizeof(*list));
	if (prompt != NULL) {
		list[n] = new_message(c, CT_ROLE_USER, parent);
		int rc = keep_prompt(c, prompt, &list[n].text, err);
		if (rc == CT_OK && prompt->part_count > 0)
			rc = keep_parts(c, prompt, &list[n], err);
		if (rc != CT_OK)
			return rc;
		parent = list[n++].id;
	}
	list[n] = new_message(c, CT_ROLE_ASSISTANT, parent);
	c->turn = (struct ct_turn){ .messages = list, .count = n + 1 };
	c->turn_from = from;
	return list[n].id.ptr != NULL && (n == unsaved || parent.ptr != NULL)
		       ? describe(c, &c->turn, err)
		       : fail_memory(err);
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

/* The first `place` messages, and the prompt where there is one. */
static int write_request(struct ct_conversation *c, size_t place,
			 const struct ct_message *prompt, struct ct_request *request,
			 struct ct_err *err)
{
	struct ct_message *list = realloc(c->messages, (place + 1) * sizeof(*list));

	if (list == NULL)
		return fail_memory(err);
	c->messages = list;
	for (size_t i = place, room = PARTS_BYTES; i-- > 0;) {
		const struct ct_kept_message *m = &c->path[i];
		list[i] = (struct ct_message){ .role = m->role, .text = m->text };
		if (m->part_count == 0)
			continue;
		if (takes_from(&room, m)) {
			list[i].parts = m->parts;
			list[i].part_count = m->part_count;
		} else {
			ct_log(CT_LOG_WARN, "what was attached to an earlier message is left out: "
					    "all of it together is too large");
		}
	}
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
	options->conversation_id = c->exists || !options->no_log ? c->id
								 : (struct ct_str){ NULL, 0 };
}

int ct_conversation_ask(struct ct_conversation *c, const struct ct_message *prompt,
			struct ct_request *request, struct ct_call_options *options,
			struct ct_err *err)
{
	int rc = begin_turn(c, c->count, prompt, err);

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
	int rc = begin_turn(c, place + 1, NULL, err);
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
		struct ct_kept_message *path = realloc(c->path, 2 * count * sizeof(*path));
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
		return fail_memory(err);
	c->turn = (struct ct_turn){ .count = 0 };
	if (!turn.kept)
		return ct_fail(err, turn.err.code == CT_EBUSY ? CT_EBUSY : CT_ESTORE,
			       "the answer is not kept in the conversation: %s", turn.err.msg);
	c->saved = c->count;
	c->exists = true;
	c->head_id = c->path[c->count - 1].id;
	if (turn.branched)
		ct_log(CT_LOG_WARN,
		       "the conversation has gone on elsewhere meanwhile: both branches are kept, "
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
		rc = ct_conversation_move(c->app->store, c->id, head, c->head_id, &was_there,
					  err);
	if (rc != CT_OK)
		return rc;
	if (!was_there)
		ct_log(CT_LOG_WARN, "the conversation has gone on elsewhere meanwhile: what was "
				    "said there stays as a branch");
	c->head_id = head;
	return CT_OK;
}

int ct_conversation_undo(struct ct_conversation *c, struct ct_str *undone, struct ct_err *err)
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
