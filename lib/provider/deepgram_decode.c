/* Deepgram's transcripts: wire/deepgram, "STT prerecorded". */
#include "provider/dialect.h"

static struct ct_heard heard_in(const struct ct_json *json, const char *text, int channel)
{
	struct ct_heard heard = {
		.text = ct_json_str_at(json, text),
		.start_ms = ct_ms_at(json, "start"),
		.end_ms = ct_ms_at(json, "end"),
		.confidence = ct_json_num(ct_json_get(json, "confidence"), -1),
		.speaker = (int)ct_count(json, "speaker", -1),
		.channel = channel,
	};

	if (heard.text.len == 0)
		heard.text = ct_json_str_at(json, "word");
	return heard;
}

static int bring_words(struct ct_decoder *d, const struct ct_json *words, int channel,
		       struct ct_err *err)
{
	int rc = CT_OK;

	for (const struct ct_json *w = ct_json_first(words); w != NULL && rc == CT_OK;
	     w = w->next) {
		struct ct_heard heard = heard_in(w, "punctuated_word", channel);
		rc = ct_bring_heard(d, CT_EVENT_WORD, &heard, err);
	}
	return rc;
}

/* Sentences, by the speaker of their paragraph. */
static int bring_sentences(struct ct_decoder *d, const struct ct_json *paragraphs, int channel,
			   struct ct_err *err)
{
	int rc = CT_OK;

	for (const struct ct_json *p = ct_json_first(paragraphs); p != NULL; p = p->next) {
		const struct ct_json *s = ct_json_first(ct_json_get(p, "sentences"));
		for (; s != NULL && rc == CT_OK; s = s->next) {
			struct ct_heard heard = heard_in(s, "text", channel);
			heard.speaker = (int)ct_count(p, "speaker", -1);
			rc = ct_bring_heard(d, CT_EVENT_PASSAGE, &heard, err);
		}
	}
	return rc;
}

static int bring_utterances(struct ct_decoder *d, const struct ct_json *list,
			    struct ct_err *err)
{
	int rc = CT_OK;

	for (const struct ct_json *u = ct_json_first(list); u != NULL && rc == CT_OK;
	     u = u->next) {
		struct ct_heard heard =
			heard_in(u, "transcript", (int)ct_count(u, "channel", 0));
		rc = ct_bring_heard(d, CT_EVENT_PASSAGE, &heard, err);
	}
	return rc;
}

/* Each channel is a text of its own, on a line of its own. */
static int bring_channel(struct ct_decoder *d, const struct ct_json *channel, int index,
			 struct ct_err *err)
{
	const struct ct_json *best = ct_json_at(channel, "alternatives.0");
	struct ct_str text = ct_json_str_at(best, "transcript");
	int rc = CT_OK;

	if (text.len > 0 && d->content)
		rc = ct_bring_text(d, ct_str("\n"), err);
	if (rc == CT_OK)
		rc = ct_bring_text(d, text, err);
	if (rc == CT_OK)
		rc = ct_bring_held(d, err);
	if (rc == CT_OK)
		rc = bring_words(d, ct_json_get(best, "words"), index, err);
	if (rc == CT_OK)
		rc = bring_sentences(d, ct_json_at(best, "paragraphs.paragraphs"), index, err);
	return rc;
}

static struct ct_str language_of(const struct ct_json *channels)
{
	struct ct_str said = ct_json_str_at(channels, "0.detected_language");

	return said.len > 0 ? said : ct_json_str_at(channels, "0.alternatives.0.languages.0");
}

/* Of several channels the least: what can be relied on in all of the text. */
static double confidence_of(const struct ct_json *channels)
{
	double least = -1;

	for (const struct ct_json *c = ct_json_first(channels); c != NULL; c = c->next) {
		double n = ct_json_num(ct_json_at(c, "alternatives.0.confidence"), -1);
		if (n >= 0 && (least < 0 || n < least))
			least = n;
	}
	return least;
}

/* Topics, intents, a summary: whatever was asked for beside the transcript. */
static int bring_analysis(struct ct_decoder *d, const struct ct_json *results,
			  struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_BODY_MAX_BYTES);
	struct ct_jw jw = ct_jw(&text);
	size_t count = 0;

	ct_jw_object(&jw);
	for (const struct ct_json *m = ct_json_first(results); m != NULL; m = m->next) {
		if (ct_str_is(m->key, "channels") || ct_str_is(m->key, "utterances"))
			continue;
		ct_jw_key_str(&jw, m->key);
		ct_jw_value(&jw, m);
		count++;
	}
	ct_jw_end_object(&jw);
	struct ct_event event = { .type = CT_EVENT_ANALYSIS, .text = ct_buf_str(&text) };
	int rc = ct_buf_check(&text, "the analysis", err);
	return rc != CT_OK || count == 0 ? rc : d->on_event(d->user, &event, err);
}

static int chunk(struct ct_decoder *d, const struct ct_json *json, struct ct_str event,
		 struct ct_err *err)
{
	const struct ct_json *results = ct_json_get(json, "results");
	const struct ct_json *channels = ct_json_get(results, "channels");
	int64_t duration = ct_ms_at(json, "metadata.duration");
	int index = 0;

	(void)event;
	if (!ct_json_is(ct_json_at(channels, "0.alternatives"), CT_JSON_ARRAY))
		return CT_OK; /* no transcript: what else it may be, nobody asked for */
	int rc = ct_bring_start(d, ct_json_str_at(json, "metadata.request_id"),
				(struct ct_str){ NULL, 0 }, err);
	for (const struct ct_json *c = ct_json_first(channels); c != NULL && rc == CT_OK;
	     c = c->next)
		rc = bring_channel(d, c, index++, err);
	if (rc == CT_OK)
		rc = bring_utterances(d, ct_json_get(results, "utterances"), err);
	if (rc == CT_OK)
		rc = ct_bring_recording(d, language_of(channels), duration,
					confidence_of(channels), err);
	if (rc == CT_OK)
		rc = bring_analysis(d, results, err);
	/* each channel is paid for */
	d->usage.known = duration >= 0;
	d->usage.audio_ms = duration > 0 ? duration * (index > 1 ? index : 1) : 0;
	ct_mark_end(d, CT_FINISH_STOP, (struct ct_str){ NULL, 0 });
	d->done = true;
	return rc;
}

const struct ct_dialect ct_dialect_deepgram = { .name = "deepgram", .chunk = chunk };
