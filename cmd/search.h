/* What `cartrita search` and `cartrita extract` share. */
#ifndef CT_CMD_SEARCH_H
#define CT_CMD_SEARCH_H

#include "cmd.h"
#include "service/search.h"

/* Their options that are about how it is asked; who: completion of providers. */
#define CT_SEARCH_CALL_OPTIONS(who)                                                             \
	{ "no-fallback", 0, CT_OPT_FLAG, NULL, "Only the first provider" },                     \
		{ "fallback", 0, CT_OPT_TEXT, "LIST", "Then these, by commas",                  \
		  .words = who },                                                               \
		{ "timeout", 0, CT_OPT_NUM, "S", "For all of it, waits included; else 60",      \
		  0.001, 86400 },                                                               \
		{ "retries", 0, CT_OPT_INT, "N", "Per provider; else 2", 0, 20 },               \
		{ "user", 0, CT_OPT_TEXT, "ID", "Whom the log names" },                         \
	{                                                                                       \
		"no-log", 0, CT_OPT_FLAG, NULL, "Record metrics, not content"                   \
	}

/* From the command line: whom to ask, and how. CT_ENOPROVIDER, CT_EUSAGE. */
int ct_search_read(struct ct_cli *cli, struct ct_searching *s, struct ct_candidates *candidates,
		   struct ct_err *err);

/*
 * Run it, with Ctrl-C and a spinner; a failure is also the document, with --json. As
 * ct_searching_run().
 */
int ct_search_run(struct ct_cli *cli, struct ct_searching *s, struct ct_err *err);

/* The document of a failure. */
void ct_search_print_failure(struct ct_cli *cli, const struct ct_searching *s,
			     const struct ct_err *err);

/* A title, a link of a terminal that knows such, fitted into the width less indent. */
void ct_search_print_link(struct ct_out *out, const char *sgr, struct ct_str text,
			  struct ct_str url, int indent);

/* What somebody wrote, made safe to show; on a terminal rendered as Markdown. Empty: nothing. */
void ct_search_print_prose(struct ct_out *out, struct ct_str prose);

/* A list of what was found: title, URL, snippet, each numbered. */
void ct_search_print(struct ct_out *out, const struct ct_found *found, size_t count);

#endif
