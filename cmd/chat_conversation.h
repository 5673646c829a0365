/* The conversation that `cartrita chat` goes on with, or begins. */
#ifndef CT_CMD_CHAT_CONVERSATION_H
#define CT_CMD_CHAT_CONVERSATION_H

#include "chat.h"
#include "service/conversation.h"

/* Its options, for chat's table. */
#define CT_CONVERSATION_OPTIONS \
	{ "continue", 'c', CT_OPT_FLAG, NULL, \
	  "Go on with the last conversation (of the same --user)" }, \
	{ \
		"conversation", 0, CT_OPT_TEXT, "ID", \
			"Go on with that one: its id, the end of it, or last", \
			.words = "conversation" \
	}

/*
 * As the command line says: one that exists, with the model and system prompt it has
 * where none are named now (set in in->choice), or a new one. *out is NULL where nothing
 * is to be kept (--no-log). CT_EUSAGE; CT_EINVALID for one that does not exist;
 * CT_ESTORE, CT_EBUSY.
 */
int ct_chat_conversation(struct ct_cli *cli, struct ct_chat_input *in,
			 struct ct_conversation **out, struct ct_err *err);

/*
 * After the call: what was answered is part of it. CT_ESTORE, CT_EBUSY: a named one
 * could not take it.
 */
int ct_chat_settle(struct ct_cli *cli, struct ct_conversation *c, struct ct_err *err);

#endif
