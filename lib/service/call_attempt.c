/* One attempt of a call: what it asks, what comes of it, and how a broken answer goes on. */
#include <stdio.h>

#include "base/log.h"
#include "service/call_state.h"
#include "service/fit.h"

/* The contract's: until the first sign of work, and between two of them. */
enum { SILENCE_MS = 30 * 1000, SILENCE_REASONING_MS = 120 * 1000 };

/* What the attempt's request carries beyond what was asked: paused turns, a started answer. */
static void write_request(struct ct_call *call)
{
	size_t count = call->asked->message_count + call->pauses;

	call->left_out = ct_fit(call->asked, ct_call_candidate(call)->model);
	call->request = *call->asked;
	call->request.model = ct_call_candidate(call)->model_id;
	call->request.messages = call->messages + call->left_out;
	call->request.prefill = call->started;
	if (call->started)
		call->messages[count++] = (struct ct_message){
			.role = CT_ROLE_ASSISTANT,
			.text = ct_arena_dup(&call->arena, ct_answer_started(&call->answer)),
		};
	call->request.message_count = count - call->left_out;
}

static void warn_of_cut(struct ct_call *call)
{
	const struct ct_candidate *c = ct_call_candidate(call);

	if (call->left_out == 0 || call->warnings.count == CT_WARNINGS_MAX)
		return;
	call->warnings.text[call->warnings.count++] = ct_arena_printf(
		&call->arena,
		"the oldest %zu of %zu messages were left out: %.*s has room for %lld tokens",
		call->left_out, call->asked->message_count, CT_STR_ARG(c->model_id),
		(long long)c->model->context);
}

static bool may_continue(struct ct_call *call)
{
	const struct ct_model *model = ct_call_candidate(call)->model;

	return model != NULL && model->prefill == CT_YES && !call->prefill_refused &&
	       ct_answer_started(&call->answer).len > 0;
}

int ct_call_plan_repair(struct ct_call *call, struct ct_err *err)
{
	call->started = false;
	if (!call->mend)
		return CT_OK;
	call->pauses = 0;
	if (may_continue(call)) {
		call->started = call->recovering = true;
		call->restart = false;
		return CT_OK;
	}
	call->answer.overlap = 0;
	if (call->options.show == CT_SHOW_PIPE)
		return ct_fail(err, CT_ECUT, "its model cannot go on with a started answer");
	call->broken = ct_arena_dup(&call->arena, ct_buf_str(&call->answer.text));
	call->restart = call->recovering = true;
	call->shown = false;
	return CT_OK;
}

void ct_call_say_fallback(struct ct_call *call)
{
	const struct ct_candidate *now = &call->candidates->list[call->current],
				  *first = &call->candidates->list[call->first];
	struct ct_str name = now->service->endpoint.name;

	if (call->current == call->first || call->notified == call->current)
		return;
	call->notified = call->current;
	if (now->service == first->service)
		ct_log(CT_LOG_WARN, "%.*s/%.*s answers instead of %.*s/%.*s: %.*s",
		       CT_STR_ARG(name), CT_STR_ARG(now->model_id), CT_STR_ARG(name),
		       CT_STR_ARG(first->model_id), CT_STR_ARG(call->first_error));
	else
		ct_log(CT_LOG_WARN, "%.*s answers instead of %.*s: %.*s", CT_STR_ARG(name),
		       CT_STR_ARG(first->service->endpoint.name), CT_STR_ARG(call->first_error));
}

/* What is new and certain of the answer goes to whoever reads along. */
static void show(struct ct_call *call, enum ct_event_type type, struct ct_str text)
{
	struct ct_call_event event = { .text = text };

	if (call->first_token_ms < 0)
		call->first_token_ms = call->options.timeout_ms - ct_call_left_ms(call);
	if (call->options.show == CT_SHOW_WHOLE)
		return;
	if (type == CT_EVENT_TEXT)
		ct_call_say_fallback(call);
	if (type == CT_EVENT_TEXT && call->recovering) {
		const struct ct_candidate *c = ct_call_candidate(call);
		call->recovering = false;
		event.type = CT_CALL_RECOVERED;
		event.restart = call->restart;
		event.provider = c->service->endpoint.name;
		event.model = c->model_id;
		ct_call_say(call, &event);
	}
	event.type = type == CT_EVENT_TEXT ? CT_CALL_TEXT : CT_CALL_REASONING;
	call->shown = call->shown || type == CT_EVENT_TEXT;
	ct_call_say(call, &event);
}

static int on_event(void *user, const struct ct_event *event, struct ct_err *err)
{
	struct ct_call *call = user;
	struct ct_str fresh = { NULL, 0 };
	int rc = call->cancelled ? CT_OK : ct_answer_take(&call->answer, event, &fresh, err);

	if (rc == CT_OK && !call->cancelled && fresh.len > 0)
		show(call, event->type, fresh);
	if (rc == CT_OK && !call->cancelled)
		ct_call_show_speech(call, event);
	return call->cancelled ? ct_fail(err, CT_ECANCELLED, "cancelled") : rc;
}

/* An answer that came whole may still be none: how it ended decides. */
static int judge(const struct ct_call *call, struct ct_err *err)
{
	const struct ct_answer *answer = &call->answer;
	const char *name = ct_call_candidate(call)->service->endpoint.name.ptr;

	switch (answer->finish) {
	case CT_FINISH_FILTER:
		return ct_fail(err, CT_EFILTER, "%s refused to answer: %.*s", name,
			       CT_STR_ARG(answer->finish_raw));
	case CT_FINISH_OTHER:
	case CT_FINISH_NONE:
		return ct_fail(err, CT_EPROTO, "%s ended its answer for a reason without a counterpart: %.*s",
			       name, CT_STR_ARG(answer->finish_raw));
	default:
		return CT_OK;
	}
}

void ct_call_note_attempt(struct ct_call *call, const struct ct_err *err,
			  int64_t duration_ms)
{
	const struct ct_candidate *c = ct_call_candidate(call);
	struct ct_record_attempt *entry = call->entry;
	struct ct_attempt *a = &entry->attempt;
	struct ct_pricing unknown = ct_pricing_unknown();

	entry->ended = ct_time_now();
	entry->retry_after_ms = err->retry_after_ms;
	a->code = err->code;
	a->status = err->status;
	a->duration_ms = duration_ms;
	ct_call_count_speech(call, err->code);
	a->usage = call->answer.usage;
	a->cost_usd_nanos = ct_usage_cost_usd_nanos(&a->usage,
						    c->model ? &c->model->pricing : &unknown);
	if (err->code == CT_OK)
		ct_log(CT_LOG_DEBUG, "%s: answered with %d in %lld ms",
		       c->service->endpoint.name.ptr, err->status, (long long)duration_ms);
	else {
		CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(4096);
		ct_redact(call->app->redactor, ct_str(err->msg), &clean);
		a->error = ct_arena_dup(&call->arena, ct_buf_str(&clean));
		if (call->current == call->first)
			call->first_error = a->error;
	}
}

/* The provider's own loop paused: its turn goes back to it, and it goes on. */
static bool resume(struct ct_call *call, struct ct_str turn)
{
	if (turn.len == 0 || call->pauses == CT_PAUSES_MAX)
		return false;
	call->messages[call->asked->message_count + call->pauses++] = (struct ct_message){
		.role = CT_ROLE_ASSISTANT,
		.raw = ct_arena_dup(&call->arena, turn),
	};
	call->entry->attempt.reason = ct_str("paused: its turn is sent back");
	call->mend = false;
	return true;
}

/* Of several providers: whose failure is it? What came from below knows only an address. */
static void name_provider(const struct ct_call *call, struct ct_err *err)
{
	struct ct_str name = ct_call_candidate(call)->service->endpoint.name;
	struct ct_err bare = *err;

	if (err->code == CT_OK || err->code == CT_ECANCELLED ||
	    ct_str_has(ct_str(bare.msg), name.ptr))
		return;
	snprintf(err->msg, sizeof(err->msg), "%.*s: %.*s", CT_STR_ARG(name),
		 (int)(sizeof(err->msg) - 2 - name.len - 1), bare.msg);
}

/* Of the head of the answer; a transcript names it in itself, too. */
static struct ct_str request_id_of(struct ct_call *call, const struct ct_try_result *result)
{
	struct ct_str id = result->provider_request_id;

	if (id.len == 0 && result->code == CT_OK && call->asked->task == CT_TASK_TRANSCRIBE)
		id = call->answer.id;
	return id.len > 0 ? ct_arena_dup(&call->arena, id) : (struct ct_str){ NULL, 0 };
}

static void on_done(void *user, const struct ct_try_result *result)
{
	struct ct_call *call = user;
	struct ct_err err = result->err;
	struct ct_str fresh = { NULL, 0 };

	call->attempt = NULL;
	if (result->code == CT_OK)
		fresh = ct_answer_settle(&call->answer);
	else
		ct_answer_break_off(&call->answer);
	if (fresh.len > 0 && !call->cancelled)
		show(call, CT_EVENT_TEXT, fresh);
	if (result->code == CT_OK) {
		err = (struct ct_err){ 0 };
		judge(call, &err);
		err.status = result->status;
	}
	bool paused = err.code == CT_OK && call->answer.finish == CT_FINISH_PAUSE;
	if (paused && !resume(call, result->turn)) {
		ct_fail(&err, CT_EPROTO, "the provider paused its turn more than %d times",
			CT_PAUSES_MAX);
		paused = false;
	}
	call->turn = (struct ct_str){ NULL, 0 };
	if (call->asked->tool_count > 0 && result->turn.len > 0)
		call->turn = ct_arena_dup(&call->arena, result->turn);
	call->provider_request_id = request_id_of(call, result);
	name_provider(call, &err);
	call->entry->attempt.provider_request_id = call->provider_request_id;
	call->entry->shared_connection = result->shared_connection;
	call->entry->attempt.first_token_ms = result->first_token_ms;
	ct_call_note_attempt(call, &err, result->duration_ms);
	if (err.code != CT_OK)
		ct_call_failed(call, &err, result->content);
	else if (paused)
		ct_call_go_on(call);
	else
		ct_call_end(call, CT_OK, NULL);
}

static int64_t clock_ms(const struct ct_call *call, int64_t given)
{
	const struct ct_model *model = ct_call_candidate(call)->model;

	if (given > 0 || !call->request.stream)
		return given;
	return model != NULL && model->reasoning == CT_YES ? SILENCE_REASONING_MS : SILENCE_MS;
}

/* Others who share the limit should know of it before this answer is over. */
static void on_room(void *user, const struct ct_room *room)
{
	struct ct_call *call = user;
	struct ct_told *told = &call->entry->told;
	const struct ct_rate *rate = told->rate;

	if (rate->count == 0 || call->cancelled)
		return;
	told->room = *room;
	told->at = ct_time_now();
	ct_log(CT_LOG_DEBUG, "%s: its own limit allows %lld more within %lld ms", told->service,
	       (long long)room->remaining, (long long)room->reset_ms);
	if (room->remaining <= rate->burst + rate->count * room->reset_ms / rate->period_ms)
		ct_record_tell(&call->record);
}

/* That another is asked is said when it is: candidates in between may have been passed over. */
static void say_who(struct ct_call *call)
{
	const struct ct_candidate *c = ct_call_candidate(call);
	struct ct_call_event event = { .provider = c->service->endpoint.name,
				       .model = c->model_id,
				       .reason = call->left_for };
	bool other = call->asked_last != SIZE_MAX && call->asked_last != call->current;

	call->asked_last = call->current;
	call->left_for = NULL;
	event.type = CT_CALL_FALLBACK;
	if (other)
		ct_call_say(call, &event);
	event.type = CT_CALL_START;
	ct_call_say(call, &event);
}

int ct_call_begin(struct ct_call *call, struct ct_err *err)
{
	static const struct ct_try_handler handler = { on_event, on_done, on_room };
	const struct ct_candidate *c = ct_call_candidate(call);

	if (!ct_record_has_room(&call->record))
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	int rc = ct_app_open_net(call->app, err);
	if (rc != CT_OK)
		return rc;
	write_request(call);
	struct ct_try_spec spec = { &c->service->endpoint, c->model, &call->request,
				    clock_ms(call, call->options.first_ms),
				    clock_ms(call, call->options.idle_ms) };
	call->warnings.count = 0;
	rc = ct_try_start(call->app, &spec, &handler, call, &call->arena, &call->warnings,
			      &call->attempt, err);
	if (rc != CT_OK)
		return rc;
	ct_try_pause(call->attempt, call->paused);
	warn_of_cut(call);
	call->entry = ct_record_add(&call->record, false);
	ct_answer_begin(&call->answer, call->started || call->pauses > 0);
	if (call->started) /* its text is sent back, its calls are not: they come again */
		call->answer.call_count = 0;
	call->entry->service = c->service->endpoint.name.ptr;
	call->entry->told = (struct ct_told){ .service = call->entry->service,
					      .rate = &c->service->rate,
					      .slot = call->slot };
	call->entry->attempt.provider = c->service->endpoint.name;
	call->entry->attempt.model = c->model_id;
	call->entry->attempt.waited_ms = call->waited_ms;
	call->entry->attempt.fallback = call->current != call->first;
	call->waited_ms = 0;
	ct_log(CT_LOG_DEBUG, "%s: attempt %d asks for %.*s%s", c->service->endpoint.name.ptr,
	       call->entry->number, CT_STR_ARG(c->model_id),
	       call->started ? ", to go on where the answer broke off" : "");
	say_who(call);
	return CT_OK;
}

