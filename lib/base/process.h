/*
 * Who wrote a row: enough to tell later whether that process still runs, also
 * after its pid was given to another, from another container, after a reboot.
 */
#ifndef CT_BASE_PROCESS_H
#define CT_BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct ct_process {
	int64_t pid;
	int64_t started; /* field 22 of /proc/PID/stat, clock ticks since boot */
	int64_t pid_ns; /* inode of /proc/self/ns/pid */
	int64_t boot; /* struct ct_time's */
};

/* This process; read once per call (about 20 µs). */
struct ct_process ct_process_self(void);

/*
 * Is it certainly gone? Only a process of our own boot and pid namespace can be
 * judged, or one of an earlier boot; of any other the answer is false.
 */
bool ct_process_is_dead(const struct ct_process *process, const struct ct_process *self);

#endif
