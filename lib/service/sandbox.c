#include "service/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "service/sandbox_call.h"

enum {
	BODY_MAX_BYTES = 64 << 20,
	CONNECTIONS_MAX = 20000,
	KEEP_MAX_BYTES = 64 << 20,
	LOG_LINE_MAX_BYTES = 16 << 10,
};

/* One line with one write, so that lines of several processes do not mix. */
static void log_call(struct ct_sandbox_call *call, bool complete)
{
	struct ct_buf line = CT_BUF_INIT(LOG_LINE_MAX_BYTES);
	struct ct_jw jw = ct_jw(&line);
	char time[CT_ISO_SIZE];
	const char *outcome = complete ? "complete" : "client gone";

	if (call->sandbox->log_fd < 0)
		return;
	ct_jw_object(&jw);
	ct_jw_member(&jw, "time", ct_str(ct_time_iso(time, ct_time_now().wall_ms)));
	ct_jw_member(&jw, "provider", ct_str(ct_sandbox_provider_name(call->provider)));
	ct_jw_member_or_null(&jw, "protocol",
			     ct_str(call->ingress ? call->ingress->name : NULL));
	ct_jw_member(&jw, "method", call->method);
	ct_jw_member(&jw, "path", call->path);
	ct_jw_member_or_null(&jw, "key", ct_str(call->has_key ? "REDACTED" : NULL));
	ct_jw_member_or_null(&jw, "model", call->request.request.model);
	ct_jw_member_bool(&jw, "stream", call->request.request.stream);
	if (call->heard.sha256.len > 0)
		ct_jw_member(&jw, "recording_sha256", call->heard.sha256);
	ct_jw_member_or_null(&jw, "fault",
			     call->fault && call->fault->text.len
				     ? call->fault->text
				     : (struct ct_str){ NULL, 0 });
	ct_jw_key(&jw, "status");
	if (call->status > 0)
		ct_jw_int(&jw, call->status);
	else
		ct_jw_null(&jw);
	ct_jw_member_int(&jw, "tokens_sent", call->tokens_sent);
	ct_jw_member_int(&jw, "bytes_sent", call->bytes_sent);
	ct_jw_member(&jw, "outcome", ct_str(call->outcome ? call->outcome : outcome));
	ct_jw_end_object(&jw);
	ct_buf_puts(&line, "\n");
	if (!line.failed && write(call->sandbox->log_fd, line.ptr, line.len) < 0)
		ct_buf_clear(&line); /* a full disk does not stop the sandbox */
	ct_buf_fini(&line);
}

static void on_gone(void *user, void *exchange_user, bool complete)
{
	struct ct_sandbox_call *call = exchange_user;

	(void)user;
	if (call == NULL)
		return;
	log_call(call, complete);
	ct_timer_destroy(call->timer);
	ct_sandbox_listen_fini(call);
	ct_ingress_answer_fini(&call->writer);
	ct_buf_fini(&call->scratch);
	ct_buf_fini(&call->stamped);
	ct_arena_fini(&call->arena);
	free(call);
}

/* Whose request is it, when nothing in its path says so? */
static const char *guess(const struct ct_server_request *request)
{
	if (ct_str_starts(request->path, "/v1beta") ||
	    ct_headers_get(request->headers, "x-goog-api-key").len > 0)
		return "gemini";
	if (ct_headers_get(request->headers, "anthropic-version").len > 0)
		return "claude";
	return "openai";
}

static void read_chat(struct ct_sandbox_call *call,
		      const struct ct_server_request *request, struct ct_str path)
{
	struct ct_err err = { 0 };
	struct ct_str id = ct_arena_printf(&call->arena, "sandbox_%lld",
					   (long long)call->sandbox->serial);
	struct ct_str query = request->query;
	int64_t now_ms = ct_clock_us() / 1000;

	if (!call->has_key) {
		ct_sandbox_no_key(call);
		return;
	}
	if (call->ingress->wants_query)
		path = ct_arena_printf(&call->arena, "%.*s?%.*s", CT_STR_ARG(path),
				       CT_STR_ARG(query));
	if (call->ingress->read(path, request->headers, request->body, &call->arena,
				&call->request, &err) != CT_OK) {
		ct_sandbox_error(call, err.code == CT_ENOMEM ? 500 : 400, err.code,
				 ct_str(err.msg), -1);
		return;
	}
	ct_ingress_answer_init(&call->writer, id, call->request.request.model,
			       KEEP_MAX_BYTES);
	call->writer.created_s = ct_time_now().wall_ms / 1000;
	call->writer.stream = call->request.request.stream;
	call->writer.include_usage = call->request.include_usage;
	call->writer.array = call->writer.stream && call->ingress == ct_ingresses[3] &&
			     !ct_str_has(query, "alt=sse");
	call->fault = ct_plan_next(&call->sandbox->plan, call->provider,
				   call->request.request.prefill, now_ms);
	ct_sandbox_chat(call);
}

static void route(struct ct_sandbox_call *call, const struct ct_server_request *request)
{
	struct ct_str path = request->path, named = ct_ingress_prefix(&path), ignored;

	call->ingress = ct_ingress_find(request->method, &path, &ignored);
	if (named.ptr == NULL && call->ingress != NULL)
		named = ignored;
	if (named.ptr == NULL)
		named = ct_str(guess(request));
	int provider = ct_sandbox_provider(named);
	call->provider =
		provider < 0 ? CT_SANDBOX_OPENAI : (enum ct_sandbox_provider)provider;
	call->has_key = ct_sandbox_has_key(request);
	if (call->provider == CT_SANDBOX_GITHUB) {
		ct_sandbox_github(call, request, path);
	} else if (ct_str_is(request->method, "GET") && ct_str_is(path, "/v1/listen")) {
		call->provider = CT_SANDBOX_DEEPGRAM;
		ct_sandbox_listen(call, request);
	} else if (call->ingress != NULL)
		read_chat(call, request, path);
	else if (!ct_sandbox_models(call, request))
		ct_sandbox_error(call, 404, CT_EINVALID,
				 ct_str("[sandbox] no such endpoint here: see "
					"cartrita-sandbox(1)"),
				 -1);
}

static void on_request(void *user, struct ct_exchange *exchange,
		       const struct ct_server_request *request, void **exchange_user)
{
	struct ct_sandbox *sandbox = user;
	struct ct_sandbox_call *call = calloc(1, sizeof(*call));

	if (call == NULL) {
		ct_exchange_abort(exchange, true);
		return;
	}
	*exchange_user = call;
	sandbox->serial++;
	call->sandbox = sandbox;
	call->exchange = exchange;
	call->scratch = (struct ct_buf)CT_BUF_INIT(KEEP_MAX_BYTES);
	call->stamped = (struct ct_buf)CT_BUF_INIT(KEEP_MAX_BYTES);
	call->writer.text = call->writer.items = (struct ct_buf)CT_BUF_INIT(0);
	call->method = ct_arena_dup(&call->arena, request->method);
	call->path = ct_arena_dup(&call->arena, request->path);
	call->request.request.model = (struct ct_str){ NULL, 0 };
	route(call, request);
}

/* A port that nobody else gets and nobody listens on. */
static int bind_refused(struct ct_sandbox *sandbox, struct ct_err *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	sandbox->refused_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sandbox->refused_fd < 0 ||
	    bind(sandbox->refused_fd, (struct sockaddr *)&address, len) != 0 ||
	    getsockname(sandbox->refused_fd, (struct sockaddr *)&address, &len) != 0)
		return ct_fail(err, CT_EIO, "cannot keep a port closed: %s",
			       strerror(errno));
	sandbox->refused_port = ntohs(address.sin_port);
	return CT_OK;
}

static int open_log(struct ct_sandbox *sandbox, struct ct_err *err)
{
	const char *path = sandbox->options.log_path;

	if (path == NULL)
		return CT_OK;
	sandbox->log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (sandbox->log_fd < 0)
		return ct_fail(err, CT_EIO, "cannot write the log %s: %s", path,
			       strerror(errno));
	return CT_OK;
}

static int start(struct ct_sandbox *sandbox, struct ct_err *err)
{
	const struct ct_sandbox_options *options = &sandbox->options;
	struct ct_server_options server = { .port = options->port,
					    .max_body_bytes = BODY_MAX_BYTES,
					    .max_connections = CONNECTIONS_MAX };
	struct ct_server_handler handler = { .on_request = on_request,
					     .on_gone = on_gone };
	int rc = ct_plan_parse(ct_str(options->plan ? options->plan : ""), options->seed,
			       &sandbox->plan, err);

	if (rc == CT_OK)
		rc = open_log(sandbox, err);
	if (rc == CT_OK)
		rc = bind_refused(sandbox, err);
	if (rc == CT_OK)
		rc = ct_server_create(sandbox->loop, &server, &handler, sandbox,
				      &sandbox->server, err);
	return rc == CT_OK ? ct_sandbox_make_exports(sandbox, err) : rc;
}

int ct_sandbox_create(struct ct_loop *loop, const struct ct_sandbox_options *options,
		      struct ct_sandbox **out, struct ct_err *err)
{
	struct ct_sandbox *sandbox = calloc(1, sizeof(*sandbox));

	if (sandbox == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a sandbox");
	sandbox->loop = loop;
	sandbox->options = *options;
	sandbox->log_fd = sandbox->refused_fd = -1;
	int rc = start(sandbox, err);
	if (rc != CT_OK) {
		ct_sandbox_destroy(sandbox);
		return rc;
	}
	*out = sandbox;
	return CT_OK;
}

void ct_sandbox_destroy(struct ct_sandbox *sandbox)
{
	if (sandbox == NULL)
		return;
	ct_server_destroy(sandbox->server);
	if (sandbox->log_fd >= 0)
		close(sandbox->log_fd);
	if (sandbox->refused_fd >= 0)
		close(sandbox->refused_fd);
	ct_arena_fini(&sandbox->arena);
	free(sandbox);
}

int ct_sandbox_port(const struct ct_sandbox *sandbox)
{
	return ct_server_port(sandbox->server);
}

const struct ct_sandbox_export *ct_sandbox_exports(const struct ct_sandbox *sandbox)
{
	return sandbox->exports;
}
