#include "chat.h"
#include "cmd_voice.h"
#include "service/call_json.h"
#include "service/interrupt.h"
#include "service/voice.h"

enum { TEXT_BYTES = 64 << 20, OPTION_BYTES = 1 << 20 };

static int64_t seconds(struct ct_cli *cli, const char *name, int64_t fallback)
{
	double s = ct_args_num(cli->args, name, -1);

	return s < 0 ? fallback : (int64_t)(s * 1000 + 0.5);
}

static void read_call_options(struct ct_voice *voice)
{
	struct ct_cli *cli = voice->cli;
	struct ct_call_options *o = &voice->call_options;

	*o = ct_call_defaults(cli->app->config);
	o->timeout_ms = seconds(cli, "timeout", o->timeout_ms);
	o->idle_ms = seconds(cli, "idle-timeout", o->idle_ms);
	o->first_ms = o->idle_ms;
	o->retries = ct_args_int(cli->args, "retries", o->retries);
	o->no_log = ct_args_count(cli->args, "no-log") > 0;
	o->user_id = ct_str(ct_args_text(cli->args, "user"));
}

/* KEY=VALUE: VALUE as JSON where it is that, else as text. */
static int read_option(struct ct_voice *voice, const char *given, struct ct_err *err)
{
	const char *equals = strchr(given, '=');
	struct ct_option *option = &voice->options[voice->request.option_count];
	const struct ct_json *value;

	if (equals == NULL || equals == given)
		return ct_fail(err, CT_EUSAGE, "--option wants KEY=VALUE, not '%.60s'", given);
	if (voice->request.option_count == CT_VOICE_OPTIONS_MAX)
		return ct_fail(err, CT_EUSAGE, "--option: %d at most", CT_VOICE_OPTIONS_MAX);
	option->key = (struct ct_str){ given, (size_t)(equals - given) };
	option->json = ct_str(equals + 1);
	if (ct_json_parse(&voice->arena, option->json, CT_JSON_STRICT, &value, NULL) != CT_OK) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(OPTION_BYTES);
		struct ct_jw jw = ct_jw(&text);
		ct_jw_str(&jw, option->json);
		option->json = ct_arena_dup(&voice->arena, ct_buf_str(&text));
	}
	voice->request.option_count++;
	return CT_OK;
}

int ct_voice_init(struct ct_voice *voice, struct ct_cli *cli, enum ct_task task,
		  struct ct_err *err)
{
	struct ct_choice choice = { .task = task,
				    .provider = ct_args_text(cli->args, "provider"),
				    .model = ct_args_text(cli->args, "model"),
				    .fallback = ct_args_text(cli->args, "fallback"),
				    .no_fallback = ct_args_count(cli->args, "no-fallback") > 0 };
	const char *given;
	int rc = CT_OK;

	voice->cli = cli;
	voice->err = err;
	voice->request.task = task;
	voice->request.speech = &voice->speech;
	voice->request.options = voice->options;
	read_call_options(voice);
	for (size_t i = 0; rc == CT_OK && (given = ct_args_at(cli->args, "option", i)); i++)
		rc = read_option(voice, given, err);
	return rc == CT_OK ? ct_candidates_find(cli->app, &choice, &voice->candidates, err) : rc;
}

void ct_voice_fini(struct ct_voice *voice)
{
	ct_arena_fini(&voice->arena);
}

static void stop_spinner(struct ct_voice *voice)
{
	ct_spinner_stop(voice->spinner);
	voice->spinner = NULL;
}

static void on_event(void *user, const struct ct_call_event *event)
{
	struct ct_voice *voice = user;

	ct_spinner_event(voice->spinner, event);
	if (event->type == CT_CALL_AUDIO)
		stop_spinner(voice);
	if (voice->on_event != NULL)
		voice->on_event(voice, event);
	if (voice->cli->out.closed)
		ct_call_cancel(voice->call);
}

static void print_failure(struct ct_voice *voice, const struct ct_call_result *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf attempts = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&attempts);

	ct_attempts_json(&jw, r->attempts, r->attempt_count, CT_ATTEMPTS_FULL);
	ct_out_error_json(&voice->cli->out, &r->err,
			  &(struct ct_error_extra){ r->provider, r->request_id,
						    r->provider_request_id,
						    { NULL, 0 },
						    ct_buf_str(&attempts) });
}

static void on_done(void *user, const struct ct_call_result *r)
{
	struct ct_voice *voice = user;

	stop_spinner(voice);
	voice->code = r->code;
	if (r->code == CT_OK) {
		voice->code = voice->on_answer(voice, r, voice->err);
		return;
	}
	if (voice->err->code == CT_OK) /* else it was broken off for a reason of ours */
		*voice->err = r->err;
	else
		voice->code = voice->err->code;
	if (voice->cli->out.json && voice->err->code == r->err.code)
		print_failure(voice, r);
}

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	struct ct_voice *voice = user;

	if (cause == CT_INTERRUPT_READER)
		voice->cli->out.closed = true;
	ct_call_cancel(voice->call);
}

int ct_voice_ask(struct ct_voice *voice, struct ct_err *err)
{
	static const struct ct_call_handler handler = { on_event, on_done };
	struct ct_cli *cli = voice->cli;
	struct ct_interrupt *interrupt = NULL;
	int rc;

	voice->err = err;
	rc = ct_call_start(cli->app, &voice->request, &voice->candidates, &voice->call_options,
			   &handler, voice, &voice->call, err);
	if (rc != CT_OK)
		return rc;
	voice->spinner = ct_spinner_start(cli);
	ct_interrupt_watch(cli->app->loop, on_interrupt, voice, &interrupt, NULL);
	ct_call_wait(voice->call);
	voice->call = NULL;
	ct_interrupt_end(interrupt);
	stop_spinner(voice);
	return voice->code;
}

void ct_voice_json(struct ct_jw *jw, const struct ct_call_result *r)
{
	ct_jw_member(jw, "provider", r->provider);
	ct_jw_member(jw, "model", r->model);
	ct_jw_key(jw, "usage");
	ct_usage_json(jw, &r->usage);
	ct_result_metadata_json(jw, r);
}
