#include "provider/dialect.h"

static int send(struct ct_decoder *d, const struct ct_event *event, struct ct_err *err)
{
	return d->on_event(d->user, event, err);
}

static int send_text(struct ct_decoder *d, enum ct_event_type type, struct ct_str text,
		     struct ct_err *err)
{
	d->content = true;
	return send(d, &(struct ct_event){ .type = type, .text = text }, err);
}

static int send_piece(struct ct_decoder *d, enum ct_event_type type, struct ct_err *err)
{
	int rc = ct_buf_check(&d->piece, "a piece of text", err);

	return rc == CT_OK && d->piece.len > 0 ? send_text(d, type, ct_buf_str(&d->piece), err) : rc;
}

static int bring_piece(struct ct_decoder *d, enum ct_event_type type, struct ct_str piece,
		       struct ct_err *err)
{
	struct ct_utf8_joiner *held =
		type == CT_EVENT_TEXT ? &d->text_held : &d->reasoning_held;

	/* most are valid UTF-8 and nothing is held: the event points into the chunk */
	if (held->held_len == 0 && ct_utf8_valid(piece) == piece.len)
		return send_text(d, type, piece, err);
	ct_buf_clear(&d->piece);
	ct_utf8_join(held, piece, &d->piece);
	return send_piece(d, type, err);
}

static int bring_rest(struct ct_decoder *d, enum ct_event_type type, struct ct_err *err)
{
	struct ct_utf8_joiner *held =
		type == CT_EVENT_TEXT ? &d->text_held : &d->reasoning_held;

	if (held->held_len == 0)
		return CT_OK;
	ct_buf_clear(&d->piece);
	ct_utf8_flush(held, &d->piece);
	return send_piece(d, type, err);
}

int ct_bring_held(struct ct_decoder *d, struct ct_err *err)
{
	int rc = bring_rest(d, CT_EVENT_REASONING, err);

	return rc == CT_OK ? bring_rest(d, CT_EVENT_TEXT, err) : rc;
}

int ct_bring_text(struct ct_decoder *d, struct ct_str piece, struct ct_err *err)
{
	if (piece.len == 0)
		return CT_OK;

	int rc = bring_rest(d, CT_EVENT_REASONING, err);
	return rc == CT_OK ? bring_piece(d, CT_EVENT_TEXT, piece, err) : rc;
}

int ct_bring_reasoning(struct ct_decoder *d, struct ct_str piece, struct ct_err *err)
{
	if (piece.len == 0)
		return CT_OK;

	int rc = bring_rest(d, CT_EVENT_TEXT, err);
	return rc == CT_OK ? bring_piece(d, CT_EVENT_REASONING, piece, err) : rc;
}

int ct_bring_start(struct ct_decoder *d, struct ct_str id, struct ct_str model,
		   struct ct_err *err)
{
	d->valid = true;
	if (d->started)
		return CT_OK;
	d->started = true;

	struct ct_event event = {
		.type = CT_EVENT_START,
		.id = ct_utf8_clean_dup(&d->chunk, id),
		.model = ct_utf8_clean_dup(&d->chunk, model),
	};
	return send(d, &event, err);
}

int ct_bring_work(struct ct_decoder *d, struct ct_err *err)
{
	return send(d, &(struct ct_event){ .type = CT_EVENT_WORK }, err);
}

int ct_bring_call(struct ct_decoder *d, const struct ct_tool_call *call,
		  struct ct_err *err)
{
	struct ct_str args = ct_str_trim(call->arguments);
	struct ct_event event = {
		.type = CT_EVENT_TOOL_CALL,
		.call.id = ct_utf8_clean_dup(&d->chunk, call->id),
		.call.name = ct_utf8_clean_dup(&d->chunk, call->name),
		.call.arguments = args.len > 0
					  ? ct_utf8_clean_dup(&d->chunk, call->arguments)
					  : ct_str("{}"),
	};

	int rc = ct_bring_held(d, err);
	if (rc != CT_OK)
		return rc;
	if (event.call.arguments.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	d->calls++;
	d->content = true;
	return send(d, &event, err);
}

struct ct_str ct_one_line(struct ct_decoder *d, const struct ct_json *value)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(CT_BODY_MAX_BYTES);
	struct ct_jw jw = ct_jw(&out);

	if (value == NULL || ct_json_is(value, CT_JSON_NULL))
		return ct_str("");
	if (ct_json_is(value, CT_JSON_STRING))
		return value->text;
	ct_jw_value(&jw, value);
	struct ct_str text = ct_arena_dup(&d->chunk, ct_buf_str(&out));
	return text.ptr != NULL && !out.failed ? text : value->text;
}

int ct_bring_heard(struct ct_decoder *d, enum ct_event_type type,
		   const struct ct_heard *heard, struct ct_err *err)
{
	struct ct_event event = { .type = type, .heard = *heard };

	event.heard.text = ct_utf8_clean_dup(&d->chunk, heard->text);
	if (event.heard.text.len == 0)
		return CT_OK;
	d->content = true;
	return send(d, &event, err);
}

int ct_bring_recording(struct ct_decoder *d, struct ct_str language, int64_t duration_ms,
		       double confidence, struct ct_err *err)
{
	struct ct_event event = { .type = CT_EVENT_RECORDING,
				  .language = ct_utf8_clean_dup(&d->chunk, language),
				  .duration_ms = duration_ms,
				  .confidence = confidence };

	return send(d, &event, err);
}

int64_t ct_ms_at(const struct ct_json *object, const char *path)
{
	double seconds = ct_json_num(ct_json_at(object, path), -1);

	return seconds >= 0 && seconds < 1e9 ? (int64_t)(seconds * 1000 + 0.5) : -1;
}

int ct_bring_usage(struct ct_decoder *d, struct ct_err *err)
{
	const struct ct_usage *u = &d->usage, *s = &d->sent;

	if (!u->known || (s->known && u->input == s->input && u->cached == s->cached &&
			  u->cache_write == s->cache_write && u->hour_write == s->hour_write &&
			  u->output == s->output && u->reasoning == s->reasoning &&
			  u->audio_ms == s->audio_ms && u->characters == s->characters))
		return CT_OK;
	d->sent = d->usage;
	return send(d, &(struct ct_event){ .type = CT_EVENT_USAGE, .usage = d->usage },
		    err);
}

void ct_mark_end_because(struct ct_decoder *d, enum ct_finish finish, struct ct_str raw,
			 struct ct_str explanation)
{
	d->marked = true;
	if (finish == CT_FINISH_NONE || d->finish != CT_FINISH_NONE)
		return;
	d->finish = finish;
	ct_utf8_clean(raw, &d->raw);
	if (explanation.len > 0) {
		ct_buf_puts(&d->raw, ": ");
		ct_utf8_clean(explanation, &d->raw);
	}
}

void ct_mark_end(struct ct_decoder *d, enum ct_finish finish, struct ct_str raw)
{
	ct_mark_end_because(d, finish, raw, (struct ct_str){ NULL, 0 });
}

int64_t ct_count(const struct ct_json *object, const char *path, int64_t fallback)
{
	int64_t n = ct_json_int_at(object, path, -1);

	return n >= 0 && n <= INT64_MAX / 8 ? n : fallback;
}

enum ct_finish ct_finish_of(struct ct_str word)
{
	static const struct {
		const char *word;
		enum ct_finish finish;
	} words[] = {
		{ "", CT_FINISH_NONE },
		{ "null", CT_FINISH_NONE },
		{ "FINISH_REASON_UNSPECIFIED", CT_FINISH_NONE },
		{ "stop", CT_FINISH_STOP },
		{ "end_turn", CT_FINISH_STOP },
		{ "stop_sequence", CT_FINISH_STOP },
		{ "eos", CT_FINISH_STOP },
		{ "eos_token", CT_FINISH_STOP },
		{ "complete", CT_FINISH_STOP },
		{ "completed", CT_FINISH_STOP },
		{ "length", CT_FINISH_LENGTH },
		{ "max_tokens", CT_FINISH_LENGTH },
		{ "max_output_tokens", CT_FINISH_LENGTH },
		{ "model_length", CT_FINISH_LENGTH },
		{ "model_context_window_exceeded", CT_FINISH_LENGTH },
		{ "tool_calls", CT_FINISH_TOOL_CALLS },
		{ "tool_use", CT_FINISH_TOOL_CALLS },
		{ "function_call", CT_FINISH_TOOL_CALLS },
		{ "pause_turn", CT_FINISH_PAUSE },
		{ "content_filter", CT_FINISH_FILTER },
		{ "refusal", CT_FINISH_FILTER },
		{ "safety", CT_FINISH_FILTER },
		{ "recitation", CT_FINISH_FILTER },
		{ "blocklist", CT_FINISH_FILTER },
		{ "prohibited_content", CT_FINISH_FILTER },
		{ "spii", CT_FINISH_FILTER },
		{ "model_armor", CT_FINISH_FILTER },
		{ "image_safety", CT_FINISH_FILTER },
		{ "image_prohibited_content", CT_FINISH_FILTER },
		{ "image_recitation", CT_FINISH_FILTER },
	};

	for (size_t i = 0; i < CT_COUNT(words); i++)
		if (ct_str_is_nocase(word, words[i].word))
			return words[i].finish;
	return CT_FINISH_OTHER;
}

void ct_turn_add(struct ct_decoder *d, const struct ct_json *element)
{
	struct ct_jw jw = ct_jw(&d->turn);

	d->turn_calls += ct_json_get(element, "functionCall") != NULL ||
			 ct_str_is(ct_json_str_at(element, "type"), "function_call");
	ct_buf_puts(&d->turn, d->turn.len == 0 ? "[" : ",");
	ct_jw_value(&jw, element);
}

void ct_turn_end(struct ct_decoder *d)
{
	if (d->turn.len > 0)
		ct_buf_puts(&d->turn, "]");
}
