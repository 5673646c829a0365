/* OpenAI's Responses: wire/openai, "POST /v1/responses". */
#include "provider/dialect.h"

static void take_usage(struct ct_decoder *d, const struct ct_json *u)
{
	int64_t input = ct_count(u, "input_tokens", -1);
	int64_t output = ct_count(u, "output_tokens", -1);

	if (input < 0 && output < 0)
		return;
	d->usage = (struct ct_usage){
		.known = true,
		.input = input < 0 ? 0 : input,
		.cached = ct_count(u, "input_tokens_details.cached_tokens", 0),
		.cache_write = ct_count(u, "input_tokens_details.cache_write_tokens", 0),
		.output = output < 0 ? 0 : output,
		.reasoning = ct_count(u, "output_tokens_details.reasoning_tokens", 0),
	};
}

static bool is_call(const struct ct_json *item)
{
	struct ct_str type = ct_json_str_at(item, "type");

	return ct_str_is(type, "function_call") || ct_str_is(type, "custom_tool_call");
}

/* What an item says of a call replaces what pieces said of it. */
static void set(struct ct_decoder *d, struct ct_buf *buf, const struct ct_json *value)
{
	struct ct_str text = ct_one_line(d, value);

	if (text.len == 0)
		return;
	ct_buf_clear(buf);
	ct_buf_add(buf, text);
}

/* Hosts that leave the index out write one item after the other. */
static int64_t key_of(const struct ct_decoder *d, const struct ct_json *json, bool begins)
{
	int64_t next = (int64_t)d->slot_count;
	bool last_is_open = next > 0 && !d->slots[next - 1].emitted;

	return ct_json_int_at(json, "output_index",
			      !begins && last_is_open ? d->slots[next - 1].key : next);
}

static struct ct_slot *call_slot(struct ct_decoder *d, int64_t key,
				 const struct ct_json *item, struct ct_err *err)
{
	struct ct_slot *slot = ct_slot(d, key, err);

	if (slot == NULL)
		return NULL;
	set(d, &slot->id, ct_json_get(item, "id"));
	set(d, &slot->id, ct_json_get(item, "call_id"));
	set(d, &slot->name, ct_json_get(item, "name"));
	set(d, &slot->args, ct_json_get(item, "input"));
	set(d, &slot->args, ct_json_get(item, "arguments"));
	return slot;
}

static int slot_failed(const struct ct_decoder *d)
{
	return d->slot_count == CT_CALLS_MAX ? CT_ETOOBIG : CT_ENOMEM;
}

static int take_texts(struct ct_decoder *d, const struct ct_json *part, bool reasoning,
		      struct ct_err *err)
{
	int rc = CT_OK;

	for (part = ct_json_first(part); part != NULL && rc == CT_OK; part = part->next) {
		struct ct_str text = ct_json_str_at(part, "text");
		struct ct_str refusal = ct_json_str_at(part, "refusal");

		d->refused = d->refused || refusal.len > 0;
		if (reasoning)
			rc = ct_bring_reasoning(d, text, err);
		else
			rc = ct_bring_text(d, refusal.len > 0 ? refusal : text, err);
		if (rc == CT_OK)
			rc = ct_bring_held(d, err);
	}
	return rc;
}

/* Nothing is stored there: what was thought can go back only sealed. */
static void keep_item(struct ct_decoder *d, const struct ct_json *item)
{
	struct ct_str type = ct_json_str_at(item, "type");
	bool sealed = ct_json_str_at(item, "encrypted_content").len > 0;

	if (ct_str_is(type, "function_call") || ct_str_is(type, "message") ||
	    (ct_str_is(type, "reasoning") && sealed))
		ct_turn_add(d, item);
}

static int take_item(struct ct_decoder *d, int64_t key, const struct ct_json *item,
		     struct ct_err *err)
{
	struct ct_str type = ct_json_str_at(item, "type");

	keep_item(d, item);
	if (is_call(item)) {
		struct ct_slot *slot = call_slot(d, key, item, err);
		return slot != NULL ? ct_bring_slot(d, slot, err) : slot_failed(d);
	}
	if (ct_str_is(type, "message"))
		return take_texts(d, ct_json_get(item, "content"), false, err);
	if (!ct_str_is(type, "reasoning"))
		return CT_OK;
	int rc = take_texts(d, ct_json_get(item, "summary"), true, err);
	return rc == CT_OK ? take_texts(d, ct_json_get(item, "content"), true, err) : rc;
}

static int take_output(struct ct_decoder *d, const struct ct_json *response,
		       struct ct_err *err)
{
	const struct ct_json *item = ct_json_first(ct_json_get(response, "output"));
	int64_t key = 0;
	int rc = CT_OK;

	for (; item != NULL && rc == CT_OK; item = item->next)
		rc = take_item(d, key++, item, err);
	return rc;
}

/* status: completed, or incomplete with its reason, or one that is no end in a stream. */
static void take_status(struct ct_decoder *d, const struct ct_json *response)
{
	struct ct_str status = ct_json_str_at(response, "status");
	struct ct_str why = ct_json_str_at(response, "incomplete_details.reason");

	take_usage(d, ct_json_get(response, "usage"));
	if (ct_str_is(status, "incomplete"))
		ct_mark_end(d, why.len > 0 ? ct_finish_of(why) : CT_FINISH_OTHER,
			    why.len > 0 ? why : status);
	else if (status.len == 0 || ct_str_is(status, "completed"))
		ct_mark_end(d, CT_FINISH_STOP, ct_str("completed"));
	else
		ct_mark_end(d, CT_FINISH_OTHER, status);
	d->done = true;
}

/* The end of a stream carries the whole answer: it stands in where no piece of it came. */
static int end_stream(struct ct_decoder *d, const struct ct_json *response,
		      struct ct_err *err)
{
	int rc = ct_bring_start(d, ct_json_str_at(response, "id"),
				ct_json_str_at(response, "model"), err);

	if (rc == CT_OK && !d->content && d->slot_count == 0)
		rc = take_output(d, response, err);
	take_status(d, response);
	return rc;
}

static int take_document(struct ct_decoder *d, const struct ct_json *json,
			 struct ct_err *err)
{
	int rc = ct_bring_start(d, ct_json_str_at(json, "id"),
				ct_json_str_at(json, "model"), err);

	if (rc == CT_OK)
		rc = take_output(d, json, err);
	take_status(d, json);
	return rc;
}

static int take_arguments(struct ct_decoder *d, const struct ct_json *json, bool whole,
			  struct ct_err *err)
{
	const struct ct_json *name = ct_json_get(json, "name");
	const struct ct_json *args = ct_json_get(json, "arguments");
	struct ct_slot *slot = ct_slot(d, key_of(d, json, false), err);

	if (slot == NULL)
		return slot_failed(d);
	if (whole) {
		set(d, &slot->name, name);
		set(d, &slot->args, args);
		set(d, &slot->args, ct_json_get(json, "input"));
	} else {
		ct_buf_add(&slot->args, ct_json_str_at(json, "delta"));
	}
	int rc = ct_buf_check(&slot->args, "the arguments of a tool call", err);
	return rc == CT_OK ? ct_bring_work(d, err) : rc;
}

static int take_item_event(struct ct_decoder *d, const struct ct_json *json, bool done,
			   struct ct_err *err)
{
	const struct ct_json *item = ct_json_get(json, "item");
	struct ct_slot *slot;

	if (done)
		keep_item(d, item);
	if (is_call(item)) {
		slot = call_slot(d, key_of(d, json, !done), item, err);
		if (slot == NULL)
			return slot_failed(d);
		if (done)
			return ct_bring_slot(d, slot, err);
	}
	int rc = ct_bring_held(d, err);
	return rc == CT_OK ? ct_bring_work(d, err) : rc;
}

/* "response.KIND.what": what happened to which kind of part. */
static int take_part_event(struct ct_decoder *d, struct ct_str type,
			   const struct ct_json *json, struct ct_err *err)
{
	struct ct_str delta = ct_json_str_at(json, "delta");

	if (ct_str_is(type, "output_text.delta"))
		return ct_bring_text(d, delta, err);
	if (ct_str_is(type, "refusal.delta")) {
		d->refused = true;
		return ct_bring_text(d, delta, err);
	}
	if (ct_str_is(type, "reasoning_summary_text.delta") ||
	    ct_str_is(type, "reasoning_text.delta"))
		return ct_bring_reasoning(d, delta, err);
	if (ct_str_is(type, "output_item.added"))
		return take_item_event(d, json, false, err);
	if (ct_str_is(type, "output_item.done"))
		return take_item_event(d, json, true, err);
	if (ct_str_is(type, "function_call_arguments.delta") ||
	    ct_str_is(type, "custom_tool_call_input.delta"))
		return take_arguments(d, json, false, err);
	if (ct_str_is(type, "function_call_arguments.done") ||
	    ct_str_is(type, "custom_tool_call_input.done"))
		return take_arguments(d, json, true, err);
	return CT_OK;
}

static int chunk(struct ct_decoder *d, const struct ct_json *json, struct ct_str event,
		 struct ct_err *err)
{
	struct ct_str type = ct_json_str_at(json, "type");
	const struct ct_json *response = ct_json_get(json, "response");

	if (type.len == 0)
		type = event;
	if (!ct_str_starts(type, "response."))
		return ct_json_is(ct_json_get(json, "output"), CT_JSON_ARRAY)
			       ? take_document(d, json, err)
			       : CT_OK;
	d->valid = true;
	if (ct_str_is(type, "response.created"))
		return ct_bring_start(d, ct_json_str_at(response, "id"),
				      ct_json_str_at(response, "model"), err);
	if (ct_str_is(type, "response.completed") ||
	    ct_str_is(type, "response.incomplete") ||
	    ct_str_is(type, "response.cancelled"))
		return end_stream(d, response, err);
	return take_part_event(d, ct_str_from(type, strlen("response.")), json, err);
}

static int end_turn(struct ct_decoder *d, struct ct_err *err)
{
	ct_turn_end(d);
	return ct_bring_slots(d, err);
}

const struct ct_dialect ct_dialect_responses = {
	.name = "responses",
	.chunk = chunk,
	.end = end_turn,
};
