/* How a turn of a conversation begins. For service/conversation.c alone. */
#ifndef CT_SERVICE_CONVERSATION_TURN_H
#define CT_SERVICE_CONVERSATION_TURN_H

#include "service/conversation.h"

static inline int ct_conversation_fail_memory(struct ct_err *err)
{
	return ct_fail(err, CT_ENOMEM, "no memory for a conversation");
}

/* {NULL, 0}: no memory. */
struct ct_str ct_conversation_new_id(struct ct_arena *arena, int64_t wall_ms);

/*
 * The text of a message with the names of what is attached to it, in the place of what is not
 * sent or kept: a question without a word would be refused. CT_ENOMEM.
 */
int ct_conversation_name_parts(struct ct_conversation *c,
			       const struct ct_message *message, struct ct_str *out,
			       struct ct_err *err);

/*
 * Make c->turn one that follows the first `place` messages of path: those of them that
 * are not in the store yet, the prompt (NULL: none) and room for the answer. CT_ENOMEM.
 */
int ct_conversation_begin_turn(struct ct_conversation *c, size_t place,
			       const struct ct_message *prompt, struct ct_err *err);

#endif
