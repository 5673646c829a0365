/* Times as people write them. */
#ifndef CT_CMD_WHEN_H
#define CT_CMD_WHEN_H

#include "base/err.h"

/*
 * "2026-11-20", "2026-11-20T10:50[:13[.123]][Z|+01:00]" (UTC without a zone; ISO 8601), "45s", "30m",
 * "2h", "3d", "1w" (before now), "today", "yesterday" (UTC), as Unix ms. CT_EUSAGE; name: the
 * option, for the message.
 */
int ct_when_parse(const char *name, const char *text, int64_t now_ms, int64_t *out,
		  struct ct_err *err);

#endif
