/*
 * What the vendors share in writing a request: addresses, headers, limits, and the
 * options of the configuration and of the user, which win over ours.
 */
#ifndef CT_PROVIDER_ASK_H
#define CT_PROVIDER_ASK_H

#include "provider/provider.h"

enum { CT_REQUEST_MAX_BYTES = 128 << 20 };

/* A request while it is written. */
struct ct_ask {
	const struct ct_endpoint *endpoint;
	const struct ct_request *request;
	const struct ct_model *model; /* NULL: unknown */
	struct ct_arena *arena;
	struct ct_http_request *out;
	struct ct_warnings *warnings;
	struct ct_buf body;
	struct ct_jw jw;
	bool openai; /* chat: OpenAI's own rules, not those of the hosts that copy it */
};

/* Say that something is not sent as it was asked for. */
void ct_ask_warn(struct ct_ask *ask, const char *fmt, ...) CT_PRINTF(2, 3);

/* Begin: the JSON object of the body is open in ask->jw. Fini with ct_buf_fini(&ask->body). */
void ct_ask_begin(struct ct_ask *ask);

/*
 * End it: options are merged in, method, address (base_url and path), Content-Type and the
 * configured headers are set. CT_ENOMEM, CT_ETOOBIG.
 */
int ct_ask_end(struct ct_ask *ask, struct ct_str url, struct ct_err *err);

/* base_url and path, less the version that stands at the end of one and the beginning of the other. */
struct ct_str ct_ask_url(const struct ct_endpoint *endpoint, struct ct_arena *arena,
			 const char *version, const char *path);

/* text with all but unreserved characters (RFC 3986) percent-encoded, in the arena. */
struct ct_str ct_ask_escape(struct ct_arena *arena, struct ct_str text);

/* A header of ours, unless the configuration has one of that name. */
int ct_ask_header(const struct ct_endpoint *endpoint, struct ct_http_request *out,
		  const char *name, struct ct_str value, struct ct_err *err);
/* One with the key behind prefix; none where there is no key. */
int ct_ask_key(const struct ct_endpoint *endpoint, struct ct_http_request *out,
	       const char *name, const char *prefix, struct ct_err *err);
/* All configured headers. */
int ct_ask_extra(const struct ct_endpoint *endpoint, struct ct_http_request *out,
		 struct ct_err *err);

/* A GET with the vendor's authentication already in out: the rest of it. */
int ct_ask_get(const struct ct_endpoint *endpoint, struct ct_http_request *out,
	       struct ct_str url, struct ct_err *err);

/* request->max_tokens, not over what the model can; 0: not asked for. */
int64_t ct_ask_max_tokens(struct ct_ask *ask);

/*
 * The effort to send: as asked, or the nearest weaker (else stronger) that the model lists, with
 * a warning; {NULL, 0} where none was asked for or the model takes none.
 */
struct ct_str ct_ask_effort(struct ct_ask *ask);

/* May sampling parameters be sent? false with a warning where one was asked for. */
bool ct_ask_sampling(struct ct_ask *ask);

/* CT_EINVALID where a started answer is to be gone on with and the model is not known to do so. */
int ct_ask_prefill(const struct ct_ask *ask, struct ct_err *err);

/* CT_EINVALID for more stop sequences than most. */
int ct_ask_stops(const struct ct_ask *ask, size_t most, struct ct_err *err);

/* key: [stops], where there are any. */
void ct_ask_write_stops(struct ct_ask *ask, const char *key);

#endif
