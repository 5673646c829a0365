/* A call against peers that do what no server should: what the reader gets, and how it ends. */
#include "rawserver.h"
#include "scratch.h"
#include "service/call.h"

TestSuite(call, .init = scratch_make, .fini = scratch_end, .timeout = 100);

#define EVENTS "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define DELTA(text) \
	"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define FINISH "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

/* How a call ended. */
struct ending {
	int code;
	char text[256];
	char error[512];
	size_t attempts;
	size_t calls; /* tools that the model called */
	bool has_request_id; /* of the provider's */
};

static struct ending ending;

static void on_done(void *user, const struct ct_call_result *result)
{
	(void)user;
	ending = (struct ending){ .code = result->code,
				  .attempts = result->attempt_count,
				  .calls = result->answer->call_count,
				  .has_request_id = result->provider_request_id.ptr != NULL };
	snprintf(ending.text, sizeof(ending.text), "%.*s",
		 CT_STR_ARG(ct_buf_str(&result->answer->text)));
	snprintf(ending.error, sizeof(ending.error), "%s", result->err.msg);
}

static void start(struct ct_app **app, const struct ct_choice *choice,
		  struct ct_candidates *candidates)
{
	struct ct_err err = { 0 };

	cr_assert_eq(ct_app_create(&(struct ct_app_options){ 0 }, app, &err), CT_OK);
	cr_assert_eq(ct_app_open_catalog(*app, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_candidates_find(*app, choice, candidates, &err), CT_OK, "%s", err.msg);
}

/* Ask one provider at that address; change what differs from the defaults. */
static void ask(const char *provider, const char *model, struct rawserver *server,
		const struct ct_call_options *change)
{
	static const struct ct_message question = { .role = CT_ROLE_USER, .text = { "hi", 2 } };
	static const struct ct_call_handler handler = { .on_done = on_done };
	struct ct_request request = { .messages = &question, .message_count = 1, .stream = true };
	struct ct_candidates candidates;
	struct ct_call *call;
	struct ct_app *app;
	struct ct_err err = { 0 };

	setenv("OPENAI_API_KEY", "k", 1);
	setenv("OPENAI_BASE_URL", rawserver_url(server, ""), 1);
	setenv("ANTHROPIC_API_KEY", "k", 1);
	setenv("ANTHROPIC_BASE_URL", rawserver_url(server, ""), 1);
	start(&app, &(struct ct_choice){ .provider = provider, .model = model,
					 .no_fallback = true }, &candidates);
	struct ct_call_options options = ct_call_defaults(app->config);
	options.show = change->show;
	options.retries = change->retries;
	if (change->timeout_ms > 0)
		options.timeout_ms = change->timeout_ms;
	cr_assert_eq(ct_call_start(app, &request, &candidates, &options, &handler, NULL, &call,
				   &err), CT_OK, "%s", err.msg);
	ct_call_wait(call);
	ct_app_destroy(app);
	rawserver_stop(server);
}

static void expect_answer(const char *text)
{
	cr_assert_eq(ending.code, CT_OK, "%s: %s", ct_code_name(ending.code), ending.error);
	cr_assert_str_eq(ending.text, text);
}

Test(call, ends_soon_after_the_last_event_though_the_peer_goes_on_pinging)
{
	static const struct raw_step steps[] = {
		RAW(READ), RAW_TEXT(EVENTS DELTA("whole") FINISH DONE),
		RAW_TIMES(": ping\n\n", (size_t)-1), RAW(CLOSE), RAW(END),
	};

	ask("openai", NULL, rawserver_start(steps), &(struct ct_call_options){ 0 });
	expect_answer("whole");
}

Test(call, is_whole_when_time_runs_out_after_the_end_marker)
{
	static const struct raw_step steps[] = {
		RAW(READ), RAW_TEXT(EVENTS DELTA("whole") FINISH), RAW(HOLD), RAW(END),
	};

	/* usage is waited for longer than that */
	ask("openai", NULL, rawserver_start(steps), &(struct ct_call_options){ .timeout_ms = 1500 });
	expect_answer("whole");
}

Test(call, names_no_request_of_a_provider_that_gave_none)
{
	static const struct raw_step steps[] = {
		RAW(READ), RAW_TEXT(EVENTS DELTA("whole") FINISH DONE), RAW(CLOSE), RAW(END),
	};

	ask("openai", NULL, rawserver_start(steps), &(struct ct_call_options){ 0 });
	expect_answer("whole");
	cr_assert(!ending.has_request_id);
}

#define BLOCK(index, block) \
	"data: {\"type\":\"content_block_start\",\"index\":" index ",\"content_block\":" block "}\n\n"
#define BLOCK_DELTA(index, delta) \
	"data: {\"type\":\"content_block_delta\",\"index\":" index ",\"delta\":" delta "}\n\n"
#define BLOCK_STOP(index) "data: {\"type\":\"content_block_stop\",\"index\":" index "}\n\n"
#define MESSAGE \
	"data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"content\":[]}}\n\n"
#define TOOL(index) \
	BLOCK(index, "{\"type\":\"tool_use\",\"id\":\"t" index "\",\"name\":\"f\",\"input\":{}}") \
	BLOCK_STOP(index)
#define MESSAGE_END \
	"data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"}}\n\n" \
	"data: {\"type\":\"message_stop\"}\n\n"

Test(call, forgets_the_tool_calls_of_an_answer_that_is_gone_on_with)
{
	static const struct raw_step steps[] = {
		RAW(READ),
		RAW_TEXT(EVENTS MESSAGE BLOCK("0", "{\"type\":\"text\",\"text\":\"one\"}")
				 BLOCK_STOP("0") TOOL("1")),
		RAW(CLOSE), RAW(READ),
		RAW_TEXT(EVENTS MESSAGE BLOCK("0", "{\"type\":\"text\",\"text\":\" two\"}")
				 BLOCK_STOP("0") TOOL("2") MESSAGE_END),
		RAW(CLOSE), RAW(END),
	};

	ask("claude", "claude-haiku-4-5", rawserver_start(steps),
	    &(struct ct_call_options){ .show = CT_SHOW_PIPE, .retries = 1 });
	expect_answer("one two");
	cr_assert_eq(ending.calls, 1);
}

Test(call, is_held_back_where_the_provider_said_that_nothing_remains)
{
	static const struct raw_step full[] = {
		RAW(READ),
		RAW_TEXT("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
			 "x-ratelimit-remaining-requests: 0\r\n"
			 "x-ratelimit-reset-requests: 1h0m0s\r\n\r\n" DELTA("whole") FINISH DONE),
		RAW(CLOSE), RAW(END),
	};
	static const struct raw_step fine[] = {
		RAW(READ), RAW_TEXT(EVENTS DELTA("whole") FINISH DONE), RAW(CLOSE), RAW(END),
	};

	/* without a limit of ours its word is not asked for */
	for (int i = 0; i < 2; i++) {
		ask("openai", NULL, rawserver_start(full), &(struct ct_call_options){ 0 });
		expect_answer("whole");
	}
	setenv("CARTRITA_CONFIG",
	       scratch_write("c.yaml", "providers: {openai: {rate_limit: 100/second}}\n", 0600), 1);
	ask("openai", NULL, rawserver_start(full), &(struct ct_call_options){ 0 });
	expect_answer("whole");
	ask("openai", NULL, rawserver_start(fine), &(struct ct_call_options){ 0 });
	cr_assert_eq(ending.code, CT_ERATE, "%s", ending.error);
	cr_assert(strstr(ending.error, "rate limit of openai (its own)"), "%s", ending.error);
}
