/*
 * Conversations: what was said before, sent along with the next question. Messages form
 * a tree in the store, nothing in it is overwritten: undoing, retrying, forking and two
 * processes at once only make branches. A conversation is at its head; what leads there
 * is what models see.
 *
 * A call that fails or is cancelled adds nothing, not even the question: it can be asked
 * again. What could not be kept (a full disk) stays in memory and is kept with the next
 * turn that can be.
 */
#ifndef CT_SERVICE_CONVERSATION_H
#define CT_SERVICE_CONVERSATION_H

#include "model/turn.h"
#include "service/call.h"
#include "store/conversation.h"

/* Read its members, change them through the functions below. {NULL, 0}: none. */
struct ct_conversation {
	struct ct_app *app;
	struct ct_arena arena;
	struct ct_str id, user_id, title, system;
	struct ct_str asked_provider,
		asked_model; /* the -p and -m it was asked with last */
	struct ct_str head_id; /* as the store has it, as far as we know */
	struct ct_kept_message
		*path; /* from the first message to the head; only intact ones */
	size_t count, cap;
	size_t saved; /* so many of path, from the first, are in the store */
	bool exists; /* in the store: false until its first answer */
	bool needed; /* set it: a call fails (CT_ESTORE) before asking where nothing can be kept */
	struct ct_turn turn; /* of the call under way */
	size_t turn_from; /* the place in path where its messages begin */
	struct ct_message *messages; /* what the last ask sends */
};

/*
 * The most of images, PDF and audio that is kept of one question, and that is sent again
 * of all earlier ones: below every provider's limit.
 */
enum { CT_CONVERSATION_PARTS_BYTES = 12 << 20 };

/* A new one; nothing is written before its first answer. user_id: {NULL, 0} for none. */
int ct_conversation_create(struct ct_app *app, struct ct_str user_id,
			   struct ct_conversation **out, struct ct_err *err);

/*
 * Open the store and find a conversation: its id, a unique ending of it, or "last" (of
 * user_id; {NULL, 0}: of those without a user). CT_EINVALID with a hint where none or
 * several fit, CT_ESTORE and CT_EBUSY where the store cannot be used. Damaged messages
 * are left out with a warning.
 */
int ct_conversation_resume(struct ct_app *app, struct ct_str id, struct ct_str user_id,
			   struct ct_conversation **out, struct ct_err *err);
void ct_conversation_destroy(struct ct_conversation *c); /* NULL is fine */

/* The system prompt from the next question on; {NULL, 0}: none. CT_ENOMEM. */
int ct_conversation_set_system(struct ct_conversation *c, struct ct_str system,
			       struct ct_err *err);
/*
 * The -p and -m that the next questions are asked with; NULL: nothing named. CT_ENOMEM.
 */
int ct_conversation_set_asked(struct ct_conversation *c, const char *provider,
			      const char *model, struct ct_err *err);

/*
 * Make request ask prompt after all that was said (messages and system are set), and
 * options add the turn to the conversation (conversation_id, turn). Both are good for
 * one call, until the conversation is changed. With options->no_log nothing will be
 * kept. CT_ENOMEM.
 */
int ct_conversation_ask(struct ct_conversation *c, const struct ct_message *prompt,
			struct ct_request *request, struct ct_call_options *options,
			struct ct_err *err);

/*
 * Ask the last question again: the new answer stands beside the old one. CT_EINVALID:
 * there is none.
 */
int ct_conversation_retry(struct ct_conversation *c, struct ct_request *request,
			  struct ct_call_options *options, struct ct_err *err);

/*
 * After the call (ct_call_wait(), or once it is recorded): what was answered becomes
 * part of the conversation, and a branch that has come about is warned of. Returns
 * CT_OK, or why an answer is not kept (CT_ESTORE, CT_EBUSY); then it is part of it in
 * memory, and kept with the next.
 */
int ct_conversation_settle(struct ct_conversation *c, struct ct_err *err);

/*
 * Go back to before the last question; what is left behind stays in the store as a
 * branch. *undone is that question, valid until the conversation is destroyed.
 * CT_EINVALID: there is none; CT_ESTORE, CT_EBUSY: the conversation is as it was.
 */
int ct_conversation_undo(struct ct_conversation *c, struct ct_str *undone,
			 struct ct_err *err);

/* The first words of a prompt, in one line of at most CT_TITLE_BYTES, in arena. */
enum { CT_TITLE_BYTES = 72 };
struct ct_str ct_conversation_title(struct ct_arena *arena, struct ct_str prompt);

/*
 * The rest needs no open conversation. A store that does not exist, or is older than
 * conversations, has none: nothing is made by looking.
 */

/* Newest first; see store/conversation.h. */
int ct_conversations_list(struct ct_app *app, const struct ct_conversation_filter *filter,
			  ct_conversation_row_fn *fn, void *user, struct ct_err *err);

/* Messages, newest first. CT_EUSAGE: no word to search for. */
int ct_conversations_search(struct ct_app *app,
			    const struct ct_conversation_search *search,
			    ct_conversation_hit_fn *fn, void *user, struct ct_err *err);

/*
 * One, whole: its row, then its messages from the first to the head, or (all) those of
 * every branch in the order they came. id as for ct_conversation_resume(), but "last" is
 * anyone's.
 */
int ct_conversations_show(struct ct_app *app, struct ct_str id, bool all,
			  const struct ct_conversation_reader *reader,
			  struct ct_err *err);

/*
 * A new conversation that shares the past of another up to a message (its id or a unique
 * ending of it; {NULL, 0}: up to its head). Its id goes to out. CT_EINVALID also for a
 * message that is a question without its answer.
 */
int ct_conversations_fork(struct ct_app *app, struct ct_str id, struct ct_str message,
			  char out[CT_UUID_SIZE], struct ct_err *err);

/*
 * Delete one, and what its requests said from the journal. What a fork shares of it goes
 * to the fork.
 */
int ct_conversations_delete(struct ct_app *app, struct ct_str id, struct ct_err *err);

#endif
