/*
 * The subcommands of `conversation`: cmd_conversation.c, and conversation_show.c for
 * whole ones.
 */
#ifndef CT_CMD_CMD_CONVERSATION_H
#define CT_CMD_CMD_CONVERSATION_H

#include "cmd_provider_logs.h"
#include "service/conversation.h"

enum { CT_CONVERSATION_TEXT_MAX = 256 << 20 };

extern const struct ct_cmd ct_cmd_conversation_show, ct_cmd_conversation_export;

/* The one ID that a command takes, into id. CT_EUSAGE. */
int ct_conversation_word(struct ct_cli *cli, struct ct_str *id, struct ct_err *err);

/* The members of a conversation's JSON, without the braces. */
void ct_conversation_members(struct ct_jw *jw, const struct ct_conversation_row *row);

#endif
