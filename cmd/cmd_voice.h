/* The subcommands of `voice`; each file of cmd_voice_*.c holds one. */
#ifndef CT_CMD_CMD_VOICE_H
#define CT_CMD_CMD_VOICE_H

#include "cmd.h"

extern const struct ct_cmd ct_cmd_voice_transcribe, ct_cmd_voice_speak;

#endif
