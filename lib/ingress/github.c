/*
 * GitHub's REST API from the server's side. Its requests are addresses and its answers documents
 * that are made elsewhere: what is the protocol's own here is the shape of its errors.
 * https://docs.github.com/rest
 */
#include "ingress/protocols.h"

static bool match(struct ct_str method, struct ct_str path)
{
	return ct_str_is(method, "GET") &&
	       (ct_str_starts(path, "/search/") || ct_str_starts(path, "/repos/") ||
		ct_str_is(path, "/rate_limit"));
}

static int read_request(struct ct_str path, const struct ct_headers *headers,
			struct ct_str body, struct ct_arena *arena,
			struct ct_ingress_request *out, struct ct_err *err)
{
	(void)path, (void)headers, (void)body, (void)arena, (void)err;
	*out = (struct ct_ingress_request){ .request.task = CT_TASK_READ };
	return CT_OK;
}

/* An answer is never a stream. */
static void event(struct ct_ingress_answer *answer, const struct ct_event *event,
		  struct ct_buf *out)
{
	(void)answer, (void)event, (void)out;
}

/* The text is the document. */
static void whole(const struct ct_ingress_answer *answer, struct ct_str text,
		  const struct ct_tool_call *calls, size_t call_count, enum ct_finish finish,
		  struct ct_buf *out)
{
	(void)answer, (void)calls, (void)call_count, (void)finish;
	ct_buf_add(out, text);
}

/* A limit says so in its words: its status alone may mean something else. */
static void error(int status, int code, struct ct_str message, int64_t retry_after_ms,
		  bool in_stream, struct ct_buf *out)
{
	bool limit = retry_after_ms > 0 && (status == 403 || status == 429);
	struct ct_jw jw = ct_jw(out);

	(void)code, (void)in_stream;
	ct_jw_object(&jw);
	ct_jw_member(&jw, "message",
		     limit ? ct_str("[sandbox] You have exceeded a secondary rate limit.")
			   : message);
	ct_jw_member(&jw, "documentation_url", ct_str("https://docs.github.com/rest"));
	ct_jw_end_object(&jw);
}

const struct ct_ingress ct_ingress_github = {
	.name = "github",
	.provider = "github",
	.match = match,
	.read = read_request,
	.event = event,
	.whole = whole,
	.error = error,
};
