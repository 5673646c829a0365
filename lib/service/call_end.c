/* How a call ends: what the reader is told, what the journal keeps. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "net/loop.h"
#include "service/call_json.h"
#include "service/call_state.h"

/* A part of the answer was shown, and nothing whole came after it. */
static bool is_truncated(const struct ct_call *call, int code)
{
	bool seen = call->shown || call->broken.len > 0;

	return seen && code != CT_OK && code != CT_EFILTER && code != CT_ETIMEOUT &&
	       code != CT_ECANCELLED;
}

static void explain_cut(const struct ct_call *call, const struct ct_err *cause,
			struct ct_err *err)
{
	size_t shown = call->shown ? call->answer.text.len + call->answer.audio.bytes :
				     call->broken.len;

	ct_fail(err, CT_ECUT, "the answer was cut off after %zu bytes: %s", shown, cause->msg);
	err->status = cause->status;
}

static void advise_key(const struct ct_service_config *service, struct ct_err *err)
{
	const char *origin = service->key_origin != NULL ? service->key_origin : "";
	struct ct_str name = service->endpoint.name;

	if (service->endpoint.key == NULL)
		ct_hint(err, "%.*s was asked without a key: set one with key_env in its section",
			CT_STR_ARG(name));
	else if (strcmp(origin, "environment") == 0)
		ct_hint(err, "check the key: %.*s", CT_STR_ARG(service->key_env));
	else if (strcmp(origin, "command") == 0)
		ct_hint(err, "check what providers.%.*s.key_command prints", CT_STR_ARG(name));
	else
		ct_hint(err, "check the key: `cartrita key set %.*s` replaces it",
			CT_STR_ARG(name));
}

/* By the option that its command has. */
static void advise_patience(enum ct_task task, struct ct_err *err)
{
	const char *option = "--timeout";

	if (task == CT_TASK_CHAT && err->code == CT_EFIRST)
		option = "--first-token-timeout";
	else if (task == CT_TASK_CHAT || task == CT_TASK_TRANSCRIBE || task == CT_TASK_SPEAK)
		option = "--idle-timeout";
	ct_hint(err, "%s SECONDS gives it more time", option);
}

/* What to do about a failure that is the provider's, by its kind. */
static void advise(const struct ct_service_config *service, enum ct_task task,
		   struct ct_err *err)
{

	double wait_s = (double)err->retry_after_ms / 1000;
	struct ct_str name = service->endpoint.name;

	if (err->code == CT_EAUTH)
		advise_key(service, err);
	if (err->hint[0] != '\0')
		return;
	if (err->code == CT_ECIRCUIT)
		ct_hint(err, "it may be asked again in %.0f s; `cartrita provider circuit reset "
			     "%.*s` does not wait", wait_s < 1 ? 1 : wait_s, CT_STR_ARG(name));
	else if (err->code == CT_ERATE && err->retry_after_ms > 0)
		ct_hint(err, "try again in %.0f s, or ask another one: -p NAME",
			wait_s < 1 ? 1 : wait_s);
	else if (err->code == CT_ERATE || err->code == CT_EUPSTREAM)
		ct_hint(err, "try again in a while, or ask another one: -p NAME");
	else if (err->code == CT_EQUOTA)
		ct_hint(err, "look at the account's credit and limits, or ask another one: "
			     "-p NAME");
	else if (err->code == CT_ELOCAL)
		ct_hint(err, "it is the way there: name, network or proxy; `cartrita doctor` looks");
	else if (err->code == CT_ECONNECT)
		ct_hint(err, "is the address right? `cartrita provider list` shows it: %.*s",
			CT_STR_ARG(service->endpoint.base_url));
	else if (err->code == CT_EFIRST || err->code == CT_EIDLE)
		advise_patience(task, err);
	else if (err->code == CT_ECONTEXT)
		ct_hint(err, "shorten the prompt, or name a model with more room: `cartrita "
			     "model list`");
}

/* The error is of the last one asked; those before it are in the log. */
static void mention_others(const struct ct_call *call, struct ct_err *err)
{
	char hint[sizeof(err->hint)];

	if (call->record.count < 2 || call->entry == NULL ||
	    ct_str_eq(call->record.list[0].attempt.provider, call->entry->attempt.provider))
		return;
	snprintf(hint, sizeof(hint), "%s", err->hint);
	ct_hint(err, "%s%severy attempt: `cartrita provider logs show last`", hint,
		*hint ? "; " : "");
}

static int64_t cost_of(const struct ct_call *call)
{
	int64_t total = 0;
	bool known = false;

	for (size_t i = 0; i < call->record.count; i++) {
		int64_t cost = call->record.list[i].attempt.cost_usd_nanos;
		if (cost >= 0) {
			total += cost;
			known = true;
		}
	}
	return known ? total : -1;
}

static void warn(struct ct_call *call, struct ct_str text)
{
	if (call->warnings.count < CT_WARNINGS_MAX)
		call->warnings.text[call->warnings.count++] = text;
}

/* Is there something to keep? An answer of tool calls alone says nothing that could be sent again. */
static bool keeps_turn(const struct ct_call *call, int code)
{
	const struct ct_turn *turn = call->options.turn;

	return turn != NULL && !turn->goes_on && !call->options.no_log && code == CT_OK &&
	       (turn->said.len > 0 || ct_str_trim(ct_buf_str(&call->answer.text)).len > 0);
}

/* One that this call would have begun is there only if it is kept. */
static struct ct_str conversation_of(const struct ct_call *call, int code)
{
	const struct ct_turn *turn = call->options.turn;

	if (turn != NULL && turn->begins &&
	    !(keeps_turn(call, code) && ct_record_may_keep(&call->record)))
		return (struct ct_str){ NULL, 0 };
	return call->options.conversation_id;
}

/* The answer becomes the last message of the turn, to be written with the outcome. */
static void answer_turn(struct ct_call *call, const struct ct_call_result *result)
{
	struct ct_turn *turn = call->options.turn;
	struct ct_kept_message *last;

	if (!keeps_turn(call, result->code))
		return;
	last = &turn->messages[turn->count - 1];
	last->text = turn->said.len > 0 ?
			     turn->said :
			     ct_arena_dup(turn->arena, ct_buf_str(&call->answer.text));
	last->provider = ct_arena_dup(turn->arena, result->provider);
	last->model = ct_arena_dup(turn->arena, result->model);
	last->created_ms = ct_time_now().wall_ms;
	for (size_t i = 0; i < turn->count; i++)
		if (turn->messages[i].request_id.ptr == NULL)
			turn->messages[i].request_id =
				ct_arena_dup(turn->arena, result->request_id);
	turn->answered = true;
	call->record.turn = turn;
}

/* Of the last provider asked, else of the first: whom the error is about. */
static const struct ct_service_config *service_of(const struct ct_call *call)
{
	const struct ct_candidates *all = call->candidates;

	for (size_t i = 0; call->entry != NULL && i < all->count; i++)
		if (ct_str_eq(all->list[i].service->endpoint.name,
			      call->entry->attempt.provider))
			return all->list[i].service;
	return all->list[0].service;
}

static void fill(struct ct_call *call, int code, const struct ct_err *err,
		 struct ct_call_result *out)
{
	const struct ct_candidate *c = &call->candidates->list[0];

	*out = (struct ct_call_result){
		.code = code,
		.request_id = call->record.entry.request_id,
		.conversation_id = conversation_of(call, code),
		.provider_request_id = call->provider_request_id,
		.provider = call->entry ? call->entry->attempt.provider :
					  c->service->endpoint.name,
		.model = call->entry ? call->entry->attempt.model : c->model_id,
		.answer = &call->answer,
		.turn = call->turn,
		.usage = ct_answer_usage(&call->answer),
		.cost_usd_nanos = cost_of(call),
		.duration_ms = call->options.timeout_ms - ct_call_left_ms(call),
		.first_token_ms = call->first_token_ms,
		.recovered = code == CT_OK && call->cut,
		.attempts = call->record.list,
		.attempt_count = call->record.count,
	};
	if (code == CT_OK && call->answer.finish == CT_FINISH_LENGTH)
		warn(call, ct_str("the answer ends at the limit on tokens: raise it with --max-tokens"));
	out->warnings = call->warnings;
	if (err != NULL)
		out->err = *err;
	if (code != CT_OK)
		advise(service_of(call), call->asked->task, &out->err);
	if (code != CT_OK && code != CT_ECANCELLED)
		mention_others(call, &out->err);
	if (is_truncated(call, code)) {
		explain_cut(call, err, &out->err);
		out->code = CT_ECUT;
	}
}

/* Nothing is under way any more. */
static void on_recorded(void *user)
{
	struct ct_call *call = user;

	call->recorded = true;
	if (call->handler.on_recorded != NULL)
		call->handler.on_recorded(call->user);
	if (call->waited_for)
		ct_loop_stop(call->app->loop); /* ct_call_wait() frees it */
	else
		ct_call_free(call);
}

static void record(struct ct_call *call, const struct ct_call_result *result)
{
	struct ct_journal_outcome outcome = {
		.completed = result->code == CT_OK,
		.provider = result->provider,
		.model = result->model,
		.attempts = ct_call_attempts_json(call),
		.response_data = ct_call_response_json(call, result),
		.duration_ms = result->duration_ms,
		.ended_ms = ct_time_now().wall_ms,
	};

	if (result->code != CT_OK)
		outcome.error_data = ct_call_error_json(call, result);
	answer_turn(call, result);
	ct_record_end(&call->record, &outcome, on_recorded, call);
}

/* For -v: who it was in the end, how long it took, what it cost. */
static void log_summary(const struct ct_call *call, const struct ct_call_result *result)
{
	char cost[48] = "";

	if (!ct_log_on(CT_LOG_INFO))
		return;
	if (result->cost_usd_nanos >= 0)
		snprintf(cost, sizeof(cost), ", $%.9f", (double)result->cost_usd_nanos / 1e9);
	ct_log(CT_LOG_INFO, "request %.*s: %.*s %s after %lld ms, %d attempt%s, %lld tokens in, "
	       "%lld out%s", CT_STR_ARG(result->request_id), CT_STR_ARG(result->model),
	       result->code == CT_OK ? "has answered" : "has failed",
	       (long long)result->duration_ms, call->record.made,
	       call->record.made == 1 ? "" : "s", (long long)result->usage.input,
	       (long long)result->usage.output, cost);
}

void ct_call_end(struct ct_call *call, int code, const struct ct_err *err)
{
	struct ct_call_result result;
	struct ct_err cause = err != NULL ? *err : (struct ct_err){ 0 };

	if (call->over)
		return;
	call->over = true;
	fill(call, code, &cause, &result);
	if (code == CT_OK)
		ct_call_say_fallback(call);
	log_summary(call, &result);
	call->handler.on_done(call->user, &result);
	/* after it: an answer on a terminal has ended its line now */
	for (size_t i = 0; code == CT_OK && i < result.warnings.count; i++)
		ct_log(CT_LOG_WARN, "%.*s", CT_STR_ARG(result.warnings.text[i]));
	ct_timer_stop(call->deadline);
	ct_timer_stop(call->wait);
	record(call, &result); /* it may be gone now */
}
