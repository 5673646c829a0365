/* A question with the web's help, against peers that never stop asking or never had an answer. */
#include "rawserver.h"
#include "scratch.h"
#include "service/web.h"

TestSuite(web, .init = scratch_make, .fini = scratch_end, .timeout = 100);

#define JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
#define FOUND \
	JSON "{\"results\":[{\"title\":\"T\",\"url\":\"https://a.example/\",\"content\":\"c\"}]}"
#define MESSAGE(content, stop) \
	JSON "{\"type\":\"message\",\"id\":\"m\",\"model\":\"c\",\"content\":[" content \
	     "],\"stop_reason\":\"" stop "\",\"usage\":{\"input_tokens\":2,\"output_tokens\":1}}"
#define CALL(id, query) \
	"{\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"web_search\",\"input\":" query "}"

static struct {
	int times, code;
	size_t calls, attempts, sources;
	int64_t output_tokens;
	char text[100];
} ended;

static void on_done(void *user, const struct ct_call_result *r)
{
	(void)user;
	ended.times++;
	ended.code = r->code;
	ended.calls = r->answer->call_count;
	ended.attempts = r->attempt_count;
	ended.sources = r->source_count;
	ended.output_tokens = r->usage.output;
	snprintf(ended.text, sizeof(ended.text), "%.*s",
		 CT_STR_ARG(ct_buf_str(&r->answer->text)));
}

static int ask(struct rawserver *search, struct rawserver *model, const char *question)
{
	struct ct_message message = { .role = CT_ROLE_USER, .text = ct_str(question) };
	struct ct_request request = { .messages = &message, .message_count = 1 };
	struct ct_choice choice = { .provider = "claude", .no_fallback = true };
	struct ct_choice searcher = { .task = CT_TASK_SEARCH };
	struct ct_candidates candidates, searchers;
	struct ct_app *app;
	struct ct_err err = { 0 };

	setenv("ANTHROPIC_API_KEY", "k", 1);
	setenv("ANTHROPIC_BASE_URL", rawserver_url(model, ""), 1);
	setenv("TAVILY_API_KEY", "k", 1);
	setenv("TAVILY_BASE_URL", rawserver_url(search, ""), 1);
	cr_assert_eq(ct_app_create(&(struct ct_app_options){ 0 }, &app, &err), CT_OK);
	cr_assert_eq(ct_app_open_catalog(app, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_app_open_net(app, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_candidates_find(app, &choice, &candidates, &err), CT_OK);
	cr_assert_eq(ct_candidates_find(app, &searcher, &searchers, &err), CT_OK);
	struct ct_web web = { .app = app,
			      .request = &request,
			      .candidates = &candidates,
			      .searchers = &searchers,
			      .options = ct_call_defaults(app->config),
			      .handler = { .on_done = on_done } };
	int rc = ct_web_run(&web, &err);
	ct_web_fini(&web);
	ct_app_destroy(app);
	rawserver_halt(search);
	rawserver_halt(model);
	return rc;
}

Test(web, ends_a_model_that_only_asks_for_more)
{
	static const struct raw_step found[] = { RAW(READ), RAW_TEXT(FOUND), RAW(AGAIN) };
	static const struct raw_step asks[] = {
		RAW(READ), RAW_TEXT(MESSAGE(CALL("t", "{\"query\":\"more\"}"), "tool_use")), RAW(AGAIN),
	};
	struct rawserver *search = rawserver_start(found), *model = rawserver_start(asks);

	ended.times = 0;
	cr_assert_eq(ask(search, model, "what?"), CT_ETOOL, "asking is no answer");
	cr_assert_eq(ended.times, 1);
	cr_assert_eq(ended.code, CT_ETOOL);
	cr_assert_eq(ended.attempts, CT_WEB_ROUNDS_MAX + 2);
	cr_assert_eq(ended.output_tokens, CT_WEB_ROUNDS_MAX + 2, "all turns count");
	cr_assert_eq(ended.sources, 1, "what was found before is no new source");
	cr_assert_eq(rawserver_connections(search), 1 + CT_WEB_ROUNDS_MAX);
	cr_assert_not_null(strstr(rawserver_received(model), "no further search is possible"));
	rawserver_stop(search);
	rawserver_stop(model);
}

Test(web, tells_the_model_of_a_call_that_asks_for_nothing)
{
	static const struct raw_step found[] = { RAW(READ), RAW_TEXT(FOUND), RAW(AGAIN) };
	static const struct raw_step asks[] = {
		RAW(READ),
		RAW_TEXT(MESSAGE(CALL("t1", "{}") "," CALL("t2", "{\"query\":\"b\"}"), "tool_use")),
		RAW(CLOSE), RAW(READ),
		RAW_TEXT(MESSAGE("{\"type\":\"text\",\"text\":\"so [1]\"}", "end_turn")),
		RAW(CLOSE), RAW(END),
	};
	struct rawserver *search = rawserver_start(found), *model = rawserver_start(asks);

	cr_assert_eq(ask(search, model, "what?"), CT_OK);
	cr_assert_str_eq(ended.text, "so [1]");
	cr_assert_eq(rawserver_connections(search), 2);
	/* the turn goes back as it came, and each call is answered */
	cr_assert_not_null(strstr(rawserver_received(model), CALL("t1", "{}")));
	cr_assert_not_null(strstr(rawserver_received(model),
				  "{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":"
				  "\"The search failed: the argument query is missing or empty\","
				  "\"is_error\":true},{\"type\":\"tool_result\",\"tool_use_id\":"
				  "\"t2\",\"content\":\"<search_results>"));
	rawserver_stop(search);
	rawserver_stop(model);
}

Test(web, answers_each_of_too_many_calls_and_of_other_tools)
{
	static const struct raw_step found[] = { RAW(READ), RAW_TEXT(FOUND), RAW(AGAIN) };
	static const struct raw_step asks[] = {
		RAW(READ),
		RAW_TEXT(MESSAGE(CALL("t1", "{\"query\":\"a\"}") "," CALL("t2", "{\"query\":\"b\"}") ","
				 CALL("t3", "{\"query\":\"c\"}") "," CALL("t4", "{\"query\":\"d\"}") ","
				 CALL("t5", "{\"query\":\"e\"}") ","
				 "{\"type\":\"tool_use\",\"id\":\"t6\",\"name\":\"shell\",\"input\":{}}",
				 "tool_use")),
		RAW(CLOSE), RAW(READ),
		RAW_TEXT(MESSAGE("{\"type\":\"text\",\"text\":\"so [1]\"}", "end_turn")),
		RAW(CLOSE), RAW(END),
	};
	struct rawserver *search = rawserver_start(found), *model = rawserver_start(asks);

	cr_assert_eq(ask(search, model, "what?"), CT_OK);
	cr_assert_str_eq(ended.text, "so [1]");
	cr_assert_eq(ended.calls, 0);
	cr_assert_eq(rawserver_connections(search), 1 + CT_WEB_SEARCHES_MAX);
	cr_assert_not_null(strstr(rawserver_received(model),
				  "\"tool_use_id\":\"t5\",\"content\":\"The search failed: no more "
				  "than 4 searches at once\",\"is_error\":true}"));
	cr_assert_not_null(strstr(rawserver_received(model),
				  "\"tool_use_id\":\"t6\",\"content\":\"The search failed: there is "
				  "no such tool, only web_search\",\"is_error\":true}"));
	rawserver_stop(search);
	rawserver_stop(model);
}

Test(web, asks_no_model_where_the_search_has_failed)
{
	static const struct raw_step refuses[] = {
		RAW(READ), RAW_TEXT("HTTP/1.1 432 Plan Limit\r\nContent-Length: 0\r\n\r\n"), RAW(AGAIN),
	};
	static const struct raw_step answers[] = {
		RAW(READ), RAW_TEXT(MESSAGE("{\"type\":\"text\",\"text\":\"made up\"}", "end_turn")),
		RAW(AGAIN),
	};
	struct rawserver *search = rawserver_start(refuses), *model = rawserver_start(answers);

	ended.times = 0;
	cr_assert_eq(ask(search, model, "what?"), CT_EQUOTA);
	cr_assert_eq(ended.times, 0);
	cr_assert_eq(rawserver_connections(model), 0);
	cr_assert_eq(rawserver_connections(search), 1, "and is not tried again");
	rawserver_stop(search);
	rawserver_stop(model);
}

Test(web, searches_for_nothing_that_could_not_be_asked)
{
	static const struct raw_step found[] = { RAW(READ), RAW_TEXT(FOUND), RAW(AGAIN) };
	struct rawserver *search = rawserver_start(found), *model = rawserver_start(found);

	cr_assert_eq(ask(search, model, " \n"), CT_EINVALID);
	cr_assert_eq(rawserver_connections(search), 0);
	rawserver_stop(search);
	rawserver_stop(model);
}
