/* The commands of the session, but for those about the conversation (repl_talk.c). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "codec/utf8.h"
#include "editor.h"
#include "markdown_fill.h"
#include "repl.h"

enum { NAME_COLUMNS = 23, NEAR = 2, TEXT_BYTES = 32 << 20, PATH_BYTES = 4096 };

/* args as a string with its NUL, in buf; NULL: it is longer. */
static const char *word(struct ct_str args, char *buf, size_t size)
{
	if (args.len >= size)
		return NULL;
	memcpy(buf, args.ptr != NULL ? args.ptr : "", args.len);
	buf[args.len] = '\0';
	return buf;
}

static int too_long(struct ct_err *err)
{
	return ct_fail(err, CT_EUSAGE, "that is too long for a name");
}

static void show_asked(struct ct_repl *r)
{
	struct ct_candidate first;
	struct ct_err err = { 0 };

	if (ct_repl_first(r, &first, &err) != CT_OK)
		ct_out_error(&r->cli->out, &err);
	else
		ct_out_printf(&r->cli->out, "  %.*s/%.*s%s\n",
			      CT_STR_ARG(first.service->endpoint.name),
			      CT_STR_ARG(first.model_id),
			      ct_repl_is_sandbox(&first) ? " (sandbox)" : "");
}

/* A model names its provider where it can be told; else it is the present one's. */
static int run_model(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	char name[CT_REPL_NAME_BYTES];
	const char *model = word(args, name, sizeof(name));

	if (model == NULL)
		return too_long(err);
	if (args.len > 0) {
		struct ct_err other;
		int rc = ct_repl_choose(r, NULL, model, err);
		if (rc != CT_OK && r->in.choice.provider != NULL &&
		    ct_repl_choose(r, r->provider, model, &other) == CT_OK) {
			*err = (struct ct_err){ 0 };
			rc = CT_OK;
		}
		if (rc != CT_OK)
			return rc;
	}
	show_asked(r);
	return CT_OK;
}

static int run_provider(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	char name[CT_REPL_NAME_BYTES];
	const char *provider = word(args, name, sizeof(name));

	if (provider == NULL)
		return too_long(err);
	int rc = args.len > 0 ? ct_repl_choose(r, provider, NULL, err) : CT_OK;
	if (rc == CT_OK)
		show_asked(r);
	return rc;
}

static int run_file(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	char path[PATH_BYTES];
	const char *home = getenv("HOME");

	if (args.len == 0)
		return ct_fail(err, CT_EUSAGE, "/file needs a PATH");
	bool tilde = ct_str_starts(args, "~/") && home != NULL;
	int n = snprintf(path, sizeof(path), "%s%.*s", tilde ? home : "",
			 CT_STR_ARG(ct_str_from(args, tilde)));
	if (n >= (int)sizeof(path))
		return too_long(err);
	int rc = ct_repl_attach(r, path, err);
	if (rc == CT_OK)
		ct_out_note(&r->cli->out, "  goes with the next question (%zu so far, %zu bytes)",
			    r->attached_count, r->attached.bytes);
	return rc;
}

/* The file that the editor gets, with what is there already. */
static int make_draft(char *path, size_t size, struct ct_str text, struct ct_err *err)
{
	static const char suffix[] = ".md";
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(path, size, "%s/cartrita-XXXXXX%s", tmp && *tmp == '/' ? tmp : "/tmp",
			 suffix);
	int fd = n < (int)size ? mkostemps(path, (int)sizeof(suffix) - 1, O_CLOEXEC) : -1;

	if (fd < 0)
		return ct_fail(err, CT_EIO, "cannot make a file for the editor: %s",
			       n < (int)size ? strerror(errno) : "TMPDIR is too long");
	close(fd);
	return text.len > 0 ? ct_file_write(path, text, 0600, err) : CT_OK;
}

static int run_edit(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	char path[PATH_BYTES];
	int rc = make_draft(path, sizeof(path), args, err);

	if (rc != CT_OK)
		return rc;
	ct_out_flush(&r->cli->out);
	rc = ct_editor_run(r->cli->app->config, path, err);
	ct_buf_clear(&r->draft);
	if (rc == CT_OK)
		rc = ct_file_read(path, &r->draft, err);
	unlink(path);
	struct ct_str text = ct_buf_str(&r->draft);
	size_t good = ct_utf8_valid(text);
	if (rc == CT_OK && good < text.len)
		rc = ct_fail(err, CT_EINVALID, "the text is not valid UTF-8 (byte %zu)", good + 1);
	if (rc != CT_OK)
		ct_buf_clear(&r->draft);
	else if (ct_str_trim(text).len == 0)
		ct_out_note(&r->cli->out, "nothing to send");
	return rc;
}

static int run_retry(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	if (args.len > 0)
		return ct_fail(err, CT_EUSAGE, "/retry takes no argument");
	return ct_repl_ask_again(r, err);
}

static int run_usage(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	char in[CT_HUMAN_SIZE], answered[CT_HUMAN_SIZE], cost[CT_HUMAN_SIZE];

	(void)args, (void)err;
	ct_out_printf(&r->cli->out,
		      "  %lld questions, %lld answered; tokens: %s in, %s out; cost: %s\n",
		      (long long)r->asked, (long long)r->answered,
		      ct_human_count(in, sizeof(in), r->input_tokens),
		      ct_human_count(answered, sizeof(answered), r->output_tokens),
		      ct_human_usd(cost, sizeof(cost), r->cost_known ? r->cost_usd_nanos : -1));
	return CT_OK;
}

static int run_quit(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	(void)args, (void)err;
	r->leave = true;
	return CT_OK;
}

/* Where the lines of a text begin, but for the first, which is begun already. */
struct indent {
	int columns;
	bool first;
};

static int write_indent(void *user, struct ct_buf *out)
{
	struct indent *indent = user;

	if (!indent->first)
		ct_buf_printf(out, "%*s", indent->columns, "");
	indent->first = false;
	return indent->columns;
}

/* Text in lines of the terminal's width, from a column on. */
static void print_wrapped(struct ct_repl *r, const char *text, int column, bool begun)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf lines = CT_BUF_INIT(TEXT_BYTES);
	struct indent indent = { column, begun };
	struct ct_fill fill;

	ct_fill_init(&fill, &lines, r->cli->out.width);
	fill.margin = write_indent;
	fill.user = &indent;
	fill.left = column;
	ct_fill_text(&fill, ct_str(text), 0);
	ct_fill_end(&fill);
	ct_fill_fini(&fill);
	ct_out_write(&r->cli->out, ct_buf_str(&lines));
}

static void print_command(struct ct_repl *r, const struct ct_repl_command *c)
{
	char usage[64];

	snprintf(usage, sizeof(usage), "/%s %s", c->name, c->args);
	ct_out_printf(&r->cli->out, "  %-*s", NAME_COLUMNS, usage);
	print_wrapped(r, c->summary, NAME_COLUMNS + 2, true);
}

static int unknown(struct ct_str name, struct ct_err *err)
{
	const char *nearest = NULL;
	unsigned least = NEAR + 1;

	for (const struct ct_repl_command *c = ct_repl_commands; c->name != NULL; c++) {
		unsigned d = ct_str_distance(name, ct_str(c->name));
		if (d < least && d < strlen(c->name)) {
			least = d;
			nearest = c->name;
		}
	}
	ct_fail(err, CT_EUSAGE, "unknown command '/%.*s'", (int)(name.len < 60 ? name.len : 60),
		name.ptr);
	if (nearest != NULL)
		ct_hint(err, "Did you mean '/%s'? A line that begins with a blank is sent as it is.",
			nearest);
	else
		ct_hint(err, "/help lists them. A line that begins with a blank is sent as it is.");
	return CT_EUSAGE;
}

static int run_help(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	static const char keys[] =
		"A \\ at the end of a line, or \"\"\" before and after, makes one text of several lines; "
		"so does pasting. Tab completes, the arrows and Ctrl-R go through the history. Ctrl-C "
		"clears the line or stops the answer, Ctrl-D leaves.";
	struct ct_out *out = &r->cli->out;
	struct ct_str name = ct_str_from(args, ct_str_starts(args, "/"));

	if (args.len > 0) {
		const struct ct_repl_command *c = ct_repl_command_find(name);
		if (c == NULL)
			return unknown(name, err);
		print_command(r, c);
		if (c->details != NULL)
			print_wrapped(r, c->details, 2, false);
		return CT_OK;
	}
	for (const struct ct_repl_command *c = ct_repl_commands; c->name != NULL; c++)
		print_command(r, c);
	ct_out_printf(out, "\n");
	print_wrapped(r, keys, 2, false);
	return CT_OK;
}

const struct ct_repl_command ct_repl_commands[] = {
	{ "help", "[COMMAND]", "This list, or more on one command", NULL, "command", run_help },
	{ "model", "[ID]", "Ask this model; alone: show who is asked",
	  "A model, an alias of the configuration, or provider/model.", "model", run_model },
	{ "provider", "[NAME]", "Ask this provider first, with its default model", NULL, "provider",
	  run_provider },
	{ "system", "[TEXT]", "Set the system prompt; alone: show it",
	  "From the next question on. \"/system -\" removes it.", NULL, ct_repl_system },
	{ "file", "PATH", "Attach a file to the next question",
	  "A file, a folder, a pattern or an URL. Text is quoted under its name; images, PDF and "
	  "audio go as they are, where the model takes them.",
	  "file", run_file },
	{ "edit", "[TEXT]", "Write the question in $VISUAL or $EDITOR",
	  "What is there when the editor ends is sent; an empty text is not.", NULL, run_edit },
	{ "new", "", "Begin a new conversation", NULL, NULL, ct_repl_new },
	{ "list", "[COUNT]", "List the conversations, newest first", NULL, NULL, ct_repl_list },
	{ "resume", "ID", "Go on with a conversation",
	  "Its id as /list shows it, a unique ending of it, or \"last\".", "conversation",
	  ct_repl_resume },
	{ "retry", "", "Ask the last question again", NULL, NULL, run_retry },
	{ "undo", "", "Go back to before the last question",
	  "What is left behind stays in the store as a branch.", NULL, ct_repl_undo },
	{ "save", "FILE", "Write the conversation as Markdown", NULL, "file", ct_repl_save },
	{ "usage", "", "Tokens and cost of this session", NULL, NULL, run_usage },
	{ "web", "[on|off]", "Search the web with each question; alone: say whether", NULL, NULL,
	  ct_repl_web },
	{ "set", "[NAME [VALUE]]", "Set temperature, max-tokens, effort, …; alone: show all",
	  "The value \"default\" takes a setting back.", "setting", ct_repl_set },
	{ "quit", "", "Leave", NULL, NULL, run_quit },
	{ .name = NULL },
};

const struct ct_repl_command *ct_repl_command_find(struct ct_str name)
{
	for (const struct ct_repl_command *c = ct_repl_commands; c->name != NULL; c++)
		if (ct_str_is(name, c->name))
			return c;
	return ct_str_is(name, "exit") ? ct_repl_command_find(ct_str("quit")) : NULL;
}

static size_t name_len(struct ct_str line)
{
	size_t n = 1;

	while (n < line.len && line.ptr[n] != ' ' && line.ptr[n] != '\n' && line.ptr[n] != '\t')
		n++;
	return n;
}

bool ct_repl_is_command(struct ct_str line)
{
	size_t n = name_len(line);

	/* "/usr/bin" and "//" are no commands */
	return line.len > 1 && line.ptr[0] == '/' && memchr(line.ptr + 1, '/', n - 1) == NULL &&
	       n > 1;
}

int ct_repl_command_run(struct ct_repl *r, struct ct_str line, struct ct_err *err)
{
	size_t n = name_len(line);
	struct ct_str name = { line.ptr + 1, n - 1 };
	const struct ct_repl_command *command = ct_repl_command_find(name);

	if (command == NULL)
		return unknown(name, err);
	return command->run(r, ct_str_trim(ct_str_from(line, n)), err);
}
