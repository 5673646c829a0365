#include <math.h>
#include <stdio.h>

#include "cmd.h"

enum {
	HELP_MAX = 1 << 20,
	SUMMARY_AT = 28, /* column of the summaries */
	NARROWEST = SUMMARY_AT + 20,
	WIDEST = 90, /* longer lines are hard to read */
	PIPED = 80,
};

/* "  -n, --limit COUNT" */
static void option_name(const struct ct_opt *opt, struct ct_buf *out)
{
	const char *value = opt->value ? opt->value : opt->choices;

	if (opt->letter)
		ct_buf_printf(out, "  -%c, --%s", opt->letter, opt->name);
	else
		ct_buf_printf(out, "      --%s", opt->name);
	if (opt->type == CT_OPT_FLAG)
		return;
	if (opt->implied)
		ct_buf_printf(out, "[=%s]", value ? value : "VALUE");
	else
		ct_buf_printf(out, " %s", value ? value : "VALUE");
}

static void option_limits(const struct ct_opt *opt, struct ct_buf *out)
{
	bool number = opt->type == CT_OPT_INT || opt->type == CT_OPT_NUM;

	if (number && isinf(opt->max))
		ct_buf_printf(out, " (from %.16g)", opt->min);
	else if (number)
		ct_buf_printf(out, " (%.16g to %.16g)", opt->min, opt->max);
	else if (opt->type == CT_OPT_CHOICE && opt->value && opt->choices)
		ct_buf_printf(out, " (%s)", opt->choices);
}

/* The length of the first word, up to a blank or the end of a line. */
static size_t word_len(struct ct_str text)
{
	size_t len = 0;

	while (len < text.len && text.ptr[len] != ' ' && text.ptr[len] != '\n')
		len++;
	return len;
}

/* Append text from column indent on, its lines broken at blanks to fit; its line ends stay. */
static void wrap(struct ct_buf *out, struct ct_str text, int indent, int width)
{
	int at = indent;

	while (text.len > 0) {
		struct ct_str word = { text.ptr, word_len(text) };
		int wide = ct_text_width(word);
		if (at > indent && at + 1 + wide > width) {
			ct_buf_printf(out, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			ct_buf_puts(out, " ");
			at++;
		}
		ct_buf_add(out, word);
		at += wide;
		text = ct_str_from(text, word.len);
		if (ct_str_starts(text, "\n")) {
			ct_buf_printf(out, "\n%*s", indent, "");
			at = indent;
		}
		text = ct_str_from(text, text.len > 0);
	}
	ct_buf_puts(out, "\n");
}

/* Blanks up to the column of summaries; a name that is too long has its line for itself. */
static void to_summary(struct ct_buf *out, size_t line_start)
{
	size_t len = out->len - line_start;

	if (len + 2 > SUMMARY_AT)
		ct_buf_printf(out, "\n%*s", SUMMARY_AT, "");
	else
		ct_buf_printf(out, "%*s", (int)(SUMMARY_AT - len), "");
}

static void options(const struct ct_opt *table, const char *title, int width,
		    struct ct_buf *out)
{
	if (table == NULL || table->name == NULL)
		return;
	ct_buf_printf(out, "\n%s:\n", title);
	for (; table->name != NULL; table++) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(HELP_MAX);
		size_t start = out->len;
		option_name(table, out);
		to_summary(out, start);
		ct_buf_puts(&text, table->summary);
		option_limits(table, &text);
		wrap(out, ct_buf_str(&text), SUMMARY_AT, width);
	}
}

static void commands(const struct ct_cmd *const *list, int width, struct ct_buf *out)
{
	if (list == NULL)
		return;
	ct_buf_puts(out, "\nCommands:\n");
	for (; *list != NULL; list++) {
		size_t start = out->len;
		if ((*list)->summary == NULL)
			continue;
		ct_buf_printf(out, "  %s", (*list)->name);
		to_summary(out, start);
		wrap(out, ct_str((*list)->summary), SUMMARY_AT, width);
	}
}

static void general(int width, struct ct_buf *out)
{
	ct_buf_puts(out, "Usage: cartrita [GLOBAL OPTION]... COMMAND [OPTION]... [ARGUMENT]...\n");
	commands(ct_commands, width, out);
	options(ct_global_options, "Global options, before or after the command", width, out);
	ct_buf_puts(out, "\n");
	wrap(out,
	     ct_str("More about one: cartrita help COMMAND, man cartrita-COMMAND. "
		    "All about it: man cartrita."),
	     0, width);
}

static void usage(const struct ct_cmd *cmd, const char *name, struct ct_buf *out)
{
	const char *args = cmd->args ? cmd->args : "";

	if (cmd->run != NULL)
		ct_buf_printf(out, "%s%s%s\n", name, *args ? " " : "", args);
	for (const struct ct_cmd *const *sub = cmd->subs; sub && *sub; sub++) {
		args = (*sub)->args ? (*sub)->args : "";
		if (out->ptr[out->len - 1] == '\n')
			ct_buf_puts(out, "       ");
		ct_buf_printf(out, "%s %s%s%s\n", name, (*sub)->name, *args ? " " : "", args);
	}
}

static void one(const struct ct_cmd_path *path, int width, struct ct_buf *out)
{
	const struct ct_cmd *cmd = path->cmd[path->depth - 1];
	char name[128];

	ct_buf_puts(out, "Usage: ");
	usage(cmd, ct_cmd_name(path, name, sizeof(name)), out);
	ct_buf_puts(out, "\n");
	wrap(out, ct_str(cmd->summary), 0, width);
	if (cmd->details) {
		ct_buf_puts(out, "\n");
		wrap(out, ct_str(cmd->details), 0, width);
	}
	commands(cmd->subs, width, out);
	options(cmd->options, "Options", width, out);
	ct_buf_puts(out, "\nGlobal options work here too: cartrita help shows them.\n");
}

void ct_help_print(struct ct_out *out, const struct ct_cmd_path *path)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(HELP_MAX);
	int width = out->width > WIDEST	     ? WIDEST
		    : out->width > NARROWEST ? out->width
		    : out->width > 0	     ? NARROWEST
					     : PIPED;

	if (path->depth == 0)
		general(width, &text);
	else
		one(path, width, &text);
	ct_out_write(out, ct_buf_str(&text));
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_cmd_path path = { .depth = 0 };

	for (size_t i = 0; i < ct_args_word_count(cli->args); i++) {
		const char *word = ct_args_word(cli->args, i);
		const struct ct_cmd *cmd = ct_cmd_find(ct_cmd_below(&path), ct_str(word));
		if (cmd == NULL)
			return ct_exit_status(ct_cmd_unknown(&path, word, err));
		path.cmd[path.depth++] = cmd;
	}
	ct_help_print(&cli->out, &path);
	return CT_EXIT_OK;
}

const struct ct_cmd ct_cmd_help = {
	.name = "help",
	.args = "[COMMAND]...",
	.summary = "Show what a command does and its options",
	.words = "command",
	.run = run,
};
