/* Refusals and failures in every shape that providers give them: wire/, "Errors". */
#include <ctype.h>

#include "codec/retry_after.h"
#include "codec/sse.h"
#include "codec/utf8.h"
#include "provider/dialect.h"

enum {
	BODY_MAX = 1 << 20, /* of an error's body that is read at all */
	TEXT_MAX = 16 << 10, /* of its strings that are looked through */
	MESSAGE_MAX = 300,
};

/* What an answer says of an error. */
struct told {
	const struct ct_json *root, *error; /* NULL: not JSON, or none in it */
	struct ct_str message; /* the provider's own words; may be empty */
	struct ct_str behind; /* the words of the provider behind a router; may be empty */
	struct ct_buf codes; /* its short names for it, in lower case, a line each */
	struct ct_buf text; /* all its strings, in lower case */
};

/* Does a member that may stand for an error say something? */
static const struct ct_json *said(const struct ct_json *value)
{
	if (ct_json_is(value, CT_JSON_STRING) && ct_str_trim(value->text).len > 0)
		return value;
	return ct_json_is(value, CT_JSON_OBJECT) && ct_json_first(value) != NULL ? value
										 : NULL;
}

static bool is_answer(const struct ct_json *json)
{
	static const char *const members[] = { "choices", "candidates", "output",
					       "content", "usage",	"delta",
					       "response" };

	for (size_t i = 0; i < CT_COUNT(members); i++)
		if (ct_json_get(json, members[i]) != NULL)
			return true;
	return false;
}

const struct ct_json *ct_error_in(const struct ct_json *json, struct ct_str event)
{
	static const char *const paths[] = { "error", "response.error", "choices.0.error",
					     "x_groq.error", "errors.0" };
	struct ct_str type = ct_json_str_at(json, "type");

	for (size_t i = 0; i < CT_COUNT(paths); i++)
		if (said(ct_json_at(json, paths[i])) != NULL)
			return ct_json_at(json, paths[i]);
	if (ct_str_is(type, "error") || ct_str_is(type, "response.failed") ||
	    ct_str_is(event, "error") ||
	    ct_str_is(ct_json_str_at(json, "object"), "error"))
		return json;
	/* Mistral's, Cohere's and FastAPI's have no wrapper; events have a type */
	if (is_answer(json) || ct_str_starts(type, "response."))
		return NULL;
	if (said(ct_json_get(json, "message")) != NULL && !ct_str_is(type, "message") &&
	    !ct_str_is(type, "message_start"))
		return ct_json_is(ct_json_get(json, "message"), CT_JSON_STRING) ? json
										: NULL;
	return ct_json_get(json, "detail") != NULL ? json : NULL;
}

static void add_lower(struct ct_buf *out, struct ct_str s)
{
	ct_buf_append(out, "\n", 1);
	for (size_t i = 0; i < s.len && out->len < out->max; i++) {
		char c = s.ptr[i] != '\0' ? (char)tolower((unsigned char)s.ptr[i]) : ' ';
		ct_buf_append(out, &c, 1);
	}
}

static bool is_code_key(struct ct_str key)
{
	return ct_str_is(key, "code") || ct_str_is(key, "type") ||
	       ct_str_is(key, "status") || ct_str_is(key, "reason") ||
	       ct_str_is(key, "error_type") || ct_str_is(key, "err_code") ||
	       ct_str_is(key, "category");
}

static void gather(struct told *t, const struct ct_json *json)
{
	/* what the model wrote, and what was asked, says nothing of the error */
	if (ct_str_is(json->key, "failed_generation") || ct_str_is(json->key, "input"))
		return;
	if (ct_json_is(json, CT_JSON_STRING)) {
		add_lower(&t->text, json->text);
		if (is_code_key(json->key))
			add_lower(&t->codes, json->text);
	}
	for (const struct ct_json *m = ct_json_first(json); m != NULL; m = m->next)
		gather(t, m);
}

/* The first of these that is a text with something in it. */
static struct ct_str first_text(const struct ct_json *json, const char *const *paths)
{
	for (; *paths != NULL; paths++) {
		struct ct_str s = ct_str_trim(ct_json_str_at(json, *paths));
		if (s.len > 0)
			return s;
	}
	return (struct ct_str){ NULL, 0 };
}

static struct ct_str message_of(const struct told *t)
{
	static const char *const in_error[] = {
		"message", "error", "msg", "detail", "error_description", NULL
	};
	static const char *const in_root[] = { "message",	    "detail",
					       "detail.0.msg",	    "detail.error",
					       "detail.message",    "error",
					       "error_description", "err_msg",
					       "details",	    NULL };

	if (ct_json_is(t->error, CT_JSON_STRING))
		return ct_str_trim(t->error->text);
	struct ct_str s = first_text(t->error, in_error);
	return s.len > 0 ? s : first_text(t->root, in_root);
}

static int keep_data(void *user, const struct ct_sse_event *event, struct ct_err *err)
{
	struct ct_buf *out = user;

	(void)err;
	if (out->len == 0)
		ct_buf_add(out, ct_str_trim(event->data));
	return CT_OK;
}

/* Some write an error as an event also where it is the whole answer: its data, else body. */
static struct ct_str unwrap_event(struct ct_arena *arena, struct ct_str body)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf data = CT_BUF_INIT(BODY_MAX);
	struct ct_str start = ct_str_trim(body);
	struct ct_sse *sse;

	if (!ct_str_starts(start, "event:") && !ct_str_starts(start, "data:") &&
	    !ct_str_starts(start, ":"))
		return body;
	sse = ct_sse_create(BODY_MAX, keep_data, &data);
	if (sse != NULL && ct_sse_feed(sse, start.ptr, start.len, NULL) == CT_OK)
		ct_sse_finish(sse, NULL);
	ct_sse_destroy(sse);
	return data.len > 0 ? ct_arena_dup(arena, ct_buf_str(&data)) : body;
}

static void read_told(struct told *t, struct ct_arena *arena, struct ct_str body)
{
	if (body.len > BODY_MAX)
		body.len = BODY_MAX;
	body = unwrap_event(arena, body);
	if (ct_json_parse(arena, body, CT_JSON_LENIENT, &t->root, NULL) != CT_OK) {
		t->root = NULL;
		add_lower(&t->text, body);
		t->message = ct_str_starts(ct_str_trim(body), "<") ? ct_str("")
								   : ct_str_trim(body);
		return;
	}
	if (ct_json_is(t->root, CT_JSON_ARRAY))
		t->root = ct_json_first(t->root);
	t->error = ct_error_in(t->root, ct_str("message"));
	if (t->root != NULL)
		gather(t, t->root);
	t->message = message_of(t);
	t->behind = ct_json_str_at(t->error, "metadata.raw");
}

static bool has(const struct ct_buf *text, const char *word)
{
	return strstr(text->ptr, word) != NULL;
}

static bool has_any(const struct ct_buf *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (has(text, *words))
			return true;
	return false;
}

/* Money: https://platform.openai.com/docs/guides/error-codes and what others write. */
static bool is_quota(const struct told *t)
{
	static const char *const codes[] = { "insufficient_quota",
					     "credit",
					     "spend",
					     "billing",
					     "usage_limit",
					     "insufficient_balance",
					     "quota_exceeded",
					     NULL };
	static const char *const phrases[] = { "insufficient_quota",
					       "insufficient balance",
					       "insufficient credits",
					       "credit balance",
					       "out of credits",
					       "available credits",
					       "monthly included credits",
					       "spend limit",
					       "spend cap",
					       "spending limit",
					       "spending cap",
					       "usage limit",
					       "credits are depleted",
					       "credits are exhausted",
					       "prepayment",
					       NULL };

	if (has_any(&t->codes, codes) || has_any(&t->text, phrases))
		return true;
	/* Gemini says this of limits per minute too */
	return has(&t->text, "exceeded your current quota") &&
	       !has(&t->codes, "resource_exhausted");
}

static bool is_context(const struct told *t)
{
	static const char *const words[] = { "context_length_exceeded",
					     "prompt is too long",
					     "exceed context limit",
					     "maximum context length",
					     "context window",
					     "exceed_context_size",
					     "context size",
					     "maximum prompt length",
					     "input is too long",
					     "reduce the length of",
					     "too many tokens",
					     "context length",
					     "`max_new_tokens` must",
					     NULL };

	return has_any(&t->text, words) ||
	       (has(&t->text, "input token count") && has(&t->text, "exceeds"));
}

static bool is_filter(const struct told *t)
{
	static const char *const words[] = { "content_policy_violation",
					     "content_filter",
					     "responsibleaipolicyviolation",
					     "moderation",
					     "content management policy",
					     "content filtering policy",
					     "content policy",
					     "usage policy",
					     "usage guidelines",
					     "flagged",
					     NULL };

	return has_any(&t->text, words);
}

static bool is_model(int status, const struct told *t)
{
	static const char *const codes[] = { "model_not_found",	     "invalid_model",
					     "model_decommissioned", "deploymentnotfound",
					     "unknown_model",	     NULL };
	static const char *const phrases[] = { "not a valid model id",
					       "invalid model:", NULL };

	if (has_any(&t->codes, codes) || has_any(&t->text, phrases))
		return true;
	return status == 404 && t->root != NULL &&
	       (has(&t->text, "model") || has(&t->text, "deployment"));
}

/* A limit per day with a wait that another try could not sit out is a quota. */
static bool is_daily(const struct told *t, int64_t wait_ms)
{
	return has(&t->text, "perday") && wait_ms < 60000;
}

static int code_of(int status, const struct told *t, int64_t wait_ms)
{
	bool refused = status == 400 || status == 413 || status == 422;

	/* Tavily's own two: the plan's credits, and the limit on paying as one goes, are spent */
	if (status == 402 || status == 432 || status == 433)
		return CT_EQUOTA;
	if (status == 429)
		return is_quota(t) || is_daily(t, wait_ms) ? CT_EQUOTA : CT_ERATE;
	if ((status == 400 || status == 403) && is_quota(t))
		return CT_EQUOTA;
	if ((status == 400 && has(&t->text, "api_key_invalid")))
		return CT_EAUTH;
	if (refused && is_context(t))
		return CT_ECONTEXT;
	if ((refused || status == 403) && is_filter(t))
		return CT_EFILTER;
	if (status == 401 || status == 403)
		return CT_EAUTH;
	if ((status == 404 || refused) && is_model(status, t))
		return CT_ENOMODEL;
	if (status == 408 || status == 409 || status == 425 || status == 498 ||
	    status >= 500)
		return CT_EUPSTREAM;
	if (status >= 400)
		return CT_EINVALID;
	return CT_EPROTO;
}

/* The status that a 200 answer's error would have had, by its own word for it. */
static int status_by_word(const struct told *t)
{
	static const struct {
		const char *word;
		int status;
	} words[] = {
		{ "overloaded_error", 529 },
		{ "insufficient_quota", 429 },
		{ "rate_limit", 429 },
		{ "resource_exhausted", 429 },
		{ "slow_down", 429 },
		{ "too_many_requests", 429 },
		{ "capacity_exceeded", 429 },
		{ "billing", 402 },
		{ "insufficient_balance", 402 },
		{ "api_key", 401 },
		{ "authentication", 401 },
		{ "unauthenticated", 401 },
		{ "permission", 403 },
		{ "not_found", 404 },
		{ "too_large", 413 },
		{ "timeout", 504 },
		{ "deadline_exceeded", 504 },
		{ "unavailable", 503 },
		{ "overloaded", 503 },
		{ "api_error", 500 },
		{ "server_error", 500 },
		{ "internal", 500 },
		{ "context_length", 400 },
		{ "content_filter", 400 },
		{ "content_policy", 400 },
		{ "failed_precondition", 400 },
		{ "invalid", 400 },
	};

	for (size_t i = 0; i < CT_COUNT(words); i++)
		if (has(&t->codes, words[i].word))
			return words[i].status;
	return 500;
}

static int status_in(const struct ct_json *json)
{
	static const char *const names[] = {
		"code",	     "status",		"status_code",
		"http_code", "raw_status_code", "statusCode"
	};

	for (size_t i = 0; i < CT_COUNT(names); i++) {
		const struct ct_json *value = ct_json_get(json, names[i]);
		int64_t n = ct_json_int(value, 0);
		if (n >= 400 && n < 600)
			return (int)n;
		if (ct_str_int(ct_json_str(value), &n) && n >= 400 && n < 600)
			return (int)n;
	}
	return 0;
}

static int implied_status(const struct told *t)
{
	int status = status_in(t->error);

	if (status == 0)
		status = status_in(t->root);
	if (status == 0 && ct_json_is(t->error, CT_JSON_STRING) && t->codes.len == 0)
		status = 500;
	return status != 0 ? status : status_by_word(t);
}

/* One line of clean text, cut between characters. */
static void tidy(struct ct_str message, struct ct_buf *out)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(8 * MESSAGE_MAX);
	CT_CLEANUP(ct_buf_fini) struct ct_buf printable = CT_BUF_INIT(8 * MESSAGE_MAX);
	size_t cut = MESSAGE_MAX;

	if (message.len > MESSAGE_MAX + 4)
		message.len = MESSAGE_MAX + 4;
	ct_utf8_clean(message, &clean);
	ct_utf8_printable(ct_buf_str(&clean), &printable);
	for (size_t i = 0; i < printable.len; i++) {
		char c = printable.ptr[i];
		bool blank = isspace((unsigned char)c);
		if (blank && (out->len == 0 || out->ptr[out->len - 1] == ' '))
			continue;
		ct_buf_append(out, blank ? " " : &c, 1);
	}
	while (out->len > 0 && out->ptr[out->len - 1] == ' ')
		out->ptr[--out->len] = '\0';
	if (out->len <= MESSAGE_MAX)
		return;
	while (cut > 0 && ((unsigned char)out->ptr[cut] & 0xC0) == 0x80)
		cut--;
	out->len = cut;
	out->ptr[cut] = '\0';
}

static void describe(const struct ct_endpoint *endpoint, int code, int status,
		     const struct told *t, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(8 * MESSAGE_MAX);
	const char *key_env =
		endpoint->vendor != NULL ? endpoint->vendor->key_env[0] : NULL;

	tidy(t->message, &line);
	if (t->behind.len > 0 && line.len < MESSAGE_MAX / 2) {
		ct_buf_puts(&line, ": ");
		tidy(t->behind, &line);
	}
	if (status >= 300 && status < 400)
		ct_fail(err, code, "%.*s answered %d: redirect not followed",
			CT_STR_ARG(endpoint->name), status);
	else
		ct_fail(err, code, "%.*s answered %d%s%.*s", CT_STR_ARG(endpoint->name),
			status, line.len > 0 ? ": " : "", CT_STR_ARG(ct_buf_str(&line)));
	if (code == CT_EAUTH && key_env != NULL)
		ct_hint(err, "check the key: %s", key_env);
}

static bool names_an_end(const struct ct_headers *headers)
{
	static const char limit[] = "anthropic-ratelimit-";

	if (ct_headers_get(headers, "retry-after").len > 0 ||
	    ct_headers_get(headers, "retry-after-ms").len > 0)
		return true;
	for (size_t i = 0; i < headers->count; i++) {
		struct ct_str name = headers->names[i];
		if (name.len >= sizeof(limit) &&
		    ct_str_is_nocase((struct ct_str){ name.ptr, sizeof(limit) - 1 }, limit))
			return true;
	}
	return false;
}

/* err: the class of the failure and the wait asked for, in any form. */
static int should_retry(const struct ct_endpoint *endpoint, const struct ct_err *err,
			const struct ct_headers *headers)
{
	struct ct_str word = ct_headers_get(headers, "x-should-retry");
	bool spent = err->code == CT_ERATE && err->retry_after_ms == 0 && headers != NULL &&
		     endpoint->vendor != NULL && endpoint->vendor->limits_name_their_end;

	if (ct_str_is_nocase(word, "true"))
		return 1;
	if (ct_str_is_nocase(word, "false"))
		return -1;
	return spent && !names_an_end(headers) ? -1 : 0;
}

int ct_provider_error(const struct ct_endpoint *endpoint, int status,
		      const struct ct_headers *headers, struct ct_str body,
		      int64_t now_wall_ms, struct ct_err *err)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct told t = { .codes = CT_BUF_INIT(TEXT_MAX), .text = CT_BUF_INIT(TEXT_MAX) };
	struct ct_err own;

	err = err != NULL ? err : &own;
	read_told(&t, &arena, body);
	bool in_band = status >= 200 && status < 300;
	if (in_band && t.error != NULL)
		status = implied_status(&t);
	int64_t wait_ms = ct_retry_after_ms(headers, t.root, now_wall_ms);
	describe(endpoint, code_of(status, &t, wait_ms), status, &t, err);
	err->status = status;
	err->retry_after_ms = wait_ms;
	err->should_retry = should_retry(endpoint, err, headers);
	if (endpoint->vendor != NULL && endpoint->vendor->refine != NULL)
		endpoint->vendor->refine(
			&(struct ct_refusal){ endpoint, status, headers, t.root }, err);
	ct_buf_fini(&t.codes);
	ct_buf_fini(&t.text);
	return err->code;
}

struct ct_str ct_provider_request_id(const struct ct_headers *headers)
{
	static const char *const names[] = { "request-id",	"x-request-id",
					     "apim-request-id", "x-generation-id",
					     "dg-request-id",	"x-amzn-trace-id",
					     "x-amz-cf-id",	"x-github-request-id" };

	struct ct_str id = { NULL, 0 };

	for (size_t i = 0; i < CT_COUNT(names) && id.len == 0; i++)
		id = ct_headers_get(headers, names[i]);
	return id.len > 0 ? id : (struct ct_str){ NULL, 0 };
}
