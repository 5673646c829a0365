/*
 * How fast the tokens of one session are let out: one each 1/rate of a second. A wake-up that
 * comes late is caught up with, but never by more than a moment's worth. Pure: time comes in.
 */
#ifndef CT_SERVICE_STREAM_PACE_H
#define CT_SERVICE_STREAM_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum { CT_PACE_SLACK_US = 20 * 1000 };

/* All zeros: as fast as they come. */
struct ct_pace {
	int64_t per_second; /* 0: no limit */
	int64_t next_us; /* when the next may go; 0: at once */
	int64_t part; /* of a microsecond that is owed, in 1/per_second */
};

/* May one go now? Then it counts. now_us: any clock that does not go back. */
bool ct_pace_take(struct ct_pace *pace, int64_t now_us);

/* Until the next may go, in ms, rounded up; 0: now. */
int64_t ct_pace_wait_ms(const struct ct_pace *pace, int64_t now_us);

#endif
