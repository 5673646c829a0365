#include "service/conversation_turn.h"

#include "base/log.h"
#include "service/history.h"

enum { TEXT_BYTES = 128 << 20 };

struct ct_str ct_conversation_new_id(struct ct_arena *arena, int64_t wall_ms)
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
	return out->ptr != NULL ? CT_OK : ct_conversation_fail_memory(err);
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

/*
 * The message that comes before path[place], in the store's tree or in what is not there
 * yet.
 */
static struct ct_str before(const struct ct_conversation *c, size_t place)
{
	if (place < c->count)
		return c->path[place].parent_id;
	return c->saved == c->count ? c->head_id : c->path[c->count - 1].id;
}

/* A question of nothing but a picture is called what the picture is called. */
static struct ct_str title_of(struct ct_conversation *c, const struct ct_kept_message *m)
{
	return ct_conversation_title(&c->arena, m->text.len == 0 && m->part_count > 0
							? m->parts[0].name
							: m->text);
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
		c->title = title_of(c, &turn->messages[turn->count - 2]);
	turn->title = c->title;
	return CT_OK;
}

static struct ct_kept_message new_message(struct ct_conversation *c, enum ct_role role,
					  struct ct_str parent_id)
{
	int64_t now = ct_time_now().wall_ms;

	return (struct ct_kept_message){
		.id = ct_conversation_new_id(&c->arena, now),
		.parent_id = parent_id,
		.role = role,
		.created_ms = now,
		.intact = true,
	};
}

int ct_conversation_name_parts(struct ct_conversation *c,
			       const struct ct_message *message, struct ct_str *out,
			       struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);

	ct_buf_add(&text, message->text);
	for (size_t i = 0; i < message->part_count; i++)
		ct_buf_printf(&text, "%s[attached: %.*s]",
			      text.len == 0 ? ""
			      : i == 0	    ? "\n\n"
					    : "\n",
			      CT_STR_ARG(message->parts[i].name));
	int rc = ct_buf_check(&text, "a message", err);
	return rc == CT_OK ? keep(c, ct_buf_str(&text), out, err) : rc;
}

/*
 * What is attached goes along with the next questions too, where it is not too much to
 * be kept for each conversation; names are people's, and may hold anything.
 */
static int keep_parts(struct ct_conversation *c, const struct ct_message *prompt,
		      struct ct_kept_message *m, struct ct_err *err)
{
	struct ct_part *own;
	size_t bytes = 0;

	for (size_t i = 0; i < prompt->part_count; i++)
		bytes += prompt->parts[i].bytes.len;
	if (bytes > CT_CONVERSATION_PARTS_BYTES) {
		ct_log(CT_LOG_WARN,
		       "more than %d MiB are attached: the conversation keeps their "
		       "names only",
		       CT_CONVERSATION_PARTS_BYTES >> 20);
		return ct_conversation_name_parts(c, prompt, &m->text, err);
	}
	m->parts = prompt->parts;
	m->part_count = prompt->part_count;
	if (m->part_count == 0)
		return CT_OK;
	if (!ct_parts_copy(&c->arena, &m->parts, m->part_count))
		return ct_conversation_fail_memory(err);
	own = ct_arena_alloc(&c->arena, m->part_count * sizeof(*own));
	if (own == NULL)
		return ct_conversation_fail_memory(err);
	memcpy(own, m->parts, m->part_count * sizeof(*own));
	m->parts = own;
	for (size_t i = 0; i < m->part_count; i++) {
		int rc = keep(c, own[i].name, &own[i].name, err);
		if (rc != CT_OK)
			return rc;
	}
	return CT_OK;
}

static int write_prompt(struct ct_conversation *c, const struct ct_message *prompt,
			struct ct_str parent, struct ct_kept_message *m,
			struct ct_err *err)
{
	*m = new_message(c, CT_ROLE_USER, parent);
	int rc = keep(c, prompt->text.ptr != NULL ? prompt->text : ct_str(""), &m->text,
		      err);
	return rc == CT_OK ? keep_parts(c, prompt, m, err) : rc;
}

int ct_conversation_begin_turn(struct ct_conversation *c, size_t place,
			       const struct ct_message *prompt, struct ct_err *err)
{
	size_t from = c->saved < place ? c->saved : place, unsaved = place - from,
	       n = unsaved;
	struct ct_str parent = before(c, place);
	struct ct_kept_message *list =
		ct_arena_alloc(&c->arena, (unsaved + 2) * sizeof(*list));

	if (list == NULL)
		return ct_conversation_fail_memory(err);
	if (unsaved > 0)
		memcpy(list, c->path + from, unsaved * sizeof(*list));
	if (prompt != NULL) {
		int rc = write_prompt(c, prompt, parent, &list[n], err);
		if (rc != CT_OK)
			return rc;
		parent = list[n++].id;
	}
	list[n] = new_message(c, CT_ROLE_ASSISTANT, parent);
	c->turn = (struct ct_turn){ .messages = list, .count = n + 1 };
	c->turn_from = from;
	return list[n].id.ptr != NULL && (n == unsaved || parent.ptr != NULL)
		       ? describe(c, &c->turn, err)
		       : ct_conversation_fail_memory(err);
}
