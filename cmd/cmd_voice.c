#include "cmd_voice.h"

/* One line per subcommand, in the order help shows them. */
static const struct ct_cmd *const subs[] = {
	&ct_cmd_voice_transcribe,
	&ct_cmd_voice_speak,
	&ct_cmd_voice_listen,
	NULL,
};

const struct ct_cmd ct_cmd_voice = {
	.name = "voice",
	.args = "COMMAND [OPTION]...",
	.summary = "Speech to text, and text to speech",
	.subs = subs,
};
