/*
 * Providers: a vendor's protocol from the client's side. Requests become bytes,
 * bytes become events, errors become codes. No retry, no store, no printing here.
 *
 * A vendor is a constant table of functions in <vendor>.c, listed in registry.c.
 * What differs between two services of one vendor is in struct ct_endpoint.
 */
#ifndef CT_PROVIDER_PROVIDER_H
#define CT_PROVIDER_PROVIDER_H

#include "base/secret.h"
#include "codec/json.h"
#include "model/event.h"
#include "model/model.h"
#include "model/request.h"
#include "net/http.h"

enum ct_capability {
	CT_CAN_CHAT = 1,
	CT_CAN_SEARCH = 2,
	CT_CAN_STT = 4,
	CT_CAN_TTS = 8,
	CT_CAN_EXTRACT = 16, /* with search, but not everywhere */
	CT_CAN_READ = 32,
};

enum ct_openai_api { CT_OPENAI_AUTO, CT_OPENAI_CHAT, CT_OPENAI_RESPONSES };

/* A header of the configuration: sent with each request. */
struct ct_extra_header {
	struct ct_str name, value;
};

/* One configured service. Strings live as long as the configuration it was made from. */
struct ct_endpoint {
	struct ct_str name; /* "claude", "groq": what people call it */
	const struct ct_vendor *vendor;
	struct ct_str base_url; /* without a slash at its end, NUL-terminated */
	bool own_address; /* base_url is the vendor's own: retired ids are refused, `auto` is responses */
	const struct ct_secret *key; /* NULL: none */
	enum ct_openai_api api;
	struct ct_str api_version; /* anthropic-version, or Azure's api-version; {NULL, 0}: the vendor's default */
	const struct ct_extra_header *headers;
	size_t header_count;
	const struct ct_option *options; /* added to each request body; a request's own win */
	size_t option_count;
};

enum { CT_WARNINGS_MAX = 8 };

/* What was asked for and not sent, in words; strings in the arena of the request. */
struct ct_warnings {
	struct ct_str text[CT_WARNINGS_MAX];
	size_t count;
};

/* An answer that is an error, as it came. */
struct ct_refusal {
	const struct ct_endpoint *endpoint;
	int status;
	const struct ct_headers *headers; /* NULL: an error in a 200 answer */
	const struct ct_json *body; /* NULL: no JSON */
};

/* A vendor. */
struct ct_vendor {
	const char *kind; /* in the configuration, and the name of its own endpoint */
	const char *alias; /* another name for it, NULL: none */
	const char *base_url; /* its own address; NULL: must be configured */
	const char *base_url_env; /* NULL: none */
	const char *base_url_env_too; /* looked at where the first is not set; NULL: none */
	const char *key_env[3]; /* the first that is set counts; NULL ends */
	const char *model_env; /* default model; NULL: none */
	unsigned capabilities; /* enum ct_capability, ORed */
	bool key_optional; /* a service may need none */
	/* a rate limit of its says when it ends: a 429 that does not is a limit on spending */
	bool limits_name_their_end;

	/*
	 * Write the HTTP request for request into out; strings go into arena. model is NULL when
	 * the catalogue does not know it. CT_EINVALID for what the vendor cannot be asked.
	 */
	int (*request)(const struct ct_endpoint *endpoint, const struct ct_request *request,
		       const struct ct_model *model, struct ct_arena *arena,
		       struct ct_http_request *out, struct ct_warnings *warnings,
		       struct ct_err *err);

	/* The cheapest authenticated question (no tokens billed): any 2xx answer means healthy. */
	int (*health)(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		      struct ct_http_request *out, struct ct_err *err);

	/* How its answers to a task are read: see decoder.h. May depend on the endpoint's protocol. */
	const struct ct_dialect *(*dialect)(const struct ct_endpoint *endpoint, enum ct_task task);

	/*
	 * Make err, as ct_provider_error() has filled it, say what this vendor alone means by its
	 * answer. Its code counts. NULL: there is nothing of its own.
	 */
	void (*refine)(const struct ct_refusal *refusal, struct ct_err *err);
};

/* All vendors, NULL at the end, in the order `provider list` shows. */
extern const struct ct_vendor *const ct_vendors[];

/* By kind or alias; NULL where there is none. */
const struct ct_vendor *ct_vendor_find(struct ct_str kind);

/* The capability that a task takes; CT_TASK_CHAT: CT_CAN_CHAT. */
unsigned ct_task_capability(enum ct_task task);

/* A response header worth keeping: the provider's id of this request; {NULL, 0} where it says none. */
struct ct_str ct_provider_request_id(const struct ct_headers *headers);
/* The same of an error's body (Claude's, and Deepgram's), in arena; {NULL, 0} where it says none. */
struct ct_str ct_error_request_id(struct ct_arena *arena, struct ct_str body);

/*
 * The code for an answer of that status (or, in-band, 200) with that body (any bytes; may be
 * empty). Fills err: code, status, retry_after_ms, should_retry, and the provider's message,
 * cleaned and cut to a line. Never CT_OK. All vendors' shapes are understood.
 */
int ct_provider_error(const struct ct_endpoint *endpoint, int status,
		      const struct ct_headers *headers, struct ct_str body, int64_t now_wall_ms,
		      struct ct_err *err);

#endif
