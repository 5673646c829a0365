/* The manager of sessions against peers that do what no server should. */
#include <fcntl.h>

#include "codec/json.h"
#include "rawserver.h"
#include "scratch.h"
#include "service/stream.h"

TestSuite(stream, .init = scratch_make, .fini = scratch_end, .timeout = 100);

#define EVENTS "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
#define DELTA(text) \
	"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define FINISH "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define CALL "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\"," \
	"\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{\\\"a\\\":1}\"}}]}," \
	"\"finish_reason\":\"tool_calls\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

static struct ct_stream_result result;
static char output[1 << 16];

static void run_lines(struct ct_app *app, const char *lines, const struct ct_stream_options *o)
{
	const char *in = scratch_write("in", lines, 0600), *out = scratch_path("out");
	struct ct_stream_options options = *o;
	struct ct_err err = { 0 };

	options.input = open(in, O_RDONLY);
	options.output = open(out, O_RDWR | O_CREAT | O_TRUNC, 0600);
	cr_assert_eq(ct_stream_run(app, &options, NULL, NULL, &result, &err), CT_OK, "%s", err.msg);
	ssize_t n = pread(options.output, output, sizeof(output) - 1, 0);
	cr_assert_geq(n, 0);
	output[n] = '\0';
	close(options.input);
	close(options.output);
}

/* Ask openai's protocol at that server. */
static void run(const char *lines, struct rawserver *server, struct ct_stream_options o)
{
	struct ct_request base = { .stream = true };
	struct ct_app *app;
	struct ct_err err = { 0 };

	setenv("OPENAI_API_KEY", "k", 1);
	setenv("OPENAI_BASE_URL", rawserver_url(server, ""), 1);
	cr_assert_eq(ct_app_create(&(struct ct_app_options){ 0 }, &app, &err), CT_OK);
	cr_assert_eq(ct_app_open_catalog(app, &err), CT_OK, "%s", err.msg);
	o.call = ct_call_defaults(app->config);
	o.call.retries = 0;
	o.base = &base;
	o.choice = (struct ct_choice){ .provider = "openai", .no_fallback = true };
	o.max_concurrent = o.max_concurrent > 0 ? o.max_concurrent : 1;
	o.buffer_events = o.buffer_events > 0 ? o.buffer_events : 1000;
	o.flush_ms = 50;
	o.heartbeat_ms = 60000;
	run_lines(app, lines, &o);
	ct_app_destroy(app);
	rawserver_stop(server);
}

/* The types of all events but `start`, a blank after each; what members of a type say. */
static void expect_types(const char *expected)
{
	char types[1024] = "";
	struct ct_arena arena = { 0 };

	for (char *line = output, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		const struct ct_json *event;
		struct ct_str text = { line, (size_t)(end - line) };
		cr_assert_eq(ct_json_parse(&arena, text, CT_JSON_STRICT, &event, NULL), CT_OK);
		struct ct_str type = ct_json_str_at(event, "type");
		if (!ct_str_is(type, "start"))
			snprintf(types + strlen(types), sizeof(types) - strlen(types), "%.*s ",
				 CT_STR_ARG(type));
	}
	ct_arena_fini(&arena);
	cr_expect_str_eq(types, expected, "%s", output);
}

static void expect_says(const char *part)
{
	cr_expect(strstr(output, part) != NULL, "%s is not in %s", part, output);
}

Test(stream, a_session_after_the_other_each_with_its_end)
{
	static const struct raw_step steps[] = {
		RAW(READ), RAW_TEXT(EVENTS DELTA("a") DELTA("b") FINISH DONE), RAW(CLOSE),
		RAW(READ), RAW_TEXT(EVENTS DELTA("c")), RAW(CLOSE),
		RAW(READ), RAW_TEXT(EVENTS CALL DONE), RAW(CLOSE), RAW(END),
	};

	run("{\"message\":\"1\",\"session_id\":\"x\"}\n{\"message\":\"2\"}\n{\"message\":\"3\"}",
	    rawserver_start(steps), (struct ct_stream_options){ 0 });
	expect_types("token token completion token error tool_call completion ");
	cr_expect_eq(result.counts.completed, 2);
	cr_expect_eq(result.counts.failed, 1);
	cr_expect_eq(result.counts.running, 0);
	cr_expect_eq(result.counts.tokens, 3);
	cr_expect_eq(result.first.code, CT_ECUT);
	expect_says("\"id\":\"c1\",\"name\":\"look\",\"arguments\":{\"a\":1}");
	expect_says("\"code\":\"truncated\",\"provider\":\"openai\",\"status\":200,\"tokens_delivered\":1");
}

Test(stream, a_pace_holds_back_what_comes_at_once_and_loses_nothing)
{
	static const struct raw_step steps[] = {
		RAW(READ), RAW_TEXT(EVENTS), RAW_TIMES(DELTA("0123456789"), 4000),
		RAW_TEXT(FINISH DONE), RAW(CLOSE), RAW(END),
	};

	run("{\"message\":\"1\"}\n", rawserver_start(steps),
	    (struct ct_stream_options){ .max_tokens_per_second = 20000 });
	cr_expect_eq(result.counts.tokens, 4000);
	cr_expect_eq(result.counts.completed, 1);
}

Test(stream, what_a_peer_sends_while_the_buffer_is_full_is_not_lost)
{
	static const struct raw_step steps[] = {
		RAW(READ), RAW_TEXT(EVENTS), RAW_TIMES(DELTA("0123456789"), 20000),
		RAW_TEXT(FINISH DONE), RAW(CLOSE), RAW(END),
	};

	run("{\"message\":\"1\"}\n", rawserver_start(steps),
	    (struct ct_stream_options){ .buffer_events = 1 });
	cr_expect_eq(result.counts.tokens, 20000);
	cr_expect_eq(result.counts.completed, 1);
}

Test(stream, lines_that_are_none_count_as_failed_and_cost_no_request)
{
	static const struct raw_step steps[] = { RAW(END) };

	run("x\n{\"message\":\"\"}\n\n{\"message\":\"a\",\"provider\":\"nobody\"}\n",
	    rawserver_start(steps), (struct ct_stream_options){ .metrics = true });
	expect_types("error error error metrics ");
	cr_expect_eq(result.counts.failed, 3);
	cr_expect_eq(result.first.code, CT_EINVALID);
	expect_says("\"line\":4");
}
