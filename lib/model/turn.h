/*
 * What a call adds to a conversation when it is answered: messages, the answer last,
 * written in the transaction that records the outcome. service/conversation makes one
 * for each call.
 *
 * A turn remembers where its conversation stood when it was begun: where another process
 * has gone on meanwhile it becomes a branch, and nothing is overwritten.
 */
#ifndef CT_MODEL_TURN_H
#define CT_MODEL_TURN_H

#include "base/arena.h"
#include "base/err.h"
#include "model/request.h"

/* A message as it is kept. {NULL, 0}: none. */
struct ct_kept_message {
	struct ct_str id; /* UUIDv7 */
	struct ct_str parent_id; /* of the message that it follows; none: the first */
	enum ct_role role;
	struct ct_str text; /* redacted */
	const struct ct_part *parts; /* of a user's */
	size_t part_count;
	struct ct_str provider, model; /* who wrote it; none for a user's */
	struct ct_str request_id; /* in provider_logs */
	int64_t created_ms; /* Unix ms */
	bool intact; /* when read: its checksum is right. One that is not must not be used */
};

struct ct_turn {
	struct ct_arena *arena; /* where the answer's strings go */
	struct ct_str conversation_id;
	bool begins; /* the conversation is made by this turn */
	bool needed; /* asked for by name: without the store the call fails, CT_ESTORE */
	/* Of the conversation, as they are from this turn on; none where there is none. */
	struct ct_str user_id, title, system;
	struct ct_str asked_provider, asked_model; /* as the user named them: -p, -m */
	struct ct_str
		head_id; /* of its newest message, as this process knows it; none: empty */
	struct ct_kept_message
		*messages; /* oldest first; the last is filled in by the answer */
	size_t count;
	/* Set while on_done tells of an answer, before it is kept. */
	bool goes_on; /* it is not the last: more calls follow, and theirs is */
	struct ct_str said; /* kept in place of its text: results of a search, sources; in arena */
	/* How it ended. */
	bool answered; /* the answer is in messages */
	bool kept; /* all of it is committed */
	bool branched; /* another process had gone on from head_id: there are two branches now */
	struct ct_err err; /* answered, but not kept: why */
};

#endif
