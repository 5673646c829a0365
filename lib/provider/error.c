/* Refusals and failures in every shape that providers give them: wire/, "Errors". */
#include <ctype.h>

#include "codec/plain.h"
#include "codec/retry_after.h"
#include "provider/dialect.h"
#include "provider/error.h"

enum { MESSAGE_MAX = 300 };

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
static bool is_quota(const struct ct_error_text *t)
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

static bool is_context(const struct ct_error_text *t)
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

static bool is_filter(const struct ct_error_text *t)
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

static bool is_model(int status, const struct ct_error_text *t)
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

/* llama.cpp says with a 500 that it was started without what tools take: asking again is no use. */
static bool is_without_tools(const struct ct_error_text *t)
{
	return has(&t->text, "tools param requires") || has(&t->text, "requires --jinja");
}

/* A limit per day with a wait that another try could not sit out is a quota. */
static bool is_daily(const struct ct_error_text *t, int64_t wait_ms)
{
	return has(&t->text, "perday") && wait_ms < 60000;
}

static int code_of(int status, const struct ct_error_text *t, int64_t wait_ms)
{
	bool refused = status == 400 || status == 413 || status == 422;

	/* Tavily's own two: the plan's credits, and the limit on paying as one goes, are spent */
	if (status == 402 || status == 432 || status == 433)
		return CT_EQUOTA;
	if (status == 429)
		return is_quota(t) || is_daily(t, wait_ms) ? CT_EQUOTA : CT_ERATE;
	if ((status == 400 || status == 403) && is_quota(t))
		return CT_EQUOTA;
	/* Gemini's and xAI's */
	if (status == 400 && (has(&t->text, "api_key_invalid") ||
			      has(&t->text, "incorrect api key provided")))
		return CT_EAUTH;
	if (refused && is_context(t))
		return CT_ECONTEXT;
	if ((refused || status == 403) && is_filter(t))
		return CT_EFILTER;
	if (status == 401 || status == 403)
		return CT_EAUTH;
	if ((status == 404 || refused) && is_model(status, t))
		return CT_ENOMODEL;
	if (status == 500 && is_without_tools(t))
		return CT_EINVALID;
	if (status == 408 || status == 409 || status == 425 || status == 498 ||
	    status >= 500)
		return CT_EUPSTREAM;
	if (status >= 400)
		return CT_EINVALID;
	return CT_EPROTO;
}

/* The status that a 200 answer's error would have had, by its own word for it. */
static int status_by_word(const struct ct_error_text *t)
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

static int implied_status(const struct ct_error_text *t)
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
	CT_CLEANUP(ct_buf_fini) struct ct_buf printable = CT_BUF_INIT(8 * MESSAGE_MAX);
	size_t cut = MESSAGE_MAX;

	if (message.len > MESSAGE_MAX + 4)
		message.len = MESSAGE_MAX + 4;
	ct_plain_lines(message, &printable);
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
		     const struct ct_error_text *t, struct ct_err *err)
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
	struct ct_error_text t = ct_error_text_new();
	struct ct_err own;

	err = err != NULL ? err : &own;
	ct_error_text_read(&t, &arena, body);
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
	ct_error_text_fini(&t);
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
