#include "service/history.h"

#include <stdlib.h>

#include "base/log.h"

/* Copies keep the difference between absent and empty. */
static bool copy(struct ct_arena *arena, struct ct_str *s)
{
	if (s->ptr == NULL)
		return true;
	*s = ct_arena_dup(arena, *s);
	return s->ptr != NULL;
}

static bool grow(struct ct_history *h)
{
	size_t cap = h->cap > 0 ? 2 * h->cap : 32;
	struct ct_kept_message *list = realloc(h->list, cap * sizeof(*list));

	if (list == NULL)
		return false;
	h->list = list;
	h->cap = cap;
	return true;
}

static size_t size_of(const struct ct_kept_message *m)
{
	size_t bytes = m->text.len;

	for (size_t i = 0; i < m->part_count; i++)
		bytes += m->parts[i].bytes.len;
	return bytes;
}

bool ct_parts_copy(struct ct_arena *arena, const struct ct_part **parts, size_t count)
{
	struct ct_part *own = ct_arena_alloc(arena, (count + 1) * sizeof(*own));

	for (size_t i = 0; own != NULL && i < count; i++) {
		own[i] = (*parts)[i];
		if (!copy(arena, &own[i].mime) || !copy(arena, &own[i].name) ||
		    !copy(arena, &own[i].bytes))
			return false;
	}
	*parts = own;
	return own != NULL;
}

int ct_history_add(void *user, const struct ct_kept_message *message)
{
	struct ct_history *h = user;
	struct ct_kept_message m = *message;

	if (h->count == CT_HISTORY_MESSAGES ||
	    h->bytes + size_of(&m) > CT_HISTORY_BYTES) {
		h->cut = true;
		return CT_ETOOBIG;
	}
	if (h->count == h->cap && !grow(h))
		return CT_ENOMEM;
	if (!copy(h->arena, &m.id) || !copy(h->arena, &m.parent_id) ||
	    !copy(h->arena, &m.text) || !copy(h->arena, &m.provider) ||
	    !copy(h->arena, &m.model) || !copy(h->arena, &m.request_id) ||
	    (m.part_count > 0 && !ct_parts_copy(h->arena, &m.parts, m.part_count)))
		return CT_ENOMEM;
	h->bytes += size_of(&m);
	h->list[h->count++] = m;
	return CT_OK;
}

static void reverse(struct ct_history *h)
{
	for (size_t i = 0, j = h->count; i + 1 < j; i++) {
		struct ct_kept_message m = h->list[i];
		h->list[i] = h->list[--j];
		h->list[j] = m;
	}
}

int ct_history_load(struct ct_store *store, struct ct_str head, struct ct_history *h,
		    struct ct_err *err)
{
	if (head.ptr == NULL)
		return CT_OK;
	int rc = ct_conversation_walk(store, head, ct_history_add, h, err);
	if (rc == CT_ENOMEM)
		return ct_fail(err, CT_ENOMEM, "no memory for a conversation");
	if (rc != CT_OK && rc != CT_ETOOBIG)
		return rc;
	reverse(h);
	h->torn = !h->cut && (h->count == 0 || h->list[0].parent_id.ptr != NULL);
	return CT_OK;
}

/* The turn that begins at i ends before this place. */
static size_t turn_end(const struct ct_history *h, size_t i)
{
	do
		i++;
	while (i < h->count && h->list[i].role != CT_ROLE_USER);
	return i;
}

static bool turn_is_intact(const struct ct_history *h, size_t from, size_t to)
{
	bool intact = h->list[from].role == CT_ROLE_USER && to - from > 1;

	for (size_t i = from; i < to; i++) {
		if (h->list[i].intact)
			continue;
		intact = false;
		ct_log(CT_LOG_WARN,
		       "message %.*s of the conversation is damaged (its checksum is "
		       "wrong): "
		       "its turn is not used",
		       CT_STR_ARG(h->list[i].id));
	}
	return intact;
}

void ct_history_clean(struct ct_history *h)
{
	size_t kept = 0;

	if (h->cut)
		ct_log(CT_LOG_WARN,
		       "the conversation is very long: its oldest messages are not used");
	if (h->torn)
		ct_log(CT_LOG_WARN,
		       "the beginning of the conversation is missing in the store");
	for (size_t from = 0, to; from < h->count; from = to) {
		to = turn_end(h, from);
		if (!turn_is_intact(h, from, to))
			continue;
		for (size_t i = from; i < to; i++)
			h->list[kept++] = h->list[i];
	}
	h->count = kept;
}
