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
 * Make c->turn one that follows the first `place` messages of path: those of them that
 * are not in the store yet, the prompt (NULL: none) and room for the answer. CT_ENOMEM.
 */
int ct_conversation_begin_turn(struct ct_conversation *c, size_t place,
			       const struct ct_message *prompt, struct ct_err *err);

#endif
