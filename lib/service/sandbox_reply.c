#include "service/sandbox_call.h"

static struct ct_str message_for(struct ct_sandbox_call *call, const char *what)
{
	return ct_arena_printf(&call->arena, "[sandbox] %s", what);
}

void ct_sandbox_headers(struct ct_sandbox_call *call, const char *type,
			struct ct_headers *headers)
{
	const char *name =
		call->provider == CT_SANDBOX_CLAUDE ? "request-id" : "x-request-id";

	headers->arena = &call->arena;
	ct_headers_add(headers, ct_str("Content-Type"), ct_str(type));
	ct_headers_add(headers, ct_str("x-cartrita-sandbox"), ct_str("no real model"));
	if (call->provider != CT_SANDBOX_GEMINI)
		ct_headers_add(headers, ct_str(name),
			       ct_arena_printf(&call->arena, "req_sandbox_%lld",
					       (long long)call->sandbox->serial));
}

void ct_sandbox_reply(struct ct_sandbox_call *call, int status, const char *type,
		      struct ct_str body, struct ct_headers *headers)
{
	struct ct_headers own = { 0 };
	struct ct_exchange *exchange = call->exchange;

	if (headers == NULL)
		headers = &own;
	ct_sandbox_headers(call, type, headers);
	call->status = status;
	call->bytes_sent = (int64_t)body.len;
	call->exchange = NULL;
	if (ct_exchange_head(exchange, status, headers, (int64_t)body.len, NULL) !=
		    CT_OK ||
	    ct_exchange_send(exchange, body, NULL) != CT_OK) {
		ct_exchange_abort(exchange, false);
		return;
	}
	ct_exchange_end(exchange);
}

/* Where nothing of the request tells its protocol: its provider's first; OpenAI's is copied most. */
static const struct ct_ingress *protocol_of(enum ct_sandbox_provider provider)
{
	for (size_t i = 0; ct_ingresses[i] != NULL; i++)
		if (strcmp(ct_ingresses[i]->provider, ct_sandbox_provider_name(provider)) == 0)
			return ct_ingresses[i];
	return ct_ingresses[1];
}

/* Gemini says how long to wait in the body, the others in a header. */
void ct_sandbox_error(struct ct_sandbox_call *call, int status, int code,
		      struct ct_str message, int64_t wait_ms)
{
	struct ct_headers headers = { .arena = &call->arena };
	const struct ct_ingress *ingress = call->ingress;

	if (ingress == NULL)
		ingress = protocol_of(call->provider);
	if (wait_ms > 0 && call->provider != CT_SANDBOX_GEMINI)
		ct_headers_add(
			&headers, ct_str("retry-after"),
			ct_arena_printf(&call->arena, "%lld", (long long)wait_ms / 1000));
	if (call->provider == CT_SANDBOX_GITHUB)
		ct_sandbox_github_headers(
			call, status == 403 && wait_ms <= 0 ? "repo" : NULL, &headers);
	ct_buf_clear(&call->scratch);
	ingress->error(status, code, message, wait_ms > 0 ? wait_ms : 0, false,
		       &call->scratch);
	ct_sandbox_reply(call, status, "application/json", ct_buf_str(&call->scratch),
			 &headers);
}

static int code_of(int status)
{
	switch (status) {
	case 401:
	case 403:
		return CT_EAUTH;
	case 402:
	case 432:
	case 433:
		return CT_EQUOTA;
	case 404:
		return CT_ENOMODEL;
	case 429:
		return CT_ERATE;
	default:
		return status >= 500 ? CT_EUPSTREAM : CT_EINVALID;
	}
}

/*
 * Claude's limits on requests always say how long; without that a 429 is its monthly cap. So a bare
 * 429 asks for a second there, and "429:0" is the cap.
 */
static void reply_status(struct ct_sandbox_call *call, int status, int64_t seconds)
{
	struct ct_str message = ct_arena_printf(
		&call->arena, "[sandbox] fault: status %d, as planned", status);

	if (seconds < 0)
		seconds = status == 429 && call->provider == CT_SANDBOX_CLAUDE ? 1 : 0;
	ct_sandbox_error(call, status, code_of(status), message, seconds * 1000);
}

static void reply_context(struct ct_sandbox_call *call)
{
	static const char *const messages[CT_SANDBOX_PROVIDERS] = {
		[CT_SANDBOX_CLAUDE] =
			"prompt is too long: 1200000 tokens > 1000000 maximum",
		[CT_SANDBOX_GEMINI] =
			"The input token count (1200000) exceeds the maximum number of "
			"tokens allowed (1048576).",
		[CT_SANDBOX_TAVILY] =
			"Query is too long. Max query length is 400 characters.",
	};
	const char *message = messages[call->provider];

	if (message == NULL)
		message = "This model's maximum context length is 128000 tokens. "
			  "However, your "
			  "messages resulted in 1200000 tokens. Please reduce the length "
			  "of the "
			  "messages.";
	ct_sandbox_error(call, 400, CT_ECONTEXT, ct_str(message), -1);
}

/* A blocked prompt is no error for Gemini: 200 without candidates. */
static void reply_policy(struct ct_sandbox_call *call)
{
	static const char blocked[] = "{\"promptFeedback\":{\"blockReason\":\"SAFETY\"},"
				      "\"modelVersion\":\"sandbox\"}";

	if (call->provider != CT_SANDBOX_GEMINI) {
		ct_sandbox_error(
			call, 400, CT_EFILTER,
			ct_str(call->provider == CT_SANDBOX_CLAUDE
				       ? "Output blocked by content filtering policy"
				       : "Your request was rejected as a result of our "
					 "safety system (content policy)."),
			-1);
		return;
	}
	bool events = call->request.request.stream && !call->writer.array;
	struct ct_str body = ct_arena_printf(&call->arena,
					     events ? "data: %s\r\n\r\n" : "%s", blocked);
	if (call->writer.array)
		body = ct_arena_printf(&call->arena, "[%s]", blocked);
	ct_sandbox_reply(call, 200, events ? "text/event-stream" : "application/json",
			 body, NULL);
}

static void reply_redirect(struct ct_sandbox_call *call)
{
	struct ct_headers headers = { .arena = &call->arena };

	ct_headers_add(&headers, ct_str("Location"),
		       ct_arena_printf(&call->arena, "http://127.0.0.1:%d/elsewhere",
				       ct_sandbox_port(call->sandbox)));
	ct_sandbox_reply(call, 307, "text/plain", ct_str(""), &headers);
}

bool ct_sandbox_reply_fault(struct ct_sandbox_call *call)
{
	static const char html[] =
		"<!DOCTYPE html>\n<html><head><title>Please wait</title></head>"
		"<body><h1>[sandbox] a page instead of an answer</h1></body>"
		"</html>\n";
	const struct ct_fault *fault = call->fault;

	switch (fault->kind) {
	case CT_FAULT_STATUS:
		reply_status(call, fault->status, fault->argument);
		return true;
	case CT_FAULT_DOWN:
		reply_status(call, 503, -1);
		return true;
	case CT_FAULT_CONTEXT_LENGTH:
		reply_context(call);
		return true;
	case CT_FAULT_CONTENT_POLICY:
		reply_policy(call);
		return true;
	case CT_FAULT_QUOTA:
		ct_sandbox_error(call, 429, CT_EQUOTA,
				 ct_str("[sandbox] fault: nothing is left, as planned"), -1);
		return true;
	case CT_FAULT_PREFILL_REFUSED:
		ct_sandbox_error(
			call, 400, CT_EINVALID,
			ct_str("This model does not support assistant message prefill. "
			       "The conversation must end with a user message."),
			-1);
		return true;
	case CT_FAULT_EMPTY:
		ct_sandbox_reply(call, 200, "application/json", ct_str(""), NULL);
		return true;
	case CT_FAULT_HTML:
		ct_sandbox_reply(call, 200, "text/html; charset=utf-8", ct_str(html),
				 NULL);
		return true;
	case CT_FAULT_SHAPE:
		ct_sandbox_reply(
			call, 200, "application/json",
			ct_str("{\"ok\":true,\"note\":\"[sandbox] another shape\"}"),
			NULL);
		return true;
	case CT_FAULT_REDIRECT:
		reply_redirect(call);
		return true;
	default:
		return false;
	}
}

bool ct_sandbox_has_key(const struct ct_server_request *request)
{
	static const char *const names[] = { "x-api-key", "authorization",
					     "x-goog-api-key", "api-key" };

	for (size_t i = 0; i < CT_COUNT(names); i++) {
		if (ct_headers_get(request->headers, names[i]).len > 0)
			return true;
	}
	return ct_str_starts(request->query, "key=") ||
	       ct_str_has(request->query, "&key=");
}

void ct_sandbox_no_key(struct ct_sandbox_call *call)
{
	switch (call->provider) {
	case CT_SANDBOX_CLAUDE:
		ct_sandbox_error(call, 401, CT_EAUTH,
				 ct_str("x-api-key header is required"), -1);
		break;
	case CT_SANDBOX_GEMINI:
		ct_sandbox_error(call, 403, CT_EAUTH,
				 ct_str("Method doesn't allow unregistered callers. "
					"Please use API "
					"Key or other form of API consumer identity."),
				 -1);
		break;
	case CT_SANDBOX_TAVILY:
		ct_sandbox_error(call, 401, CT_EAUTH,
				 ct_str("Unauthorized: missing or invalid API key."), -1);
		break;
	default:
		ct_sandbox_error(call, 401, CT_EAUTH,
				 message_for(call, "You didn't provide an API key."), -1);
	}
}

bool ct_sandbox_models(struct ct_sandbox_call *call,
		       const struct ct_server_request *request)
{
	static const char *const lists[CT_SANDBOX_PROVIDERS] = {
		[CT_SANDBOX_CLAUDE] = "{\"data\":[{\"type\":\"model\",\"id\":\"sandbox\","
				      "\"display_name\":\"Sandbox, no real model\","
				      "\"created_at\":\"2026-01-01T00:00:00Z\"}],"
				      "\"has_more\":false,\"first_id\":\"sandbox\","
				      "\"last_id\":\"sandbox\"}",
		[CT_SANDBOX_GEMINI] =
			"{\"models\":[{\"name\":\"models/sandbox\","
			"\"displayName\":\"Sandbox, no real model\","
			"\"supportedGenerationMethods\":[\"generateContent\"]}]}",
		[CT_SANDBOX_TAVILY] = "{\"key\":{\"usage\":0,\"limit\":null},\"account\":{"
				      "\"current_plan\":\"sandbox, no real search\","
				      "\"plan_usage\":0,\"plan_limit\":null}}",
	};
	const char *list = call->provider == CT_SANDBOX_DEEPGRAM ?
				   "{\"projects\":[{\"project_id\":\"sandbox\",\"name\":"
				   "\"Sandbox, no real ear\"}]}" :
				   lists[call->provider];
	struct ct_str path = call->path;

	const char *what = call->provider == CT_SANDBOX_TAVILY	 ? "/usage" :
			   call->provider == CT_SANDBOX_DEEPGRAM ? "/projects" :
								   "/models";

	if (!ct_str_is(request->method, "GET") || !ct_str_has(path, what))
		return false;
	if (list == NULL)
		list = "{\"object\":\"list\",\"data\":[{\"id\":\"sandbox\",\"object\":"
		       "\"model\","
		       "\"created\":1767225600,\"owned_by\":\"sandbox, no real "
		       "model\"}]}";
	if (!call->has_key)
		ct_sandbox_no_key(call);
	else
		ct_sandbox_reply(call, 200, "application/json", ct_str(list), NULL);
	return true;
}
