/*
 * Options: one table for each command gives parsing, usage, help and completion words.
 *
 * Options may stand anywhere, `--` ends them, `--name=value` works, long names may be
 * shortened while unambiguous, letters may be run together (-vv).
 */
#ifndef CT_CMD_OPT_H
#define CT_CMD_OPT_H

#include "base/err.h"
#include "base/str.h"

enum ct_opt_type {
	CT_OPT_FLAG, /* may be repeated: counted */
	CT_OPT_TEXT,
	CT_OPT_LIST, /* text, repeatable: every value counts */
	CT_OPT_INT, /* min to max */
	CT_OPT_NUM, /* likewise */
	CT_OPT_CHOICE, /* one of choices */
};

/* Tables end with an entry whose name is NULL. */
struct ct_opt {
	const char *name; /* without the dashes */
	char letter; /* 0: none */
	enum ct_opt_type type;
	const char *value; /* in usage: "MODEL"; NULL for flags */
	const char *summary; /* one line for help */
	double min, max; /* INT, NUM */
	const char *choices; /* CHOICE: "auto|always|never" */
	const char *words; /* completion: see struct ct_cmd; NULL: choices or nothing */
	const char *implied; /* "[=VALUE]": what the option means without one; NULL: it needs one */
	const char *also; /* another name of it, not shown ("number" for "limit") */
};

struct ct_args; /* what was given; borrowed strings of argv */

/*
 * Parse argv[0..argc) (after the command's name) against a command's table and the global one
 * (either may be NULL). CT_EUSAGE with what is wrong, and in hint what was nearest.
 */
int ct_args_parse(const struct ct_opt *options, const struct ct_opt *global, int argc,
		  char *argv[], struct ct_args **out, struct ct_err *err);
void ct_args_destroy(struct ct_args *args); /* NULL is fine */

/*
 * Move *at past the options that stand there, with their values, to the first word (or `--`, or
 * argc): where a command's name is, before its table is known. CT_EUSAGE for one not in a table.
 */
int ct_args_skip(const struct ct_opt *options, const struct ct_opt *global, int argc,
		 char *argv[], int *at, struct ct_err *err);

/* How often an option was given (also: was it?). */
int ct_args_count(const struct ct_args *args, const char *name);
/* The last value given; NULL: none. */
const char *ct_args_text(const struct ct_args *args, const char *name);
int64_t ct_args_int(const struct ct_args *args, const char *name, int64_t fallback);
double ct_args_num(const struct ct_args *args, const char *name, double fallback);
/* The index-th value of a repeatable option; NULL past the last. */
const char *ct_args_at(const struct ct_args *args, const char *name, size_t index);

/* Words that are no options. */
size_t ct_args_word_count(const struct ct_args *args);
const char *ct_args_word(const struct ct_args *args, size_t index);
/* Did `--` come before that word? Then "-" and names in it mean themselves. */
bool ct_args_after_dashes(const struct ct_args *args, size_t index);
/* The place in argv of the first word after `--`; -1: there was none. */
int ct_args_dashes_at(const struct ct_args *args);

#endif
