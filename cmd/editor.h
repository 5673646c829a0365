/* The person's own editor, for a file. */
#ifndef CT_CMD_EDITOR_H
#define CT_CMD_EDITOR_H

#include "service/config.h"

/*
 * Run $VISUAL, $EDITOR or vi on a file and wait for it; no key is in its environment, and Ctrl-C is
 * its own. CT_EIO when it cannot be started or fails.
 */
int ct_editor_run(const struct ct_config *config, const char *path, struct ct_err *err);

#endif
