/*
 * The interactive session: `cartrita chat` on a terminal, without a prompt. What is typed is sent in a
 * conversation, or is a command that begins with "/".
 *
 * repl.c is the session, repl_ask.c a question and its answer, repl_commands.c and repl_talk.c the commands,
 * repl_set.c the settings, repl_complete.c completion, repl_line.c the line editor.
 */
#ifndef CT_CMD_REPL_H
#define CT_CMD_REPL_H

#include "chat.h"
#include "repl_line.h"
#include "service/conversation.h"

enum { CT_REPL_NAME_BYTES = 512 };

struct ct_repl {
	struct ct_cli *cli;
	struct ct_chat_input in; /* what the command line set, and /set after it */
	struct ct_call_options options;
	bool raw;
	bool web; /* each question begins with a search */
	struct ct_conversation *talk;
	struct ct_attached attached; /* for the next question */
	size_t attached_count;
	char provider[CT_REPL_NAME_BYTES], model[CT_REPL_NAME_BYTES]; /* in->choice points here */
	struct ct_line *line;
	struct ct_buf unanswered; /* the last question, where it failed or was stopped */
	struct ct_buf draft; /* /edit: what is sent when it returns */
	/* of all questions of the session */
	int64_t asked, answered, input_tokens, output_tokens, cost_usd_nanos;
	bool cost_known;
	bool leave, killed;
};

/* Is a session what is meant: a terminal on both sides, no prompt, and nothing that needs one? */
bool ct_repl_wanted(const struct ct_cli *cli);
/* The exit status. */
int ct_repl_run(struct ct_cli *cli, struct ct_err *err);

/* A command of the session. */
struct ct_repl_command {
	const char *name; /* without the slash */
	const char *args; /* "[ID]" */
	const char *summary;
	const char *details; /* for /help NAME; NULL: none */
	const char *words; /* completion: model, provider, file, command, setting, conversation */
	int (*run)(struct ct_repl *repl, struct ct_str args, struct ct_err *err);
};

extern const struct ct_repl_command ct_repl_commands[]; /* ends with a NULL name */

/* The command of that name; NULL: none. */
const struct ct_repl_command *ct_repl_command_find(struct ct_str name);
/* A line that is a command ("/word …", not "/usr/bin"): run it. CT_EUSAGE with the nearest. */
bool ct_repl_is_command(struct ct_str line);
int ct_repl_command_run(struct ct_repl *repl, struct ct_str line, struct ct_err *err);

/* Ask. Errors are the caller's to show. */
int ct_repl_ask(struct ct_repl *repl, struct ct_str prompt, struct ct_err *err);
/* Ask the last question again, whether it was answered or not. */
int ct_repl_ask_again(struct ct_repl *repl, struct ct_err *err);
/* Attach for the next question. */
int ct_repl_attach(struct ct_repl *repl, const char *path, struct ct_err *err);

/* What choice would ask first. */
int ct_repl_first(struct ct_repl *repl, struct ct_candidate *first, struct ct_err *err);
/* Take a provider and a model (NULL: none named) if they can be asked. */
int ct_repl_choose(struct ct_repl *repl, const char *provider, const char *model,
		   struct ct_err *err);
/* Is it the sandbox that answers there? */
bool ct_repl_is_sandbox(const struct ct_candidate *candidate);

/* Commands that are about the conversation. */
int ct_repl_new(struct ct_repl *repl, struct ct_str args, struct ct_err *err);
int ct_repl_list(struct ct_repl *repl, struct ct_str args, struct ct_err *err);
int ct_repl_resume(struct ct_repl *repl, struct ct_str args, struct ct_err *err);
int ct_repl_undo(struct ct_repl *repl, struct ct_str args, struct ct_err *err);
int ct_repl_save(struct ct_repl *repl, struct ct_str args, struct ct_err *err);
int ct_repl_system(struct ct_repl *repl, struct ct_str args, struct ct_err *err);

/* /web: on, off, or alone: which of them. */
int ct_repl_web(struct ct_repl *repl, struct ct_str args, struct ct_err *err);

/* /set, and its names and values for completion (index from 0; NULL past the last). */
int ct_repl_set(struct ct_repl *repl, struct ct_str args, struct ct_err *err);
const char *ct_repl_setting(size_t index, const char **choices);

void ct_repl_complete(void *user, struct ct_str before, struct ct_line_words *words);

#endif
