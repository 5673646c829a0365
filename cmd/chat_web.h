/* `cartrita chat --web`, and /web in the session: a question that begins with a search. */
#ifndef CT_CMD_CHAT_WEB_H
#define CT_CMD_CHAT_WEB_H

#include "chat.h"
#include "service/web.h"

/* Who runs it gives it the print, and asks it to stop. */
struct ct_chat_web {
	struct ct_web web;
	struct ct_candidates searchers;
	struct ct_chat_print *print;
};

/*
 * Make it ready: whom to search with. request, candidates and options are borrowed until it has run;
 * handler is called with user. CT_ECONFIG, …
 */
int ct_chat_web_init(struct ct_chat_web *w, struct ct_chat_print *print, struct ct_err *err);

/* Run it; a failure before the model was asked is also the document, with --json. */
int ct_chat_web_run(struct ct_chat_web *w, struct ct_err *err);

#endif
