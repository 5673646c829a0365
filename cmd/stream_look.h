/* `cartrita stream --list`, `--attach` and `--stop`: sessions of other processes. */
#ifndef CT_CMD_STREAM_LOOK_H
#define CT_CMD_STREAM_LOOK_H

#include "cmd.h"

/* Does the command line ask for one of them? Then *looks, and it is done. */
int ct_stream_look(struct ct_cli *cli, bool *looks, struct ct_err *err);

#endif
