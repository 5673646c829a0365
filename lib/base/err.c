#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message cut inside a UTF-8 character loses that character, so that it stays text. */
static void end_whole(char *text, size_t size)
{
	size_t len = strlen(text), at = len;

	if (len + 1 < size || len == 0)
		return;
	while (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
		at--;
	if (at > 0 && (unsigned char)text[at - 1] >= 0xC0)
		text[at - 1] = '\0';
}

int ct_fail(struct ct_err *err, int code, const char *fmt, ...)
{
	if (err == NULL)
		return code;

	char msg[sizeof(err->msg)]; /* an argument may point into err */
	va_list args;
	va_start(args, fmt);
	vsnprintf(msg, sizeof(msg), fmt, args);
	va_end(args);
	end_whole(msg, sizeof(msg));
	*err = (struct ct_err){ .code = code };
	memcpy(err->msg, msg, sizeof(msg));
	return code;
}

void ct_hint(struct ct_err *err, const char *fmt, ...)
{
	if (err == NULL)
		return;

	va_list args;
	va_start(args, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, args);
	va_end(args);
	end_whole(err->hint, sizeof(err->hint));
}

const char *ct_code_name(int code)
{
	static const char *const names[] = {
		[CT_OK] = "ok",
		[-CT_ENOMEM] = "provider_error",
		[-CT_EIO] = "provider_error",
		[-CT_EUSAGE] = "usage",
		[-CT_EINVALID] = "invalid_request",
		[-CT_ENOKEY] = "not_configured",
		[-CT_ECONFIG] = "bad_config",
		[-CT_ENOPROVIDER] = "unknown_provider",
		[-CT_ENOMODEL] = "unknown_model",
		[-CT_EAUTH] = "unauthorized",
		[-CT_ERATE] = "rate_limited",
		[-CT_EQUOTA] = "quota_exceeded",
		[-CT_EBUDGET] = "budget_exceeded",
		[-CT_EUPSTREAM] = "provider_error",
		[-CT_EPROTO] = "bad_response",
		[-CT_ETOOBIG] = "bad_response",
		[-CT_EFILTER] = "content_filtered",
		[-CT_ECONTEXT] = "context_length",
		[-CT_ECUT] = "truncated",
		[-CT_ESCHEMA] = "schema_mismatch",
		[-CT_ETOOL] = "tool_failed",
		[-CT_ECONNECT] = "provider_error",
		[-CT_ELOCAL] = "provider_error",
		[-CT_EFIRST] = "timeout",
		[-CT_EIDLE] = "timeout",
		[-CT_ETIMEOUT] = "timeout",
		[-CT_ECIRCUIT] = "circuit_open",
		[-CT_ESTORE] = "store_error",
		[-CT_EBUSY] = "store_error",
		[-CT_ECANCELLED] = "cancelled",
		[-CT_EPARSE] = "invalid_request",
	};

	if (code > 0 || code <= -(int)CT_COUNT(names))
		return "provider_error";
	return names[-code];
}
