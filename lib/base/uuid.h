/* UUID version 7 (RFC 9562): sorted by time, so rows are appended, not scattered. */
#ifndef CT_BASE_UUID_H
#define CT_BASE_UUID_H

#include <stdint.h>

#define CT_UUID_SIZE 37

/* Random bytes from the kernel; never fails on the systems we support. */
void ct_random(void *out, unsigned size);

/* The text of a new UUIDv7 at that Unix time in ms, NUL-terminated; returns out. */
char *ct_uuid(char out[CT_UUID_SIZE], int64_t wall_ms);

#endif
