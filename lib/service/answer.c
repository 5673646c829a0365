#include "service/answer.h"

enum { TEXT_BYTES = 64 << 20 };

void ct_answer_init(struct ct_answer *answer, const struct ct_redactor *redactor,
		    struct ct_arena *arena)
{
	*answer = (struct ct_answer){
		.redactor = redactor,
		.arena = arena,
		.text = CT_BUF_INIT(TEXT_BYTES),
		.reasoning = CT_BUF_INIT(TEXT_BYTES),
		.held = CT_BUF_INIT(TEXT_BYTES),
		.held_reasoning = CT_BUF_INIT(TEXT_BYTES),
	};
	ct_sha256_begin(&answer->audio);
}

void ct_answer_fini(struct ct_answer *answer)
{
	ct_buf_fini(&answer->text);
	ct_buf_fini(&answer->reasoning);
	ct_buf_fini(&answer->held);
	ct_buf_fini(&answer->held_reasoning);
	ct_transcript_fini(&answer->transcript);
}

void ct_answer_begin(struct ct_answer *answer, bool keep)
{
	if (keep) {
		if (answer->spoke)
			ct_usage_add(&answer->kept, &answer->usage);
	} else {
		ct_buf_clear(&answer->text);
		answer->call_count = 0;
		answer->found_count = 0;
		answer->kept = (struct ct_usage){ 0 };
		answer->overlap = 0;
		ct_transcript_clear(&answer->transcript);
		ct_sha256_begin(&answer->audio);
	}
	ct_buf_clear(&answer->reasoning);
	ct_buf_clear(&answer->held);
	ct_buf_clear(&answer->held_reasoning);
	answer->usage = (struct ct_usage){ 0 };
	answer->spoke = false;
	answer->finish = CT_FINISH_NONE;
	answer->total = -1;
	answer->next = (struct ct_str){ NULL, 0 };
	answer->incomplete = false;
	answer->finish_raw = (struct ct_str){ NULL, 0 };
}

/* A continuation may begin with the blanks that were cut off what it was given. */
static struct ct_str skip_overlap(struct ct_answer *answer, struct ct_str text)
{
	struct ct_str said = ct_buf_str(&answer->text);

	while (answer->overlap > 0 && text.len > 0) {
		if (said.ptr[said.len - answer->overlap] != text.ptr[0]) {
			answer->overlap = 0;
			break;
		}
		answer->overlap--;
		text = ct_str_from(text, 1);
	}
	return text;
}

/* Without secrets to `to`; returns what is new there. */
static struct ct_str pass_on(const struct ct_redactor *redactor, struct ct_str text,
			     struct ct_buf *to)
{
	size_t before = to->len;

	ct_redact(redactor, text, to);
	return ct_str_from(ct_buf_str(to), before);
}

/* What may be the beginning of a secret is held until more has come. */
static struct ct_str release(const struct ct_redactor *redactor, struct ct_str text,
			     struct ct_buf *held, struct ct_buf *to)
{
	bool joined = held->len > 0;

	if (joined) {
		ct_buf_add(held, text);
		text = ct_buf_str(held);
	}
	size_t ready = text.len - ct_redact_pending(redactor, text);
	struct ct_str fresh = pass_on(redactor, (struct ct_str){ text.ptr, ready }, to);
	if (joined)
		ct_buf_drop(held, ready);
	else
		ct_buf_add(held, ct_str_from(text, ready));
	return fresh;
}

static struct ct_str release_all(const struct ct_redactor *redactor, struct ct_buf *held,
				 struct ct_buf *to)
{
	struct ct_str fresh = pass_on(redactor, ct_buf_str(held), to);

	ct_buf_clear(held);
	return fresh;
}

static int take_text(struct ct_answer *answer, const struct ct_event *event,
		     struct ct_str *fresh, struct ct_err *err)
{
	bool visible = event->type == CT_EVENT_TEXT;
	struct ct_buf *held = visible ? &answer->held : &answer->held_reasoning;
	struct ct_buf *to = visible ? &answer->text : &answer->reasoning;

	answer->spoke = answer->spoke || event->text.len > 0;
	*fresh = release(answer->redactor,
			 visible ? skip_overlap(answer, event->text) : event->text, held, to);
	int rc = ct_buf_check(held, "the answer", err);
	return rc != CT_OK ? rc : ct_buf_check(to, "the answer", err);
}

static struct ct_str keep_clean(struct ct_answer *answer, struct ct_str text)
{
	struct ct_buf clean = CT_BUF_INIT(TEXT_BYTES);

	ct_redact(answer->redactor, text, &clean);
	struct ct_str kept = ct_arena_dup(answer->arena, ct_buf_str(&clean));
	ct_buf_fini(&clean);
	return kept;
}

static bool make_room(struct ct_answer *answer)
{
	size_t room = answer->call_room > 0 ? 2 * answer->call_room : 4;

	if (answer->call_count < answer->call_room)
		return true;
	struct ct_tool_call *wide = ct_arena_alloc(answer->arena, room * sizeof(*wide));
	if (wide == NULL)
		return false;
	if (answer->call_count > 0)
		memcpy(wide, answer->calls, answer->call_count * sizeof(*wide));
	answer->calls = wide;
	answer->call_room = room;
	return true;
}

static int take_call(struct ct_answer *answer, const struct ct_tool_call *call,
		     struct ct_err *err)
{
	if (answer->call_count == CT_TOOL_CALLS_MAX)
		return ct_fail(err, CT_ETOOBIG, "more than %d tool calls in one answer",
			       CT_TOOL_CALLS_MAX);
	if (!make_room(answer))
		return ct_fail(err, CT_ENOMEM, "no memory for an answer");
	answer->spoke = true;
	answer->calls[answer->call_count++] = (struct ct_tool_call){
		.id = keep_clean(answer, call->id),
		.name = keep_clean(answer, call->name),
		.arguments = keep_clean(answer, call->arguments),
	};
	return CT_OK;
}

static bool room_for_found(struct ct_answer *answer)
{
	size_t cap = answer->found_cap == 0 ? 16 : answer->found_cap * 2;
	struct ct_found *more;

	if (answer->found_count < answer->found_cap)
		return true;
	more = ct_arena_alloc(answer->arena, cap * sizeof(*more));
	if (more == NULL)
		return false;
	if (answer->found_count > 0)
		memcpy(more, answer->found, answer->found_count * sizeof(*more));
	answer->found = more;
	answer->found_cap = cap;
	return true;
}

static int take_found(struct ct_answer *answer, const struct ct_found *found,
		      struct ct_err *err)
{
	struct ct_found *kept;

	if (answer->found_count == CT_FOUND_MAX)
		return CT_OK;
	if (!room_for_found(answer))
		return ct_fail(err, CT_ENOMEM, "no memory for what was found");
	answer->spoke = true;
	kept = &answer->found[answer->found_count++];
	*kept = *found;
	kept->title = keep_clean(answer, found->title);
	kept->url = keep_clean(answer, found->url);
	kept->text = keep_clean(answer, found->text);
	kept->error = keep_clean(answer, found->error);
	return kept->text.ptr != NULL ? CT_OK :
					ct_fail(err, CT_ENOMEM, "no memory for what was found");
}

int ct_answer_take(struct ct_answer *answer, const struct ct_event *event,
		   struct ct_str *fresh, struct ct_err *err)
{
	*fresh = (struct ct_str){ NULL, 0 };
	switch (event->type) {
	case CT_EVENT_START:
		if (event->id.len > 0)
			answer->id = keep_clean(answer, event->id);
		if (event->model.len > 0)
			answer->model = keep_clean(answer, event->model);
		return CT_OK;
	case CT_EVENT_TEXT:
	case CT_EVENT_REASONING:
		return take_text(answer, event, fresh, err);
	case CT_EVENT_TOOL_CALL:
		return take_call(answer, &event->call, err);
	case CT_EVENT_AUDIO:
		answer->spoke = true;
		ct_sha256_add(&answer->audio, event->audio);
		return CT_OK;
	case CT_EVENT_FOUND:
		return take_found(answer, &event->found, err);
	case CT_EVENT_PAGE:
		answer->total = event->total;
		answer->next = keep_clean(answer, event->next);
		answer->incomplete = event->incomplete;
		return CT_OK;
	case CT_EVENT_USAGE:
		answer->usage = event->usage;
		return CT_OK;
	case CT_EVENT_BAD_CHUNK:
		answer->bad_chunks++;
		return CT_OK;
	case CT_EVENT_FINISH:
		answer->finish = event->finish;
		answer->finish_raw = keep_clean(answer, event->raw);
		return CT_OK;
	default:
		return ct_transcript_take(&answer->transcript, event, answer->redactor,
					  answer->arena, err);
	}
}

struct ct_str ct_answer_settle(struct ct_answer *answer)
{
	release_all(answer->redactor, &answer->held_reasoning, &answer->reasoning);
	return release_all(answer->redactor, &answer->held, &answer->text);
}

void ct_answer_break_off(struct ct_answer *answer)
{
	ct_buf_clear(&answer->held_reasoning);
	ct_buf_clear(&answer->held);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct ct_str ct_answer_started(struct ct_answer *answer)
{
	struct ct_str text = ct_buf_str(&answer->text);
	size_t len = text.len;

	while (len > 0 && is_blank(text.ptr[len - 1]))
		len--;
	answer->overlap = text.len - len;
	return (struct ct_str){ text.ptr, len };
}

struct ct_usage ct_answer_usage(const struct ct_answer *answer)
{
	struct ct_usage total = answer->kept;

	ct_usage_add(&total, &answer->usage);
	return total;
}
