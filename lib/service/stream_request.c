#include "service/stream_request.h"

#include "codec/json.h"
#include "codec/utf8.h"

/* For "%.*s": the beginning of a key. */
#define BRIEF(s) (int)((s).len < 60 ? (s).len : 60), ((s).ptr != NULL ? (s).ptr : "")

struct reader {
	struct ct_arena *arena;
	struct ct_stream_request *out;
};

typedef int read_fn(struct reader *r, const struct ct_json *value, struct ct_err *err);

static int wants(const struct ct_json *value, const char *what, struct ct_err *err)
{
	return ct_fail(err, CT_EINVALID, "%.*s must be %s", BRIEF(value->key), what);
}

static int no_memory(struct ct_err *err)
{
	return ct_fail(err, CT_ENOMEM, "no memory for a request");
}

/* A string without NUL, of at most max bytes, into the arena. */
static int read_text(struct reader *r, const struct ct_json *value, size_t max,
		     struct ct_str *out, struct ct_err *err)
{
	struct ct_str text = ct_json_str(value);

	if (!ct_json_is(value, CT_JSON_STRING))
		return wants(value, "a string", err);
	if (memchr(text.ptr, '\0', text.len) != NULL)
		return wants(value, "text: it holds a NUL", err);
	if (text.len > max)
		return ct_fail(err, CT_EINVALID, "%.*s is over %zu bytes",
			       BRIEF(value->key), max);
	*out = ct_arena_dup(r->arena, text);
	return out->ptr != NULL ? CT_OK : no_memory(err);
}

static int read_name(struct reader *r, const struct ct_json *value, struct ct_str *out,
		     struct ct_err *err)
{
	int rc = read_text(r, value, CT_STREAM_NAME_BYTES, out, err);

	return rc == CT_OK && out->len == 0 ? wants(value, "a string that is not empty", err) :
					      rc;
}

static bool is_control(struct ct_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
			return true;
	return false;
}

static int read_session_id(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	struct ct_str id;
	int rc = read_text(r, value, CT_STREAM_ID_BYTES, &id, err);

	if (rc == CT_OK && (id.len == 0 || is_control(id)))
		rc = wants(value, "a string of 1 to 256 bytes without control characters", err);
	if (rc == CT_OK)
		r->out->session_id = id;
	return rc;
}

static int read_conversation_id(struct reader *r, const struct ct_json *value,
				struct ct_err *err)
{
	return read_name(r, value, &r->out->conversation_id, err);
}

static int read_provider(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	return read_name(r, value, &r->out->provider, err);
}

static int read_model(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	return read_name(r, value, &r->out->model, err);
}

static int read_user(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	return read_name(r, value, &r->out->user, err);
}

static int read_agent(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	return read_name(r, value, &r->out->agent, err);
}

static int read_stream(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	if (!ct_json_is(value, CT_JSON_TRUE) && !ct_json_is(value, CT_JSON_FALSE))
		return wants(value, "true or false", err);
	r->out->has_stream = true;
	r->out->stream = ct_json_true(value);
	return CT_OK;
}

static int read_temperature(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	double t = ct_json_num(value, -1);

	if (!(t >= 0 && t <= 2))
		return wants(value, "a number from 0 to 2", err);
	r->out->has_temperature = true;
	r->out->temperature = t;
	return CT_OK;
}

static int read_max_tokens(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	int64_t n = ct_json_int(value, 0);

	if (n < 1 || n > 1000000000)
		return wants(value, "a whole number of at least 1", err);
	r->out->max_tokens = n;
	return CT_OK;
}

static int read_stop(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	const struct ct_json *one = ct_json_is(value, CT_JSON_ARRAY) ? ct_json_first(value) :
								      value;

	for (; one != NULL; one = one == value ? NULL : one->next) {
		struct ct_json named = *one;
		named.key = value->key;
		if (r->out->stop_count == CT_STOPS_MAX)
			return ct_fail(err, CT_EINVALID, "stop has %d texts at most",
				       CT_STOPS_MAX);
		int rc = read_name(r, &named, &r->out->stops[r->out->stop_count++], err);
		if (rc != CT_OK)
			return rc;
	}
	return CT_OK;
}

static int read_metadata(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	if (!ct_json_is(value, CT_JSON_OBJECT))
		return wants(value, "an object", err);
	if (value->text.len > CT_STREAM_METADATA_BYTES)
		return ct_fail(err, CT_EINVALID, "metadata is over %d bytes: it comes back in "
			       "each event", CT_STREAM_METADATA_BYTES);
	/* line ends between its members would end the event's line: written anew */
	struct ct_buf text = CT_BUF_INIT(8 * CT_STREAM_METADATA_BYTES);
	struct ct_jw jw = ct_jw(&text);
	ct_jw_value(&jw, value);
	int rc = ct_buf_check(&text, "metadata", err);
	if (rc == CT_OK) {
		r->out->metadata = ct_arena_dup(r->arena, ct_buf_str(&text));
		rc = r->out->metadata.ptr != NULL ? CT_OK : no_memory(err);
	}
	ct_buf_fini(&text);
	return rc;
}

static int read_context(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	if (!ct_json_is(value, CT_JSON_OBJECT))
		return wants(value, "an object", err);
	for (const struct ct_json *m = ct_json_first(value); m != NULL; m = m->next) {
		if (!ct_str_is(m->key, "system"))
			return ct_fail(err, CT_EINVALID, "context has no member '%.*s' (only "
				       "system)", BRIEF(m->key));
		if (ct_json_is(m, CT_JSON_NULL))
			continue;
		int rc = read_text(r, m, CT_STREAM_LINE_BYTES, &r->out->system, err);
		if (rc != CT_OK)
			return rc;
	}
	return CT_OK;
}

static int read_message(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	struct ct_message *m = ct_arena_alloc(r->arena, sizeof(*m));

	if (m == NULL)
		return no_memory(err);
	if (r->out->message_count > 0)
		return ct_fail(err, CT_EINVALID, "message and messages do not go together");
	*m = (struct ct_message){ .role = CT_ROLE_USER };
	r->out->messages = m;
	r->out->message_count = 1;
	r->out->single = true;
	return read_text(r, value, CT_STREAM_LINE_BYTES, &m->text, err);
}

/* The system's come first, and stand for context.system. */
static int add_system(struct reader *r, struct ct_str text, struct ct_err *err)
{
	struct ct_str *system = &r->out->system;

	if (r->out->message_count > 0)
		return ct_fail(err, CT_EINVALID, "messages of role system stand before the others");
	*system = system->len == 0 ? text :
				     ct_arena_printf(r->arena, "%.*s\n\n%.*s",
						     CT_STR_ARG(*system), CT_STR_ARG(text));
	return system->ptr != NULL ? CT_OK : no_memory(err);
}

static int read_one(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	struct ct_str role = { NULL, 0 }, text = { NULL, 0 };
	int rc = CT_OK;

	if (!ct_json_is(value, CT_JSON_OBJECT))
		return ct_fail(err, CT_EINVALID, "messages must hold objects with role and content");
	for (const struct ct_json *m = ct_json_first(value); rc == CT_OK && m; m = m->next) {
		if (ct_str_is(m->key, "role"))
			rc = read_name(r, m, &role, err);
		else if (ct_str_is(m->key, "content"))
			rc = read_text(r, m, CT_STREAM_LINE_BYTES, &text, err);
		else
			rc = ct_fail(err, CT_EINVALID, "a message has no member '%.*s' (only "
				     "role, content)", BRIEF(m->key));
	}
	if (rc != CT_OK)
		return rc;
	if (text.ptr == NULL)
		return ct_fail(err, CT_EINVALID, "a message has no content");
	if (ct_str_is(role, "system"))
		return add_system(r, text, err);
	if (!ct_str_is(role, "user") && !ct_str_is(role, "assistant"))
		return ct_fail(err, CT_EINVALID, "role must be user, assistant or system");
	r->out->messages[r->out->message_count++] = (struct ct_message){
		.role = ct_str_is(role, "user") ? CT_ROLE_USER : CT_ROLE_ASSISTANT,
		.text = text,
	};
	return CT_OK;
}

static int read_messages(struct reader *r, const struct ct_json *value, struct ct_err *err)
{
	size_t count = 0;
	int rc = CT_OK;

	if (!ct_json_is(value, CT_JSON_ARRAY))
		return wants(value, "an array", err);
	for (const struct ct_json *m = ct_json_first(value); m != NULL; m = m->next)
		count++;
	if (count > CT_STREAM_MESSAGES_MAX)
		return ct_fail(err, CT_EINVALID, "messages has %d at most",
			       CT_STREAM_MESSAGES_MAX);
	if (r->out->message_count > 0)
		return ct_fail(err, CT_EINVALID, "message and messages do not go together");
	r->out->messages = ct_arena_alloc(r->arena, count * sizeof(*r->out->messages));
	if (r->out->messages == NULL)
		return no_memory(err);
	for (const struct ct_json *m = ct_json_first(value); rc == CT_OK && m; m = m->next)
		rc = read_one(r, m, err);
	return rc;
}

/*
 * context before messages, whose system prompts follow its own. What an error event carries, too,
 * comes before all that may fail.
 */
enum { CARRIED = 2 };

static const struct {
	const char *name;
	read_fn *read;
} members[] = {
	{ "session_id", read_session_id },
	{ "metadata", read_metadata },
	{ "conversation_id", read_conversation_id },
	{ "provider", read_provider },
	{ "model", read_model },
	{ "stream", read_stream },
	{ "context", read_context },
	{ "message", read_message },
	{ "messages", read_messages },
	{ "temperature", read_temperature },
	{ "max_tokens", read_max_tokens },
	{ "stop", read_stop },
	{ "user", read_user },
	{ "agent_override", read_agent },
};

static int refuse_unknown(const struct ct_json *object, struct ct_err *err)
{
	for (const struct ct_json *m = ct_json_first(object); m != NULL; m = m->next) {
		const char *near = NULL;
		unsigned least = 3;
		bool known = false;
		for (size_t i = 0; i < CT_COUNT(members) && !known; i++) {
			unsigned d = ct_str_distance(m->key, ct_str(members[i].name));
			known = ct_str_is(m->key, members[i].name);
			if (d < least) {
				least = d;
				near = members[i].name;
			}
		}
		if (!known && near != NULL)
			return ct_fail(err, CT_EINVALID, "a request has no member '%.*s': did "
				       "you mean '%s'?", BRIEF(m->key), near);
		if (!known)
			return ct_fail(err, CT_EINVALID, "a request has no member '%.*s'",
				       BRIEF(m->key));
	}
	return CT_OK;
}

static int read_object(struct reader *r, const struct ct_json *object, struct ct_err *err)
{
	int rc = CT_OK;

	for (size_t i = 0; rc == CT_OK && i < CT_COUNT(members); i++) {
		const struct ct_json *value = ct_json_get(object, members[i].name);
		if (value != NULL && !ct_json_is(value, CT_JSON_NULL))
			rc = members[i].read(r, value, err);
		if (i + 1 == CARRIED && rc == CT_OK)
			rc = refuse_unknown(object, err);
	}
	if (rc != CT_OK || r->out->message_count > 0)
		return rc;
	return ct_fail(err, CT_EINVALID, "a request needs message, or messages");
}

/* Before the parser, which only knows where: what it is that a line must not hold. */
static int check_bytes(struct ct_str line, struct ct_err *err)
{
	size_t good = ct_utf8_valid(line);

	if (memchr(line.ptr, '\0', line.len) != NULL)
		return ct_fail(err, CT_EINVALID, "the line holds a NUL byte: that is no text");
	if (good < line.len)
		return ct_fail(err, CT_EINVALID, "the line is not valid UTF-8 (byte %zu)",
			       good + 1);
	return CT_OK;
}

int ct_stream_request_read(struct ct_arena *arena, struct ct_str line,
			   struct ct_stream_request *out, struct ct_err *err)
{
	struct reader reader = { arena, out };
	struct ct_arena tree = { 0 };
	const struct ct_json *object;
	struct ct_err why;

	*out = (struct ct_stream_request){ 0 };
	int rc = check_bytes(line, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_json_parse(&tree, line, CT_JSON_STRICT, &object, &why);
	if (rc == CT_EPARSE)
		rc = ct_fail(err, CT_EINVALID, "the line is not JSON: %s",
			     strncmp(why.msg, "line 1, ", 8) == 0 ? why.msg + 8 : why.msg);
	else if (rc != CT_OK)
		rc = ct_fail(err, rc, "%s", why.msg);
	else if (!ct_json_is(object, CT_JSON_OBJECT))
		rc = ct_fail(err, CT_EINVALID, "the line is JSON, but no object");
	else
		rc = read_object(&reader, object, err);
	ct_arena_fini(&tree);
	return rc;
}
