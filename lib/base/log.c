#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static struct {
	enum ct_log_level most;
	ct_log_fn *fn;
	void *user;
} sink;

void ct_log_set(enum ct_log_level most, ct_log_fn *fn, void *user)
{
	sink.most = most;
	sink.fn = fn;
	sink.user = user;
}

bool ct_log_on(enum ct_log_level level)
{
	return sink.fn != NULL && level <= sink.most;
}

void ct_log(enum ct_log_level level, const char *fmt, ...)
{
	char line[2048];

	if (!ct_log_on(level))
		return;
	va_list args;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	sink.fn(sink.user, level, line);
}
