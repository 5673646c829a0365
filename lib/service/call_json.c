#include "service/call_json.h"

#include "codec/sha256.h"
#include "service/call_state.h"

enum { TEXT_BYTES = 256 << 20 };

static void write_status(struct ct_jw *jw, int status)
{
	ct_jw_key(jw, "status");
	if (status != 0)
		ct_jw_int(jw, status);
	else
		ct_jw_null(jw);
}

static void write_attempt(struct ct_jw *jw, const struct ct_record_attempt *entry,
			  enum ct_attempts_form form)
{
	const struct ct_attempt *a = &entry->attempt;

	ct_jw_object(jw);
	ct_jw_member(jw, "provider", a->provider);
	ct_jw_member(jw, "model", a->model);
	write_status(jw, a->status);
	ct_jw_key(jw, "error");
	if (a->code == CT_OK)
		ct_jw_null(jw);
	else
		ct_jw_str(jw, ct_str(ct_code_name(a->code)));
	ct_jw_member_int(jw, "duration_ms", a->duration_ms);
	if (a->skipped)
		ct_jw_member_bool(jw, "skipped", true);
	if (a->code != CT_OK && form != CT_ATTEMPTS_NO_TEXT)
		ct_jw_member(jw, "message", a->error);
	if (form != CT_ATTEMPTS_SHORT) {
		ct_jw_member_or_null(jw, "provider_request_id", a->provider_request_id);
		ct_jw_member_int(jw, "waited_ms", a->waited_ms);
		ct_jw_member_or_null(jw, "reason", a->reason);
	}
	ct_jw_end_object(jw);
}

void ct_attempts_json(struct ct_jw *jw, const struct ct_record_attempt *list, size_t count,
		      enum ct_attempts_form form)
{
	ct_jw_array(jw);
	for (size_t i = 0; i < count; i++)
		write_attempt(jw, &list[i], form);
	ct_jw_end_array(jw);
}

void ct_usage_json(struct ct_jw *jw, const struct ct_usage *usage)
{
	ct_jw_object(jw);
	ct_jw_member_int(jw, "input_tokens", usage->input);
	ct_jw_member_int(jw, "output_tokens", usage->output);
	ct_jw_member_int(jw, "total_tokens", usage->input + usage->output);
	ct_jw_member_int(jw, "cached_input_tokens", usage->cached);
	ct_jw_member_int(jw, "reasoning_tokens", usage->reasoning);
	if (usage->audio_ms > 0)
		ct_jw_member_int(jw, "audio_ms", usage->audio_ms);
	if (usage->characters > 0)
		ct_jw_member_int(jw, "characters", usage->characters);
	ct_jw_end_object(jw);
}

void ct_found_json(struct ct_jw *jw, const struct ct_found *found, size_t count)
{
	ct_jw_array(jw);
	for (size_t i = 0; i < count; i++) {
		ct_jw_object(jw);
		ct_jw_member(jw, "title", found[i].title);
		ct_jw_member(jw, "url", found[i].url);
		ct_jw_member(jw, "snippet", found[i].text);
		ct_jw_key(jw, "score");
		if (found[i].has_score)
			ct_jw_num(jw, found[i].score);
		else
			ct_jw_null(jw);
		if (found[i].error.len > 0)
			ct_jw_member(jw, "error", found[i].error);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void write_arguments(struct ct_jw *jw, struct ct_str arguments)
{
	struct ct_arena arena = { 0 };
	const struct ct_json *value;

	if (ct_json_parse(&arena, arguments, CT_JSON_LENIENT, &value, NULL) == CT_OK)
		ct_jw_value(jw, value);
	else
		ct_jw_str(jw, arguments);
	ct_arena_fini(&arena);
}

void ct_tool_call_json(struct ct_jw *jw, const struct ct_tool_call *call)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "id", call->id);
	ct_jw_member(jw, "name", call->name);
	ct_jw_key(jw, "arguments");
	write_arguments(jw, call->arguments);
	ct_jw_end_object(jw);
}

void ct_tool_calls_json(struct ct_jw *jw, const struct ct_tool_call *calls, size_t count)
{
	ct_jw_array(jw);
	for (size_t i = 0; i < count; i++)
		ct_tool_call_json(jw, &calls[i]);
	ct_jw_end_array(jw);
}

/* Into the arena, without any key that may have been typed into a prompt or echoed. */
static struct ct_str keep(struct ct_call *call, struct ct_buf *text)
{
	struct ct_buf clean = CT_BUF_INIT(TEXT_BYTES);

	ct_redact(call->app->redactor, ct_buf_str(text), &clean);
	struct ct_str kept = { NULL, 0 };
	if (ct_buf_check(text, "a record", NULL) == CT_OK &&
	    ct_buf_check(&clean, "a record", NULL) == CT_OK)
		kept = ct_arena_dup(&call->arena, ct_buf_str(&clean));
	ct_buf_fini(&clean);
	ct_buf_fini(text);
	return kept;
}

static void write_sampling(struct ct_jw *jw, const struct ct_request *r)
{
	if (r->has_temperature) {
		ct_jw_key(jw, "temperature");
		ct_jw_num(jw, r->temperature);
	}
	if (r->has_top_p) {
		ct_jw_key(jw, "top_p");
		ct_jw_num(jw, r->top_p);
	}
	if (r->has_seed)
		ct_jw_member_int(jw, "seed", r->seed);
	if (r->max_tokens > 0)
		ct_jw_member_int(jw, "max_tokens", r->max_tokens);
	if (r->effort.len > 0)
		ct_jw_member(jw, "effort", r->effort);
	if (r->stop_count > 0) {
		ct_jw_key(jw, "stop");
		ct_jw_array(jw);
		for (size_t i = 0; i < r->stop_count; i++)
			ct_jw_str(jw, r->stops[i]);
		ct_jw_end_array(jw);
	}
	if (r->option_count > 0) {
		ct_jw_key(jw, "options");
		ct_jw_object(jw);
		for (size_t i = 0; i < r->option_count; i++) {
			ct_jw_key_str(jw, r->options[i].key);
			ct_jw_raw(jw, r->options[i].json);
		}
		ct_jw_end_object(jw);
	}
}

/* What was attached, not its content. */
static void write_attached(struct ct_jw *jw, const struct ct_message *m)
{
	char digest[CT_SHA256_HEX_SIZE];

	if (m->part_count == 0)
		return;
	ct_jw_key(jw, "attachments");
	ct_jw_array(jw);
	for (size_t i = 0; i < m->part_count; i++) {
		const struct ct_part *part = &m->parts[i];
		ct_jw_object(jw);
		ct_jw_member(jw, "name", part->name);
		ct_jw_member(jw, "mime", part->mime);
		ct_jw_member_int(jw, "bytes", (int64_t)part->bytes.len);
		ct_jw_member(jw, "sha256", ct_str(ct_sha256_hex(digest, part->bytes)));
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void write_word(struct ct_jw *jw, const char *key, struct ct_str word)
{
	if (word.len > 0)
		ct_jw_member(jw, key, word);
}

static void write_list(struct ct_jw *jw, const char *key, const struct ct_str *list, size_t count)
{
	if (count == 0)
		return;
	ct_jw_key(jw, key);
	ct_jw_array(jw);
	for (size_t i = 0; i < count; i++)
		ct_jw_str(jw, list[i]);
	ct_jw_end_array(jw);
}

static void write_search(struct ct_jw *jw, const struct ct_request *r)
{
	const struct ct_search *s = r->search;

	ct_jw_member(jw, "task", ct_str(ct_task_name(r->task)));
	write_word(jw, "query", s->query);
	if (s->limit > 0)
		ct_jw_member_int(jw, "limit", s->limit);
	write_word(jw, "depth", s->depth);
	write_word(jw, "topic", s->topic);
	write_word(jw, "time_range", s->time_range);
	write_list(jw, "include_domains", s->include, s->include_count);
	write_list(jw, "exclude_domains", s->exclude, s->exclude_count);
	if (s->answer)
		ct_jw_member_bool(jw, "answer", true);
	if (s->has_type)
		ct_jw_member(jw, "type", ct_str(ct_search_type_name(s->type)));
	write_list(jw, "urls", s->urls, s->url_count);
	write_word(jw, "path", s->path);
	write_word(jw, "page", s->page);
}

static void write_found(struct ct_jw *jw, const struct ct_answer *answer)
{
	ct_jw_key(jw, "results");
	ct_found_json(jw, answer->found, answer->found_count);
	if (answer->total >= 0)
		ct_jw_member_int(jw, "total", answer->total);
}

struct ct_str ct_call_request_json(struct ct_call *call)
{
	const struct ct_request *r = call->asked;
	struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	if (r->search != NULL) {
		write_search(&jw, r);
		ct_jw_end_object(&jw);
		return keep(call, &text);
	}
	ct_jw_member(&jw, "model", call->candidates->list[0].model_id);
	ct_jw_member_bool(&jw, "stream", r->stream);
	if (r->system.len > 0)
		ct_jw_member(&jw, "system", r->system);
	if (r->speech != NULL) {
		ct_speech_json(&jw, r);
		ct_jw_end_object(&jw);
		return keep(call, &text);
	}
	ct_jw_key(&jw, "messages");
	ct_jw_array(&jw);
	for (size_t i = 0; i < r->message_count; i++) {
		const struct ct_message *m = &r->messages[i];
		ct_jw_object(&jw);
		ct_jw_member(&jw, "role",
			     ct_str(m->role == CT_ROLE_USER ? "user" :
				    m->role == CT_ROLE_TOOL ? "tool" :
							      "assistant"));
		ct_jw_member(&jw, "content", m->text);
		write_attached(&jw, m);
		if (m->call_count > 0) {
			ct_jw_key(&jw, "tool_calls");
			ct_tool_calls_json(&jw, m->calls, m->call_count);
		}
		ct_jw_end_object(&jw);
	}
	ct_jw_end_array(&jw);
	write_sampling(&jw, r);
	ct_jw_end_object(&jw);
	return keep(call, &text);
}

static void write_content(struct ct_jw *jw, const struct ct_call *call,
			  const struct ct_answer *answer)
{
	struct ct_str said = ct_buf_str(&answer->text);

	if (said.len == 0 && call->broken.len > 0)
		said = call->broken;
	if (call->asked->search != NULL) {
		if (said.len > 0)
			ct_jw_member(jw, "answer", said);
		write_found(jw, answer);
		return;
	}
	ct_jw_member(jw, "response", said);
	if (answer->call_count > 0) {
		ct_jw_key(jw, "tool_calls");
		ct_tool_calls_json(jw, answer->calls, answer->call_count);
	}
}

struct ct_str ct_call_response_json(struct ct_call *call, const struct ct_call_result *result)
{
	const struct ct_answer *answer = result->answer;
	struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	if (!call->options.no_log)
		write_content(&jw, call, answer);
	ct_heard_json(&jw, result);
	ct_jw_member_or_null(&jw, "finish_reason",
			     answer->finish == CT_FINISH_NONE ?
				     (struct ct_str){ NULL, 0 } :
				     ct_str(ct_finish_name(answer->finish)));
	ct_jw_member_or_null(&jw, "provider_request_id", result->provider_request_id);
	ct_jw_key(&jw, "usage");
	ct_usage_json(&jw, &result->usage);
	ct_jw_end_object(&jw);
	return keep(call, &text);
}

struct ct_str ct_call_error_json(struct ct_call *call, const struct ct_call_result *result)
{
	struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "code", ct_str(ct_code_name(result->code)));
	if (!call->options.no_log) /* a provider may quote the question */
		ct_jw_member(&jw, "message", ct_str(result->err.msg));
	ct_jw_member(&jw, "provider", result->provider);
	write_status(&jw, result->err.status);
	if (result->err.retry_after_ms > 0)
		ct_jw_member_int(&jw, "retry_after_ms", result->err.retry_after_ms);
	ct_jw_end_object(&jw);
	return keep(call, &text);
}

struct ct_str ct_call_attempts_json(struct ct_call *call)
{
	struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_attempts_json(&jw, call->record.list, call->record.count,
			 call->options.no_log ? CT_ATTEMPTS_NO_TEXT : CT_ATTEMPTS_FULL);
	return keep(call, &text);
}
