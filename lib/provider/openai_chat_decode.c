/* Chat Completions, at OpenAI and at every host that speaks it: wire/openai-compatible. */
#include "provider/dialect.h"

/*
 * What was counted beside prompt_tokens and completion_tokens: xAI and Gemini's compatible
 * address leave the reasoning out of completion_tokens, but not out of the total.
 */
static int64_t uncounted(const struct ct_json *u, int64_t input, int64_t output)
{
	int64_t total = ct_count(u, "total_tokens", 0);

	return total > input + output ? total - input - output : 0;
}

static void take_usage(struct ct_decoder *d, const struct ct_json *u)
{
	if (!ct_json_is(u, CT_JSON_OBJECT))
		return;

	int64_t input = ct_count(u, "prompt_tokens", -1);
	int64_t output = ct_count(u, "completion_tokens", -1);

	if (input < 0 && output < 0)
		return;
	input = input < 0 ? 0 : input;
	output = output < 0 ? 0 : output;
	int64_t cached = ct_count(u, "prompt_tokens_details.cached_tokens", -1);
	if (cached < 0)
		cached = ct_count(u, "prompt_cache_hit_tokens", -1);
	if (cached < 0)
		cached = ct_count(u, "cached_tokens", 0);
	d->usage = (struct ct_usage){
		.known = true,
		.input = input,
		.cached = cached,
		.cache_write = ct_count(u, "prompt_tokens_details.cache_write_tokens", 0),
		.output = output + uncounted(u, input, output),
		.reasoning = ct_count(u, "completion_tokens_details.reasoning_tokens", 0),
	};
}

static int take_parts(struct ct_decoder *d, const struct ct_json *part, bool reasoning,
		      struct ct_err *err)
{
	int rc = CT_OK;

	for (; part != NULL && rc == CT_OK; part = part->next) {
		struct ct_str text = ct_json_str_at(part, "text");
		const struct ct_json *thinking = ct_json_get(part, "thinking");

		if (ct_json_is(thinking, CT_JSON_ARRAY))
			rc = take_parts(d, ct_json_first(thinking), true, err);
		else if (ct_json_is(thinking, CT_JSON_STRING))
			rc = ct_bring_reasoning(d, thinking->text, err);
		else if (reasoning)
			rc = ct_bring_reasoning(d, text, err);
		else
			rc = ct_bring_text(d, text, err);
	}
	return rc;
}

/* The same text may come under two names at once: the first that says something counts. */
static int take_reasoning(struct ct_decoder *d, const struct ct_json *delta,
			  struct ct_err *err)
{
	static const char *const names[] = { "reasoning_content", "reasoning",
					     "thinking" };
	const struct ct_json *detail =
		ct_json_first(ct_json_get(delta, "reasoning_details"));
	int rc = CT_OK;

	for (size_t i = 0; i < CT_COUNT(names); i++) {
		struct ct_str text = ct_json_str(ct_json_get(delta, names[i]));
		if (text.len > 0)
			return ct_bring_reasoning(d, text, err);
	}
	for (; detail != NULL && rc == CT_OK; detail = detail->next) {
		struct ct_str text = ct_json_str_at(detail, "text");
		rc = ct_bring_reasoning(
			d, text.len > 0 ? text : ct_json_str_at(detail, "summary"), err);
	}
	return rc;
}

/* A key that no index can be. */
static int64_t free_key(const struct ct_decoder *d)
{
	return -1 - (int64_t)d->slot_count;
}

/*
 * The call that a piece belongs to. Its index says so; but Gemini's compatible address
 * gives every call index 0, Mistral none, and some hosts repeat or reinvent the id with
 * each piece: a new call is one with a name and an id that is not the present one's.
 */
static struct ct_slot *slot_of(struct ct_decoder *d, const struct ct_json *call,
			       struct ct_err *err)
{
	struct ct_str id = ct_json_str_at(call, "id");
	struct ct_str name = ct_json_str_at(call, "function.name");
	int64_t index = ct_json_int_at(call, "index", -1);
	struct ct_slot *last = d->slot_count > 0 ? &d->slots[d->slot_count - 1] : NULL;
	struct ct_slot *slot = last;

	if (index >= 0) {
		slot = ct_slot_find(d, index);
		/* its index may have been taken by one that went on under another key */
		if (slot != NULL && last->key < 0 && id.len == 0)
			slot = last;
	}
	if (slot == NULL)
		return ct_slot(d, index >= 0 ? index : free_key(d), err);
	bool other = id.len > 0 && !ct_str_eq(id, ct_buf_str(&slot->id));
	if (slot->emitted || (name.len > 0 && other && slot->name.len > 0))
		return ct_slot(d, free_key(d), err);
	if (index < 0 && id.len == 0 && name.len > 0 && slot->args.len > 0)
		return ct_slot(d, free_key(d), err);
	return slot;
}

static int take_call(struct ct_decoder *d, const struct ct_json *call,
		     const struct ct_json *function, struct ct_err *err)
{
	const struct ct_json *args = ct_json_get(function, "arguments");
	struct ct_slot *slot = slot_of(d, call, err);

	if (slot == NULL)
		return d->slot_count == CT_CALLS_MAX ? CT_ETOOBIG : CT_ENOMEM;
	if (slot->id.len == 0)
		ct_buf_add(&slot->id, ct_json_str_at(call, "id"));
	if (slot->name.len == 0)
		ct_buf_add(&slot->name, ct_json_str_at(function, "name"));
	ct_buf_add(&slot->args, ct_one_line(d, args));
	int rc = ct_buf_check(&slot->args, "the arguments of a tool call", err);
	return rc == CT_OK ? ct_bring_work(d, err) : rc;
}

static int take_calls(struct ct_decoder *d, const struct ct_json *delta,
		      struct ct_err *err)
{
	const struct ct_json *call = ct_json_first(ct_json_get(delta, "tool_calls"));
	const struct ct_json *old = ct_json_get(delta, "function_call");
	int rc = CT_OK;

	for (; call != NULL && rc == CT_OK; call = call->next)
		rc = take_call(d, call, ct_json_get(call, "function"), err);
	if (rc == CT_OK && ct_json_is(old, CT_JSON_OBJECT))
		rc = take_call(d, NULL, old, err);
	return rc;
}

/* A delta, or the whole message: they have the same members. */
static int take_message(struct ct_decoder *d, const struct ct_json *message,
			struct ct_err *err)
{
	const struct ct_json *content = ct_json_get(message, "content");
	struct ct_str refusal = ct_json_str(ct_json_get(message, "refusal"));
	int rc = take_reasoning(d, message, err);

	if (rc == CT_OK && ct_json_is(content, CT_JSON_STRING))
		rc = ct_bring_text(d, content->text, err);
	else if (rc == CT_OK && ct_json_is(content, CT_JSON_ARRAY))
		rc = take_parts(d, ct_json_first(content), false, err);
	if (rc == CT_OK && refusal.len > 0) {
		d->refused = true;
		rc = ct_bring_text(d, refusal, err);
	}
	return rc == CT_OK ? take_calls(d, message, err) : rc;
}

static int take_choice(struct ct_decoder *d, const struct ct_json *choice,
		       struct ct_err *err)
{
	const struct ct_json *delta = ct_json_get(choice, "delta");
	const struct ct_json *message = ct_json_get(choice, "message");
	struct ct_str why = ct_json_str(ct_json_get(choice, "finish_reason"));
	bool piece = ct_json_is(delta, CT_JSON_OBJECT);
	bool whole = !piece && ct_json_is(message, CT_JSON_OBJECT);
	int rc;

	if (piece || whole)
		rc = take_message(d, whole ? message : delta, err);
	else /* where it stood before there were chats */
		rc = ct_bring_text(d, ct_json_str_at(choice, "text"), err);
	take_usage(d, ct_json_get(choice, "usage")); /* Moonshot's place for it */
	if (ct_finish_of(why) != CT_FINISH_NONE)
		ct_mark_end(d, ct_finish_of(why), why);
	else if (whole &&
		 d->form == CT_FORM_JSON) /* a document that is whole has ended */
		ct_mark_end(d, CT_FINISH_NONE, why);
	return rc;
}

static const struct ct_json *first_choice(const struct ct_json *choices)
{
	const struct ct_json *c = ct_json_first(choices);

	while (c != NULL && ct_json_int(ct_json_get(c, "index"), 0) != 0)
		c = c->next;
	return c;
}

static int chunk(struct ct_decoder *d, const struct ct_json *json, struct ct_str event,
		 struct ct_err *err)
{
	const struct ct_json *choices = ct_json_get(json, "choices");
	const struct ct_json *choice = first_choice(choices);

	(void)event;
	int rc = CT_OK;
	if (choice != NULL && !d->started)
		rc = ct_bring_start(d, ct_json_str_at(json, "id"),
				    ct_json_str_at(json, "model"), err);
	take_usage(d, ct_json_get(ct_json_get(json, "x_groq"), "usage"));
	take_usage(d, ct_json_get(json, "usage"));
	return rc == CT_OK && choice != NULL ? take_choice(d, choice, err) : rc;
}

/* Calls wait for the end: only there is it certain that no piece of one is missing. */
const struct ct_dialect ct_dialect_chat = {
	.name = "chat",
	.chunk = chunk,
	.end = ct_bring_slots,
	.done_marker = true,
};
