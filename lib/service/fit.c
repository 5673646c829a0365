#include "service/fit.h"

enum {
	BYTES_PER_TOKEN = 3,
	MESSAGE_TOKENS = 8, /* around each message: its role, its ends */
	IMAGE_TOKENS = 2000,
	PDF_BYTES_PER_TOKEN = 16, /* a page of 40 KB is rarely more than 2,500 tokens */
	AUDIO_BYTES_PER_TOKEN = 100, /* 32 tokens a second, of no less than 3.2 KB */
	ANSWER_TOKENS =
		32000, /* kept free where nobody says how long the answer may be */
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t tokens_of(struct ct_str text)
{
	return (int64_t)(text.len / BYTES_PER_TOKEN) + MESSAGE_TOKENS;
}

/*
 * Vendors count an image by its size in pixels, up to about this; pages and seconds by
 * the bytes.
 */
static int64_t part_tokens(const struct ct_part *part)
{
	switch (part->medium) {
	case CT_MEDIUM_PDF:
		return (int64_t)part->bytes.len / PDF_BYTES_PER_TOKEN;
	case CT_MEDIUM_AUDIO:
		return (int64_t)part->bytes.len / AUDIO_BYTES_PER_TOKEN;
	default:
		return IMAGE_TOKENS;
	}
}

static int64_t message_tokens(const struct ct_message *message)
{
	int64_t tokens = tokens_of(message->text);

	for (size_t i = 0; i < message->part_count; i++)
		tokens += part_tokens(&message->parts[i]);
	return tokens;
}

/* What the answer may need, but never more than half of all. */
static int64_t answer_tokens(const struct ct_request *request,
			     const struct ct_model *model)
{
	int64_t answer = request->max_tokens > 0 ? request->max_tokens : ANSWER_TOKENS;

	if (model->max_output > 0)
		answer = least(answer, model->max_output);
	return least(answer, model->context / 2);
}

static int64_t room_of(const struct ct_request *request, const struct ct_model *model)
{
	int64_t room = model->context - answer_tokens(request, model);

	return model->max_input > 0 ? least(room, model->max_input) : room;
}

/* The place of the last question, which is never left out. */
static size_t last_question(const struct ct_request *request)
{
	size_t i = request->message_count;

	while (i > 0 && request->messages[i - 1].role != CT_ROLE_USER)
		i--;
	return i > 0 ? i - 1 : 0;
}

size_t ct_fit(const struct ct_request *request, const struct ct_model *model)
{
	size_t last = last_question(request), cut = 0;
	int64_t used = tokens_of(request->system);

	if (model == NULL || model->context <= 0)
		return 0;
	for (size_t i = 0; i < request->message_count; i++)
		used += message_tokens(&request->messages[i]);
	while (cut < last && used > room_of(request, model)) {
		do
			used -= message_tokens(&request->messages[cut++]);
		while (cut < last && request->messages[cut].role != CT_ROLE_USER);
	}
	return cut;
}
