/* What a model is told of the web, and what it asks of it. For service/web.c. */
#ifndef CT_SERVICE_WEB_TEXT_H
#define CT_SERVICE_WEB_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/search.h"
#include "model/tool.h"

#define CT_WEB_TOOL "web_search"

extern const struct ct_tool ct_web_tool;

/* The words of a question to search for: its first lines, cut at a word. Borrowed from it. */
struct ct_str ct_web_query(struct ct_str question);

/* The query in a call's arguments; {NULL, 0}: there is none. In arena. */
struct ct_str ct_web_query_of(struct ct_arena *arena, struct ct_str arguments);

/* As much of a snippet as a model is given. */
struct ct_str ct_web_cut(struct ct_str snippet);

/* Does a refusal say that it is for the tools that were offered? */
bool ct_web_refuses_tools(const struct ct_err *err);

/* The user's system prompt, with what results are and how to cite them; {NULL, 0}: no memory. */
struct ct_str ct_web_system(struct ct_arena *arena, struct ct_str own);

/* The question with what was found for it. */
void ct_web_question(struct ct_str question, const struct ct_found *sources, size_t count,
		     struct ct_buf *out);

/* The results from the place `from` up to the one before `to`, numbered. */
void ct_web_results(const struct ct_found *sources, size_t from, size_t to, struct ct_buf *out);

#endif
