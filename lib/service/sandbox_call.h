/*
 * One request to the sandbox, from its last byte to the end of its answer. Private to the sandbox:
 * sandbox.c routes, sandbox_call.c answers a chat and goes wrong in the middle of it,
 * sandbox_reply.c has the answers that are given in one piece.
 */
#ifndef CT_SERVICE_SANDBOX_CALL_H
#define CT_SERVICE_SANDBOX_CALL_H

#include "ingress/ingress.h"
#include "net/server.h"
#include "service/sandbox.h"
#include "service/sandbox_answer.h"
#include "service/sandbox_plan.h"

struct ct_sandbox {
	struct ct_loop *loop;
	struct ct_server *server;
	struct ct_sandbox_options options;
	struct ct_plan plan;
	struct ct_arena arena; /* the exports' */
	struct ct_sandbox_export *exports;
	int refused_fd; /* bound, not listening: connections to it are refused */
	int refused_port;
	int log_fd;
	int64_t serial; /* requests so far */
};

struct ct_sandbox_call {
	struct ct_sandbox *sandbox;
	struct ct_exchange *exchange; /* NULL once ended or broken off */
	struct ct_timer *timer;
	struct ct_arena arena;
	const struct ct_ingress *ingress; /* NULL: no chat */
	enum ct_sandbox_provider provider;
	struct ct_ingress_request request;
	struct ct_ingress_answer writer;
	struct ct_sandbox_answer answer;
	struct ct_ingress_found found; /* in place of it, of a search */
	struct ct_str document; /* in place of it, made already; {NULL, 0}: none */
	struct ct_headers headers; /* that go with it; all zeros: none */
	struct ct_str rest; /* text not sent yet */
	struct ct_ingress_heard heard; /* of a transcription */
	const char *type; /* of its body; NULL: JSON, or events */
	const struct ct_fault *fault; /* NULL: none */
	struct ct_buf scratch;
	struct ct_buf stamped; /* a token and when it was sent */
	int64_t begun_us; /* when the stream began */
	int64_t tokens, tokens_sent, bytes_sent;
	bool call_sent, bad_sent, has_key;
	struct ct_sandbox_listen *listen; /* a live transcription; NULL: none */
	/* for the log */
	struct ct_str method, path;
	int status; /* 0: none was sent */
	const char *outcome; /* NULL: ended as planned */
};

/* A chat request was read and its fault drawn: answer it. */
void ct_sandbox_chat(struct ct_sandbox_call *call);

/* Answer in one piece, ended. headers may be NULL. */
void ct_sandbox_reply(struct ct_sandbox_call *call, int status, const char *type,
		      struct ct_str body, struct ct_headers *headers);
/* ... with an error in the protocol's shape. code: enum ct_code. wait_ms: -1 not said. */
void ct_sandbox_error(struct ct_sandbox_call *call, int status, int code,
		      struct ct_str message, int64_t wait_ms);
/* The faults that are one answer. False: this one is none of them. */
bool ct_sandbox_reply_fault(struct ct_sandbox_call *call);
/* GET .../models (or /usage), for `provider health`. False: it is not that. */
bool ct_sandbox_models(struct ct_sandbox_call *call,
		       const struct ct_server_request *request);
/* Headers that every answer has. */
void ct_sandbox_headers(struct ct_sandbox_call *call, const char *type,
			struct ct_headers *headers);
/* Has it a key, in a form its protocol knows? Any will do. */
bool ct_sandbox_has_key(const struct ct_server_request *request);
void ct_sandbox_no_key(struct ct_sandbox_call *call);

/* Deepgram's live transcription: GET /v1/listen as a WebSocket. */
void ct_sandbox_listen(struct ct_sandbox_call *call, const struct ct_server_request *request);
/* The call is freed. */
void ct_sandbox_listen_fini(struct ct_sandbox_call *call);
/* Any request to GitHub; path: without the prefix. */
void ct_sandbox_github(struct ct_sandbox_call *call, const struct ct_server_request *request,
		       struct ct_str path);
/* What GitHub says of limits and scopes. scope: one that the token lacks; NULL: none. */
void ct_sandbox_github_headers(struct ct_sandbox_call *call, const char *scope,
			       struct ct_headers *headers);

/* The variables' names and values, into sandbox->exports. CT_ENOMEM. */
int ct_sandbox_make_exports(struct ct_sandbox *sandbox, struct ct_err *err);

#endif
