#include "service/call.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/uuid.h"
#include "resilience/retry.h"
#include "service/call_json.h"
#include "service/call_state.h"

/* A pending row is dead this long after its call should have been over. */
enum { DEAD_AFTER_MS = 60 * 1000 };

struct ct_call_options ct_call_defaults(const struct ct_config *config)
{
	return (struct ct_call_options){
		.on_cut_fail = config->on_cut_fail,
		.timeout_ms = config->timeout_ms,
		.first_ms = config->first_token_timeout_ms,
		.idle_ms = config->idle_timeout_ms,
		.retries = config->retries,
		.max_wait_ms = config->max_wait_ms,
	};
}

int64_t ct_call_left_ms(const struct ct_call *call)
{
	return call->options.timeout_ms - (ct_clock_us() - call->began_us) / 1000;
}

void ct_call_say(struct ct_call *call, const struct ct_call_event *event)
{
	if (call->handler.on_event != NULL)
		call->handler.on_event(call->user, event);
}

static void take_decision(struct ct_call *call, const struct ct_decision *d)
{
	const struct ct_candidate *c = ct_call_candidate(call);
	struct ct_call_event event = { .provider = c->service->endpoint.name,
				       .model = c->model_id,
				       .reason = d->reason,
				       .wait_ms = d->wait_ms };

	call->entry->attempt.reason = ct_str(d->reason);
	if (d->action == CT_STOP) {
		ct_call_end(call, call->tried.code, &call->tried);
		return;
	}
	if (d->action == CT_RETRY) {
		ct_log(CT_LOG_DEBUG, "%s: %s; again in %lld ms", event.provider.ptr,
		       call->tried.msg, (long long)d->wait_ms);
		event.type = CT_CALL_RETRY;
		ct_call_say(call, &event);
		ct_call_wait_ms(call, d->wait_ms);
		return;
	}
	ct_log(CT_LOG_DEBUG, "%s: %s; next provider: %s", event.provider.ptr, call->tried.msg,
	       d->reason);
	call->left_for = d->reason;
	ct_call_next(call);
	ct_call_go_on(call);
}

void ct_call_failed(struct ct_call *call, const struct ct_err *err, bool content)
{
	struct ct_retry_policy policy = { (int)call->options.retries, call->options.max_wait_ms };
	struct ct_failure failure = {
		.code = err->code,
		.should_retry = err->should_retry,
		.retry_after_ms = err->retry_after_ms,
		.tries = ++call->tries,
		.left_ms = ct_call_left_ms(call),
	};
	bool refused = call->started && !content && err->code == CT_EINVALID;

	call->tried = refused ? call->cut_err : *err;
	call->mend = call->shown;
	call->pauses = 0;
	if (content && err->code != CT_ECANCELLED) {
		call->cut = true;
		call->cut_err = *err;
	}
	ct_record_flush(&call->record);
	if (call->cancelled || (call->shown && call->options.on_cut_fail)) {
		ct_call_end(call, call->tried.code, &call->tried);
		return;
	}
	if (refused) { /* begin anew with it, or pass it over */
		call->entry->attempt.reason = ct_str("it does not take a started answer");
		call->prefill_refused = true;
		call->tries--;
		ct_call_go_on(call);
		return;
	}
	if (err->code == CT_EPROTO || err->code == CT_ETOOBIG)
		call->bad_responses++;
	if (err->code == CT_ECONTEXT) {
		const struct ct_model *model = ct_call_candidate(call)->model;
		call->no_room = true;
		call->context = model != NULL ? model->context : 0;
	}
	failure.bad_responses = call->bad_responses;
	ct_random(&failure.random, sizeof(failure.random));
	struct ct_decision decision = ct_retry_decide(&failure, &policy);
	take_decision(call, &decision);
}

/* Break off what is under way and end with that. */
static void break_off(struct ct_call *call, const struct ct_err *err)
{
	if (call->attempt != NULL) {
		ct_try_cancel(call->attempt);
		call->attempt = NULL;
		ct_answer_break_off(&call->answer);
		ct_call_note_attempt(call, err,
				     ct_time_since(ct_time_now(), call->entry->began));
		call->entry->attempt.reason = ct_str("broken off");
	}
	ct_call_end(call, err->code, err);
}

static void on_wait(void *user)
{
	struct ct_call *call = user;
	struct ct_err err;

	if (call->cancelled) {
		ct_fail(&err, CT_ECANCELLED, "cancelled");
		break_off(call, &err);
		return;
	}
	ct_call_go_on(call);
}

static void on_deadline(void *user)
{
	struct ct_call *call = user;
	struct ct_err err;

	if (call->attempt != NULL && ct_try_settle(call->attempt))
		return;
	ct_fail(&err, CT_ETIMEOUT, "no whole answer within %.3g s",
		(double)call->options.timeout_ms / 1000);
	ct_hint(&err, "Give it more time with --timeout SECONDS");
	break_off(call, &err);
}

static bool anyone_has_a_key(struct ct_call *call)
{
	for (size_t i = 0; i < call->candidates->count; i++)
		if (ct_config_has_key(call->app->config, call->candidates->list[i].service))
			return true;
	return false;
}

/* Nobody has a key: who could have had one, and how the first may get it. */
static int nobody(struct ct_call *call, struct ct_err *err)
{
	const struct ct_candidates *all = call->candidates;
	CT_CLEANUP(ct_buf_fini) struct ct_buf names = CT_BUF_INIT(1024);
	struct ct_err first = { 0 };
	int rc = ct_config_key(call->app->config, all->list[0].service, &first);

	for (size_t i = 0; i < all->count; i++)
		ct_buf_printf(&names, "%s%.*s",
			      i == 0		    ? ""
			      : i + 1 == all->count ? " or "
						    : ", ",
			      CT_STR_ARG(all->list[i].service->endpoint.name));
	if (rc == CT_ENOKEY && all->list[0].service->endpoint.base_url.len > 0 && !names.failed)
		ct_fail(err, rc, "no key for %s", names.ptr);
	else
		ct_fail(err, rc, "%s", first.msg);
	ct_hint(err, "%s", first.hint);
	return rc;
}

/* Without one the call goes on, and says so at its end, but for one that makes no sense then. */
static int open_store(struct ct_call *call, struct ct_err *err)
{
	const struct ct_turn *turn = call->options.turn;

	if (call->app->writer != NULL ||
	    ct_app_open_store(call->app, CT_STORE_WRITE, NULL) == CT_OK)
		return CT_OK;
	if (turn == NULL || !turn->needed)
		return CT_OK;
	*err = call->app->store_err;
	return err->code;
}

/* What needs no provider to be refused. */
static int check(struct ct_call *call, struct ct_err *err)
{
	const struct ct_candidate *first = &call->candidates->list[0];
	int rc = ct_request_check(call->asked, err);

	if (rc == CT_OK && first->named)
		rc = ct_config_key(call->app->config, first->service, err);
	else if (rc == CT_OK && !anyone_has_a_key(call))
		rc = nobody(call, err);
	if (rc == CT_OK && first->named)
		rc = ct_call_check_media(call, first, err);
	if (rc == CT_OK)
		rc = open_store(call, err);
	if (rc != CT_OK || call->app->ahead == NULL)
		return rc == CT_OK ? ct_app_open_net(call->app, err) : rc;
	/* it is being loaded, and needed when the first request is sent: until then there is time */
	ct_record_warm(call->app, call->options.turn != NULL && !call->options.no_log);
	return ct_app_open_loop(call->app, err);
}

static struct ct_str new_id(struct ct_call *call, int64_t wall_ms)
{
	char id[CT_UUID_SIZE];

	return ct_arena_dup(&call->arena, ct_str(ct_uuid(id, wall_ms)));
}

static void write_entry(struct ct_call *call)
{
	const struct ct_candidate *first = &call->candidates->list[0];
	int64_t now = ct_time_now().wall_ms;

	call->record.entry = (struct ct_journal_entry){
		.id = new_id(call, now),
		.request_id = new_id(call, now),
		.conversation_id = call->options.conversation_id,
		.user_id = call->options.user_id,
		.provider = first->service->endpoint.name,
		.model = first->model_id,
		.process = call->app->process,
		.created_ms = now,
		.deadline_ms = now + call->options.timeout_ms + DEAD_AFTER_MS,
	};
	if (!call->options.no_log)
		call->record.entry.request_data = ct_call_request_json(call);
}

static int prepare(struct ct_call *call, struct ct_err *err)
{
	size_t room = call->asked->message_count + CT_PAUSES_MAX + 1;

	call->messages = ct_arena_alloc(&call->arena, room * sizeof(*call->messages));
	call->wait = ct_timer_create(call->app->loop, on_wait, call);
	call->deadline = ct_timer_create(call->app->loop, on_deadline, call);
	if (call->messages == NULL || call->wait == NULL || call->deadline == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	if (call->asked->message_count > 0) /* a search has none */
		memcpy(call->messages, call->asked->messages,
		       call->asked->message_count * sizeof(*call->messages));
	int rc = ct_record_prepare(&call->record, err);
	if (rc != CT_OK)
		return rc;
	ct_answer_init(&call->answer, call->app->redactor, &call->arena);
	call->record.app = call->app;
	call->record.arena = &call->arena;
	call->record.past_circuit = call->options.past_circuit;
	call->record.no_content = call->options.no_log;
	call->record.policy = (struct ct_breaker_policy){
		call->app->config->circuit_threshold, call->app->config->circuit_timeout_ms
	};
	write_entry(call);
	if (call->options.turn == NULL || !call->options.turn->needed)
		return CT_OK;
	/* to go on with a conversation that cannot be gone on with would waste the answer */
	rc = ct_record_begin(&call->record, err);
	return rc == CT_EBUSY ? CT_OK : rc;
}

void ct_call_free(struct ct_call *call)
{
	ct_timer_destroy(call->wait);
	ct_timer_destroy(call->deadline);
	ct_answer_fini(&call->answer);
	ct_record_fini(&call->record);
	ct_arena_fini(&call->arena);
	free(call);
}

static void log_candidates(const struct ct_call *call)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf list = CT_BUF_INIT(4096);

	for (size_t i = 0; i < call->candidates->count; i++) {
		const struct ct_candidate *c = &call->candidates->list[i];
		ct_buf_printf(&list, "%s%.*s/%.*s", i > 0 ? ", " : "",
			      CT_STR_ARG(c->service->endpoint.name), CT_STR_ARG(c->model_id));
	}
	ct_log(CT_LOG_DEBUG, "candidates: %.*s", CT_STR_ARG(ct_buf_str(&list)));
}

int ct_call_start(struct ct_app *app, const struct ct_request *request,
		  const struct ct_candidates *candidates, const struct ct_call_options *options,
		  const struct ct_call_handler *handler, void *user, struct ct_call **out,
		  struct ct_err *err)
{
	struct ct_call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	call->app = app;
	call->asked = request;
	call->candidates = candidates;
	call->options = *options;
	call->handler = *handler;
	call->user = user;
	call->first_token_ms = -1;
	call->asked_last = SIZE_MAX;
	call->began_us = ct_clock_us();
	int rc = check(call, err);
	if (rc == CT_OK)
		rc = prepare(call, err);
	if (rc != CT_OK) {
		ct_call_free(call);
		return rc;
	}
	log_candidates(call);
	ct_timer_start(call->deadline, options->timeout_ms);
	ct_timer_start(call->wait, 0);
	*out = call;
	return CT_OK;
}

struct ct_str ct_call_request_id(const struct ct_call *call)
{
	return call->record.entry.request_id;
}

void ct_call_cancel(struct ct_call *call)
{
	if (call->over || call->cancelled)
		return;
	call->cancelled = true;
	ct_timer_start(call->wait, 0);
}

void ct_call_pause(struct ct_call *call, bool pause)
{
	call->paused = pause;
	if (call->attempt != NULL)
		ct_try_pause(call->attempt, pause);
}

void ct_call_wait(struct ct_call *call)
{
	call->waited_for = true;
	while (!call->recorded)
		ct_loop_run(call->app->loop);
	ct_call_free(call);
}
