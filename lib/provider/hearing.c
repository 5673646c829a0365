#include "provider/hearing.h"

#include "codec/utf8.h"
#include "provider/fields.h"
#include "provider/vendors.h"

enum {
	TEXT_BYTES = 1 << 20,
	LONGEST_S = 1000000, /* of one stream; a number beyond it is absurd */
};

bool ct_hearing_can(const struct ct_vendor *vendor)
{
	return vendor == &ct_vendor_deepgram;
}

/* flux-* take turns over /v2/listen: other messages, and no results that could be counted up. */
static int check_model(struct ct_str model, struct ct_err *err)
{
	if (!ct_str_starts(model, "flux"))
		return CT_OK;
	ct_fail(err, CT_EINVALID, "%.*s is for conversations in turns, and cannot be listened to "
				  "live", CT_STR_ARG(model));
	ct_hint(err, "-m nova-3 can");
	return CT_EINVALID;
}

static void add_fields(struct ct_fields *f, const struct ct_request *r, bool interim)
{
	const struct ct_speech *s = r->speech;

	ct_fields_add(f, "model", r->model);
	ct_fields_add_true(f, "smart_format", true);
	ct_fields_add(f, "language", s->language);
	ct_fields_add_true(f, "diarize", s->diarize);
	ct_fields_add_true(f, "interim_results", interim);
	/* of bare samples; of a container they would contradict what it says itself */
	ct_fields_add(f, "encoding", s->encoding);
	ct_fields_add_int(f, "sample_rate", s->sample_rate);
	ct_fields_add_int(f, "channels", s->channels);
}

static int set_headers(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		       struct ct_ws_request *out, struct ct_err *err)
{
	struct ct_http_request *http = ct_arena_alloc(arena, sizeof(*http));
	int rc;

	if (http == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	rc = ct_ask_key(endpoint, http, "Authorization", "Token ", err);
	if (rc == CT_OK)
		rc = ct_ask_extra(endpoint, http, err);
	for (size_t i = 0; rc == CT_OK && i < http->header_count; i++)
		out->headers[out->header_count++] = http->headers[i];
	return rc;
}

int ct_hearing_ask(const struct ct_endpoint *endpoint, const struct ct_request *request,
		   bool interim, struct ct_arena *arena, struct ct_ws_request *out,
		   struct ct_err *err)
{
	struct ct_ask ask = { .endpoint = endpoint, .request = request, .arena = arena };
	struct ct_fields f = { .ask = &ask };
	struct ct_str url = ct_ask_url(endpoint, arena, "/v1", "/listen");
	int rc = check_model(request->model, err);

	if (rc != CT_OK)
		return rc;
	if (url.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	add_fields(&f, request, interim);
	rc = ct_fields_options(&f, err);
	if (rc != CT_OK)
		return rc;
	out->url = ct_fields_url(&f, url, err);
	return out->url.ptr != NULL ? set_headers(endpoint, arena, out, err) : CT_EINVALID;
}

static int64_t micros(const struct ct_json *object, const char *path, int64_t fallback)
{
	double s = ct_json_num(ct_json_at(object, path), -1);

	return s >= 0 && s < LONGEST_S ? (int64_t)(s * 1e6 + 0.5) : fallback;
}

static struct ct_str clean(struct ct_arena *arena, struct ct_str text)
{
	struct ct_str copy = ct_utf8_clean_dup(arena, text);

	return copy.ptr != NULL ? copy : (struct ct_str){ "", 0 };
}

/* [index, count] of the channel. */
static int channel_number(const struct ct_json *json, const char *path, int fallback)
{
	int64_t n = ct_json_int_at(json, path, fallback);

	return n >= 0 && n <= CT_HEARING_CHANNELS_MAX ? (int)n : fallback;
}

static int read_result(const struct ct_json *json, struct ct_arena *arena, struct ct_hearing *h,
		       struct ct_err *err)
{
	const struct ct_json *best = ct_json_at(json, "channel.alternatives.0");

	if (!ct_json_is(best, CT_JSON_OBJECT))
		return ct_fail(err, CT_EPROTO, "a result without alternatives");
	h->type = CT_HEARING_RESULT;
	h->text = clean(arena, ct_json_str_at(best, "transcript"));
	h->words = ct_json_get(best, "words");
	h->confidence = ct_json_num(ct_json_get(best, "confidence"), -1);
	h->is_final = ct_json_true(ct_json_get(json, "is_final"));
	h->utterance_ends = ct_json_true(ct_json_get(json, "speech_final"));
	h->start_us = micros(json, "start", 0);
	h->end_us = h->start_us + micros(json, "duration", 0);
	h->channel = channel_number(json, "channel_index.0", 0);
	h->channels = channel_number(json, "channel_index.1", 1);
	if (h->channels < 1 || h->channel >= h->channels)
		h->channel = 0, h->channels = 1;
	h->request_id = ct_json_str_at(json, "metadata.request_id");
	return CT_OK;
}

static struct ct_str error_text(const struct ct_json *json)
{
	static const char *const names[] = { "description", "message", "err_msg", "reason" };

	for (size_t i = 0; i < CT_COUNT(names); i++) {
		struct ct_str text = ct_json_str_at(json, names[i]);
		if (text.len > 0)
			return text;
	}
	return (struct ct_str)CT_STR("an error without a description");
}

int ct_hearing_read(struct ct_str text, struct ct_arena *arena, struct ct_hearing *out,
		    struct ct_err *err)
{
	const struct ct_json *json = NULL;
	struct ct_str type;

	*out = (struct ct_hearing){ .type = CT_HEARING_OTHER, .confidence = -1, .channels = 1 };
	if (ct_json_parse(arena, text, CT_JSON_LENIENT, &json, err) != CT_OK ||
	    !ct_json_is(json, CT_JSON_OBJECT))
		return ct_fail(err, CT_EPROTO, "a message that is no JSON object");
	type = ct_json_str_at(json, "type");
	if (ct_str_is(type, "Results"))
		return read_result(json, arena, out, err);
	if (ct_str_is(type, "UtteranceEnd")) {
		out->type = CT_HEARING_UTTERANCE_END;
	} else if (ct_str_is(type, "Metadata")) {
		out->type = CT_HEARING_METADATA;
		out->request_id = ct_json_str_at(json, "request_id");
		out->end_us = micros(json, "duration", 0);
	} else if (ct_str_is(type, "Error") || ct_json_get(json, "err_code") != NULL) {
		out->type = CT_HEARING_ERROR;
		out->text = clean(arena, error_text(json));
	}
	return CT_OK;
}

static struct ct_str next_word(struct ct_str *rest)
{
	*rest = ct_str_trim(*rest);

	const char *blank = rest->len > 0 ? memchr(rest->ptr, ' ', rest->len) : NULL;
	struct ct_str word = { rest->ptr, blank ? (size_t)(blank - rest->ptr) : rest->len };

	*rest = ct_str_from(*rest, word.len);
	return word;
}

/* No word says when it was: as if all took as long. */
static void share_from(const struct ct_hearing *h, int64_t from_us, struct ct_buf *out)
{
	struct ct_str rest = h->text, word;
	int64_t count = 0, at = 0;

	while (next_word(&rest).len > 0)
		count++;
	for (rest = h->text; (word = next_word(&rest)).len > 0; at++) {
		if (h->start_us + (h->end_us - h->start_us) * (2 * at + 1) / (2 * count) < from_us)
			continue;
		if (out->len > 0)
			ct_buf_puts(out, " ");
		ct_buf_add(out, word);
	}
}

void ct_hearing_text_from(const struct ct_hearing *h, int64_t from_us, int64_t covered_us,
			  struct ct_buf *out)
{
	const struct ct_json *word = ct_json_first(h->words);

	if (h->start_us >= from_us && h->start_us >= covered_us) {
		ct_buf_add(out, h->text);
		return;
	}
	if (word == NULL)
		share_from(h, from_us, out);
	for (; word != NULL; word = word->next) {
		int64_t start = micros(word, "start", 0), end = micros(word, "end", start);
		struct ct_str text = ct_json_str_at(word, "punctuated_word");

		if (start / 2 + end / 2 < from_us || end <= covered_us)
			continue;
		if (text.len == 0)
			text = ct_json_str_at(word, "word");
		if (out->len > 0)
			ct_buf_puts(out, " ");
		ct_utf8_clean(text, out);
	}
}

int64_t ct_hearing_last_word_us(const struct ct_hearing *h)
{
	int64_t last = -1;

	for (const struct ct_json *w = ct_json_first(h->words); w != NULL; w = w->next) {
		int64_t end = micros(w, "end", h->end_us);
		if (end > last)
			last = end;
	}
	return last < 0 && h->text.len > 0 ? h->end_us : last;
}

static int code_of(int close_code)
{
	switch (close_code) {
	case 1003: /* MESSAGE-0000 */
	case 1007:
	case CT_WS_POLICY: /* DATA-0000, DATA-0001 */
	case CT_WS_TOO_BIG: /* BIG-0000 */
		return CT_EINVALID;
	default:
		return CT_EUPSTREAM;
	}
}

int ct_hearing_closed(const struct ct_endpoint *endpoint, const struct ct_ws_end *end,
		      struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf reason = CT_BUF_INIT(1024);
	int code = code_of(end->close_code);

	if (end->close_code == CT_WS_NORMAL || end->close_code == CT_WS_NO_STATUS)
		return CT_OK;
	ct_utf8_printable(end->reason, &reason);
	ct_fail(err, code, "%.*s closed the stream with %d%s%s", CT_STR_ARG(endpoint->name),
		end->close_code, reason.len > 0 ? ": " : "", reason.ptr);
	if (ct_str_has(end->reason, "DATA-"))
		ct_hint(err, "it cannot decode the audio: is it what --encoding, --sample-rate and "
			     "--channels say?");
	return code;
}
