#include "service/transcript.h"

#include <stdlib.h>

#include "base/buf.h"

enum { TEXT_BYTES = 64 << 20 };

void ct_transcript_fini(struct ct_transcript *t)
{
	free(t->words.list);
	free(t->passages.list);
	*t = (struct ct_transcript){ 0 };
}

void ct_transcript_clear(struct ct_transcript *t)
{
	t->words.count = t->passages.count = 0;
	t->known = false;
	t->language = t->analysis = (struct ct_str){ NULL, 0 };
}

static int room_for_one(struct ct_heard_list *to, struct ct_err *err)
{
	size_t room = to->room == 0 ? 64 : to->room * 2;

	if (to->count < to->room)
		return CT_OK;
	if (to->count >= CT_HEARD_MAX)
		return ct_fail(err, CT_ETOOBIG, "more than %d words in one transcript",
			       CT_HEARD_MAX);
	struct ct_heard *list = realloc(to->list, room * sizeof(*list));
	if (list == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a transcript");
	to->list = list;
	to->room = room;
	return CT_OK;
}

static struct ct_str keep(const struct ct_redactor *redactor, struct ct_arena *arena,
			  struct ct_str text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(TEXT_BYTES);

	ct_redact(redactor, text, &clean);
	return ct_arena_dup(arena, ct_buf_str(&clean));
}

static int take_heard(struct ct_heard_list *to, const struct ct_heard *heard,
		      const struct ct_redactor *redactor, struct ct_arena *arena,
		      struct ct_err *err)
{
	int rc = room_for_one(to, err);

	if (rc != CT_OK)
		return rc;
	to->list[to->count] = *heard;
	to->list[to->count].text = keep(redactor, arena, heard->text);
	if (to->list[to->count].text.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a transcript");
	to->count++;
	return CT_OK;
}

int ct_transcript_take(struct ct_transcript *t, const struct ct_event *event,
		       const struct ct_redactor *redactor, struct ct_arena *arena,
		       struct ct_err *err)
{
	switch (event->type) {
	case CT_EVENT_WORD:
		return take_heard(&t->words, &event->heard, redactor, arena, err);
	case CT_EVENT_PASSAGE:
		return take_heard(&t->passages, &event->heard, redactor, arena, err);
	case CT_EVENT_RECORDING:
		t->known = true;
		t->language = keep(redactor, arena, event->language);
		t->duration_ms = event->duration_ms;
		t->confidence = event->confidence;
		return CT_OK;
	case CT_EVENT_ANALYSIS:
		t->analysis = keep(redactor, arena, event->text);
		return CT_OK;
	default:
		return CT_OK;
	}
}
