/* The subcommands of `voice`; each file of cmd_voice_*.c holds one. voice_call.c: what they share. */
#ifndef CT_CMD_CMD_VOICE_H
#define CT_CMD_CMD_VOICE_H

#include "cmd.h"
#include "service/call.h"
#include "spinner.h"

extern const struct ct_cmd ct_cmd_voice_transcribe, ct_cmd_voice_speak, ct_cmd_voice_listen;

/* The options that say whom to ask, and how long. */
#define CT_VOICE_OPTIONS \
	{ "provider", 'p', CT_OPT_TEXT, "NAME", "Ask this provider first", .words = "provider:voice" }, \
	{ "model", 'm', CT_OPT_TEXT, "ID", "A model, an alias, or provider/model", \
	  .words = "model" }, \
	{ "option", 0, CT_OPT_LIST, "KEY=VALUE", "To the provider as it is (repeatable)" }, \
	{ "no-fallback", 0, CT_OPT_FLAG, NULL, "Only the first provider" }, \
	{ "fallback", 0, CT_OPT_TEXT, "LIST", "Then these: names or provider/model, by commas", \
	  .words = "provider:voice" }, \
	{ "timeout", 0, CT_OPT_NUM, "S", "For each request, waits included; else 600", 0.001, \
	  86400 }, \
	{ "idle-timeout", 0, CT_OPT_NUM, "S", "Between two pieces of the answer", 0.001, 86400 }, \
	{ "retries", 0, CT_OPT_INT, "N", "Per provider; else 2", 0, 20 }, \
	{ "user", 0, CT_OPT_TEXT, "ID", "Whom the log and quotas name" }, \
	{ "no-log", 0, CT_OPT_FLAG, NULL, "Record metrics, not content" }

enum { CT_VOICE_OPTIONS_MAX = 64 };

/* What the command line says of a call of speech. */
struct ct_voice {
	struct ct_cli *cli;
	struct ct_arena arena;
	struct ct_option options[CT_VOICE_OPTIONS_MAX];
	struct ct_speech speech;
	struct ct_request request; /* points to both */
	struct ct_candidates candidates;
	struct ct_call_options call_options;
	struct ct_call *call; /* under way */
	struct ct_spinner *spinner;
	void (*on_event)(struct ct_voice *voice, const struct ct_call_event *event); /* NULL: none */
	/* The answer is there: write it. */
	int (*on_answer)(struct ct_voice *voice, const struct ct_call_result *result,
			 struct ct_err *err);
	void *user;
	int code;
	struct ct_err *err;
};

/* Read the options, find whom to ask. CT_EUSAGE, and as ct_candidates_find(). */
int ct_voice_init(struct ct_voice *voice, struct ct_cli *cli, enum ct_task task,
		  struct ct_err *err);
void ct_voice_fini(struct ct_voice *voice);

/* One call, to its end: on_answer's code, or the failure's, which --json has printed then. */
int ct_voice_ask(struct ct_voice *voice, struct ct_err *err);

/* "provider", "model", "usage" and "metadata" of a document. */
void ct_voice_json(struct ct_jw *jw, const struct ct_call_result *result);

#endif
