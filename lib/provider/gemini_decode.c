/* Gemini's generateContent and streamGenerateContent: wire/gemini, "Response", "Streaming". */
#include "provider/dialect.h"
#include "provider/parts.h"

static void take_usage(struct ct_decoder *d, const struct ct_json *u)
{
	int64_t prompt = ct_count(u, "promptTokenCount", -1);

	/* some frames count nothing but the traffic's type */
	if (prompt < 0 && ct_count(u, "totalTokenCount", -1) < 0)
		return;
	d->usage = (struct ct_usage){
		.known = true,
		.input = (prompt < 0 ? 0 : prompt) +
			 ct_count(u, "toolUsePromptTokenCount", 0),
		.cached = ct_count(u, "cachedContentTokenCount", 0),
		.reasoning = ct_count(u, "thoughtsTokenCount", 0),
	};
	d->usage.output = ct_count(u, "candidatesTokenCount", 0) + d->usage.reasoning;
}

/* A call whose arguments come in parts is the last one, until a piece says that none follows. */
static struct ct_slot *pending(struct ct_decoder *d)
{
	struct ct_slot *last = d->slot_count > 0 ? &d->slots[d->slot_count - 1] : NULL;

	return last != NULL && !last->emitted ? last : NULL;
}

static int end_pending(struct ct_decoder *d, struct ct_err *err)
{
	struct ct_slot *slot = pending(d);

	if (slot == NULL)
		return CT_OK;
	ct_parts_end(slot);
	return ct_bring_slot(d, slot, err);
}

static int begin_pending(struct ct_decoder *d, const struct ct_json *call,
			 struct ct_err *err)
{
	int rc = end_pending(d, err);

	if (rc != CT_OK)
		return rc;
	struct ct_slot *slot = ct_slot(d, (int64_t)d->slot_count, err);
	if (slot == NULL)
		return d->slot_count == CT_CALLS_MAX ? CT_ETOOBIG : CT_ENOMEM;
	slot->open = false; /* no string is */
	ct_buf_add(&slot->id, ct_json_str_at(call, "id"));
	ct_buf_add(&slot->name, ct_json_str_at(call, "name"));
	return CT_OK;
}

static int end_turn(struct ct_decoder *d, struct ct_err *err)
{
	ct_turn_end(d);
	return end_pending(d, err);
}

static int take_parts(struct ct_decoder *d, const struct ct_json *call, bool more,
		      struct ct_err *err)
{
	const struct ct_json *part = ct_json_first(ct_json_get(call, "partialArgs"));
	struct ct_slot *slot = pending(d);

	if (slot == NULL)
		return CT_OK;
	for (; part != NULL; part = part->next)
		ct_parts_add(slot, part);
	int rc = ct_buf_check(&slot->args, "the arguments of a tool call", err);
	if (rc == CT_OK && !more)
		return end_pending(d, err);
	return rc == CT_OK ? ct_bring_work(d, err) : rc;
}

static int take_call(struct ct_decoder *d, const struct ct_json *call, struct ct_err *err)
{
	const struct ct_json *args = ct_json_get(call, "args");
	bool more = ct_json_true(ct_json_get(call, "willContinue"));
	/* one that comes in pieces cannot go back as it came */
	if (more || ct_json_get(call, "partialArgs") != NULL)
		d->turn.failed = CT_EPROTO;
	struct ct_tool_call out = {
		.id = ct_json_str_at(call, "id"),
		.name = ct_json_str_at(call, "name"),
		.arguments = ct_one_line(d, args),
	};
	int rc = CT_OK;

	if (out.name.len > 0 && !more && ct_json_get(call, "partialArgs") == NULL) {
		rc = end_pending(d, err);
		return rc == CT_OK ? ct_bring_call(d, &out, err) : rc;
	}
	if (out.name.len > 0)
		rc = begin_pending(d, call, err);
	return rc == CT_OK ? take_parts(d, call, more, err) : rc;
}

static int take_part(struct ct_decoder *d, const struct ct_json *part, struct ct_err *err)
{
	const struct ct_json *call = ct_json_get(part, "functionCall");
	const struct ct_json *text = ct_json_get(part, "text");

	/* what must be sent back as it came: calls, and what is signed */
	if (ct_json_is(call, CT_JSON_OBJECT) ||
	    ct_json_str_at(part, "thoughtSignature").len > 0)
		ct_turn_add(d, part);
	if (ct_json_is(call, CT_JSON_OBJECT))
		return take_call(d, call, err);
	if (!ct_json_is(
		    text,
		    CT_JSON_STRING)) /* code, its result, a search: not for the reader */
		return ct_bring_work(d, err);
	return ct_json_true(ct_json_get(part, "thought"))
		       ? ct_bring_reasoning(d, text->text, err)
		       : ct_bring_text(d, text->text, err);
}

static int take_candidate(struct ct_decoder *d, const struct ct_json *candidate,
			  struct ct_err *err)
{
	const struct ct_json *part =
		ct_json_first(ct_json_at(candidate, "content.parts"));
	struct ct_str why = ct_json_str_at(candidate, "finishReason");
	int rc = CT_OK;

	for (; part != NULL && rc == CT_OK; part = part->next)
		rc = take_part(d, part, err);
	/* models of the 1.5 generation wrote STOP into each frame: only another word overrules it */
	enum ct_finish finish = ct_finish_of(why);
	if (finish == CT_FINISH_NONE)
		return rc;
	if (d->finish == CT_FINISH_STOP && finish != CT_FINISH_STOP) {
		d->finish = CT_FINISH_NONE;
		ct_buf_clear(&d->raw);
	}
	ct_mark_end_because(d, finish, why,
			    finish == CT_FINISH_FILTER || finish == CT_FINISH_OTHER
				    ? ct_json_str_at(candidate, "finishMessage")
				    : ct_str(""));
	return rc;
}

static const struct ct_json *first_candidate(const struct ct_json *candidates)
{
	const struct ct_json *c = ct_json_first(candidates);

	while (c != NULL && ct_json_int_at(c, "index", 0) != 0)
		c = c->next;
	return c;
}

static int chunk(struct ct_decoder *d, const struct ct_json *json, struct ct_str event,
		 struct ct_err *err)
{
	const struct ct_json *candidates = ct_json_get(json, "candidates");
	const struct ct_json *feedback = ct_json_get(json, "promptFeedback");
	const struct ct_json *usage = ct_json_get(json, "usageMetadata");

	(void)event;
	if (candidates == NULL && feedback == NULL && usage == NULL)
		return CT_OK;
	int rc = ct_bring_start(d, ct_json_str_at(json, "responseId"),
				ct_json_str_at(json, "modelVersion"), err);
	take_usage(d, usage);
	const struct ct_json *candidate = first_candidate(candidates);
	if (rc == CT_OK && candidate != NULL)
		rc = take_candidate(d, candidate, err);
	struct ct_str blocked = ct_json_str_at(feedback, "blockReason");
	if (candidate == NULL && blocked.len > 0 && !d->content)
		ct_mark_end_because(d, CT_FINISH_FILTER, ct_str("the prompt was blocked"),
				    blocked);
	return rc;
}

const struct ct_dialect ct_dialect_gemini = { .name = "gemini",
					      .chunk = chunk,
					      .end = end_turn };
