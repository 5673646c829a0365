#include "service/listen.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/uuid.h"
#include "resilience/retry.h"
#include "service/listen_state.h"

enum {
	LINE_BYTES = 1 << 20,
	POLITE_MS = 3000, /* for the last words, after a cancel */
	PATIENCE = 5, /* times the retries, where a connection stood already */
};

static const char *name_of(const struct ct_listen *l)
{
	return ct_listen_candidate(l)->service->endpoint.name.ptr;
}

static int64_t left_ms(const struct ct_listen *l)
{
	int64_t whole = l->options.call.timeout_ms;

	return whole > 0 ? whole - (ct_clock_us() - l->began_us) / 1000 : INT64_MAX;
}

static void go_on(struct ct_listen *l);

/* The next candidate; at the end of them, the end. */
static void ask_next(struct ct_listen *l)
{
	l->tries = l->bad_responses = 0;
	l->waited_ms = 0;
	if (l->cancelled || l->current + 1 >= l->candidates->count) {
		ct_listen_end(l, l->tried.code, &l->tried);
		return;
	}
	l->current++;
	ct_log(CT_LOG_WARN, "%s is asked instead: %s", name_of(l), l->tried.msg);
	go_on(l);
}

/*
 * What broke under a connection that stood is looked at as any broken connection, whichever way it
 * shows: a network that is away for a moment has neither names nor routes.
 */
static int kind_of(const struct ct_listen *l, int code)
{
	if (l->was_open && (code == CT_ELOCAL || code == CT_EFIRST))
		return CT_ECONNECT;
	return code;
}

static void say_again(struct ct_listen *l, int64_t wait_ms)
{
	const struct ct_source_format *f = ct_source_format(l->source);
	int64_t again = l->sent_to - ct_listen_again_from(l);
	char what[96] = "";

	if (f->bytes_per_second > 0 && again > 0)
		snprintf(what, sizeof(what), ", and the last %.1f s of sound are sent again",
			 (double)again / (double)f->bytes_per_second);
	else if (f->bytes_per_second == 0 && l->sent_to > 0)
		snprintf(what, sizeof(what), ", and the sound is sent again from its beginning");
	if (l->was_open)
		l->handler.on_break(l->user);
	ct_log(l->was_open ? CT_LOG_WARN : CT_LOG_INFO, "%s; connecting again in %.1f s%s", l->tried.msg,
	       (double)wait_ms / 1000, what);
}

static void decide(struct ct_listen *l, const struct ct_err *err)
{
	int64_t retries = l->options.call.retries * (l->was_open ? PATIENCE : 1);
	struct ct_retry_policy policy = { (int)retries, l->options.call.max_wait_ms };
	struct ct_failure failure = { .code = kind_of(l, err->code),
				      .should_retry = err->should_retry,
				      .retry_after_ms = err->retry_after_ms,
				      .tries = ++l->tries,
				      .left_ms = left_ms(l) };
	struct ct_decision d;

	if (err->code == CT_EPROTO || err->code == CT_ETOOBIG)
		l->bad_responses++;
	failure.bad_responses = l->bad_responses;
	ct_random(&failure.random, sizeof(failure.random));
	d = ct_retry_decide(&failure, &policy);
	l->entry->attempt.reason = ct_str(d.reason);
	if (d.action == CT_STOP) {
		ct_listen_end(l, l->tried.code, &l->tried);
	} else if (d.action == CT_NEXT) {
		ask_next(l);
	} else {
		say_again(l, d.wait_ms);
		l->waited_ms += d.wait_ms;
		ct_timer_start(l->wait, d.wait_ms);
	}
}

void ct_listen_closed(struct ct_listen *l, const struct ct_err *err)
{
	struct ct_err stopped = { 0 };

	l->tried = *err;
	ct_listen_note_attempt(l, err);
	if (l->progress)
		l->tries = l->bad_responses = 0;
	if (l->cancelled) {
		ct_fail(&stopped, CT_ECANCELLED, "cancelled");
		ct_listen_end(l, CT_ECANCELLED, &stopped);
		return;
	}
	if (err->code == CT_OK) {
		if (ct_source_has_ended(l->source, &stopped) && stopped.code != CT_OK)
			ct_listen_end(l, stopped.code, &stopped);
		else
			ct_listen_end(l, CT_OK, NULL);
		return;
	}
	ct_record_flush(&l->record);
	decide(l, err);
}

static void skip(struct ct_listen *l, const struct ct_err *err)
{
	struct ct_record_attempt *entry = ct_record_add(&l->record, true);

	l->tried = *err;
	if (entry != NULL) {
		entry->attempt.provider = ct_listen_candidate(l)->service->endpoint.name;
		entry->attempt.model = ct_listen_candidate(l)->model_id;
		entry->attempt.code = err->code;
		entry->attempt.error = entry->attempt.reason =
			ct_arena_dup(&l->arena, ct_str(err->msg));
	}
	ask_next(l);
}

static void connect_now(struct ct_listen *l, int64_t slot)
{
	const struct ct_candidate *c = ct_listen_candidate(l);
	struct ct_err err = { 0 };
	int rc;

	if (!ct_record_has_room(&l->record)) {
		ct_fail(&err, CT_ECUT, "too many connections broke");
		ct_listen_end(l, err.code, &err);
		return;
	}
	rc = ct_listen_connect(l, &err);
	if (rc != CT_OK) {
		skip(l, &err);
		return;
	}
	l->entry = ct_record_add(&l->record, false);
	l->entry->service = c->service->endpoint.name.ptr;
	l->entry->told = (struct ct_told){ .service = l->entry->service,
					   .rate = &c->service->rate,
					   .slot = slot };
	l->entry->attempt.provider = c->service->endpoint.name;
	l->entry->attempt.model = c->model_id;
	l->entry->attempt.waited_ms = l->waited_ms;
	l->entry->attempt.fallback = l->current > 0;
	l->waited_ms = 0;
	ct_log(CT_LOG_DEBUG, "%s: connection %d asks for %.*s", name_of(l), l->entry->number,
	       CT_STR_ARG(c->model_id));
}

/* A rest that was asked for, or an open circuit. CT_OK: it may be asked. */
static int read_gate(struct ct_listen *l, const struct ct_gate *gate, struct ct_err *err)
{
	if (gate->rest_ms > 0) {
		ct_fail(err, CT_ECIRCUIT, "%s asked to be left alone for %.3g s more", name_of(l),
			(double)gate->rest_ms / 1000);
		err->retry_after_ms = gate->rest_ms;
		return CT_ECIRCUIT;
	}
	if (gate->pass)
		return CT_OK;
	ct_fail(err, CT_ECIRCUIT, "the circuit of %s is open after %lld failures (%s)", name_of(l),
		(long long)gate->circuit.failures, gate->circuit.last_error);
	err->retry_after_ms = gate->retry_in_ms;
	return CT_ECIRCUIT;
}

/* A rest that may be waited for is waited for, and so is a slot of a rate limit. */
static bool waits_out(struct ct_listen *l, const struct ct_gate *gate)
{
	int64_t ms = 0;

	if (gate->limit.wait_ms > 0 && !gate->limit.refused)
		ms = gate->limit.wait_ms + 1;
	else if (gate->rest_ms > 0 && gate->rest_ms <= l->options.call.max_wait_ms &&
		 gate->rest_ms < left_ms(l))
		ms = gate->rest_ms;
	if (ms == 0)
		return false;
	ct_log(CT_LOG_DEBUG, "%s: waiting %lld ms", name_of(l), (long long)ms);
	l->waited_ms += ms;
	ct_timer_start(l->wait, ms);
	return true;
}

static void refuse(struct ct_listen *l, const struct ct_gate *gate)
{
	struct ct_err err = { 0 };

	ct_fail(&err, CT_ERATE, "the rate limit of %s leaves no room for %.3g s",
		gate->limit.by_user ? "this user" : name_of(l),
		(double)gate->limit.wait_ms / 1000);
	err.retry_after_ms = gate->limit.wait_ms;
	if (gate->limit.by_user) /* whomever it asks */
		ct_listen_end(l, err.code, &err);
	else
		skip(l, &err);
}

static void on_gate(void *user, const struct ct_gate *gate)
{
	struct ct_listen *l = user;
	struct ct_err err = { 0 };

	if (l->over)
		return;
	if (waits_out(l, gate))
		return;
	/* a session that stood has a patience of its own, whatever its breaks have made of the circuit */
	if (read_gate(l, gate, &err) != CT_OK && (!l->was_open || gate->rest_ms > 0))
		skip(l, &err);
	else if (gate->limit.refused)
		refuse(l, gate);
	else
		connect_now(l, gate->limit.slot);
}

static void go_on(struct ct_listen *l)
{
	struct ct_err err = { 0 };
	int64_t left = left_ms(l) - 1, most = l->options.call.max_wait_ms;

	l->record.most_wait_ms = left < most ? (left > 0 ? left : 0) : most;
	if (ct_config_key(l->app->config, ct_listen_candidate(l)->service, &err) != CT_OK)
		skip(l, &err);
	else
		ct_record_gate(&l->record, name_of(l), on_gate, l);
}

static void end_cancelled(struct ct_listen *l)
{
	struct ct_err err = { 0 };
	struct ct_ws *ws = l->ws;

	ct_fail(&err, CT_ECANCELLED, "cancelled");
	l->ws = NULL;
	l->open = false;
	ct_ws_cancel(ws);
	if (ws != NULL && l->entry != NULL)
		ct_listen_note_attempt(l, &err);
	ct_listen_end(l, CT_ECANCELLED, &err);
}

static void on_wait(void *user)
{
	struct ct_listen *l = user;

	if (l->cancelled)
		end_cancelled(l);
	else
		go_on(l);
}

static void on_deadline(void *user)
{
	struct ct_listen *l = user;
	struct ct_ws *ws = l->ws;
	struct ct_err err = { 0 };

	ct_fail(&err, CT_ETIMEOUT, "not all was heard within %.3g s",
		(double)l->options.call.timeout_ms / 1000);
	l->ws = NULL;
	l->open = false;
	ct_ws_cancel(ws);
	if (ws != NULL)
		ct_listen_note_attempt(l, &err);
	ct_listen_end(l, err.code, &err);
}

static void on_more(void *user)
{
	ct_listen_pump(user);
}

void ct_listen_cancel(struct ct_listen *l)
{
	if (l->cancelled || l->over)
		return;
	l->cancelled = true;
	ct_source_stop(l->source);
	ct_listen_finish(l);
	ct_timer_start(l->wait, l->open ? POLITE_MS : 0);
}

int ct_listen_choose(struct ct_app *app, struct ct_candidates *all, struct ct_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct ct_candidate *c = &all->list[i];
		if (ct_hearing_can(c->service->endpoint.vendor))
			all->list[kept++] = *c;
		else if (c->named)
			return ct_fail(err, CT_EUSAGE, "%.*s cannot listen live; deepgram can",
				       CT_STR_ARG(c->service->endpoint.name));
	}
	all->count = kept;
	(void)app;
	return kept > 0 ? CT_OK
			: ct_fail(err, CT_EUSAGE, "nobody who is to be asked can listen live: -p "
						  "deepgram");
}

/* What can be said without a provider. */
static int check(struct ct_listen *l, struct ct_err *err)
{
	const struct ct_candidates *all = l->candidates;
	int rc = CT_OK;

	for (size_t i = 0; i < all->count; i++) {
		rc = ct_config_key(l->app->config, all->list[i].service, err);
		if (rc == CT_OK || all->list[i].named)
			break;
	}
	return rc == CT_OK ? ct_app_open_net(l->app, err) : rc;
}

static int open_source(struct ct_listen *l, struct ct_err *err)
{
	const struct ct_source_format *f;
	int rc = ct_source_open(l->app->loop, &l->options.source, on_more, l, &l->source, err);

	if (rc != CT_OK)
		return rc;
	f = ct_source_format(l->source);
	if (l->options.realtime && f->bytes_per_second == 0)
		return ct_fail(err, CT_EUSAGE, "--realtime wants samples or a WAV: how fast %s is "
					       "cannot be told", ct_source_name(l->source));
	l->speech->encoding = f->encoding;
	l->speech->sample_rate = f->sample_rate;
	l->speech->channels = f->encoding.len > 0 ? f->channels : 0;
	return CT_OK;
}

static int prepare(struct ct_listen *l, struct ct_err *err)
{
	int rc = check(l, err);

	if (rc == CT_OK)
		rc = open_source(l, err);
	if (rc == CT_OK)
		rc = ct_record_prepare(&l->record, err);
	if (rc != CT_OK)
		return rc;
	l->wait = ct_timer_create(l->app->loop, on_wait, l);
	l->deadline = ct_timer_create(l->app->loop, on_deadline, l);
	if (l->wait == NULL || l->deadline == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	if (l->app->writer == NULL)
		ct_app_open_store(l->app, CT_STORE_WRITE, NULL);
	ct_listen_write_entry(l);
	return CT_OK;
}

int ct_listen_start(struct ct_app *app, struct ct_request *request, struct ct_speech *speech,
		    const struct ct_candidates *candidates,
		    const struct ct_listen_options *options,
		    const struct ct_listen_handler *handler, void *user,
		    struct ct_listen **out, struct ct_err *err)
{
	struct ct_listen *l = calloc(1, sizeof(*l));
	int rc;

	if (l == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	l->app = app;
	l->request = request;
	l->speech = speech;
	l->candidates = candidates;
	l->options = *options;
	l->handler = *handler;
	l->user = user;
	l->began_us = ct_clock_us();
	l->text = (struct ct_buf)CT_BUF_INIT(CT_LISTEN_TEXT_BYTES);
	l->line = (struct ct_buf)CT_BUF_INIT(LINE_BYTES);
	rc = prepare(l, err);
	if (rc != CT_OK) {
		ct_listen_free(l);
		return rc;
	}
	if (options->call.timeout_ms > 0)
		ct_timer_start(l->deadline, options->call.timeout_ms);
	ct_timer_start(l->wait, 0);
	*out = l;
	return CT_OK;
}

void ct_listen_wait(struct ct_listen *l)
{
	l->waited_for = true;
	while (!l->recorded)
		ct_loop_run(l->app->loop);
	ct_listen_free(l);
}
