/* OpenAI Responses, its streams and answers: https://platform.openai.com/docs/api-reference/responses */
#include "ingress/protocols.h"
#include "ingress/responses_read.h"

static bool match(struct ct_str method, struct ct_str path)
{
	return ct_str_is(method, "POST") && ct_ingress_ends(path, "/responses");
}

/* Begin a numbered event. */
static struct ct_jw begin(struct ct_ingress_answer *answer, const char *type,
			  struct ct_buf *out)
{
	struct ct_jw jw = ct_ingress_data(out, type);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "type", ct_str(type));
	ct_jw_member_int(&jw, "sequence_number", answer->sequence++);
	return jw;
}

static void finish(struct ct_jw *jw)
{
	ct_jw_end_object(jw);
	ct_buf_puts(jw->out, "\n\n");
}

/* "PREFIX_ID_N" for the N-th item. */
static void put_id(struct ct_jw *jw, const char *key, const char *prefix,
		   const struct ct_ingress_answer *answer, int64_t index)
{
	struct ct_buf id = CT_BUF_INIT(256);

	ct_buf_printf(&id, "%s_%.*s_%lld", prefix, CT_STR_ARG(answer->id),
		      (long long)index);
	ct_jw_member(jw, key, ct_buf_str(&id));
	ct_buf_fini(&id);
}

static void put_detail(struct ct_jw *jw, const char *key, const char *name, int64_t value)
{
	ct_jw_key(jw, key);
	ct_jw_object(jw);
	ct_jw_member_int(jw, name, value);
	ct_jw_end_object(jw);
}

static void put_usage(struct ct_jw *jw, const struct ct_usage *usage)
{
	ct_jw_key(jw, "usage");
	ct_jw_object(jw);
	ct_jw_member_int(jw, "input_tokens", usage->input);
	put_detail(jw, "input_tokens_details", "cached_tokens", usage->cached);
	ct_jw_member_int(jw, "output_tokens", usage->output);
	put_detail(jw, "output_tokens_details", "reasoning_tokens", usage->reasoning);
	ct_jw_member_int(jw, "total_tokens", usage->input + usage->output);
	ct_jw_end_object(jw);
}

/* CT_FINISH_NONE: in progress. */
static const char *status_of(enum ct_finish reason)
{
	if (reason == CT_FINISH_NONE)
		return "in_progress";
	return reason == CT_FINISH_LENGTH || reason == CT_FINISH_FILTER ? "incomplete"
									: "completed";
}

static void put_incomplete(struct ct_jw *jw, enum ct_finish reason)
{
	ct_jw_key(jw, "incomplete_details");
	if (reason != CT_FINISH_LENGTH && reason != CT_FINISH_FILTER) {
		ct_jw_null(jw);
		return;
	}
	ct_jw_object(jw);
	ct_jw_member(jw, "reason",
		     ct_str(reason == CT_FINISH_LENGTH ? "max_output_tokens"
						       : "content_filter"));
	ct_jw_end_object(jw);
}

/* The response object, with its items (JSON, commas between). */
static void put_response(struct ct_jw *jw, const struct ct_ingress_answer *answer,
			 enum ct_finish reason, struct ct_str items)
{
	struct ct_buf text = CT_BUF_INIT(256);

	ct_buf_printf(&text, "resp_%.*s", CT_STR_ARG(answer->id));
	ct_jw_object(jw);
	ct_jw_member(jw, "id", ct_buf_str(&text));
	ct_jw_member(jw, "object", ct_str("response"));
	ct_jw_member_int(jw, "created_at", answer->created_s);
	ct_jw_member(jw, "status", ct_str(status_of(reason)));
	ct_jw_key(jw, "error");
	ct_jw_null(jw);
	put_incomplete(jw, reason);
	ct_jw_member(jw, "model", answer->model);
	ct_jw_key(jw, "output");
	ct_jw_array(jw);
	if (items.len > 0)
		ct_jw_raw(jw, items);
	ct_jw_end_array(jw);
	if (reason != CT_FINISH_NONE) {
		put_usage(jw, &answer->usage);
	} else {
		ct_jw_key(jw, "usage");
		ct_jw_null(jw);
	}
	ct_jw_end_object(jw);
	ct_buf_fini(&text);
}

static void put_part(struct ct_jw *jw, struct ct_str text)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "type", ct_str("output_text"));
	ct_jw_member(jw, "text", text);
	ct_jw_key(jw, "annotations");
	ct_jw_array(jw);
	ct_jw_end_array(jw);
	ct_jw_end_object(jw);
}

/* text {NULL, 0}: not begun. */
static void put_message(struct ct_jw *jw, const struct ct_ingress_answer *answer,
			int64_t index, struct ct_str text)
{
	ct_jw_object(jw);
	put_id(jw, "id", "msg", answer, index);
	ct_jw_member(jw, "type", ct_str("message"));
	ct_jw_member(jw, "role", ct_str("assistant"));
	ct_jw_member(jw, "status",
		     ct_str(text.ptr != NULL ? "completed" : "in_progress"));
	ct_jw_key(jw, "content");
	ct_jw_array(jw);
	if (text.ptr != NULL)
		put_part(jw, text);
	ct_jw_end_array(jw);
	ct_jw_end_object(jw);
}

static void put_reasoning(struct ct_jw *jw, const struct ct_ingress_answer *answer,
			  struct ct_str text)
{
	ct_jw_object(jw);
	put_id(jw, "id", "rs", answer, answer->blocks);
	ct_jw_member(jw, "type", ct_str("reasoning"));
	ct_jw_key(jw, "summary");
	ct_jw_array(jw);
	if (text.ptr != NULL) {
		ct_jw_object(jw);
		ct_jw_member(jw, "type", ct_str("summary_text"));
		ct_jw_member(jw, "text", text);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
	ct_jw_end_object(jw);
}

static void put_call(struct ct_jw *jw, const struct ct_ingress_answer *answer,
		     const struct ct_tool_call *call, int64_t index)
{
	ct_jw_object(jw);
	put_id(jw, "id", "fc", answer, index);
	ct_jw_member(jw, "type", ct_str("function_call"));
	ct_jw_member(jw, "call_id", call->id);
	ct_jw_member(jw, "name", call->name);
	ct_jw_member(jw, "arguments", call->arguments);
	ct_jw_member(jw, "status", ct_str("completed"));
	ct_jw_end_object(jw);
}

/* An event about the open item: its place, then what put_item wrote. */
static struct ct_jw begin_part(struct ct_ingress_answer *answer, const char *type,
			       struct ct_buf *out)
{
	struct ct_jw jw = begin(answer, type, out);

	put_id(&jw, "item_id", answer->reasoning_open ? "rs" : "msg", answer,
	       answer->blocks);
	ct_jw_member_int(&jw, "output_index", answer->blocks);
	ct_jw_member_int(&jw, answer->reasoning_open ? "summary_index" : "content_index",
			 0);
	return jw;
}

static struct ct_jw begin_item(struct ct_ingress_answer *answer, const char *type,
			       struct ct_buf *out)
{
	struct ct_jw jw = begin(answer, type, out);

	ct_jw_member_int(&jw, "output_index", answer->blocks);
	ct_jw_key(&jw, "item");
	return jw;
}

/* A writer for one more of the items that the end repeats. */
static struct ct_jw keep_item(struct ct_ingress_answer *answer)
{
	if (answer->items.len > 0)
		ct_buf_puts(&answer->items, ",");
	return ct_jw(&answer->items);
}

static void close_text(struct ct_ingress_answer *answer, struct ct_buf *out)
{
	struct ct_str text = ct_buf_str(&answer->text);
	struct ct_jw jw = begin_part(answer, "response.output_text.done", out);

	ct_jw_member(&jw, "text", text);
	finish(&jw);
	jw = begin_part(answer, "response.content_part.done", out);
	ct_jw_key(&jw, "part");
	put_part(&jw, text);
	finish(&jw);
	jw = begin_item(answer, "response.output_item.done", out);
	put_message(&jw, answer, answer->blocks, text);
	finish(&jw);
	jw = keep_item(answer);
	put_message(&jw, answer, answer->blocks, text);
}

static void close_reasoning(struct ct_ingress_answer *answer, struct ct_buf *out)
{
	struct ct_str text = ct_buf_str(&answer->text);
	struct ct_jw jw = begin_item(answer, "response.output_item.done", out);

	put_reasoning(&jw, answer, text);
	finish(&jw);
	jw = keep_item(answer);
	put_reasoning(&jw, answer, text);
}

static void close_item(struct ct_ingress_answer *answer, struct ct_buf *out)
{
	if (answer->text_open)
		close_text(answer, out);
	else if (answer->reasoning_open)
		close_reasoning(answer, out);
	else
		return;
	answer->text_open = answer->reasoning_open = false;
	answer->blocks++;
	ct_buf_clear(&answer->text);
}

static void open_item(struct ct_ingress_answer *answer, bool reasoning,
		      struct ct_buf *out)
{
	struct ct_str none = { NULL, 0 };
	struct ct_jw jw;

	close_item(answer, out);
	jw = begin_item(answer, "response.output_item.added", out);
	if (reasoning)
		put_reasoning(&jw, answer, none);
	else
		put_message(&jw, answer, answer->blocks, none);
	finish(&jw);
	answer->reasoning_open = reasoning;
	answer->text_open = !reasoning;
	if (reasoning)
		return;
	jw = begin_part(answer, "response.content_part.added", out);
	ct_jw_key(&jw, "part");
	put_part(&jw, ct_str(""));
	finish(&jw);
}

static void put_text(struct ct_ingress_answer *answer, const struct ct_event *event,
		     struct ct_buf *out)
{
	bool reasoning = event->type == CT_EVENT_REASONING;
	struct ct_jw jw;

	if (reasoning ? !answer->reasoning_open : !answer->text_open)
		open_item(answer, reasoning, out);
	ct_buf_add(&answer->text, event->text);
	jw = begin_part(answer,
			reasoning ? "response.reasoning_summary_text.delta"
				  : "response.output_text.delta",
			out);
	ct_jw_member(&jw, "delta", event->text);
	finish(&jw);
}

static void put_call_events(struct ct_ingress_answer *answer,
			    const struct ct_tool_call *call, struct ct_buf *out)
{
	struct ct_tool_call bare = { .id = call->id,
				     .name = call->name,
				     .arguments = ct_str("") };
	static const char *const types[] = { "response.function_call_arguments.delta",
					     "response.function_call_arguments.done" };
	struct ct_jw jw;

	close_item(answer, out);
	jw = begin_item(answer, "response.output_item.added", out);
	put_call(&jw, answer, &bare, answer->blocks);
	finish(&jw);
	for (size_t i = 0; i < CT_COUNT(types); i++) {
		jw = begin(answer, types[i], out);
		put_id(&jw, "item_id", "fc", answer, answer->blocks);
		ct_jw_member_int(&jw, "output_index", answer->blocks);
		ct_jw_member(&jw, i == 0 ? "delta" : "arguments", call->arguments);
		finish(&jw);
	}
	jw = begin_item(answer, "response.output_item.done", out);
	put_call(&jw, answer, call, answer->blocks);
	finish(&jw);
	jw = keep_item(answer);
	put_call(&jw, answer, call, answer->blocks++);
}

static void put_state(struct ct_ingress_answer *answer, const char *type,
		      enum ct_finish reason, struct ct_buf *out)
{
	struct ct_jw jw = begin(answer, type, out);

	ct_jw_key(&jw, "response");
	put_response(&jw, answer, reason, ct_buf_str(&answer->items));
	finish(&jw);
}

static void put_event(struct ct_ingress_answer *answer, const struct ct_event *event,
		      struct ct_buf *out)
{
	switch (event->type) {
	case CT_EVENT_START:
		put_state(answer, "response.created", CT_FINISH_NONE, out);
		put_state(answer, "response.in_progress", CT_FINISH_NONE, out);
		break;
	case CT_EVENT_TEXT:
	case CT_EVENT_REASONING:
		put_text(answer, event, out);
		break;
	case CT_EVENT_TOOL_CALL:
		put_call_events(answer, &event->call, out);
		break;
	case CT_EVENT_USAGE:
		answer->usage = event->usage;
		break;
	case CT_EVENT_FINISH:
		close_item(answer, out);
		put_state(answer,
			  ct_str_is(ct_str(status_of(event->finish)), "incomplete")
				  ? "response.incomplete"
				  : "response.completed",
			  event->finish, out);
		break;
	default: /* is not said, or of another task */
		break;
	}
}

static void put_whole(const struct ct_ingress_answer *answer, struct ct_str text,
		      const struct ct_tool_call *calls, size_t call_count,
		      enum ct_finish reason, struct ct_buf *out)
{
	struct ct_buf items = CT_BUF_INIT(out->max);
	struct ct_jw jw = ct_jw(&items);
	int64_t index = 0;

	if (text.len > 0 || call_count == 0)
		put_message(&jw, answer, index++, text.ptr != NULL ? text : ct_str(""));
	for (size_t i = 0; i < call_count; i++) {
		if (items.len > 0)
			ct_buf_puts(&items, ",");
		jw = ct_jw(&items);
		put_call(&jw, answer, &calls[i], index++);
	}
	jw = ct_jw(out);
	put_response(&jw, answer, reason, ct_buf_str(&items));
	if (items.failed && !out->failed)
		out->failed = items.failed;
	ct_buf_fini(&items);
}

static void put_error(int status, int code, struct ct_str message, int64_t retry_after_ms,
		      bool in_stream, struct ct_buf *out)
{
	struct ct_openai_words words = ct_openai_words(status, code);
	struct ct_jw jw = in_stream ? ct_ingress_data(out, "error") : ct_jw(out);

	(void)retry_after_ms;
	if (!in_stream) {
		ct_openai_error(&jw, status, code, message);
		return;
	}
	ct_jw_object(&jw);
	ct_jw_member(&jw, "type", ct_str("error"));
	ct_jw_member(&jw, "code", ct_str(words.code != NULL ? words.code : words.type));
	ct_jw_member(&jw, "message", message);
	ct_jw_member_or_null(&jw, "param", ct_str(words.param));
	finish(&jw);
}

const struct ct_ingress ct_ingress_responses = {
	.name = "responses",
	.provider = "openai",
	.match = match,
	.read = ct_responses_read,
	.event = put_event,
	.whole = put_whole,
	.error = put_error,
};
