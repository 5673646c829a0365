/*
 * One question to a model, in nobody's dialect: what provider/ turns into a
 * vendor's bytes and ingress/ reads from them. It borrows all its strings from
 * whoever made it (a call's arena).
 */
#ifndef CT_MODEL_REQUEST_H
#define CT_MODEL_REQUEST_H

#include "base/err.h"
#include "base/str.h"
#include "model/search.h"
#include "model/tool.h"
#include "model/speech.h"

enum ct_role {
	CT_ROLE_USER,
	CT_ROLE_ASSISTANT,
	CT_ROLE_TOOL, /* in a request only: what a tool answered to the assistant's call */
};

enum ct_medium { CT_MEDIUM_IMAGE, CT_MEDIUM_PDF, CT_MEDIUM_AUDIO };

/* Something that goes with a message beside its text. */
struct ct_part {
	enum ct_medium medium;
	struct ct_str mime; /* "image/png" */
	struct ct_str name; /* UTF-8, for people and for vendors that want one */
	struct ct_str bytes;
};

struct ct_message {
	enum ct_role role;
	struct ct_str text; /* UTF-8; may be empty where there are parts */
	const struct ct_part *parts; /* of a user's message; they stand before the text */
	size_t part_count;
	/*
	 * For an assistant's turn only: its content in the vendor's own JSON, from
	 * ct_decoder_turn(), sent back as it is to the vendor that made it; {NULL, 0}: text.
	 */
	struct ct_str raw;
	struct ct_str raw_by; /* the service that made raw; {NULL, 0}: who is asked now */
	const struct ct_tool_call *calls; /* of an assistant's, each with an id */
	size_t call_count;
	struct ct_str reasoning; /* of an assistant's with calls: some hosts want it back */
	struct ct_str call_id, call_name; /* of a tool's: the call that text answers */
	bool failed; /* likewise: text says why it could not be answered */
};

/* -o KEY=VALUE: a member of the request body as it is. */
struct ct_option {
	struct ct_str key;
	struct ct_str json; /* a valid JSON text */
};

enum { CT_STOPS_MAX = 16 };

/* What is asked for. What is no chat has no messages, but a member of its own. */
enum ct_task {
	CT_TASK_CHAT,
	CT_TASK_SEARCH, /* what the web or a code host has on a query */
	CT_TASK_EXTRACT, /* the readable text of pages */
	CT_TASK_READ, /* a record of a code host: a repository, pull requests */
	CT_TASK_TRANSCRIBE, /* speech to text */
	CT_TASK_SPEAK, /* text to speech */
};

/* "chat", "search", "extract" ...: also what stands for a model where a task has none. Static. */
const char *ct_task_name(enum ct_task task);

/* Is it done by a model that can be chosen? */
bool ct_task_has_models(enum ct_task task);

struct ct_request {
	enum ct_task task;
	const struct ct_search *search; /* SEARCH, EXTRACT, READ */
	const struct ct_speech *speech; /* TRANSCRIBE, SPEAK */
	struct ct_str model; /* as the provider knows it */
	struct ct_str system; /* {NULL, 0}: none */
	const struct ct_message *messages; /* at least one; the last is the user's, */
	size_t message_count; /* or with prefill the assistant's started answer */
	bool prefill; /* the last message is to be gone on with, without a word repeated */
	bool stream;
	bool has_temperature, has_top_p, has_seed;
	double temperature; /* 0 to 2 */
	double top_p; /* 0 to 1 */
	int64_t seed;
	int64_t max_tokens; /* 0: the provider's own, or the catalogue's, limit */
	struct ct_str stops[CT_STOPS_MAX];
	size_t stop_count;
	struct ct_str effort; /* none minimal low medium high xhigh max; {NULL, 0}: the model's own */
	bool reasoning; /* ask for the text of the model's reasoning, where it can be had */
	struct ct_str user; /* opaque id of the end user; {NULL, 0}: none */
	const struct ct_option *options;
	size_t option_count;
	const struct ct_tool *tools; /* offered unless the model is known to take none */
	size_t tool_count;
};

/* Is it a search (EXTRACT, READ) that can be asked of anyone? CT_EINVALID and why not. */
int ct_search_check(enum ct_task task, const struct ct_search *search, struct ct_err *err);

/* Is it a request that can be asked of anyone? CT_EINVALID and why not. */
int ct_request_check(const struct ct_request *request, struct ct_err *err);

#endif
