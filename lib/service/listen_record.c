/* What listening leaves behind: attempts, the journal, what the caller is told. */
#include <stdlib.h>

#include "base/log.h"
#include "base/uuid.h"
#include "service/call_json.h"
#include "service/listen_state.h"

enum {
	JSON_BYTES = CT_LISTEN_TEXT_BYTES + (1 << 20),
	LONGEST_MS = 7 * 24 * 3600 * 1000, /* without a time limit: then its row is dead */
	DEAD_AFTER_MS = 60 * 1000,
};

static struct ct_str new_id(struct ct_listen *l, int64_t wall_ms)
{
	char id[CT_UUID_SIZE];

	return ct_arena_dup(&l->arena, ct_str(ct_uuid(id, wall_ms)));
}

/* Redacted, in the arena; {NULL, 0}: no memory. */
static struct ct_str keep(struct ct_listen *l, const struct ct_buf *text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(JSON_BYTES);

	ct_redact(l->app->redactor, ct_buf_str(text), &clean);
	if (text->failed || clean.failed)
		return (struct ct_str){ NULL, 0 };
	return ct_arena_dup(&l->arena, ct_buf_str(&clean));
}

static struct ct_str request_json(struct ct_listen *l)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(JSON_BYTES);
	const struct ct_speech *s = l->speech;
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "model", l->candidates->list[0].model_id);
	ct_jw_member_bool(&jw, "stream", true);
	ct_jw_key(&jw, "listen");
	ct_jw_object(&jw);
	ct_jw_member(&jw, "source", ct_str(ct_source_name(l->source)));
	ct_jw_member_or_null(&jw, "encoding", s->encoding);
	if (s->sample_rate > 0)
		ct_jw_member_int(&jw, "sample_rate", s->sample_rate);
	if (s->channels > 0)
		ct_jw_member_int(&jw, "channels", s->channels);
	ct_jw_member_or_null(&jw, "language", s->language);
	ct_jw_end_object(&jw);
	ct_jw_end_object(&jw);
	return keep(l, &text);
}

void ct_listen_write_entry(struct ct_listen *l)
{
	const struct ct_candidate *first = &l->candidates->list[0];
	const struct ct_call_options *o = &l->options.call;
	int64_t now = ct_time_now().wall_ms;

	l->record.app = l->app;
	l->record.arena = &l->arena;
	l->record.no_content = o->no_log;
	l->record.policy = (struct ct_breaker_policy){ l->app->config->circuit_threshold,
						       l->app->config->circuit_timeout_ms };
	l->record.entry = (struct ct_journal_entry){
		.id = new_id(l, now),
		.request_id = new_id(l, now),
		.user_id = o->user_id,
		.provider = first->service->endpoint.name,
		.model = first->model_id,
		.process = l->app->process,
		.created_ms = now,
		.deadline_ms =
			now + (o->timeout_ms > 0 ? o->timeout_ms : LONGEST_MS) + DEAD_AFTER_MS,
	};
	if (!o->no_log)
		l->record.entry.request_data = request_json(l);
}

/* How much it was given to hear: that is what is paid for. Of a container only what it has heard is known. */
static int64_t heard_ms(const struct ct_listen *l)
{
	int64_t rate = ct_source_format(l->source)->bytes_per_second, most = 0;

	if (rate > 0)
		return (l->sent_to - l->from) * 1000 / rate;
	for (int i = 0; i < CT_HEARING_CHANNELS_MAX; i++)
		if (l->final_us[i] > most)
			most = l->final_us[i];
	return most / 1000;
}

void ct_listen_note_attempt(struct ct_listen *l, const struct ct_err *err)
{
	const struct ct_model *model = ct_listen_candidate(l)->model;
	struct ct_pricing unknown = ct_pricing_unknown();
	struct ct_attempt *a = &l->entry->attempt;
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(4096);

	l->entry->ended = ct_time_now();
	l->entry->retry_after_ms = err->retry_after_ms;
	a->code = err->code;
	a->status = err->status > 0 ? err->status : l->stood ? 101 : 0;
	a->duration_ms = ct_time_since(l->entry->ended, l->entry->began);
	if (l->first_heard_us > 0)
		a->first_token_ms = (l->first_heard_us - l->opened_us) / 1000;
	a->usage = (struct ct_usage){ .known = true, .audio_ms = heard_ms(l) };
	l->audio_ms += a->usage.audio_ms;
	a->cost_usd_nanos =
		ct_usage_cost_usd_nanos(&a->usage, model != NULL ? &model->pricing : &unknown);
	if (err->code == CT_OK)
		return;
	ct_redact(l->app->redactor, ct_str(err->msg), &clean);
	a->error = ct_arena_dup(&l->arena, ct_buf_str(&clean));
}

static int64_t cost_of(const struct ct_listen *l)
{
	int64_t total = -1;

	for (size_t i = 0; i < l->record.count; i++) {
		int64_t cost = l->record.list[i].attempt.cost_usd_nanos;
		if (cost >= 0)
			total = (total < 0 ? 0 : total) + cost;
	}
	return total;
}

static struct ct_str response_json(struct ct_listen *l, const struct ct_listen_result *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(JSON_BYTES);
	struct ct_usage usage = { .known = true, .audio_ms = r->audio_ms };
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	if (!l->options.call.no_log)
		ct_jw_member(&jw, "response", r->text);
	ct_jw_member_or_null(&jw, "provider_request_id", r->provider_request_id);
	ct_jw_key(&jw, "usage");
	ct_usage_json(&jw, &usage);
	ct_jw_end_object(&jw);
	return keep(l, &text);
}

static struct ct_str error_json(struct ct_listen *l, const struct ct_listen_result *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(JSON_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "code", ct_str(ct_code_name(r->code)));
	if (!l->options.call.no_log)
		ct_jw_member(&jw, "message", ct_str(r->err.msg));
	ct_jw_member(&jw, "provider", r->provider);
	ct_jw_key(&jw, "status");
	if (r->err.status > 0)
		ct_jw_int(&jw, r->err.status);
	else
		ct_jw_null(&jw);
	ct_jw_end_object(&jw);
	return keep(l, &text);
}

static struct ct_str attempts_json(struct ct_listen *l)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(JSON_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_attempts_json(&jw, l->record.list, l->record.count,
			 l->options.call.no_log ? CT_ATTEMPTS_NO_TEXT : CT_ATTEMPTS_FULL);
	return keep(l, &text);
}

static void on_recorded(void *user)
{
	struct ct_listen *l = user;

	l->recorded = true;
	if (l->waited_for)
		ct_loop_stop(l->app->loop); /* ct_listen_wait() frees it */
	else
		ct_listen_free(l);
}

/* Something was heard, and then no more. */
static bool is_cut(const struct ct_listen *l, int code)
{
	return l->text.len > 0 && code != CT_OK && code != CT_ECANCELLED && code != CT_ETIMEOUT;
}

static void fill(struct ct_listen *l, int code, const struct ct_err *err,
		 struct ct_listen_result *out)
{
	const struct ct_candidate *c = ct_listen_candidate(l);

	*out = (struct ct_listen_result){
		.code = code,
		.request_id = l->record.entry.request_id,
		.provider_request_id = l->provider_request_id,
		.provider = c->service->endpoint.name,
		.model = c->model_id,
		.text = ct_buf_str(&l->text),
		.audio_ms = l->audio_ms,
		.duration_ms = (ct_clock_us() - l->began_us) / 1000,
		.cost_usd_nanos = cost_of(l),
		.attempts = l->record.list,
		.attempt_count = l->record.count,
	};
	if (err != NULL)
		out->err = *err;
	if (!is_cut(l, code))
		return;
	out->code = CT_ECUT;
	ct_fail(&out->err, CT_ECUT, "the transcript was cut off: %s", err->msg);
	out->err.status = err->status;
}

static void record(struct ct_listen *l, const struct ct_listen_result *r)
{
	struct ct_journal_outcome outcome = {
		.completed = r->code == CT_OK,
		.provider = r->provider,
		.model = r->model,
		.attempts = attempts_json(l),
		.response_data = response_json(l, r),
		.duration_ms = r->duration_ms,
		.ended_ms = ct_time_now().wall_ms,
	};

	if (r->code != CT_OK)
		outcome.error_data = error_json(l, r);
	ct_record_end(&l->record, &outcome, on_recorded, l);
}

void ct_listen_end(struct ct_listen *l, int code, const struct ct_err *err)
{
	struct ct_listen_result result;

	if (l->over)
		return;
	l->over = true;
	ct_source_stop(l->source);
	fill(l, code, err, &result);
	l->handler.on_done(l->user, &result);
	ct_timer_stop(l->wait);
	ct_timer_stop(l->deadline);
	record(l, &result); /* it may be gone now */
}

void ct_listen_free(struct ct_listen *l)
{
	ct_ws_cancel(l->ws);
	ct_timer_destroy(l->wait);
	ct_timer_destroy(l->deadline);
	ct_timer_destroy(l->tick);
	ct_source_close(l->source);
	ct_record_fini(&l->record);
	ct_buf_fini(&l->text);
	ct_buf_fini(&l->line);
	ct_arena_fini(&l->link);
	ct_arena_fini(&l->arena);
	free(l);
}
