/* Where providers put an error, and its words: wire/, "Errors". */
#include "provider/error.h"

#include <ctype.h>

#include "codec/sse.h"
#include "codec/utf8.h"
#include "provider/dialect.h"

enum {
	BODY_MAX = 1 << 20, /* of an error's body that is read at all */
	TEXT_MAX = 16 << 10, /* of its strings that are looked through */
	ID_MAX = 256, /* what is longer is no id */
};

/* Does a member that may stand for an error say something? */
static const struct ct_json *said(const struct ct_json *value)
{
	if (ct_json_is(value, CT_JSON_STRING) && ct_str_trim(value->text).len > 0)
		return value;
	return ct_json_is(value, CT_JSON_OBJECT) && ct_json_first(value) != NULL ? value
										 : NULL;
}

/* So may a list of them, which FastAPI has. */
static bool is_detail(const struct ct_json *value)
{
	return said(value) != NULL ||
	       (ct_json_is(value, CT_JSON_ARRAY) && ct_json_first(value) != NULL);
}

static bool is_answer(const struct ct_json *json)
{
	static const char *const members[] = { "choices", "candidates", "output",
					       "content", "usage",	"delta",
					       "response", "results",	"items" };

	for (size_t i = 0; i < CT_COUNT(members); i++)
		if (ct_json_get(json, members[i]) != NULL)
			return true;
	return false;
}

/* Has it a member that may be an error? Most chunks of an answer have none: one look tells. */
static bool may_hold_error(const struct ct_json *json)
{
	static const struct ct_str members[] = { CT_STR("error"),   CT_STR("response"),
						 CT_STR("x_groq"),  CT_STR("errors"),
						 CT_STR("message"), CT_STR("detail") };

	for (const struct ct_json *m = ct_json_first(json); m != NULL; m = m->next)
		for (size_t i = 0; i < CT_COUNT(members); i++)
			if (ct_str_eq(m->key, members[i]))
				return true;
	return ct_json_get(ct_json_first(ct_json_get(json, "choices")), "error") != NULL;
}

static bool is_error(struct ct_str event, struct ct_str type, struct ct_str object)
{
	return ct_str_is(event, "error") || ct_str_is(type, "error") ||
	       ct_str_is(type, "response.failed") || ct_str_is(object, "error");
}

const struct ct_json *ct_error_in(const struct ct_json *json, struct ct_str event)
{
	static const char *const paths[] = { "error", "response.error", "choices.0.error",
					     "x_groq.error", "errors.0" };
	struct ct_str type = ct_json_str(ct_json_get(json, "type"));
	bool named = is_error(event, type, ct_json_str(ct_json_get(json, "object")));

	if (!named && !may_hold_error(json))
		return NULL;
	for (size_t i = 0; i < CT_COUNT(paths); i++)
		if (said(ct_json_at(json, paths[i])) != NULL)
			return ct_json_at(json, paths[i]);
	if (named)
		return json;
	/* Mistral's, Cohere's and FastAPI's have no wrapper; events have a type */
	if (is_answer(json) || ct_str_starts(type, "response."))
		return NULL;
	if (said(ct_json_get(json, "message")) != NULL && !ct_str_is(type, "message") &&
	    !ct_str_is(type, "message_start"))
		return ct_json_is(ct_json_get(json, "message"), CT_JSON_STRING) ? json
										: NULL;
	return is_detail(ct_json_get(json, "detail")) ? json : NULL;
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

static void gather(struct ct_error_text *t, const struct ct_json *json)
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

static struct ct_str message_of(const struct ct_error_text *t)
{
	static const char *const in_error[] = { "message",
						"error",
						"msg",
						"detail",
						"message.detail.0.msg", /* Mistral's */
						"error_description",
						NULL };
	static const char *const in_root[] = { "message",	    "detail",
					       "detail.0.msg",	    "detail.0",
					       "detail.error",	    "detail.message",
					       "error",		    "error_description",
					       "err_msg",	    "details",
					       NULL };

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

struct ct_error_text ct_error_text_new(void)
{
	return (struct ct_error_text){ .codes = CT_BUF_INIT(TEXT_MAX),
				       .text = CT_BUF_INIT(TEXT_MAX) };
}

void ct_error_text_fini(struct ct_error_text *t)
{
	ct_buf_fini(&t->codes);
	ct_buf_fini(&t->text);
}

void ct_error_text_read(struct ct_error_text *t, struct ct_arena *arena,
			struct ct_str body)
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

struct ct_str ct_error_request_id(struct ct_arena *arena, struct ct_str body)
{
	const struct ct_json *root;

	if (body.len > BODY_MAX ||
	    ct_json_parse(arena, body, CT_JSON_LENIENT, &root, NULL) != CT_OK)
		return (struct ct_str){ NULL, 0 };
	struct ct_str id = ct_str_trim(ct_json_str_at(root, "request_id"));
	return id.len > 0 && id.len <= ID_MAX ? ct_utf8_clean_dup(arena, id) :
						(struct ct_str){ NULL, 0 };
}
