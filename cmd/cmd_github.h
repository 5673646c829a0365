/* The subcommands of `github`; each file of cmd_github_*.c holds one group. */
#ifndef CT_CMD_CMD_GITHUB_H
#define CT_CMD_CMD_GITHUB_H

#include "model/repository.h"
#include "search.h"

extern const struct ct_cmd ct_cmd_github_pr, ct_cmd_github_webhook;

/* Whom to ask, and how: of the commands that ask. */
#define CT_GITHUB_OPTIONS                                                                       \
	{ "provider", 'p', CT_OPT_TEXT, "NAME",                                                 \
	  "Ask this one, of kind github; else github", .words = "provider:github" },                   \
		{ "timeout", 0, CT_OPT_NUM, "S", "For all of it, waits included; else 60",      \
		  0.001, 86400 },                                                               \
		{ "retries", 0, CT_OPT_INT, "N", "Else 2", 0, 20 },                             \
		{ "user", 0, CT_OPT_TEXT, "ID", "Whom the log names" },                         \
	{                                                                                       \
		"no-log", 0, CT_OPT_FLAG, NULL, "Record metrics, not content"                   \
	}

/* The first word: OWNER/NAME. At most `most` words. CT_EUSAGE. */
int ct_github_repository(struct ct_cli *cli, size_t most, struct ct_repository *out,
			 struct ct_err *err);

/* What was read; strings in the arena. */
struct ct_github_read {
	struct ct_arena arena;
	const struct ct_json **records; /* in order; NULL at the end */
	size_t count;
	struct ct_str provider, request_id, provider_request_id;
	struct ct_str attempts; /* a JSON array */
};

/* Read what is at a path, page by page up to limit records. Failures are also the document, with --json. */
int ct_github_read(struct ct_cli *cli, struct ct_str path, int64_t limit,
		   struct ct_github_read *out, struct ct_err *err);
/* It was read, but is not what was asked for: "github answered with no repository". CT_EPROTO. */
int ct_github_other(struct ct_cli *cli, const struct ct_github_read *read, const char *what,
		    struct ct_err *err);
void ct_github_read_fini(struct ct_github_read *read);

/* A text or number of a record (path NULL: it is one) as one line that may be shown; in the arena, never NULL. */
struct ct_str ct_github_line(struct ct_github_read *read, const struct ct_json *record,
			     const char *path);
/* One line of text, broken at blanks to fit the width. */
void ct_github_paragraph(struct ct_out *out, struct ct_str text);
/* "Stars        12", fitted to the width; nothing where value is empty. */
void ct_github_field(struct ct_out *out, const char *name, struct ct_str value);
/* "3 days ago" of an RFC 3339 time; empty for what is none. */
struct ct_str ct_github_when(struct ct_github_read *read, const struct ct_json *record,
			     const char *path);

#endif
