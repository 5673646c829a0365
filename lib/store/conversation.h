/*
 * conversations and messages: a tree of messages for each conversation, by parent_id;
 * the conversation's head is the message that the next one follows. Messages are only
 * ever added; a fork's head is another conversation's message, and shares what leads to
 * it.
 *
 * A message's checksum is the SHA-256 of its fields (id, parent, role, content,
 * provider, model, created_at, then of each part medium, mime, name, and the SHA-256 of
 * its bytes), each as "LENGTH:BYTES," and "-," for null. FTS5 indexes the content. A
 * store older than this schema, opened for reading, holds no conversations.
 */
#ifndef CT_STORE_CONVERSATION_H
#define CT_STORE_CONVERSATION_H

#include "base/uuid.h"
#include "model/turn.h"
#include "store/store.h"

/* Strings are valid during the callback; {NULL, 0}: null. */
struct ct_conversation_row {
	struct ct_str id, user_id, title, system;
	struct ct_str asked_provider, asked_model; /* -p and -m as they were named last */
	struct ct_str provider, model; /* who answered last */
	struct ct_str head_id; /* {NULL, 0}: nothing is said (any more) */
	struct ct_str forked_from; /* the conversation that it shares its past with */
	int64_t messages; /* on all its branches, with what it shares */
	int64_t created_ms, updated_ms; /* Unix ms */
};

struct ct_conversation_filter {
	int64_t limit; /* 0: all */
	bool by_user; /* only those of user_id; {NULL, 0}: of nobody */
	struct ct_str user_id;
};

typedef int ct_conversation_row_fn(void *user, const struct ct_conversation_row *row);

struct ct_conversation_search {
	const char *const *
		words; /* each must occur; one with blanks in it as a phrase; "abc*": as a beginning */
	size_t word_count;
	int64_t limit;
	bool by_user;
	struct ct_str user_id;
};

struct ct_conversation_hit {
	struct ct_str conversation_id, title, message_id,
		snippet; /* what was found between \x02 and \x03 */
	enum ct_role role;
	int64_t created_ms;
};

typedef int ct_conversation_hit_fn(void *user, const struct ct_conversation_hit *hit);

typedef int ct_kept_message_fn(void *user, const struct ct_kept_message *message);

struct ct_conversation_reader {
	ct_conversation_row_fn *on_row; /* once, first */
	ct_kept_message_fn *on_message;
	void *user;
};

/* Newest first. */
int ct_conversation_list(struct ct_store *store,
			 const struct ct_conversation_filter *filter,
			 ct_conversation_row_fn *fn, void *user, struct ct_err *err);

/* Messages, newest first. CT_EUSAGE: no word. */
int ct_conversation_search(struct ct_store *store,
			   const struct ct_conversation_search *search,
			   ct_conversation_hit_fn *fn, void *user, struct ct_err *err);

/*
 * The whole id of a conversation: from itself, a unique ending, or "last" (used by
 * user_id, or by nobody for {NULL, 0}). CT_EINVALID with a hint where none or several
 * fit.
 */
int ct_conversation_find(struct ct_store *store, struct ct_str id, struct ct_str user_id,
			 char out[CT_UUID_SIZE], struct ct_err *err);

/* Its row; CT_EINVALID where it is gone. id: whole. */
int ct_conversation_get(struct ct_store *store, struct ct_str id,
			ct_conversation_row_fn *fn, void *user, struct ct_err *err);

/* From message `id` back to the first; CT_OK too where one is missing: it ends there. */
int ct_conversation_walk(struct ct_store *store, struct ct_str id, ct_kept_message_fn *fn,
			 void *user, struct ct_err *err);

/* All messages that were added to it, on all branches, oldest first. */
int ct_conversation_messages(struct ct_store *store, struct ct_str id,
			     ct_kept_message_fn *fn, void *user, struct ct_err *err);

/*
 * Each message whose checksum is not that of its fields, in the order they came; anything but CT_OK
 * from fn ends it. A store older than this schema has none.
 */
typedef int ct_damaged_message_fn(void *user, struct ct_str conversation_id,
				  struct ct_str message_id);
int ct_conversation_damaged(struct ct_store *store, ct_damaged_message_fn *fn, void *user,
			    struct ct_err *err);

/*
 * Add a turn, in the caller's transaction; sets turn->branched. CT_EINVALID: the
 * conversation, or the message that the turn follows, was deleted meanwhile; nothing was
 * written then.
 */
int ct_conversation_append(struct ct_store *store, struct ct_turn *turn,
			   struct ct_err *err);

/* Make the next ct_conversation_append() of this process faster, where there is time to. */
void ct_conversation_warm(struct ct_store *store);

/*
 * Let it go on after message `head` ({NULL, 0}: from nothing). Was it at `seen` before?
 */
int ct_conversation_move(struct ct_store *store, struct ct_str id, struct ct_str head,
			 struct ct_str seen, bool *was_there, struct ct_err *err);

/*
 * The id of a message on the way to a conversation's head or on its branches, from
 * itself or a unique ending of it. CT_EINVALID.
 */
int ct_conversation_find_message(struct ct_store *store, struct ct_str id,
				 struct ct_str message, char out[CT_UUID_SIZE],
				 struct ct_err *err);

/* A conversation of another's making, at message `head` of it, as new_id. */
int ct_conversation_fork(struct ct_store *store, struct ct_str id, struct ct_str head,
			 struct ct_str new_id, int64_t now_ms, struct ct_err *err);

/*
 * Delete it, its messages, and what the journal holds of its content. Messages that lead
 * to other conversations' go to those.
 */
int ct_conversation_delete(struct ct_store *store, struct ct_str id, struct ct_err *err);

#endif
