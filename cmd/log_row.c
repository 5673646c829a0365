#include "cmd_provider_logs.h"

#include "base/arena.h"

enum { ID_SHOWN = 12 }; /* of a UUIDv7: its random end */

void ct_log_member_json(struct ct_jw *jw, const char *key, struct ct_str json)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *value;

	if (json.ptr == NULL) {
		ct_jw_member_or_null(jw, key, json);
	} else if (ct_json_parse(&arena, json, CT_JSON_LENIENT, &value, NULL) != CT_OK) {
		ct_jw_member(jw, key, json);
	} else {
		ct_jw_key(jw, key);
		ct_jw_value(jw, value);
	}
}

static void member_usage(struct ct_jw *jw, struct ct_str response)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *value = NULL, *usage;

	if (response.ptr != NULL)
		ct_json_parse(&arena, response, CT_JSON_LENIENT, &value, NULL);
	usage = ct_json_get(value, "usage");
	ct_jw_key(jw, "usage");
	if (ct_json_is(usage, CT_JSON_OBJECT))
		ct_jw_value(jw, usage);
	else
		ct_jw_null(jw);
}

void ct_log_members(struct ct_jw *jw, const struct ct_log_row *row)
{
	ct_jw_member(jw, "id", row->id);
	ct_jw_member(jw, "request_id", row->request_id);
	ct_jw_member_or_null(jw, "conversation_id", row->conversation_id);
	ct_jw_member_or_null(jw, "user_id", row->user_id);
	ct_jw_member(jw, "provider", row->provider);
	ct_jw_member(jw, "model", row->model);
	ct_jw_member(jw, "state", row->state);
	ct_jw_member_measure(jw, "duration", row->duration_ms);
	ct_jw_member_time(jw, "created_at", row->created_ms);
	ct_jw_member_time(jw, "updated_at", row->updated_ms);
	ct_log_member_json(jw, "error", row->error_data);
	member_usage(jw, row->response_data);
}

struct ct_str ct_log_short_id(struct ct_str id)
{
	return id.len > ID_SHOWN ? ct_str_from(id, id.len - ID_SHOWN) : id;
}

struct ct_str ct_log_error_line(struct ct_arena *arena, const struct ct_log_row *row)
{
	const struct ct_json *error = NULL;
	struct ct_str none = { "", 0 };

	if (row->error_data.ptr == NULL)
		return none;
	if (ct_json_parse(arena, row->error_data, CT_JSON_LENIENT, &error, NULL) != CT_OK)
		return ct_arena_dup(arena, row->error_data);
	struct ct_str code = ct_json_str_at(error, "code");
	struct ct_str message = ct_json_str_at(error, "message");
	return ct_arena_printf(arena, "%.*s%s%.*s", CT_STR_ARG(code),
			       code.len > 0 && message.len > 0 ? ": " : "", CT_STR_ARG(message));
}

int64_t ct_log_tokens(const struct ct_log_row *row)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *value = NULL;

	if (row->response_data.ptr != NULL)
		ct_json_parse(&arena, row->response_data, CT_JSON_LENIENT, &value, NULL);
	return ct_json_int_at(value, "usage.total_tokens", -1);
}
