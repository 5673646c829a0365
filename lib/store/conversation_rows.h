/* What the files of store/conversation*.c share. */
#ifndef CT_STORE_CONVERSATION_ROWS_H
#define CT_STORE_CONVERSATION_ROWS_H

#include "codec/sha256.h"
#include "store/conversation.h"
#include "store/db.h"

enum { CT_MESSAGE_BYTES = 128 << 20 }; /* the most that a message is read or written with */

/* Is there such a schema? false: a store of an older version, opened for reading. */
int ct_conversation_known(struct ct_store *store, bool *known, struct ct_err *err);

/* "user", "assistant". Static. */
const char *ct_role_name(enum ct_role role);

/* What a message's checksum must be, into out. CT_ENOMEM, CT_ETOOBIG. */
int ct_message_checksum(const struct ct_kept_message *message,
			char out[CT_SHA256_HEX_SIZE], struct ct_err *err);

/* "image", "pdf", "audio". Static. */
const char *ct_medium_name(enum ct_medium medium);

/* Write a message's parts, or read them into arena. */
int ct_message_parts_add(struct ct_store *store, const struct ct_kept_message *message,
			 struct ct_err *err);
int ct_message_parts_read(struct ct_store *store, struct ct_arena *arena,
			  struct ct_kept_message *message, struct ct_err *err);

/* The statement of sql with id as its first parameter. */
int ct_conversation_statement(struct ct_store *store, const char *sql, struct ct_str id,
			      sqlite3_stmt **out, struct ct_err *err);

/*
 * Step a statement to its first row and copy its first column, an id, into out: 1, or 0
 * for no row (or null), or a failure. The statement is reset.
 */
int ct_conversation_one_id(struct ct_store *store, sqlite3_stmt *stmt,
			   char out[CT_UUID_SIZE], struct ct_err *err);

#endif
