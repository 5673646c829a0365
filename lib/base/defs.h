/* The few compiler extensions we use, each under one name. */
#ifndef CT_BASE_DEFS_H
#define CT_BASE_DEFS_H

#define CT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Release a local at the end of its scope: CT_CLEANUP(ct_buf_fini) struct ct_buf b = ... */
#define CT_CLEANUP(fn) __attribute__((cleanup(fn)))

#define CT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
