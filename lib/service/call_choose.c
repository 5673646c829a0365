/* Whom a call asks next: the candidates in order, each past what keeps it from being asked. */
#include "base/log.h"
#include "provider/media.h"
#include "service/call_state.h"
#include "service/fit.h"

/* Of the reasons why nobody could be asked, the one that tells most. */
static int weight(int code)
{
	switch (code) {
	case CT_OK:
		return 0;
	case CT_ENOKEY:
		return 1;
	case CT_ECIRCUIT:
		return 3;
	case CT_ERATE:
		return 4;
	default:
		return 2;
	}
}

/* In a few words, none of a provider's own; the record has all. */
static const char *reason_of(int code)
{
	switch (code) {
	case CT_ECIRCUIT:
		return "left alone for now: it failed too often, or asked for it";
	case CT_ERATE:
		return "its rate limit leaves no room";
	case CT_ECUT:
		return "it cannot go on with a started answer";
	default:
		return "it cannot be asked";
	}
}

static void skip(struct ct_call *call, const struct ct_err *why)
{
	const struct ct_candidate *c = ct_call_candidate(call);
	struct ct_record_attempt *entry = ct_record_add(&call->record, true);
	struct ct_str reason = ct_arena_dup(&call->arena, ct_str(why->msg));

	ct_log(why->code == CT_ENOKEY ? CT_LOG_INFO : CT_LOG_DEBUG, "%.*s is skipped: %s",
	       CT_STR_ARG(c->service->endpoint.name), why->msg);
	if (weight(why->code) > weight(call->skipped.code))
		call->skipped = *why;
	if (why->code == CT_ENOKEY && call->first == call->current)
		call->first++;
	else if (call->first == call->current)
		call->first_error = reason;
	if (call->left_for == NULL)
		call->left_for = reason_of(why->code);
	if (entry == NULL)
		return;
	entry->attempt.provider = c->service->endpoint.name;
	entry->attempt.model = c->model_id;
	entry->attempt.code = why->code;
	entry->attempt.error = reason;
	entry->attempt.reason = reason;
}

void ct_call_next(struct ct_call *call)
{
	call->current++;
	call->tries = call->bad_responses = 0;
	call->waited_ms = 0;
	call->prefill_refused = false;
}

void ct_call_wait_ms(struct ct_call *call, int64_t ms)
{
	call->waited_ms += ms;
	ct_timer_start(call->wait, ms);
}

/* Of what fits in a model, oldest messages left out. */
static size_t prompt_bytes(const struct ct_request *r, const struct ct_model *model)
{
	size_t bytes = r->system.len;

	for (size_t i = ct_fit(r, model); i < r->message_count; i++) {
		bytes += r->messages[i].text.len;
		for (size_t p = 0; p < r->messages[i].part_count; p++)
			bytes += r->messages[i].parts[p].bytes.len;
	}
	return bytes;
}

/*
 * A prompt that was too long elsewhere has no room in a model that holds no more, unless it is so
 * short that it must fit (a token is at least a byte): then the other provider's limit was its own.
 */
static int check_room(const struct ct_call *call, struct ct_err *err)
{
	const struct ct_model *model = ct_call_candidate(call)->model;

	if (!call->no_room || model == NULL || model->context == 0 ||
	    model->context > call->context ||
	    (int64_t)prompt_bytes(call->asked, model) <= model->context)
		return CT_OK;
	return ct_fail(err, CT_ECONTEXT, "its model has no more room (%lld tokens)",
		       (long long)model->context);
}

int ct_call_check_media(const struct ct_call *call, const struct ct_candidate *c,
		       struct ct_err *err)
{
	struct ct_request request = *call->asked;

	request.model = c->model_id;
	return ct_media_check(&c->service->endpoint, &request, c->model, err);
}

/* Whose limit it is, and which: "openai (100/minute)", "openai (its own)". */
static const char *limit_name(struct ct_call *call, const struct ct_limits_answer *limit)
{
	const struct ct_service_config *service = ct_call_candidate(call)->service;
	struct ct_str user = call->options.user_id, name = service->endpoint.name;
	const struct ct_rate *rate = &service->rate;
	const char *kind = "";
	char text[CT_RATE_TEXT_SIZE];

	if (limit->by_user) {
		rate = ct_config_user_rate(call->app->config, user);
		kind = user.len > 0 ? "user " : "requests without a user";
		name = user;
	}
	struct ct_str which = limit->told ? ct_str("its own") : ct_rate_text(rate, text);
	struct ct_str whole = ct_arena_printf(&call->arena, "%s%.*s (%.*s)", kind,
					      CT_STR_ARG(name), CT_STR_ARG(which));
	return whole.ptr != NULL ? whole.ptr : "";
}

static int refuse(struct ct_call *call, const struct ct_limits_answer *limit,
		  struct ct_err *err)
{
	double wait_s = (double)limit->wait_ms / 1000;

	ct_fail(err, CT_ERATE, "the rate limit of %s leaves no room for %.*f s",
		limit_name(call, limit), wait_s < 10 ? 1 : 0, wait_s);
	if (limit->by_user)
		ct_hint(err, "try again in %.0f s; the configuration's section users sets it",
			wait_s < 1 ? 1 : wait_s);
	err->retry_after_ms = limit->wait_ms;
	return CT_ERATE;
}

/* What the store said of asking the present candidate now. CT_OK: ask it. */
static int read_gate(struct ct_call *call, const struct ct_gate *gate, struct ct_err *err)
{
	const char *name = ct_call_candidate(call)->service->endpoint.name.ptr;

	if (gate->rest_ms > 0) {
		ct_fail(err, CT_ECIRCUIT, "%s asked to be left alone for %.3g s more", name,
			(double)gate->rest_ms / 1000);
		err->retry_after_ms = gate->rest_ms;
		return CT_ECIRCUIT;
	}
	if (!gate->pass) {
		ct_fail(err, CT_ECIRCUIT, "the circuit of %s is open after %lld failures (%s)",
			name, (long long)gate->circuit.failures, gate->circuit.last_error);
		err->retry_after_ms = gate->retry_in_ms;
		return CT_ECIRCUIT;
	}
	if (gate->limit.refused)
		return refuse(call, &gate->limit, err);
	ct_log(CT_LOG_DEBUG, "%s: %s", name,
	       gate->probe ? "circuit half-open, this is the probe" : "may be asked");
	return CT_OK;
}

/* A rest that may be waited for is waited for, and so is a slot that was taken. */
static bool waits_out(struct ct_call *call, const struct ct_gate *gate)
{
	if (gate->limit.wait_ms > 0 && !gate->limit.refused) {
		ct_log(CT_LOG_DEBUG, "the rate limit of %s: waiting %lld ms",
		       limit_name(call, &gate->limit), (long long)gate->limit.wait_ms);
		/* a timer counts in whole ms, the one that has begun among them */
		ct_call_wait_ms(call, gate->limit.wait_ms + 1);
		return true;
	}
	if (gate->rest_ms <= 0 || gate->rest_ms > call->options.max_wait_ms ||
	    gate->rest_ms >= ct_call_left_ms(call))
		return false;
	ct_log(CT_LOG_DEBUG, "%s rests: waiting %lld ms",
	       ct_call_candidate(call)->service->endpoint.name.ptr, (long long)gate->rest_ms);
	ct_call_wait_ms(call, gate->rest_ms);
	return true;
}

static bool needs_store(const struct ct_call *call)
{
	return call->options.turn != NULL && call->options.turn->needed;
}

static void on_gate(void *user, const struct ct_gate *gate)
{
	struct ct_call *call = user;
	struct ct_err err = { 0 };

	if (call->over || call->cancelled) /* the one who ended it sees to the rest */
		return;
	if (needs_store(call) && !call->record.begun && gate->err->code == CT_ESTORE) {
		ct_call_end(call, CT_ESTORE, gate->err);
		return;
	}
	if (waits_out(call, gate))
		return;
	call->slot = gate->limit.slot;
	int rc = read_gate(call, gate, &err);
	if (rc == CT_ERATE && gate->limit.by_user) { /* whomever it asks */
		ct_call_end(call, rc, &err);
		return;
	}
	if (rc == CT_OK)
		rc = ct_call_begin(call, &err);
	if (rc == CT_OK)
		return;
	skip(call, &err);
	ct_call_next(call);
	ct_call_go_on(call);
}

/* Whatever the store says: can the present candidate be asked? */
static int consider(struct ct_call *call, struct ct_err *err)
{
	struct ct_candidate const *c = ct_call_candidate(call);
	int rc = ct_config_key(call->app->config, c->service, err);

	if (rc == CT_OK)
		rc = ct_call_check_media(call, c, err);
	if (rc == CT_OK)
		rc = check_room(call, err);
	return rc == CT_OK ? ct_call_plan_repair(call, err) : rc;
}

/* For a slot of a rate limit: there must be time left to use it. */
static int64_t most_wait_ms(const struct ct_call *call)
{
	int64_t left = ct_call_left_ms(call) - 1, most = call->options.max_wait_ms;

	if (left < most)
		most = left;
	return most > 0 ? most : 0;
}

void ct_call_go_on(struct ct_call *call)
{
	struct ct_err err = { 0 };

	for (; call->current < call->candidates->count; ct_call_next(call)) {
		if (call->record.count >= CT_ATTEMPTS_MAX - 1)
			break;
		if (consider(call, &err) == CT_OK) {
			call->record.most_wait_ms = most_wait_ms(call);
			ct_record_gate(&call->record,
				       ct_call_candidate(call)->service->endpoint.name.ptr,
				       on_gate, call);
			return;
		}
		skip(call, &err);
	}
	call->current = call->candidates->count; /* nobody is left */
	if (call->tried.code != CT_OK)
		ct_call_end(call, call->tried.code, &call->tried);
	else
		ct_call_end(call, call->skipped.code, &call->skipped);
}
