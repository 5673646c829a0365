#include "cmd_provider.h"
#include "service/call.h"
#include "service/call_json.h"
#include "service/interrupt.h"
#include "service/recording.h"
#include "service/search.h"
#include "service/voice.h"

enum { TEXT_MAX = 64 << 20, TIMEOUT_MS = 60000 };

static const char question[] = "Answer with one short sentence: are you there?";

/* One small question to one provider. */
struct test {
	struct ct_cli *cli;
	struct ct_call *call;
	bool stream;
	int64_t chunks;
	int code;
	struct ct_err *err;
};

static void on_event(void *user, const struct ct_call_event *event)
{
	struct test *test = user;

	if (event->type == CT_CALL_TEXT)
		test->chunks++;
}

/* What was said, else the first of what was found. */
static struct ct_str content_of(const struct ct_call_result *r)
{
	return r->answer->text.len == 0 && r->answer->found_count > 0 ?
		       r->answer->found[0].title :
		       ct_buf_str(&r->answer->text);
}

static void print_json(struct test *test, const struct ct_call_result *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_MAX);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "provider", r->provider);
	ct_jw_member(&jw, "model", r->model);
	ct_jw_member(&jw, "content", content_of(r));
	ct_jw_member(&jw, "finish_reason", ct_str(ct_finish_name(r->answer->finish)));
	ct_jw_member(&jw, "request_id", r->request_id);
	ct_jw_member_or_null(&jw, "provider_request_id", r->provider_request_id);
	ct_jw_member_int(&jw, "duration_ms", r->duration_ms);
	ct_jw_member_measure(&jw, "first_token_ms", r->first_token_ms);
	ct_jw_key(&jw, "cost_usd");
	if (r->cost_usd_nanos >= 0)
		ct_jw_num(&jw, (double)r->cost_usd_nanos / 1e9);
	else
		ct_jw_null(&jw);
	if (test->stream)
		ct_jw_member_int(&jw, "chunks", test->chunks);
	ct_jw_key(&jw, "usage");
	ct_usage_json(&jw, &r->usage);
	ct_jw_key(&jw, "attempts");
	ct_attempts_json(&jw, r->attempts, r->attempt_count, CT_ATTEMPTS_SHORT);
	ct_jw_end_object(&jw);
	ct_out_json(&test->cli->out, &text);
}

static void print_text(struct test *test, const struct ct_call_result *r)
{
	struct ct_out *out = &test->cli->out;
	char text[CT_HUMAN_SIZE];

	ct_out_printf(out, "Provider     %.*s\n", CT_STR_ARG(r->provider));
	ct_out_printf(out, "Model        %.*s\n", CT_STR_ARG(r->model));
	ct_out_printf(out, "Content      %.*s\n", CT_STR_ARG(ct_str_trim(content_of(r))));
	ct_out_printf(out, "Tokens       %lld in, %lld out\n", (long long)r->usage.input,
		      (long long)r->usage.output);
	ct_out_printf(out, "Cost         %s\n",
		      ct_human_usd(text, sizeof(text), r->cost_usd_nanos));
	ct_out_printf(out, "Duration     %s\n", ct_human_ms(text, sizeof(text), r->duration_ms));
	ct_out_printf(out, "First token  %s\n",
		      ct_human_ms(text, sizeof(text), r->first_token_ms));
	if (test->stream)
		ct_out_printf(out, "Chunks       %lld\n", (long long)test->chunks);
}

static void on_done(void *user, const struct ct_call_result *r)
{
	struct test *test = user;
	CT_CLEANUP(ct_buf_fini) struct ct_buf attempts = CT_BUF_INIT(TEXT_MAX);

	test->code = r->code;
	if (r->code == CT_OK && test->cli->out.json)
		print_json(test, r);
	else if (r->code == CT_OK)
		print_text(test, r);
	if (r->code == CT_OK)
		return;
	*test->err = r->err;
	struct ct_jw jw = ct_jw(&attempts);
	ct_attempts_json(&jw, r->attempts, r->attempt_count, CT_ATTEMPTS_SHORT);
	if (test->cli->out.json)
		ct_out_error_json(&test->cli->out, &r->err,
				  &(struct ct_error_extra){ r->provider, r->request_id,
							    r->provider_request_id,
							    { NULL, 0 },
							    ct_buf_str(&attempts) });
}

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	(void)cause;
	ct_call_cancel(((struct test *)user)->call);
}

static int ask(struct test *test, const struct ct_candidates *candidates,
	       const struct ct_speech *speech)
{
	struct ct_search query = { .query = ct_str("cartrita"), .limit = 1 };
	bool search = ct_str_is(candidates->list[0].model_id, ct_task_name(CT_TASK_SEARCH));
	static const struct ct_call_handler handler = { on_event, on_done };
	struct ct_app *app = test->cli->app;
	struct ct_message message = { .role = CT_ROLE_USER, .text = ct_str(question) };
	struct ct_request request = { .messages = &message,
				      .message_count = 1,
				      .stream = test->stream };
	struct ct_call_options options = ct_call_defaults(app->config);
	struct ct_interrupt *interrupt = NULL;

	if (search)
		request = (struct ct_request){ .task = CT_TASK_SEARCH, .search = &query };
	if (speech != NULL)
		request = (struct ct_request){ .task = CT_TASK_TRANSCRIBE, .speech = speech };
	options.show = CT_SHOW_PIPE;
	options.on_cut_fail = true;
	options.retries = 0;
	options.past_circuit = true;
	options.timeout_ms = TIMEOUT_MS;
	options.user_id = ct_str("test");
	int rc = ct_call_start(app, &request, candidates, &options, &handler, test, &test->call,
			       test->err);
	if (rc != CT_OK && test->cli->out.json)
		ct_out_error_json(&test->cli->out, test->err,
				  &(struct ct_error_extra){
					  .provider = candidates->list[0].service->endpoint.name });
	if (rc != CT_OK)
		return rc;
	ct_interrupt_watch(app->loop, on_interrupt, test, &interrupt, NULL);
	ct_call_wait(test->call);
	ct_interrupt_end(interrupt);
	return test->code;
}

/* Who only listens is given a tone: nothing is said in it. */
static int ask_to_listen(struct test *test, const struct ct_candidates *candidates)
{
	struct ct_recording_file tone = CT_RECORDING_FILE_INIT;
	struct ct_speech speech = { .recording = &tone.recording };
	int rc = ct_recording_tone(&tone, test->err);

	if (rc == CT_OK)
		rc = ask(test, candidates, &speech);
	ct_recording_fini(&tone);
	return rc;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	struct test test = { .cli = cli,
			     .err = err,
			     .stream = ct_args_count(cli->args, "stream") > 0 };
	struct ct_choice choice = { .provider = ct_args_word(cli->args, 0),
				    .model = ct_args_text(cli->args, "model"),
				    .no_fallback = true };
	struct ct_candidates candidates;

	if (ct_args_count(cli->args, "faults") > 0) {
		if (ct_args_word_count(cli->args) > 0)
			return ct_exit_status(ct_fail(err, CT_EUSAGE,
						      "--faults plays the sandbox, not '%.60s'",
						      choice.provider));
		if (test.stream || choice.model != NULL)
			return ct_exit_status(ct_fail(err, CT_EUSAGE,
						      "--faults and %s do not go together",
						      test.stream ? "--stream" : "--model"));
		return ct_cmd_provider_faults(cli, err);
	}
	if (ct_args_word_count(cli->args) != 1)
		return ct_exit_status(ct_fail(err, CT_EUSAGE,
					      "provider test takes one provider, or --faults"));
	choice.task = ct_voice_task_of(cli->app, choice.provider);
	if (ct_search_is_all(cli->app, choice.provider))
		choice.task = CT_TASK_SEARCH;
	if (!ct_task_has_models(choice.task) && choice.model != NULL)
		return ct_exit_status(ct_fail(err, CT_EUSAGE, "%.60s has no models: leave --model out",
					      choice.provider));
	int rc = ct_candidates_find(cli->app, &choice, &candidates, err);
	if (rc == CT_OK && choice.task == CT_TASK_TRANSCRIBE)
		rc = ask_to_listen(&test, &candidates);
	else if (rc == CT_OK)
		rc = ask(&test, &candidates, NULL);
	return ct_exit_status(rc);
}

static const struct ct_opt options[] = {
	{ "model", 'm', CT_OPT_TEXT, "MODEL", "This model of it", .words = "model" },
	{ "stream", 0, CT_OPT_FLAG, NULL, "As a stream; counts its chunks" },
	{ "faults", 0, CT_OPT_FLAG, NULL, "Play every fault of a provider against this program" },
	{ .name = NULL },
};

const struct ct_cmd ct_cmd_provider_test = {
	.name = "test",
	.args = "PROVIDER|--faults",
	.summary = "Send one small real request to one provider",
	.details = "Past its circuit; a success closes the circuit, a failure does not count. The "
		   "request is journaled as user `test`.",
	.needs = CT_NEEDS_CATALOG,
	.options = options,
	.words = "provider",
	.run = run,
};
