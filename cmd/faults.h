/*
 * The score card of `provider test --faults`: every way in which a provider misbehaves (contract,
 * section 9), played by the sandbox against this very program, for each protocol.
 * The rows are in fault_rows.c, playing them in fault_play.c.
 */
#ifndef CT_CMD_FAULTS_H
#define CT_CMD_FAULTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "out.h"

enum ct_fault_show {
	CT_FAULT_JSON, /* chat --json */
	CT_FAULT_PIPE, /* chat --stream into a pipe */
	CT_FAULT_TTY, /* chat on a terminal */
	CT_FAULT_SCRIPT, /* args is a shell script; its output is `expect` */
};

enum ct_fault_by { CT_FAULT_NOBODY, CT_FAULT_ITSELF, CT_FAULT_OTHER };

enum {
	CT_FAULT_MESSAGES = 1,
	CT_FAULT_GEMINI = 2,
	CT_FAULT_CHAT = 4,
	CT_FAULT_RESPONSES = 8,
	CT_FAULT_ALL = 15,
};

/* One row. Zeros: not looked at (tries, min_ms), or nothing. */
struct ct_fault_row {
	const char *does; /* what the provider does */
	const char *expected; /* what is to happen, in words */
	const char *plan; /* of the sandbox, with @ for the provider */
	enum ct_fault_show show;
	enum ct_fault_by by; /* who answers */
	int tries; /* requests that the failing provider gets */
	const char *code; /* error.code; NULL: an answer */
	int status; /* exit status */
	const char *args; /* more options of chat; or the script */
	const char *env; /* NAME=VALUE */
	int min_ms; /* it must take no less */
	unsigned only; /* protocols; 0: all */
	const char *expect; /* what the output is (SCRIPT), or ends with (TTY, PIPE) */
	bool recovered; /* metadata.recovered */
};

extern const struct ct_fault_row ct_fault_rows[]; /* ends with a NULL does */

struct ct_fault_protocol {
	unsigned bit;
	const char *name; /* "messages" */
	const char *provider; /* in the plan and for -p */
	const char *env; /* NAME=VALUE that chooses it; NULL: none */
};

extern const struct ct_fault_protocol ct_fault_protocols[]; /* ends with a NULL name */

/* How one row went for one protocol. */
struct ct_fault_result {
	const struct ct_fault_row *row;
	const struct ct_fault_protocol *protocol;
	bool pass;
	int64_t ms;
	char happened[160]; /* in words */
};

/* Compare what happened with the row; fills pass and happened. */
void ct_fault_judge(struct ct_fault_result *result, int status, struct ct_str output);

/* The results as they are shown: a table, or with --json a document. */
struct ct_fault_card {
	struct ct_out *out;
	struct ct_buf text; /* with --json */
	struct ct_jw jw;
	struct ct_table *table; /* else */
	size_t passed, failed;
};

void ct_fault_card_begin(struct ct_fault_card *card, struct ct_out *out);
void ct_fault_card_add(struct ct_fault_card *card, const struct ct_fault_result *result);
void ct_fault_card_print(struct ct_fault_card *card); /* once, after the last */
void ct_fault_card_fini(struct ct_fault_card *card);

/*
 * Play all of them, several at a time, and call fn for each in the order of the rows. exe is this
 * program. CT_EIO.
 */
typedef void ct_fault_fn(void *user, const struct ct_fault_result *result, size_t done,
			 size_t total);
int ct_fault_play(const char *exe, ct_fault_fn *fn, void *user, struct ct_err *err);

#endif
