/* A search from the command line to its end. */
#include "chat.h"
#include "search.h"
#include "service/interrupt.h"

enum { TIMEOUT_MS = 60 * 1000 };

int ct_search_read(struct ct_cli *cli, struct ct_searching *s, struct ct_candidates *candidates,
		   struct ct_err *err)
{
	double seconds = ct_args_num(cli->args, "timeout", (double)TIMEOUT_MS / 1000);
	struct ct_choice choice = {
		.task = s->task,
		.provider = ct_args_text(cli->args, "provider"),
		.fallback = ct_args_text(cli->args, "fallback"),
		.no_fallback = ct_args_count(cli->args, "no-fallback") > 0,
	};

	if (choice.fallback != NULL && choice.no_fallback)
		return ct_fail(err, CT_EUSAGE, "--fallback and --no-fallback do not go together");
	if (s->task == CT_TASK_READ) { /* what one host has is not what another has */
		choice.provider = choice.provider != NULL ? choice.provider : "github";
		choice.no_fallback = true;
	}
	s->app = cli->app;
	s->candidates = candidates;
	s->options = ct_call_defaults(cli->app->config);
	s->options.timeout_ms = (int64_t)(seconds * 1000 + 0.5);
	s->options.retries = ct_args_int(cli->args, "retries", s->options.retries);
	s->options.no_log = ct_args_count(cli->args, "no-log") > 0;
	s->options.user_id = ct_str(ct_args_text(cli->args, "user"));
	return ct_candidates_find(cli->app, &choice, candidates, err);
}

struct running {
	struct ct_cli *cli;
	struct ct_searching *searching;
};

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	struct running *r = user;

	if (cause == CT_INTERRUPT_READER)
		r->cli->out.closed = true;
	ct_searching_stop(r->searching);
}

/* Only what was tried, or named, has a provider to speak of. */
void ct_search_print_failure(struct ct_cli *cli, const struct ct_searching *s,
			     const struct ct_err *err)
{
	struct ct_error_extra extra = { s->provider, s->request_id, s->provider_request_id,
					s->options.conversation_id, s->attempts };

	if (s->provider.len == 0 && s->candidates->list[0].named)
		extra.provider = s->candidates->list[0].service->endpoint.name;
	ct_out_error_json(&cli->out, err, &extra);
}

int ct_search_run(struct ct_cli *cli, struct ct_searching *s, struct ct_err *err)
{
	struct running running = { cli, s };
	struct ct_interrupt *interrupt = NULL;
	int rc = ct_app_open_net(cli->app, err);

	if (rc != CT_OK)
		return rc;
	struct ct_spinner *spinner = ct_spinner_start(cli);
	ct_spinner_event(spinner, &(struct ct_call_event){
					  .type = CT_CALL_START,
					  .provider = s->candidates->list[0].service->endpoint.name,
					  .model = s->candidates->list[0].model_id });
	ct_interrupt_watch(cli->app->loop, on_interrupt, &running, &interrupt, NULL);
	rc = ct_searching_run(s, err);
	ct_interrupt_end(interrupt);
	ct_spinner_stop(spinner);
	if (rc != CT_OK && cli->out.json)
		ct_search_print_failure(cli, s, err);
	return rc;
}
