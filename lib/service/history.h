/* The messages that lead to a conversation's head, as the store has them. */
#ifndef CT_SERVICE_HISTORY_H
#define CT_SERVICE_HISTORY_H

#include "store/conversation.h"

enum {
	CT_HISTORY_MESSAGES = 20000,
	CT_HISTORY_BYTES =
		64 << 20, /* with what is attached; what is older is not loaded */
};

/* All zeros but for arena, which holds the strings. list is the caller's to free. */
struct ct_history {
	struct ct_arena *arena;
	struct ct_kept_message *list;
	size_t count, cap;
	size_t bytes;
	bool cut; /* older messages were not loaded */
	bool torn; /* the first one's parent is missing */
};

/*
 * From the first message to head, damaged ones too. CT_OK, CT_ENOMEM, CT_ESTORE,
 * CT_EBUSY.
 */
int ct_history_load(struct ct_store *store, struct ct_str head,
		    struct ct_history *history, struct ct_err *err);

/* Add a copy of a message at the end: a ct_kept_message_fn on a struct ct_history. */
int ct_history_add(void *history, const struct ct_kept_message *message);

/* Make *parts a copy in arena, bytes too; false: no memory. */
bool ct_parts_copy(struct ct_arena *arena, const struct ct_part **parts, size_t count);

/*
 * Leave out, with a warning each, the damaged messages and with them their turns: a
 * question without its answer, or the other way round, would mislead a model.
 */
void ct_history_clean(struct ct_history *history);

#endif
