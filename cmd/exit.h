/* Every exit status, and the one way from an error code to it (contract: "Exit statuses"). */
#ifndef CT_CMD_EXIT_H
#define CT_CMD_EXIT_H

enum ct_exit {
	CT_EXIT_OK = 0,
	CT_EXIT_FAILED = 1, /* the providers failed; any failure not named below */
	CT_EXIT_USAGE = 2,
	CT_EXIT_CONFIG = 3,
	CT_EXIT_AUTH = 4,
	CT_EXIT_LIMIT = 5,
	CT_EXIT_TIMEOUT = 6,
	CT_EXIT_CIRCUIT = 7,
	CT_EXIT_STORE = 8,
	CT_EXIT_CANCELLED = 130,
};

/* code: enum ct_code. */
int ct_exit_status(int code);

#endif
