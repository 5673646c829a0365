#include <criterion/criterion.h>

#include "model/event.h"

Test(event, every_reason_to_finish_has_its_name)
{
	static const char *const names[] = { "",	   "stop",	     "length",
					     "tool_calls", "content_filter", "pause",
					     "other" };

	for (int f = CT_FINISH_NONE; f <= CT_FINISH_OTHER; f++)
		cr_assert_str_eq(ct_finish_name((enum ct_finish)f), names[f]);
}
