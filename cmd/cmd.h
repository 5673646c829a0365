/* A subcommand, as its file declares it and main.c lists it. */
#ifndef CT_CMD_CMD_H
#define CT_CMD_CMD_H

#include "exit.h"
#include "opt.h"
#include "out.h"
#include "service/app.h"

enum ct_cmd_needs {
	CT_NEEDS_CONFIG = 1 << 0, /* configuration is loaded before run() */
	CT_NEEDS_CATALOG = 1 << 1, /* ... and the models */
	CT_NEEDS_STORE = 1 << 2, /* ... and the store, for reading and writing: exit 8 without it */
	CT_NEEDS_STORE_READ = 1 << 3, /* ... for reading only */
	CT_WANTS_STORE = 1 << 4, /* ... for writing; app->store is NULL without it */
	CT_NEEDS_NET = 1 << 5, /* ... and the loop and the HTTP client are up */
};

enum { CT_CMD_DEPTH = 4 };

/* A command by its words: "provider", "logs", "show". */
struct ct_cmd_path {
	const struct ct_cmd *cmd[CT_CMD_DEPTH];
	size_t depth; /* 0: no command yet */
};

/* What run() is given. */
struct ct_cli {
	struct ct_app *app;
	struct ct_out out;
	struct ct_args *args; /* parsed by the command's table and the global one */
	int verbose; /* -1 with --quiet */
	struct ct_cmd_path path; /* the command that runs */
	int argc; /* all words but the command's names, as they came */
	char **argv;
};

struct ct_cmd {
	const char *name;
	const char *args; /* after the name in usage: "[OPTION]... [PROMPT]..." */
	const char *summary; /* one line for `cartrita help`; NULL: not shown there */
	const char *details; /* more for `cartrita help NAME`; NULL: none */
	unsigned needs; /* enum ct_cmd_needs, ORed */
	const struct ct_opt *options; /* NULL: none but the global ones */
	const struct ct_cmd *const *subs; /* its subcommands, NULL at the end; NULL: none */
	/* completion of its arguments: provider (provider:search and the like: who can), model,
	 * conversation (conversation:id: no "last"), file, command, choices "a|b" */
	const char *words;
	/* Before what it needs is opened: begin with what takes long. NULL: nothing does. */
	void (*early)(struct ct_cli *cli);
	/* The exit status; err is printed (and with --json becomes the document) when it is filled. */
	int (*run)(struct ct_cli *cli, struct ct_err *err);
};

extern const struct ct_cmd *const ct_commands[]; /* NULL at the end, in the order help shows */
extern const struct ct_opt ct_global_options[];

/* The command of that name in a list (NULL at its end, or NULL itself); NULL: none. */
const struct ct_cmd *ct_cmd_find(const struct ct_cmd *const *list, struct ct_str name);
/* The error for a name that is none, with the nearest one. CT_EUSAGE. */
int ct_cmd_unknown(const struct ct_cmd_path *path, const char *name, struct ct_err *err);
/* "cartrita provider logs" into buf, which is returned. */
char *ct_cmd_name(const struct ct_cmd_path *path, char *buf, size_t size);
/* The commands below a path (all at depth 0); NULL: none. */
const struct ct_cmd *const *ct_cmd_below(const struct ct_cmd_path *path);
/* The options of a path's command; NULL: none but the global ones. */
const struct ct_opt *ct_cmd_options(const struct ct_cmd_path *path);

/*
 * Go down from path (depth 0 at first) by the words of *argv, past options in between, taking each
 * command's name out of it: what stays are options and arguments, in order. CT_EUSAGE.
 */
int ct_cmd_resolve(struct ct_cmd_path *path, int *argc, char ***argv, struct ct_err *err);

/* The help of a command, all from its tables, to stdout. */
void ct_help_print(struct ct_out *out, const struct ct_cmd_path *path);

/* Did a write or a failure in err decide? A command's usual last line: status of err->code. */
int ct_cmd_fail(const struct ct_err *err);

#endif
