/*
 * A server on 127.0.0.1 that speaks the providers' own protocols, answers by plain rules, and goes
 * wrong as its plan says: everything can be tried without a key and without a network.
 *
 * It depends on nothing of struct ct_app: it has its own loop, and prints nothing.
 */
#ifndef CT_SERVICE_SANDBOX_H
#define CT_SERVICE_SANDBOX_H

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

/* Strings are borrowed for as long as the sandbox. All zeros: no faults, no pacing, any port. */
struct ct_sandbox_options {
	int port; /* 0: any free one */
	const char *plan; /* see sandbox_plan.h; NULL: no fault */
	uint64_t seed;
	int64_t latency_ms; /* before each answer begins */
	double rate; /* tokens a second; 0: as fast as they are taken */
	bool stamps; /* a stream's tokens say when they were sent */
	const char *log_path; /* a line for each request is added there; NULL: none */
	const char *db_path; /* what CARTRITA_DB is set to; NULL: it is not exported */
};

struct ct_sandbox;

/* A variable for programs that are to talk to the sandbox. */
struct ct_sandbox_export {
	const char *name, *value;
};

/* Listens when it returns. CT_EUSAGE for a plan that is none, CT_EIO. */
int ct_sandbox_create(struct ct_loop *loop, const struct ct_sandbox_options *options,
		      struct ct_sandbox **out, struct ct_err *err);
void ct_sandbox_destroy(struct ct_sandbox *sandbox); /* NULL is fine */

int ct_sandbox_port(const struct ct_sandbox *sandbox);

/* Ends with a NULL name; borrowed until destroy. */
const struct ct_sandbox_export *ct_sandbox_exports(const struct ct_sandbox *sandbox);

/*
 * Do a service's base URL, and what the variable of its key holds (NULL: nothing), come from the
 * exports of a sandbox? Whoever looks at the service must see that it is no real one.
 */
bool ct_sandbox_serves(struct ct_str base_url, const char *key);

/* Append them as lines for a shell: export NAME='VALUE'. */
void ct_sandbox_print(const struct ct_sandbox *sandbox, struct ct_buf *out);

/*
 * Serve until SIGINT or SIGTERM. ready is called once it listens, with the exports as text; it
 * may be NULL.
 */
int ct_sandbox_run(const struct ct_sandbox_options *options,
		   void (*ready)(void *user, struct ct_str exports), void *user,
		   struct ct_err *err);

/*
 * Serve in a process of its own, detached, until SIGINT or SIGTERM: the exports, with
 * CARTRITA_SANDBOX_PID, are appended to out once it listens.
 */
int ct_sandbox_background(const struct ct_sandbox_options *options, struct ct_buf *out,
			  struct ct_err *err);

/*
 * Run argv (argv[0] is looked for in PATH) against a sandbox, with the user's real keys taken out
 * of its environment, and wait for it. Where no db_path is given its store is in a fresh
 * folder that is removed afterwards. *status: as a shell has it, 128 + signal when it was killed,
 * 127 when there is no such program, 126 when it cannot be run.
 */
int ct_sandbox_command(const struct ct_sandbox_options *options, char *const argv[],
		       int *status, struct ct_err *err);

#endif
