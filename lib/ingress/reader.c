#include "ingress/reader.h"

enum { TEXT_MAX_BYTES = 64 << 20, NESTING_MAX = 4 };

int ct_reader_body(struct ct_arena *arena, struct ct_str body, const struct ct_json **out,
		   struct ct_err *err)
{
	int rc = ct_json_parse(arena, body, CT_JSON_STRICT, out, err);

	if (rc == CT_EPARSE && err != NULL) {
		struct ct_err inner = *err;
		return ct_fail(err, CT_EINVALID, "the body is not JSON: %s", inner.msg);
	}
	if (rc == CT_EPARSE)
		return CT_EINVALID;
	if (rc == CT_OK && !ct_json_is(*out, CT_JSON_OBJECT))
		return ct_fail(err, CT_EINVALID, "the body is not a JSON object");
	return rc;
}

int ct_reader_init(struct ct_reader *reader, const struct ct_json *list)
{
	size_t count = 1;

	for (const struct ct_json *e = ct_json_first(list); e != NULL; e = e->next)
		count++;
	if (count > CT_INGRESS_MESSAGES_MAX)
		return ct_fail(reader->err, CT_EINVALID, "more than %d messages",
			       CT_INGRESS_MESSAGES_MAX);
	reader->text = (struct ct_buf)CT_BUF_INIT(TEXT_MAX_BYTES);
	reader->max = count;
	reader->messages =
		ct_arena_alloc(reader->arena, count * sizeof(*reader->messages));
	reader->out->request.messages = reader->messages;
	if (reader->messages == NULL)
		return ct_fail(reader->err, CT_ENOMEM, "no memory for messages");
	return CT_OK;
}

void ct_reader_fini(struct ct_reader *reader)
{
	ct_buf_fini(&reader->text);
}

static void add_text(struct ct_reader *reader, struct ct_str text)
{
	if (reader->text.len > 0 && text.len > 0)
		ct_buf_puts(&reader->text, "\n");
	ct_buf_add(&reader->text, text);
}

static int read_content(struct ct_reader *reader, const struct ct_json *content,
			const char *where, int depth);

static int read_part(struct ct_reader *reader, const struct ct_json *part,
		     const char *where, int depth)
{
	struct ct_str type = ct_json_str_at(part, "type");
	const struct ct_part_type *known = reader->parts;

	while (known->type != NULL && !ct_str_is(type, known->type))
		known++;
	if (known->type == NULL)
		return ct_fail(reader->err, CT_EINVALID,
			       "%s: unknown type of part '%.*s'", where,
			       CT_STR_ARG(type));
	if (known->kind == CT_PART_MEDIA)
		reader->out->media_parts++;
	if (known->kind == CT_PART_RESULT) {
		reader->out->tool_result = true;
		return read_content(reader, ct_json_get(part, known->member), where,
				    depth + 1);
	}
	if (known->kind != CT_PART_TEXT)
		return CT_OK;
	if (!ct_json_is(ct_json_get(part, known->member), CT_JSON_STRING))
		return ct_fail(reader->err, CT_EINVALID, "%s: '%s' is no text", where,
			       known->member);
	add_text(reader, ct_json_str_at(part, known->member));
	return CT_OK;
}

static int read_content(struct ct_reader *reader, const struct ct_json *content,
			const char *where, int depth)
{
	int rc = CT_OK;

	if (content == NULL || ct_json_is(content, CT_JSON_NULL))
		return CT_OK;
	if (ct_json_is(content, CT_JSON_STRING)) {
		add_text(reader, ct_json_str(content));
		return CT_OK;
	}
	if (!ct_json_is(content, CT_JSON_ARRAY) || depth > NESTING_MAX)
		return ct_fail(reader->err, CT_EINVALID, "%s is neither text nor parts",
			       where);
	for (const struct ct_json *p = ct_json_first(content); p != NULL && rc == CT_OK;
	     p = p->next)
		rc = read_part(reader, p, where, depth);
	return rc;
}

int ct_reader_content(struct ct_reader *reader, const struct ct_json *content,
		      const char *where)
{
	return read_content(reader, content, where, 0);
}

int ct_reader_take(struct ct_reader *reader, struct ct_str *out)
{
	int rc = ct_buf_check(&reader->text, "a message", reader->err);

	if (rc != CT_OK)
		return rc;
	*out = ct_arena_dup(reader->arena, ct_buf_str(&reader->text));
	ct_buf_clear(&reader->text);
	if (out->ptr == NULL)
		return ct_fail(reader->err, CT_ENOMEM, "no memory for a message");
	return CT_OK;
}

int ct_reader_message(struct ct_reader *reader, enum ct_role role)
{
	struct ct_request *request = &reader->out->request;
	struct ct_message *message = &reader->messages[request->message_count];

	if (request->message_count == reader->max)
		return ct_fail(reader->err, CT_EINVALID, "too many messages");
	message->role = role;
	request->message_count++;
	return ct_reader_take(reader, &message->text);
}

int ct_reader_system(struct ct_reader *reader)
{
	struct ct_str *system = &reader->out->request.system, more;
	int rc = ct_reader_take(reader, &more);

	if (rc != CT_OK || more.len == 0)
		return rc;
	if (system->len > 0)
		more = ct_arena_printf(reader->arena, "%.*s\n%.*s", CT_STR_ARG(*system),
				       CT_STR_ARG(more));
	if (more.ptr == NULL)
		return ct_fail(reader->err, CT_ENOMEM, "no memory for a message");
	*system = more;
	return CT_OK;
}

int ct_reader_tool(struct ct_reader *reader, struct ct_str name,
		   const struct ct_json *schema)
{
	struct ct_ingress_request *out = reader->out;
	size_t bytes = CT_INGRESS_TOOLS_MAX * sizeof(*out->tools);

	if (name.len == 0)
		return ct_fail(reader->err, CT_EINVALID,
			       "tools.%zu: a tool without a name", out->tool_count);
	if (out->tool_count++ == 0) {
		out->tool_name = name;
		out->tools = reader->tools = ct_arena_alloc(reader->arena, bytes);
	}
	if (reader->tools == NULL)
		return ct_fail(reader->err, CT_ENOMEM, "no memory for tools");
	if (out->tools_kept < CT_INGRESS_TOOLS_MAX)
		reader->tools[out->tools_kept++] = (struct ct_ingress_tool){
			.name = name,
			.schema = ct_json_is(schema, CT_JSON_OBJECT)
					  ? schema->text
					  : (struct ct_str){ 0 },
		};
	return CT_OK;
}

int ct_reader_end(struct ct_reader *reader)
{
	struct ct_request *request = &reader->out->request;

	if (request->message_count == 0)
		return ct_fail(reader->err, CT_EINVALID,
			       "at least one message is required");
	request->prefill =
		reader->messages[request->message_count - 1].role == CT_ROLE_ASSISTANT;
	return CT_OK;
}

static const struct ct_json *member(const struct ct_json *object, const char *key)
{
	const struct ct_json *value = key != NULL ? ct_json_get(object, key) : NULL;

	return ct_json_is(value, CT_JSON_NULL) ? NULL : value;
}

int ct_reader_bool(const struct ct_json *object, const char *key, bool *out,
		   struct ct_err *err)
{
	const struct ct_json *value = member(object, key);

	if (value == NULL)
		return CT_OK;
	if (!ct_json_is(value, CT_JSON_TRUE) && !ct_json_is(value, CT_JSON_FALSE))
		return ct_fail(err, CT_EINVALID, "%s: input should be a boolean", key);
	*out = ct_json_true(value);
	return CT_OK;
}

int ct_reader_int(const struct ct_json *object, const char *key, int64_t min,
		  int64_t *out, struct ct_err *err)
{
	const struct ct_json *value = member(object, key);
	int64_t number;

	if (value == NULL)
		return CT_OK;
	number = ct_json_int(value, INT64_MIN);
	if (number == INT64_MIN)
		return ct_fail(err, CT_EINVALID, "%s: input should be an integer", key);
	if (number < min)
		return ct_fail(err, CT_EINVALID,
			       "%s: input should be greater than or equal to %lld", key,
			       (long long)min);
	*out = number;
	return CT_OK;
}

int ct_reader_str(const struct ct_json *object, const char *key, struct ct_str *out,
		  struct ct_err *err)
{
	const struct ct_json *value = member(object, key);

	if (value == NULL)
		return CT_OK;
	if (!ct_json_is(value, CT_JSON_STRING))
		return ct_fail(err, CT_EINVALID, "%s: input should be a string", key);
	*out = ct_json_str(value);
	return CT_OK;
}

static int read_num(const struct ct_json *object, const char *key, double max, bool *has,
		    double *out, struct ct_err *err)
{
	const struct ct_json *value = member(object, key);

	if (value == NULL)
		return CT_OK;
	double number = ct_json_num(value, -1);
	if (!ct_json_is(value, CT_JSON_NUMBER) || !(number >= 0 && number <= max))
		return ct_fail(err, CT_EINVALID,
			       "%s: input should be a number from 0 to %g", key, max);
	*has = true;
	*out = number;
	return CT_OK;
}

static int read_stops(struct ct_request *out, const struct ct_json *object,
		      const char *key, struct ct_err *err)
{
	const struct ct_json *value = member(object, key);

	if (ct_json_is(value, CT_JSON_STRING)) {
		out->stops[out->stop_count++] = ct_json_str(value);
		return CT_OK;
	}
	if (value != NULL && !ct_json_is(value, CT_JSON_ARRAY))
		return ct_fail(err, CT_EINVALID, "%s: input should be a list of strings",
			       key);
	for (const struct ct_json *s = ct_json_first(value); s != NULL; s = s->next) {
		if (!ct_json_is(s, CT_JSON_STRING) || out->stop_count == CT_STOPS_MAX)
			return ct_fail(err, CT_EINVALID,
				       "%s: input should be a list of at most %d strings",
				       key, CT_STOPS_MAX);
		out->stops[out->stop_count++] = ct_json_str(s);
	}
	return CT_OK;
}

int ct_reader_sampling(struct ct_request *out, const struct ct_json *object,
		       const char *top_p, const char *stop, struct ct_err *err)
{
	int rc = read_num(object, "temperature", 2, &out->has_temperature,
			  &out->temperature, err);

	if (rc == CT_OK)
		rc = read_num(object, top_p, 1, &out->has_top_p, &out->top_p, err);
	return rc == CT_OK ? read_stops(out, object, stop, err) : rc;
}
