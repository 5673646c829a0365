#include "service/stream_pace.h"

bool ct_pace_take(struct ct_pace *pace, int64_t now_us)
{
	if (pace->per_second <= 0)
		return true;
	if (now_us < pace->next_us)
		return false;
	if (now_us - pace->next_us > CT_PACE_SLACK_US) {
		pace->next_us = now_us;
		pace->part = 0;
	}
	pace->part += 1000000;
	pace->next_us += pace->part / pace->per_second;
	pace->part %= pace->per_second;
	return true;
}

int64_t ct_pace_wait_ms(const struct ct_pace *pace, int64_t now_us)
{
	if (pace->per_second <= 0 || now_us >= pace->next_us)
		return 0;
	return (pace->next_us - now_us + 999) / 1000;
}
