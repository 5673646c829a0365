/* The file of a session's history, in libedit's own format: a header, then a line for each entry,
 * in which blanks, controls and backslashes are octal escapes (vis(3)). */
#ifndef CT_CMD_REPL_HISTORY_H
#define CT_CMD_REPL_HISTORY_H

#include "base/buf.h"
#include "base/err.h"

enum { CT_HISTORY_ENTRIES = 1000, CT_HISTORY_ENTRY_BYTES = 64 << 10 };

/* Where it is: $XDG_STATE_HOME or ~/.local/state, cartrita/history; empty: nowhere. */
void ct_history_path(struct ct_buf *out);

/* Add an entry; longer ones are left out. CT_EIO. */
int ct_history_append(const char *path, struct ct_str entry, struct ct_err *err);

/* Keep the newest CT_HISTORY_ENTRIES when there are twice as many. CT_EIO, CT_ETOOBIG. */
int ct_history_trim(const char *path, struct ct_err *err);

#endif
