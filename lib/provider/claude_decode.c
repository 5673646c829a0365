/* Anthropic's Messages: wire/anthropic, "Response", "Streaming". */
#include "provider/dialect.h"

/*
 * Counts of message_delta replace those of message_start where they are there; the
 * three parts of the input are kept apart in usage until both have come.
 */
static void take_usage(struct ct_decoder *d, const struct ct_json *u)
{
	struct ct_usage *sum = &d->usage;
	int64_t plain = sum->input - sum->cached - sum->cache_write;

	if (ct_count(u, "input_tokens", -1) < 0 && ct_count(u, "output_tokens", -1) < 0)
		return;
	sum->known = true;
	plain = ct_count(u, "input_tokens", plain);
	sum->cached = ct_count(u, "cache_read_input_tokens", sum->cached);
	sum->cache_write = ct_count(u, "cache_creation_input_tokens", sum->cache_write);
	sum->hour_write = ct_count(u, "cache_creation.ephemeral_1h_input_tokens",
				   sum->hour_write);
	sum->input = plain + sum->cached + sum->cache_write;
	sum->output = ct_count(u, "output_tokens", sum->output);
	sum->reasoning =
		ct_count(u, "output_tokens_details.thinking_tokens", sum->reasoning);
}

static void take_stop(struct ct_decoder *d, const struct ct_json *from)
{
	struct ct_str why = ct_json_str_at(from, "stop_reason");
	enum ct_finish finish = ct_finish_of(why);

	if (finish == CT_FINISH_NONE)
		return;
	ct_mark_end_because(d, finish, why,
			    finish == CT_FINISH_FILTER
				    ? ct_json_str_at(from, "stop_details.explanation")
				    : ct_str(""));
}

static struct ct_str block_type(const struct ct_json *block)
{
	return ct_json_str_at(block, "type");
}

/* The turn is an array without its brackets until it is asked for. */
static void keep_in_turn(struct ct_decoder *d, struct ct_str json)
{
	ct_buf_puts(&d->turn, d->turn.len == 0 ? "[" : ",");
	ct_buf_add(&d->turn, json);
}

static void write_rest(struct ct_jw *jw, const struct ct_json *start, const char *but,
		       const char *nor)
{
	for (const struct ct_json *m = ct_json_first(start); m != NULL; m = m->next) {
		if (ct_str_is(m->key, but) || ct_str_is(m->key, nor))
			continue;
		ct_jw_key_str(jw, m->key);
		ct_jw_value(jw, m);
	}
}

/* The member of a block that came in pieces, the others as they were when it began. */
static void write_grown(struct ct_jw *jw, const struct ct_slot *slot,
			const struct ct_json *start)
{
	if (ct_str_is(block_type(start), "thinking")) {
		write_rest(jw, start, "thinking", "signature");
		ct_jw_member(jw, "thinking", ct_buf_str(&slot->args));
		ct_jw_member(jw, "signature", ct_buf_str(&slot->extra));
	} else if (ct_str_is(block_type(start), "text")) {
		write_rest(jw, start, "text", "citations");
		ct_jw_member(jw, "text", ct_buf_str(&slot->args));
		if (slot->extra.len > 0) {
			ct_jw_key(jw, "citations");
			ct_jw_array(jw);
			ct_jw_raw(jw, ct_buf_str(&slot->extra));
			ct_jw_end_array(jw);
		}
	} else {
		write_rest(jw, start, "input", "input");
		ct_jw_key(jw, "input");
		ct_jw_raw(jw, ct_buf_str(&slot->args));
	}
}

static bool is_json(struct ct_decoder *d, struct ct_str text)
{
	const struct ct_json *ignored;

	return ct_json_parse(&d->chunk, text, CT_JSON_LENIENT, &ignored, NULL) == CT_OK;
}

static int keep_block(struct ct_decoder *d, struct ct_slot *slot, struct ct_err *err)
{
	const struct ct_json *start;

	if (ct_json_parse(&d->chunk, ct_buf_str(&slot->start), CT_JSON_LENIENT, &start,
			  NULL) != CT_OK)
		return ct_fail(err, CT_ENOMEM, "out of memory");

	bool takes_input = ct_json_get(start, "input") != NULL;
	/* an empty text is refused when it comes back */
	if (ct_str_is(block_type(start), "text") && slot->args.len == 0)
		return CT_OK;
	bool grown = takes_input || ct_str_is(block_type(start), "text") ||
		     ct_str_is(block_type(start), "thinking");
	if (!grown) {
		keep_in_turn(d, ct_buf_str(&slot->start));
		return CT_OK;
	}
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(CT_BODY_MAX_BYTES);
	struct ct_jw jw = ct_jw(&out);
	ct_jw_object(&jw);
	write_grown(&jw, slot, start);
	ct_jw_end_object(&jw);
	/* an input that is no JSON: nothing to go on with can be made of the turn */
	if (is_json(d, ct_buf_str(&out)))
		keep_in_turn(d, ct_buf_str(&out));
	else
		d->turn.failed = CT_EPROTO;
	return CT_OK;
}

/* Text that stands in the block as it begins, or in a whole document. */
static int bring_block(struct ct_decoder *d, const struct ct_json *block,
		       struct ct_err *err)
{
	struct ct_str type = block_type(block);

	if (ct_str_is(type, "text"))
		return ct_bring_text(d, ct_json_str_at(block, "text"), err);
	if (ct_str_is(type, "thinking")) {
		int rc = ct_bring_work(d, err);
		struct ct_str text = ct_json_str_at(block, "thinking");
		return rc == CT_OK ? ct_bring_reasoning(d, text, err) : rc;
	}
	return ct_bring_work(d, err);
}

static int slot_failed(const struct ct_decoder *d)
{
	return d->slot_count == CT_CALLS_MAX ? CT_ETOOBIG : CT_ENOMEM;
}

static int start_block(struct ct_decoder *d, int64_t index, const struct ct_json *block,
		       struct ct_err *err)
{
	struct ct_slot *slot = ct_slot(d, index, err);

	if (slot == NULL)
		return slot_failed(d);
	/* an index that begins anew: what it was before did not end */
	ct_buf_clear(&slot->id);
	ct_buf_clear(&slot->name);
	ct_buf_clear(&slot->args);
	ct_buf_clear(&slot->extra);
	ct_buf_clear(&slot->start);
	slot->open = true;
	slot->emitted = !ct_str_is(block_type(block), "tool_use");
	ct_buf_add(&slot->start, block->text);
	ct_buf_add(&slot->id, ct_json_str_at(block, "id"));
	ct_buf_add(&slot->name, ct_json_str_at(block, "name"));
	ct_buf_add(&slot->extra, ct_json_str_at(block, "signature"));
	ct_buf_add(&slot->args, ct_json_str_at(block, "text"));
	ct_buf_add(&slot->args, ct_json_str_at(block, "thinking"));
	int rc = ct_buf_check(&slot->start, "a block of the answer", err);
	return rc == CT_OK ? bring_block(d, block, err) : rc;
}

static int take_delta(struct ct_decoder *d, struct ct_slot *slot,
		      const struct ct_json *delta, struct ct_err *err)
{
	struct ct_str type = ct_json_str_at(delta, "type");
	const struct ct_json *citation = ct_json_get(delta, "citation");
	struct ct_str piece = { NULL, 0 };
	int rc = CT_OK;

	if (ct_str_is(type, "text_delta")) {
		piece = ct_json_str_at(delta, "text");
		rc = ct_bring_text(d, piece, err);
	} else if (ct_str_is(type, "thinking_delta")) {
		piece = ct_json_str_at(delta, "thinking");
		rc = ct_bring_reasoning(d, piece, err);
	} else if (ct_str_is(type, "input_json_delta")) {
		piece = ct_json_str_at(delta, "partial_json");
		rc = ct_bring_work(d, err);
	} else if (ct_str_is(type, "signature_delta")) {
		ct_buf_add(&slot->extra, ct_json_str_at(delta, "signature"));
		rc = ct_bring_work(d, err);
	} else if (ct_json_is(citation, CT_JSON_OBJECT)) {
		ct_buf_puts(&slot->extra, slot->extra.len > 0 ? "," : "");
		ct_buf_add(&slot->extra, citation->text);
	}
	ct_buf_add(&slot->args, piece);
	return rc == CT_OK ? ct_buf_check(&slot->args, "a block of the answer", err) : rc;
}

static int stop_block(struct ct_decoder *d, struct ct_slot *slot, struct ct_err *err)
{
	const struct ct_json *start = NULL;

	slot->open = false;
	int rc = ct_bring_held(d, err);
	/* the whole input may stand where the block began, and no piece follow */
	if (ct_str_trim(ct_buf_str(&slot->args)).len == 0 &&
	    ct_json_parse(&d->chunk, ct_buf_str(&slot->start), CT_JSON_LENIENT, &start,
			  NULL) == CT_OK) {
		const struct ct_json *input = ct_json_get(start, "input");
		if (ct_json_is(input, CT_JSON_OBJECT))
			ct_buf_add(&slot->args, ct_one_line(d, input));
	}
	if (rc == CT_OK)
		rc = ct_bring_slot(d, slot, err);
	return rc == CT_OK ? keep_block(d, slot, err) : rc;
}

static int take_block_event(struct ct_decoder *d, struct ct_str type,
			    const struct ct_json *json, struct ct_err *err)
{
	int64_t index = ct_json_int_at(json, "index", 0);
	const struct ct_json *block = ct_json_get(json, "content_block");
	struct ct_slot *slot = ct_slot_find(d, index);

	if (ct_str_is(type, "content_block_start"))
		return ct_json_is(block, CT_JSON_OBJECT)
			       ? start_block(d, index, block, err)
			       : CT_OK;
	if (slot == NULL && ct_str_is(type, "content_block_delta")) {
		/* its beginning was lost: its text is still text */
		slot = ct_slot(d, index, err);
		if (slot == NULL)
			return slot_failed(d);
		slot->emitted = true;
		ct_buf_puts(&slot->start, "{\"type\":\"text\"}");
	}
	if (slot == NULL || !slot->open)
		return CT_OK;
	if (ct_str_is(type, "content_block_delta"))
		return take_delta(d, slot, ct_json_get(json, "delta"), err);
	return ct_str_is(type, "content_block_stop") ? stop_block(d, slot, err) : CT_OK;
}

/* Pings come at any time; they are a sign of work only while the model is thinking. */
static int take_ping(struct ct_decoder *d, struct ct_err *err)
{
	for (size_t i = 0; i < d->slot_count; i++)
		if (d->slots[i].open &&
		    ct_str_has(ct_buf_str(&d->slots[i].start), "thinking\""))
			return ct_bring_work(d, err);
	return CT_OK;
}

static int take_start(struct ct_decoder *d, const struct ct_json *message,
		      struct ct_err *err)
{
	/* a second one: a gateway tried again behind our back, the open blocks are void */
	ct_slots_clear(d);
	ct_buf_clear(&d->turn);
	take_usage(d, ct_json_get(message, "usage"));
	return ct_bring_start(d, ct_json_str_at(message, "id"),
			      ct_json_str_at(message, "model"), err);
}

static int take_document(struct ct_decoder *d, const struct ct_json *json,
			 struct ct_err *err)
{
	const struct ct_json *content = ct_json_get(json, "content");
	const struct ct_json *block = ct_json_first(content);
	int rc = take_start(d, json, err);

	for (; block != NULL && rc == CT_OK; block = block->next) {
		rc = bring_block(d, block, err);
		if (rc == CT_OK)
			rc = ct_bring_held(d, err);
		if (rc != CT_OK || !ct_str_is(block_type(block), "tool_use"))
			continue;
		const struct ct_json *input = ct_json_get(block, "input");
		struct ct_tool_call call = { ct_json_str_at(block, "id"),
					     ct_json_str_at(block, "name"),
					     ct_one_line(d, input) };
		rc = ct_bring_call(d, &call, err);
	}
	take_stop(d, json);
	if (ct_json_is(content, CT_JSON_ARRAY))
		ct_buf_add(&d->turn, content->text);
	d->marked = d->done = true;
	return rc;
}

/* What is still open ends with the message: some gateways leave out that it does. */
static int end_message(struct ct_decoder *d, struct ct_err *err)
{
	int rc = CT_OK;

	d->valid = d->marked = d->done = true;
	for (size_t i = 0; i < d->slot_count && rc == CT_OK; i++)
		if (d->slots[i].open)
			rc = stop_block(d, &d->slots[i], err);
	if (d->turn.len > 0)
		ct_buf_puts(&d->turn, "]");
	return rc;
}

static int chunk(struct ct_decoder *d, const struct ct_json *json, struct ct_str event,
		 struct ct_err *err)
{
	struct ct_str type = ct_json_str_at(json, "type");

	if (type.len == 0)
		type = event;
	if (ct_str_is(type, "message") && ct_json_get(json, "content") != NULL)
		return take_document(d, json, err);
	if (ct_str_is(type, "ping"))
		return take_ping(d, err);
	if (ct_str_is(type, "message_start"))
		return take_start(d, ct_json_get(json, "message"), err);
	if (ct_str_starts(type, "content_block_")) {
		d->valid = true;
		return take_block_event(d, type, json, err);
	}
	if (ct_str_is(type, "message_delta")) {
		d->valid = true;
		take_usage(d, ct_json_get(json, "usage"));
		take_stop(d, ct_json_get(json, "delta"));
		d->marked = false; /* only message_stop is the end */
		return CT_OK;
	}
	return ct_str_is(type, "message_stop") ? end_message(d, err) : CT_OK;
}

const struct ct_dialect ct_dialect_claude = { .name = "claude", .chunk = chunk };
