/* What the files of `cartrita chat` share: input (chat_input.c) and printing (chat_print.c). */
#ifndef CT_CMD_CHAT_H
#define CT_CMD_CHAT_H

#include "cmd.h"
#include "markdown.h"
#include "service/attach.h"
#include "service/call.h"
#include "service/web.h"
#include "spinner.h"

enum { CT_CHAT_OPTIONS_MAX = 64 };

/* One question as the command line and stdin put it. Strings in arena, or argv's. */
struct ct_chat_input {
	bool words_only; /* standard input is not the prompt's, unless - says so */
	struct ct_arena arena;
	struct ct_message message;
	struct ct_attached attached;
	struct ct_option options[CT_CHAT_OPTIONS_MAX];
	struct ct_request request;
	struct ct_choice choice;
};

#define CT_CHAT_INPUT_INIT              \
	{                               \
		.attached = CT_ATTACHED_INIT \
	}

/* Read options, prompt and stdin. CT_EUSAGE, CT_EINVALID (not UTF-8), CT_EIO. */
int ct_chat_read(struct ct_cli *cli, struct ct_chat_input *in, struct ct_err *err);
/* The options alone: in->message stays empty. */
int ct_chat_read_options(struct ct_cli *cli, struct ct_chat_input *in, struct ct_err *err);
/* How the command line wants its calls made. */
struct ct_call_options ct_chat_call_options(struct ct_cli *cli);
void ct_chat_input_fini(struct ct_chat_input *in);

/* --file, in order: what is text follows prompt, the rest goes into the message. CT_EINVALID, … */
int ct_chat_attach(struct ct_cli *cli, struct ct_chat_input *in, struct ct_buf *prompt,
		   struct ct_err *err);
/* Is standard input attached (--file -)? Then it is not the prompt. */
bool ct_chat_attaches_stdin(const struct ct_cli *cli);

/* --template: prompt becomes what the template makes of it; system and model are its own, where
 * no option names others. CT_EUSAGE. */
int ct_chat_fill_template(struct ct_cli *cli, struct ct_chat_input *in, struct ct_buf *prompt,
			  struct ct_err *err);

/* Where an answer goes. */
struct ct_chat_print {
	struct ct_cli *cli;
	bool show_reasoning; /* dim, on stderr */
	bool extract; /* only the first fenced code block */
	const char *output; /* a file; NULL: stdout */
	bool mid_line; /* what was written last did not end its line */
	bool reasoning_open; /* dim is on */
	struct ct_markdown *markdown; /* renders the answer; NULL: as it is */
	struct ct_spinner *spinner; /* until the first token; NULL: none */
	const struct ct_web *web; /* whose sources stand below the answer; NULL: none */
};

/*
 * The answer is rendered where stdout is a terminal that can show it, unless raw is wanted. Set the
 * members above first. NULL without memory is raw.
 */
void ct_chat_print_open(struct ct_chat_print *print, bool raw);
void ct_chat_print_fini(struct ct_chat_print *print);
/* Could that file (NULL: none) be written? Before anything is asked and paid for. CT_EUSAGE. */
int ct_chat_check_output(const char *path, struct ct_err *err);

/* What comes next begins on a line of its own. */
void ct_chat_print_pause(struct ct_chat_print *print);

void ct_chat_print_event(struct ct_chat_print *print, const struct ct_call_event *event);

/* The end of an answer, or the JSON document of it or of its failure. CT_EIO for --output. */
int ct_chat_print_result(struct ct_chat_print *print, const struct ct_call_result *result,
			 bool live, struct ct_err *err);

/* The member "metadata" of an answer's document. */
void ct_result_metadata_json(struct ct_jw *jw, const struct ct_call_result *result);

/* The first fenced code block of Markdown text; {NULL, 0}: there is none. */
struct ct_str ct_code_block(struct ct_str text);

#endif
