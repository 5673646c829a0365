/*
 * What reading a request has in common between protocols: messages whose content is a text
 * or a list of typed parts, and members of a given type. Private to ingress/.
 */
#ifndef CT_INGRESS_READER_H
#define CT_INGRESS_READER_H

#include "ingress/ingress.h"

enum ct_part_kind {
	CT_PART_TEXT,
	CT_PART_MEDIA, /* counted */
	CT_PART_RESULT, /* what a tool answered: a text or parts again */
	CT_PART_SKIP, /* known, without text of its own */
};

/* A type of part; tables end with a NULL type. */
struct ct_part_type {
	const char *type;
	enum ct_part_kind kind;
	const char *member; /* where its text is */
};

struct ct_reader {
	struct ct_arena *arena;
	struct ct_ingress_request *out;
	const struct ct_part_type *parts;
	struct ct_message *messages;
	struct ct_ingress_tool *tools;
	size_t max; /* messages there is room for */
	struct ct_buf text; /* of the message being read */
	struct ct_err *err;
};

/* Parse a body, which must be an object. */
int ct_reader_body(struct ct_arena *arena, struct ct_str body, const struct ct_json **out,
		   struct ct_err *err);

/* Room for a message per element of list, and one more. */
int ct_reader_init(struct ct_reader *reader, const struct ct_json *list);
void ct_reader_fini(struct ct_reader *reader);

/* Add what content (a text, parts, null) says to the text being read. where is for errors. */
int ct_reader_content(struct ct_reader *reader, const struct ct_json *content,
		      const char *where);

/* Take what was read since the last one as text of the arena. */
int ct_reader_take(struct ct_reader *reader, struct ct_str *out);

/* ... as the next message. */
int ct_reader_message(struct ct_reader *reader, enum ct_role role);

/* ... as system text, after what is there already. */
int ct_reader_system(struct ct_reader *reader);

/* Keep a tool that is offered. */
int ct_reader_tool(struct ct_reader *reader, struct ct_str name,
		   const struct ct_json *schema);

/* The messages are all there: at least one; prefill when the assistant's is the last. */
int ct_reader_end(struct ct_reader *reader);

/*
 * Members of a given type; absent or null leaves *out as it is. CT_EINVALID says which is wrong.
 */
int ct_reader_bool(const struct ct_json *object, const char *key, bool *out,
		   struct ct_err *err);
int ct_reader_int(const struct ct_json *object, const char *key, int64_t min,
		  int64_t *out, struct ct_err *err);
int ct_reader_str(const struct ct_json *object, const char *key, struct ct_str *out,
		  struct ct_err *err);
/* temperature, top_p and the stop texts (one or a list) under the vendor's names; any may be NULL. */
int ct_reader_sampling(struct ct_request *out, const struct ct_json *object,
		       const char *top_p, const char *stop, struct ct_err *err);

#endif
