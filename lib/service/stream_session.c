/* One session: from its request to its last event, as its call tells of it. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"
#include "net/loop.h"
#include "service/stream_impl.h"

enum {
	SPARE_BYTES = 64 << 10, /* more is not kept for the next event */
	DEAD_AFTER_MS = 60 * 1000, /* a session that runs so long after its time does not run */
};

static struct ct_session *find(struct ct_stream *stream, struct ct_str id)
{
	struct ct_session *at;

	/* whose last event is shown is over for its reader, even if its call is not recorded yet */
	LIST_FOREACH(at, ct_stream_bucket(stream, id), same)
		if (!at->over && ct_str_eq(at->id, id))
			return at;
	return NULL;
}

/* A JSON text in the session's arena, without keys. */
static struct ct_str keep_json(struct ct_session *session, struct ct_str text, bool quote)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf json = CT_BUF_INIT(CT_STREAM_LINE_BYTES);
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(CT_STREAM_LINE_BYTES);
	struct ct_jw jw = ct_jw(&json);

	if (quote)
		ct_jw_str(&jw, text);
	else
		ct_buf_add(&json, text);
	ct_redact(session->stream->app->redactor, ct_buf_str(&json), &clean);
	return ct_arena_dup(&session->arena, ct_buf_str(&clean));
}

/* What each of its events carries. */
static void write_names(struct ct_session *session)
{
	struct ct_str metadata = session->asked.metadata;

	if (session->id.ptr != NULL)
		session->id_json = keep_json(session, session->id, true);
	session->metadata = keep_json(session, metadata.ptr ? metadata : ct_str("null"), false);
}

static int name_session(struct ct_session *session, struct ct_err *err)
{
	char fresh[CT_UUID_SIZE];

	session->id = session->asked.session_id;
	if (session->id.ptr == NULL)
		session->id = ct_arena_dup(&session->arena,
					   ct_str(ct_uuid(fresh, ct_time_now().wall_ms)));
	write_names(session);
	if (session->id.ptr == NULL || session->id_json.ptr == NULL ||
	    session->metadata.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a session");
	return CT_OK;
}

static void emit(struct ct_session *session, enum ct_stream_type type, struct ct_buf *body)
{
	struct ct_err err;

	if (ct_buf_check(body, "an event", &err) == CT_OK)
		ct_session_emit(session, type, ct_buf_str(body));
	else if (session->call != NULL)
		ct_call_cancel(session->call);
}

static void on_start(struct ct_session *session, const struct ct_call_event *event,
		     struct ct_buf *body)
{
	if (!session->started) {
		struct ct_str id = ct_call_request_id(session->call);
		session->started = true;
		session->request_id = ct_arena_dup(&session->arena, id);
		ct_keep_start(session->keep, id, event->provider, event->model);
		ct_stream_start_body(body, id, event);
		emit(session, CT_STREAM_START, body);
	} else if (session->fallback != NULL) {
		ct_stream_fallback_body(body, session->provider, session->fallback,
					event->provider);
		emit(session, CT_STREAM_FALLBACK, body);
	}
	session->fallback = NULL;
	session->provider = event->provider;
}

static void on_recovered(struct ct_session *session, const struct ct_call_event *event,
			 struct ct_buf *body)
{
	ct_stream_recovered_body(body, event->restart, session->position);
	if (event->restart)
		session->answer_from = session->position;
	emit(session, CT_STREAM_RECOVERED, body);
}

/* Showing an event may have others follow before it returns: each takes what is there. */
static struct ct_buf take_spare(struct ct_stream *stream)
{
	struct ct_buf body = stream->spare;

	stream->spare = (struct ct_buf)CT_BUF_INIT(CT_STREAM_BODY_BYTES);
	return body;
}

static void give_spare(struct ct_stream *stream, struct ct_buf *body)
{
	if (stream->spare.cap > 0 || body->cap > SPARE_BYTES) {
		ct_buf_fini(body);
		return;
	}
	ct_buf_clear(body);
	stream->spare = *body;
}

static void tell(struct ct_session *session, const struct ct_call_event *event,
		 struct ct_buf *body)
{
	switch (event->type) {
	case CT_CALL_START:
		on_start(session, event, body);
		break;
	case CT_CALL_TEXT:
		ct_stream_token_body(body, event->text, session->position++);
		emit(session, CT_STREAM_TOKEN, body);
		break;
	case CT_CALL_REASONING:
		if (!session->request.reasoning)
			break;
		ct_stream_reasoning_body(body, event->text);
		emit(session, CT_STREAM_REASONING, body);
		break;
	case CT_CALL_RETRY:
		ct_stream_retry_body(body, event);
		emit(session, CT_STREAM_RETRY, body);
		break;
	case CT_CALL_FALLBACK: /* said when it is known who is asked */
		session->fallback = event->reason;
		break;
	case CT_CALL_RECOVERED:
		on_recovered(session, event, body);
		break;
	case CT_CALL_SENT: /* of sound */
	case CT_CALL_AUDIO:
		break;
	}
}

static void on_event(void *user, const struct ct_call_event *event)
{
	struct ct_session *session = user;
	struct ct_stream *stream = session->stream;
	struct ct_buf body = take_spare(stream);

	tell(session, event, &body);
	give_spare(stream, &body);
}

static void show_error(struct ct_session *session, const struct ct_err *err,
		       struct ct_str provider, struct ct_str request_id)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(CT_STREAM_BODY_BYTES);
	struct ct_stream_failure failure = {
		.err = err,
		.provider = provider,
		.request_id = request_id,
		.delivered = session->queue.len > 0 ? session->position : session->sent,
		.line = session->line,
	};

	if (session->code == CT_OK)
		ct_stream_failed(session->stream, err);
	session->code = err->code;
	ct_stream_error_body(&body, session->stream->app->redactor, &failure);
	emit(session, CT_STREAM_ERROR, &body);
}

void ct_session_fail(struct ct_session *session, const struct ct_err *err,
		     struct ct_str provider)
{
	show_error(session, err, provider, session->request_id);
}

static void show_calls(struct ct_session *session, const struct ct_answer *answer)
{
	for (size_t i = 0; i < answer->call_count; i++) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(CT_STREAM_BODY_BYTES);
		ct_stream_tool_call_body(&body, &answer->calls[i]);
		emit(session, CT_STREAM_TOOL_CALL, &body);
	}
}

static void on_done(void *user, const struct ct_call_result *result)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(CT_STREAM_BODY_BYTES);
	struct ct_session *session = user;

	session->call = NULL;
	session->recording = true;
	if (result->code != CT_OK) {
		struct ct_err err = result->err;
		err.code = result->code;
		show_error(session, &err, result->provider, result->request_id);
		return;
	}
	if (result->answer->text.len == 0 && session->position > session->answer_from) {
		/* begun anew, and without a word of text this time */
		on_recovered(session, &(struct ct_call_event){ .restart = true }, &body);
		ct_buf_clear(&body);
	}
	show_calls(session, result->answer);
	ct_stream_completion_body(&body, result, session->answer_from, session->position);
	emit(session, CT_STREAM_COMPLETION, &body);
}

static void free_session(struct ct_session *session)
{
	ct_timer_destroy(session->timer);
	ct_buf_fini(&session->queue);
	if (session->own_conversation)
		ct_conversation_destroy(session->conversation);
	ct_arena_fini(&session->arena);
	free(session);
}

void ct_session_leave(struct ct_session *session)
{
	struct ct_stream *stream = session->stream;

	LIST_REMOVE(session, entry);
	LIST_REMOVE(session, same);
	stream->result.counts.running--;
	free_session(session);
	ct_stream_pump(stream);
	ct_stream_check_end(stream);
}

/* Not at once: whoever called us may still look at it. */
static void leave_if_over(struct ct_session *session)
{
	if (!session->over || session->recording || session->leaving)
		return;
	session->leaving = true;
	ct_timer_start(session->timer, 0);
}

static void on_recorded(void *user)
{
	struct ct_session *session = user;
	struct ct_err err = { 0 };

	session->recording = false;
	if (session->own_conversation &&
	    ct_conversation_settle(session->conversation, &err) != CT_OK)
		ct_log(CT_LOG_WARN, "%.*s: %s", CT_STR_ARG(session->id), err.msg);
	leave_if_over(session);
}

void ct_session_end(struct ct_session *session, bool completed)
{
	session->over = true;
	ct_keep_end(session->keep, completed ? CT_OK : session->code, session->sent,
		    ct_stream_shown(session->stream));
	session->keep = NULL;
	if (completed)
		session->stream->result.counts.completed++;
	leave_if_over(session);
}

static int start_call(struct ct_session *session, struct ct_choice *choice, struct ct_err *err)
{
	static const struct ct_call_handler handler = { on_event, on_done, on_recorded };
	struct ct_call_options options = session->stream->options->call;
	struct ct_request *request = &session->request;

	options.show = CT_SHOW_LIVE;
	int rc = ct_session_ask(session, choice, err);
	if (rc == CT_OK)
		rc = ct_candidates_find(session->stream->app, choice, &session->candidates, err);
	options.user_id = request->user;
	if (rc == CT_OK && session->conversation != NULL) {
		struct ct_message prompt = request->messages[0];
		rc = ct_conversation_ask(session->conversation, &prompt, request, &options, err);
	}
	if (rc == CT_OK)
		rc = ct_call_start(session->stream->app, request, &session->candidates, &options,
				   &handler, session, &session->call, err);
	return rc;
}

static int begin(struct ct_session *session, struct ct_err *err)
{
	struct ct_stream *stream = session->stream;
	struct ct_choice choice = stream->options->choice;

	int rc = start_call(session, &choice, err);
	ct_session_set_pause(session);
	if (rc != CT_OK)
		session->provider = session->candidates.count > 0 &&
						    session->candidates.list[0].named ?
					    session->candidates.list[0].service->endpoint.name :
					    (struct ct_str){ NULL, 0 };
	return rc;
}

void ct_session_refuse(struct ct_stream *stream, struct ct_str id_json, struct ct_str metadata,
		       int64_t number, const struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(CT_STREAM_BODY_BYTES);
	struct ct_stream_failure failure = { .err = err, .line = number };

	ct_stream_failed(stream, err);
	ct_stream_error_body(&body, stream->app->redactor, &failure);
	ct_stream_show_other(stream, id_json, metadata, CT_STREAM_ERROR, ct_buf_str(&body));
}

static void keep(struct ct_session *session)
{
	int64_t now = ct_time_now().wall_ms;
	struct ct_kept_session kept = {
		.session_id = session->id,
		.user_id = session->request.user,
		.metadata = session->metadata,
		.created_ms = now,
		.deadline_ms = now + session->stream->options->call.timeout_ms + DEAD_AFTER_MS,
	};

	session->keep = ct_keep_begin(session->stream->keeper, &kept, session);
}

/* A session that has a name of its own. False: it has none, which was said. */
static bool enter(struct ct_session *session)
{
	struct ct_stream *stream = session->stream;
	struct ct_err err;
	int rc = name_session(session, &err);

	if (rc == CT_OK && find(stream, session->id) != NULL)
		rc = ct_fail(&err, CT_EINVALID, "a session of this session_id is running");
	if (rc == CT_OK)
		rc = ct_session_open_queue(session, &err);
	if (rc != CT_OK) {
		ct_session_refuse(stream, session->id_json, session->metadata, session->line, &err);
		return false;
	}
	LIST_INSERT_HEAD(&stream->sessions, session, entry);
	LIST_INSERT_HEAD(ct_stream_bucket(stream, session->id), session, same);
	stream->result.counts.running++;
	keep(session);
	return true;
}

/* Was it answered, in this run or an earlier one? */
static bool is_completed(struct ct_session *session)
{
	struct ct_stream *stream = session->stream;
	struct ct_err err;
	bool completed = false;

	if (!stream->options->skip_completed || session->asked.session_id.ptr == NULL)
		return false;
	if (ct_streams_is_completed(stream->app->store, session->asked.session_id, &completed,
				    &err) != CT_OK)
		ct_log(CT_LOG_WARN, "%.*s: %s", CT_STR_ARG(session->asked.session_id), err.msg);
	if (completed)
		stream->result.counts.skipped++;
	return completed;
}

/* Its last event may come at once. */
static void run(struct ct_session *session)
{
	struct ct_err err = { 0 };

	if (begin(session, &err) == CT_OK)
		return;
	if (session->line > 0 && session->asked.session_id.ptr == NULL)
		session->id_json = ct_str("null"); /* nobody knows the one that was made for it */
	ct_session_fail(session, &err, session->provider);
}

void ct_session_begin(struct ct_stream *stream, struct ct_str line, int64_t number)
{
	struct ct_session *session = calloc(1, sizeof(*session));
	struct ct_err err;

	if (session == NULL) {
		ct_fail(&err, CT_ENOMEM, "no memory for a session");
		ct_session_refuse(stream, (struct ct_str){ NULL, 0 }, (struct ct_str){ NULL, 0 },
				  number, &err);
		return;
	}
	session->stream = stream;
	session->line = number;
	session->request = *stream->options->base;
	session->began_us = session->last_us = ct_clock_us();
	if (line.ptr != NULL &&
	    ct_stream_request_read(&session->arena, line, &session->asked, &err) != CT_OK) {
		session->id = session->asked.session_id;
		write_names(session);
		ct_session_refuse(stream, session->id_json, session->metadata, number, &err);
		free_session(session);
		return;
	}
	if (!is_completed(session) && enter(session))
		run(session);
	else
		free_session(session);
}

void ct_session_cancel(struct ct_session *session)
{
	struct ct_err err;

	if (session->over)
		return;
	ct_session_drop_queue(session);
	if (session->call != NULL) {
		ct_call_cancel(session->call);
		return;
	}
	ct_fail(&err, CT_ECANCELLED, "cancelled");
	ct_session_fail(session, &err, session->provider);
}

void ct_session_set_pause(struct ct_session *session)
{
	bool pause = session->stream->stuffed || session->full;

	if (session->call == NULL || pause == session->paused)
		return;
	session->paused = pause;
	ct_call_pause(session->call, pause);
}
