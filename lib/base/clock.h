/*
 * Time, as it is shared between processes: wall clock for people, CLOCK_BOOTTIME
 * (it goes on through suspend and cannot be set) for differences, and which boot.
 *
 * Decisions take a struct ct_time as an argument, so that tests bring their own.
 */
#ifndef CT_BASE_CLOCK_H
#define CT_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct ct_time {
	int64_t wall_ms; /* Unix time in milliseconds */
	int64_t boot_ms; /* CLOCK_BOOTTIME in milliseconds, meaningful within one boot */
	int64_t boot; /* which boot: a hash of /proc/sys/kernel/random/boot_id, 0 where unknown */
};

struct ct_time ct_time_now(void);

/* Milliseconds from then to now: by boottime within one boot, else by the wall clock. */
int64_t ct_time_since(struct ct_time now, struct ct_time then);

/* t moved by ms (may be negative). */
struct ct_time ct_time_add(struct ct_time t, int64_t ms);

/* CLOCK_BOOTTIME in microseconds, for measuring. */
int64_t ct_clock_us(void);

#define CT_ISO_SIZE 25
/* "2026-11-20T10:50:13.123Z" of a Unix time in ms, into out[CT_ISO_SIZE]; returns out. */
char *ct_time_iso(char *out, int64_t wall_ms);

#endif
