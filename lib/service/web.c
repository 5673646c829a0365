#include "service/web.h"

#include "base/log.h"
#include "provider/tools.h"
#include "service/web_text.h"

enum { TEXT_BYTES = 256 << 20 };

static int no_memory(struct ct_err *err)
{
	return ct_fail(err, CT_ENOMEM, "no memory for a question to the web");
}

static int64_t left_ms(const struct ct_web *web)
{
	return web->options.timeout_ms - (ct_clock_us() - web->began_us) / 1000;
}

static struct ct_str keep(struct ct_web *web, struct ct_str text)
{
	return text.ptr == NULL ? text : ct_arena_dup(&web->arena, text);
}

static bool is_known(const struct ct_web *web, struct ct_str url)
{
	for (size_t i = 0; i < web->source_count; i++)
		if (ct_str_eq(web->sources[i].url, url))
			return true;
	return false;
}

/* What is new becomes a source with the next number. */
static int take_sources(struct ct_web *web, const struct ct_searching *s, struct ct_err *err)
{
	for (size_t i = 0; i < s->count && web->source_count < CT_WEB_SOURCES_MAX; i++) {
		struct ct_found *to = &web->sources[web->source_count];
		if (s->found[i].url.len == 0 || is_known(web, s->found[i].url))
			continue;
		*to = (struct ct_found){
			.title = keep(web, s->found[i].title),
			.url = keep(web, s->found[i].url),
			.text = keep(web, ct_web_cut(s->found[i].text)),
		};
		if (to->title.ptr == NULL || to->url.ptr == NULL || to->text.ptr == NULL)
			return no_memory(err);
		web->source_count++;
	}
	return CT_OK;
}

/* One search; its results are sources from number *from on. */
static int search(struct ct_web *web, struct ct_str query, size_t *from, struct ct_err *err)
{
	struct ct_searching s = {
		.app = web->app,
		.task = CT_TASK_SEARCH,
		.candidates = web->searchers,
		.options = web->options,
		.search = { .query = query, .limit = CT_WEB_RESULTS },
	};
	bool begins = web->options.turn != NULL && web->options.turn->begins;

	*from = web->source_count;
	s.options.turn = NULL;
	if (begins) /* the conversation is there when the answer is */
		s.options.conversation_id = (struct ct_str){ NULL, 0 };
	s.options.timeout_ms = left_ms(web);
	s.options.first_ms = s.options.idle_ms = 0;
	if (web->on_search != NULL)
		web->on_search(web->search_user, web->searchers->list[0].service->endpoint.name, query);
	ct_log(CT_LOG_INFO, "searching the web for: %.*s", CT_STR_ARG(query));
	web->searching = &s;
	int rc = web->stopped ? ct_fail(err, CT_ECANCELLED, "cancelled") :
				ct_searching_run(&s, err);
	web->searching = NULL;
	if (rc == CT_OK) {
		rc = take_sources(web, &s, err);
	} else {
		web->failed_provider = keep(web, s.provider);
		web->failed_request_id = keep(web, s.request_id);
		web->failed_attempts = keep(web, s.attempts);
	}
	ct_searching_fini(&s);
	return rc;
}

/* A model may ask for any number of things at once, and each is answered. */
static int make_room(struct ct_web *web, size_t more)
{
	size_t room = 2 * (web->message_count + more);
	struct ct_message *list;

	if (web->message_count + more <= web->message_room)
		return CT_OK;
	list = ct_arena_alloc(&web->arena, room * sizeof(*list));
	if (list == NULL)
		return no_memory(&web->err);
	if (web->message_count > 0)
		memcpy(list, web->messages, web->message_count * sizeof(*list));
	web->messages = list;
	web->message_room = room;
	return CT_OK;
}

/* The request's messages, the last of which brings what was found. */
static int write_messages(struct ct_web *web, struct ct_err *err)
{
	const struct ct_request *r = web->request;
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_message *last;

	if (make_room(web, r->message_count) != CT_OK)
		return no_memory(err);
	memcpy(web->messages, r->messages, r->message_count * sizeof(*web->messages));
	web->message_count = r->message_count;
	last = &web->messages[r->message_count - 1];
	ct_web_question(last->text, web->sources, web->source_count, &text);
	int rc = ct_buf_check(&text, "the question", err);
	last->text = keep(web, ct_buf_str(&text));
	return rc != CT_OK || last->text.ptr != NULL ? rc : no_memory(err);
}

static void on_event(void *user, const struct ct_call_event *event)
{
	struct ct_web *web = user;

	if (web->handler.on_event != NULL)
		web->handler.on_event(web->user, event);
}

/* The attempts of one turn after those of the turns before; strings of the call die with it. */
static void add_attempts(struct ct_web *web, const struct ct_call_result *r)
{
	size_t count = web->attempt_count + r->attempt_count;
	struct ct_record_attempt *list = ct_arena_alloc(&web->arena, count * sizeof(*list) + 1);

	if (list == NULL)
		return;
	if (web->attempt_count > 0)
		memcpy(list, web->attempts, web->attempt_count * sizeof(*list));
	for (size_t i = 0; i < r->attempt_count; i++) {
		struct ct_record_attempt *to = &list[web->attempt_count + i];
		*to = r->attempts[i];
		to->attempt.provider = keep(web, to->attempt.provider);
		to->attempt.model = keep(web, to->attempt.model);
		to->attempt.error = keep(web, to->attempt.error);
		to->attempt.reason = keep(web, to->attempt.reason);
		to->attempt.provider_request_id = keep(web, to->attempt.provider_request_id);
	}
	web->attempts = list;
	web->attempt_count = count;
}

static void count(struct ct_web *web, const struct ct_call_result *r)
{
	ct_usage_add(&web->usage, &r->usage);
	if (r->cost_usd_nanos >= 0)
		web->cost_usd_nanos = r->cost_usd_nanos +
				      (web->cost_usd_nanos > 0 ? web->cost_usd_nanos : 0);
	add_attempts(web, r);
}

/* Tools of the user's own (-o tools=[…]) stand in place of ours: what is called is theirs to answer. */
static bool has_own_tools(const struct ct_request *request)
{
	for (size_t i = 0; i < request->option_count; i++)
		if (ct_str_is(request->options[i].key, "tools"))
			return true;
	return false;
}

/* Does the answer ask for something, of us? */
static bool asks(const struct ct_web *web, const struct ct_call_result *r)
{
	return r->code == CT_OK && r->answer->call_count > 0 && !has_own_tools(web->request);
}

/* Who has begun goes on: a turn goes back as it came only to who made it. */
static void stay_with(struct ct_web *web, const struct ct_call_result *r)
{
	struct ct_candidates *all = &web->ordered;

	for (size_t i = 1; i < all->count; i++) {
		struct ct_candidate c = all->list[i];
		if (!ct_str_eq(c.service->endpoint.name, r->provider) ||
		    !ct_str_eq(c.model_id, r->model))
			continue;
		memmove(&all->list[1], &all->list[0], i * sizeof(c));
		all->list[0] = c;
		return;
	}
}

/* The calls of a turn; one without an id is given one. NULL: no memory. */
static const struct ct_tool_call *keep_calls(struct ct_web *web, const struct ct_answer *answer)
{
	struct ct_tool_call *calls =
		ct_arena_alloc(&web->arena, answer->call_count * sizeof(*calls));

	for (size_t i = 0; calls != NULL && i < answer->call_count; i++) {
		const struct ct_tool_call *call = &answer->calls[i];
		calls[i] = (struct ct_tool_call){
			.id = call->id.len > 0 ?
				      keep(web, call->id) :
				      ct_arena_printf(&web->arena, CT_TOOL_OWN_ID "%zu_%zu",
						      web->rounds, i + 1),
			.name = keep(web, call->name),
			.arguments = keep(web, call->arguments),
		};
	}
	return calls;
}

/* The turn that asks becomes part of the request; there is room for its answers, too. */
static void take_turn(struct ct_web *web, const struct ct_call_result *r)
{
	const struct ct_tool_call *calls = keep_calls(web, r->answer);

	if (calls == NULL || make_room(web, 1 + r->answer->call_count) != CT_OK) {
		web->code = no_memory(&web->err);
		return;
	}
	web->calls = calls;
	web->call_count = r->answer->call_count;
	web->messages[web->message_count++] = (struct ct_message){
		.role = CT_ROLE_ASSISTANT,
		.text = keep(web, ct_buf_str(&r->answer->text)),
		.raw = keep(web, r->turn),
		.raw_by = keep(web, r->provider),
		.reasoning = keep(web, ct_buf_str(&r->answer->reasoning)),
		.calls = calls,
		.call_count = web->call_count,
	};
}

/* A model that was told that there is no more, and still asks, has not answered. */
static void fail_endless(struct ct_web *web, struct ct_call_result *all)
{
	web->code = all->code = ct_fail(&all->err, CT_ETOOL,
					"%.*s asked for further searches to the end and has "
					"not answered", CT_STR_ARG(all->provider));
	ct_hint(&all->err, "Ask for less at once, or another model: -m ID");
	web->err = all->err;
}

/* What the conversation keeps of the answer ends with the sources. */
static void write_turn(struct ct_web *web, const struct ct_call_result *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_turn *turn = web->options.turn;

	if (turn == NULL || r->code != CT_OK || web->source_count == 0 ||
	    ct_str_trim(ct_buf_str(&r->answer->text)).len == 0)
		return;
	ct_buf_add(&text, ct_str_trim(ct_buf_str(&r->answer->text)));
	ct_buf_puts(&text, "\n\n");
	ct_web_sources_text(web->sources, web->source_count, &text);
	if (!text.failed)
		turn->said = ct_arena_dup(turn->arena, ct_str_trim(ct_buf_str(&text)));
}

/* Nothing of the turn is lost when it is asked for once more: it was refused as a whole. */
static bool wants_no_tools(const struct ct_web *web, const struct ct_call_result *r)
{
	return r->code != CT_OK && !web->without_tools && web->rounds == 0 &&
	       !has_own_tools(web->request) && ct_web_refuses_tools(&r->err);
}

static void on_done(void *user, const struct ct_call_result *r)
{
	struct ct_web *web = user;
	struct ct_call_result all = *r;

	web->call = NULL;
	web->code = r->code;
	web->err = r->err;
	web->call_count = 0;
	count(web, r);
	bool asked = asks(web, r), more = asked && web->rounds <= CT_WEB_ROUNDS_MAX;
	if (web->options.turn != NULL)
		web->options.turn->goes_on = asked;
	if (more) {
		stay_with(web, r);
		take_turn(web, r);
		return;
	}
	if (wants_no_tools(web, r)) {
		web->without_tools = true;
		ct_log(CT_LOG_WARN, "%.*s takes no tools: %.*s answers from the first search alone",
		       CT_STR_ARG(r->provider), CT_STR_ARG(r->model));
		return;
	}
	if (asked)
		fail_endless(web, &all);
	else
		write_turn(web, r);
	all.usage = web->usage;
	all.cost_usd_nanos = web->cost_usd_nanos;
	all.sources = web->sources;
	all.source_count = web->source_count;
	all.attempts = web->attempts;
	all.attempt_count = web->attempt_count;
	all.duration_ms = (ct_clock_us() - web->began_us) / 1000;
	if (r->first_token_ms >= 0)
		all.first_token_ms = all.duration_ms - r->duration_ms + r->first_token_ms;
	web->told = true;
	web->handler.on_done(web->user, &all);
}

static int ask(struct ct_web *web, struct ct_str system)
{
	static const struct ct_call_handler handler = { on_event, on_done };
	struct ct_request request = *web->request;
	struct ct_call_options options = web->options;

	request.system = system;
	request.messages = web->messages;
	request.message_count = web->message_count;
	request.tools = &ct_web_tool;
	request.tool_count = web->without_tools ? 0 : 1;
	options.timeout_ms = left_ms(web);
	if (options.turn != NULL) /* as far as anybody knows */
		options.turn->goes_on = false;
	if (web->stopped)
		return ct_fail(&web->err, CT_ECANCELLED, "cancelled");
	if (options.timeout_ms <= 0)
		return ct_fail(&web->err, CT_ETIMEOUT, "no whole answer within %.3g s",
			       (double)web->options.timeout_ms / 1000);
	int rc = ct_call_start(web->app, &request, &web->ordered, &options, &handler, web,
			       &web->call, &web->err);
	if (rc != CT_OK)
		return rc;
	ct_call_wait(web->call);
	return web->code;
}

/* Why a call is not even tried; CT_OK: it is. */
static int refuse(const struct ct_web *web, const struct ct_tool_call *call, struct ct_str query,
		  struct ct_err *err)
{
	if (!ct_str_is(call->name, CT_WEB_TOOL))
		return ct_fail(err, CT_EINVALID, "there is no such tool, only " CT_WEB_TOOL);
	if (web->rounds > CT_WEB_ROUNDS_MAX)
		return ct_fail(err, CT_EINVALID,
			       "no further search is possible: answer with what there is");
	if (call - web->calls >= CT_WEB_SEARCHES_MAX)
		return ct_fail(err, CT_EINVALID, "no more than %d searches at once",
			       CT_WEB_SEARCHES_MAX);
	if (query.len == 0)
		return ct_fail(err, CT_EINVALID, "the argument query is missing or empty");
	return CT_OK;
}

/* A search that the model asked for; one that fails it is told of. CT_ECANCELLED ends all. */
static int answer_call(struct ct_web *web, const struct ct_tool_call *call)
{
	struct ct_message *m = &web->messages[web->message_count++];
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_str query = ct_web_query_of(&web->arena, call->arguments);
	struct ct_err err = { 0 };
	size_t from = web->source_count;
	int rc = CT_OK;

	*m = (struct ct_message){ .role = CT_ROLE_TOOL,
				  .call_id = call->id,
				  .call_name = call->name };
	if (refuse(web, call, query, &err) == CT_OK)
		rc = search(web, query, &from, &err);
	if (rc == CT_ECANCELLED || rc == CT_ENOMEM) {
		web->err = err;
		return rc;
	}
	m->failed = err.code != CT_OK;
	if (rc != CT_OK)
		ct_log(CT_LOG_WARN, "a further search failed: %s", err.msg);
	if (m->failed)
		ct_buf_printf(&text, "The search failed: %s", err.msg);
	else
		ct_web_results(web->sources, from, web->source_count, &text);
	m->text = keep(web, ct_buf_str(&text));
	return m->text.ptr != NULL ? CT_OK : no_memory(&web->err);
}

static int run_rounds(struct ct_web *web, struct ct_str system)
{
	int rc = ask(web, system);

	if (rc != CT_OK && web->without_tools && !web->told)
		rc = ask(web, system);
	while (rc == CT_OK && web->call_count > 0) {
		web->rounds++;
		for (size_t i = 0; rc == CT_OK && i < web->call_count; i++)
			rc = answer_call(web, &web->calls[i]);
		if (rc == CT_OK)
			rc = ask(web, system);
	}
	return rc;
}

/* What would fail anyway is not searched for. */
static int check(struct ct_web *web, struct ct_err *err)
{
	const struct ct_candidates *all = web->candidates;
	int rc = ct_request_check(web->request, err);

	if (rc != CT_OK)
		return rc;
	for (size_t i = 0; i < all->count && !all->list[0].named; i++)
		if (ct_config_has_key(web->app->config, all->list[i].service))
			return CT_OK;
	return ct_config_key(web->app->config, all->list[0].service, err);
}

static int run(struct ct_web *web, struct ct_err *err)
{
	const struct ct_request *r = web->request;
	size_t from;
	int rc = check(web, err);

	if (rc != CT_OK)
		return rc;
	web->sources = ct_arena_alloc(&web->arena, CT_WEB_SOURCES_MAX * sizeof(*web->sources));
	if (web->sources == NULL)
		return no_memory(err);
	struct ct_str query = ct_web_query(r->messages[r->message_count - 1].text);
	if (query.len == 0)
		return ct_fail(err, CT_EINVALID, "there is nothing in the question to search for");
	rc = search(web, query, &from, err);
	if (rc == CT_OK)
		rc = write_messages(web, err);
	struct ct_str system = ct_web_system(&web->arena, r->system);
	if (rc == CT_OK && system.ptr == NULL)
		rc = no_memory(err);
	if (rc != CT_OK)
		return rc;
	rc = run_rounds(web, system);
	if (rc != CT_OK)
		*err = web->err;
	return rc;
}

int ct_web_run(struct ct_web *web, struct ct_err *err)
{
	web->began_us = ct_clock_us();
	web->cost_usd_nanos = -1;
	web->ordered = *web->candidates;
	return run(web, err);
}

void ct_web_stop(struct ct_web *web)
{
	web->stopped = true;
	if (web->call != NULL)
		ct_call_cancel(web->call);
	if (web->searching != NULL)
		ct_searching_stop(web->searching);
}

void ct_web_fini(struct ct_web *web)
{
	ct_arena_fini(&web->arena);
}
