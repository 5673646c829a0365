#include "model/request.h"

const char *ct_task_name(enum ct_task task)
{
	static const char *const names[] = {
		[CT_TASK_CHAT] = "chat",	     [CT_TASK_SEARCH] = "search",
		[CT_TASK_EXTRACT] = "extract",	     [CT_TASK_READ] = "read",
		[CT_TASK_TRANSCRIBE] = "transcribe", [CT_TASK_SPEAK] = "speak",
	};

	return names[task];
}

bool ct_task_has_models(enum ct_task task)
{
	return task != CT_TASK_SEARCH && task != CT_TASK_EXTRACT && task != CT_TASK_READ;
}

static bool is_effort(struct ct_str s)
{
	static const char *const names[] = { "none", "minimal", "low", "medium",
					     "high", "xhigh",	"max" };

	for (size_t i = 0; i < CT_COUNT(names); i++)
		if (ct_str_is(s, names[i]))
			return true;
	return false;
}

static int check_messages(const struct ct_request *r, struct ct_err *err)
{
	if (r->message_count == 0)
		return ct_fail(err, CT_EINVALID, "the request has no message");

	const struct ct_message *last = &r->messages[r->message_count - 1];
	if (ct_str_trim(last->text).len == 0 && last->raw.len == 0 && last->part_count == 0 &&
	    last->role != CT_ROLE_TOOL)
		return ct_fail(err, CT_EINVALID, "the prompt is empty");
	if (last->role != (r->prefill ? CT_ROLE_ASSISTANT : CT_ROLE_USER) &&
	    last->role != CT_ROLE_TOOL && last->raw.len == 0)
		return ct_fail(err, CT_EINVALID, "the last message is not the user's");
	return CT_OK;
}

int ct_request_check(const struct ct_request *r, struct ct_err *err)
{
	if (r->speech != NULL)
		return ct_speech_check(r, err);
	if (r->task == CT_TASK_SEARCH || r->task == CT_TASK_EXTRACT || r->task == CT_TASK_READ)
		return ct_search_check(r->task, r->search, err);
	if (r->has_temperature && !(r->temperature >= 0 && r->temperature <= 2))
		return ct_fail(err, CT_EINVALID, "temperature must be from 0 to 2");
	if (r->has_top_p && !(r->top_p >= 0 && r->top_p <= 1))
		return ct_fail(err, CT_EINVALID, "top_p must be from 0 to 1");
	if (r->max_tokens < 0)
		return ct_fail(err, CT_EINVALID, "max_tokens must be at least 1");
	if (r->effort.len > 0 && !is_effort(r->effort))
		return ct_fail(err, CT_EINVALID,
			       "effort '%.*s' is none of none, minimal, low, medium, high, xhigh, max",
			       CT_STR_ARG(r->effort));
	return check_messages(r, err);
}
