#include "cmd_provider.h"

#include "base/clock.h"

void ct_jw_member_time(struct ct_jw *jw, const char *key, int64_t wall_ms)
{
	char iso[CT_ISO_SIZE];

	ct_jw_member_or_null(jw, key,
			     ct_str(wall_ms != 0 ? ct_time_iso(iso, wall_ms) : NULL));
}

void ct_jw_member_measure(struct ct_jw *jw, const char *key, int64_t value)
{
	ct_jw_key(jw, key);
	if (value >= 0)
		ct_jw_int(jw, value);
	else
		ct_jw_null(jw);
}

static const struct ct_cmd *const subs[] = {
	&ct_cmd_provider_list,
	&ct_cmd_provider_health,
	&ct_cmd_provider_stats,
	&ct_cmd_provider_logs,
	&ct_cmd_provider_circuit,
	&ct_cmd_provider_test,
	NULL,
};

const struct ct_cmd ct_cmd_provider = {
	.name = "provider",
	.args = "COMMAND [OPTION]...",
	.summary = "Look at the providers: state, statistics, logs",
	.subs = subs,
};
