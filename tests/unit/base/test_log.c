#include <criterion/criterion.h>
#include <stdio.h>

#include "base/log.h"

static char seen[4096];
static int count;

static void record(void *user, enum ct_log_level level, const char *line)
{
	count++;
	snprintf(seen, sizeof(seen), "%s%d:%s", (const char *)user, (int)level, line);
}

Test(log, is_silent_without_a_sink)
{
	cr_assert_not(ct_log_on(CT_LOG_ERROR));
	ct_log(CT_LOG_ERROR, "nobody hears");
}

Test(log, brings_lines_up_to_its_level)
{
	char user[] = "u";

	ct_log_set(CT_LOG_WARN, record, user);
	ct_log(CT_LOG_WARN, "fell back to %s", "gemini");
	cr_assert_str_eq(seen, "u1:fell back to gemini");
	ct_log(CT_LOG_INFO, "not this");
	cr_assert_eq(count, 1);
	cr_assert(ct_log_on(CT_LOG_ERROR));
	cr_assert_not(ct_log_on(CT_LOG_INFO));
	ct_log_set(CT_LOG_DEBUG, NULL, NULL);
	ct_log(CT_LOG_ERROR, "nor this");
	cr_assert_eq(count, 1);
}

Test(log, cuts_what_is_too_long)
{
	char user[] = "";

	ct_log_set(CT_LOG_WARN, record, user);
	ct_log(CT_LOG_WARN, "%05000d", 1);
	cr_assert_lt(strlen(seen), 2100);
}
