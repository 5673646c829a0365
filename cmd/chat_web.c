#include "chat_web.h"

static void on_search(void *user, struct ct_str provider, struct ct_str query)
{
	struct ct_chat_web *w = user;

	(void)query;
	ct_chat_print_pause(w->print);
	ct_spinner_event(w->print->spinner, &(struct ct_call_event){ .type = CT_CALL_START,
								    .provider = provider,
								    .model = ct_str("search") });
}

int ct_chat_web_init(struct ct_chat_web *w, struct ct_chat_print *print, struct ct_err *err)
{
	struct ct_choice choice = { .task = CT_TASK_SEARCH };

	w->print = print;
	w->web.app = print->cli->app;
	w->web.searchers = &w->searchers;
	w->web.on_search = on_search;
	w->web.search_user = w;
	print->web = &w->web;
	int rc = ct_app_open_net(w->web.app, err);
	return rc == CT_OK ? ct_candidates_find(w->web.app, &choice, &w->searchers, err) : rc;
}

int ct_chat_web_run(struct ct_chat_web *w, struct ct_err *err)
{
	struct ct_out *out = &w->print->cli->out;
	int rc = ct_web_run(&w->web, err);

	if (rc != CT_OK && !w->web.told && out->json)
		ct_out_error_json(out, err,
				  &(struct ct_error_extra){ .provider = w->web.failed_provider,
							    .request_id = w->web.failed_request_id,
							    .attempts = w->web.failed_attempts });
	return rc;
}
