#include "model/event.h"

const char *ct_finish_name(enum ct_finish finish)
{
	static const char *const names[] = {
		[CT_FINISH_NONE] = "",
		[CT_FINISH_STOP] = "stop",
		[CT_FINISH_LENGTH] = "length",
		[CT_FINISH_TOOL_CALLS] = "tool_calls",
		[CT_FINISH_FILTER] = "content_filter",
		[CT_FINISH_PAUSE] = "pause",
		[CT_FINISH_OTHER] = "other",
	};

	return names[finish];
}
