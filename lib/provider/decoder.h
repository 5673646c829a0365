/*
 * A provider's answer, decoded as its bytes arrive: an event stream, or one JSON
 * document (or a JSON array of chunks, as Gemini sends without alt=sse); which
 * of them is told from the bytes, not from what was asked for. Or it is sound, which goes up
 * as it comes.
 */
#ifndef CT_PROVIDER_DECODER_H
#define CT_PROVIDER_DECODER_H

#include "provider/provider.h"

enum {
	CT_BODY_MAX_BYTES = 64 << 20, /* a whole body */
	CT_EVENT_MAX_BYTES = 8 << 20, /* one event of a stream */
};

enum ct_decoder_state {
	CT_DECODER_OPEN, /* the end marker has not come: an end now is a cut */
	CT_DECODER_FINISHED, /* it has; usage may still follow */
	CT_DECODER_DONE, /* nothing more will come: the connection need not be waited for */
};

struct ct_decoder;

/* NULL when out of memory. endpoint is borrowed; events go to on_event. */
struct ct_decoder *ct_decoder_create(const struct ct_endpoint *endpoint, enum ct_task task,
				     ct_event_fn *on_event, void *user);
void ct_decoder_destroy(struct ct_decoder *decoder);

/* The head of the answer, before its body, where there is one; borrowed until destroy. */
void ct_decoder_head(struct ct_decoder *decoder, const struct ct_headers *headers);

/*
 * Decode a piece, cut anywhere. CT_OK; on_event's code; the class of an in-band error (see
 * ct_provider_error); CT_EPROTO for what is neither JSON nor events; CT_ETOOBIG past
 * a ceiling. A chunk of a stream that is not JSON is skipped with CT_EVENT_BAD_CHUNK.
 * A failed decoder stays failed.
 */
int ct_decoder_feed(struct ct_decoder *decoder, struct ct_str bytes, struct ct_err *err);

/*
 * The body has ended (cleanly or not). CT_OK when the end marker was seen: CT_EVENT_FINISH
 * has been emitted by the time this returns. CT_ECUT when it was not, after at least one valid chunk;
 * CT_EPROTO when nothing valid came (empty, HTML, another shape). Else as ct_decoder_feed().
 */
int ct_decoder_finish(struct ct_decoder *decoder, struct ct_err *err);

enum ct_decoder_state ct_decoder_state(const struct ct_decoder *decoder);

/*
 * After a finish of CT_FINISH_PAUSE or CT_FINISH_TOOL_CALLS: the assistant's turn so far as the vendor's own JSON, to be
 * sent back (struct ct_message.raw). {NULL, 0} where the vendor has no such thing. Borrowed until destroy.
 */
struct ct_str ct_decoder_turn(struct ct_decoder *decoder);

#endif
