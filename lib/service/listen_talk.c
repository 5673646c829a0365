/* One connection: sound goes out at its pace, results come in. */
#include <stdio.h>

#include "base/log.h"
#include "codec/utf8.h"
#include "service/listen_state.h"

enum {
	PIECE_BYTES = 8 << 10,
	PIECE_MS = 100, /* of sound in one message, where that is known */
	UNSENT_BYTES = 128 << 10,
	TICK_MS = 100,
	QUIET_MS = 1000, /* without sound: what was said until then may be final */
	KEEP_ALIVE_MS = 4000, /* the provider closes after 10 s: wire/deepgram */
	CLOSE_MS = 2000,
	LAST_MS = 5000, /* for the end of a stream that has nothing more to say */
	IDLE_MS = 30000, /* without a word about sound that was sent */
	SLACK_US = 50000, /* between where a result ends and where we begin anew */
	WORD_US = 1000000, /* as long as most words are */
};

static bool is_container(const struct ct_listen *l)
{
	return ct_source_format(l->source)->bytes_per_second == 0;
}

static int64_t us_of(const struct ct_listen *l, int64_t bytes)
{
	int64_t rate = ct_source_format(l->source)->bytes_per_second;

	return rate == 0 ? 0 : bytes / rate * 1000000 + bytes % rate * 1000000 / rate;
}

static int64_t bytes_of(const struct ct_listen *l, int64_t us)
{
	const struct ct_source_format *f = ct_source_format(l->source);
	int64_t bytes = us / 1000000 * f->bytes_per_second +
			us % 1000000 * f->bytes_per_second / 1000000;

	return bytes - bytes % f->frame_bytes;
}

/* How far all channels have been heard: one that no final result came for yet holds it back, too. */
static int64_t heard_us(const struct ct_listen *l)
{
	int64_t least = l->final_us[0];

	for (int i = 1; i < l->channels; i++)
		if (l->final_us[i] < least)
			least = l->final_us[i];
	return least;
}

/* The offset of the first byte that no final result covers. */
static int64_t acknowledged(const struct ct_listen *l)
{
	return bytes_of(l, heard_us(l));
}

/*
 * Of a container the whole: it is understood from its beginning only. A final result may end within
 * a word that stands in the next one: where its own last word ended before, it is sent again from there.
 */
int64_t ct_listen_again_from(const struct ct_listen *l)
{
	int64_t from = heard_us(l);

	if (is_container(l))
		return 0;
	for (int i = 0; i == 0 || i < l->channels; i++) {
		int64_t word = l->final_us[i] - WORD_US;
		if (word < l->word_us[i])
			word = l->word_us[i];
		if (word < from)
			from = word;
	}
	return bytes_of(l, from > 0 ? from : 0);
}

/*
 * Final results cover all that was sent, and no more will be: the end itself says nothing new. Their
 * times are rounded, and what is shorter than the slack is no word.
 */
static bool is_all_heard(const struct ct_listen *l)
{
	return l->closing && !is_container(l) &&
	       (l->sent_to == 0 || heard_us(l) > us_of(l, l->sent_to) - SLACK_US);
}

/* Is it a matter of the provider that nothing comes? */
static bool is_waited_for(const struct ct_listen *l)
{
	/* in a pause there may be nothing to say: silence is no result everywhere */
	return l->closing || (!l->finalized && l->sent_to > l->from &&
			      (is_container(l) || l->sent_to > acknowledged(l)));
}

static int64_t idle_us(const struct ct_listen *l)
{
	int64_t ms = l->options.call.idle_ms > 0 ? l->options.call.idle_ms : IDLE_MS;

	if (is_all_heard(l) && ms > LAST_MS)
		ms = LAST_MS;
	return ms * 1000;
}

static void drop_link(struct ct_listen *l)
{
	struct ct_ws *ws = l->ws;

	l->ws = NULL;
	l->open = false;
	ct_timer_stop(l->tick);
	ct_ws_cancel(ws);
}

static bool say(struct ct_listen *l, const char *command)
{
	if (ct_ws_send_text(l->ws, ct_str(command), NULL) != CT_OK)
		return false;
	l->spoke_us = ct_clock_us();
	return true;
}

void ct_listen_finish(struct ct_listen *l)
{
	if (!l->open || l->closing)
		return;
	if (!say(l, CT_HEARING_FINALIZE) || !say(l, CT_HEARING_CLOSE))
		return; /* there will be room, and this again */
	l->closing = true;
	l->heard_us = ct_clock_us();
}

/* How much may be sent by now, as far as time goes. */
static int64_t due(struct ct_listen *l)
{
	int64_t now = ct_clock_us();

	if (!l->options.realtime)
		return INT64_MAX;
	if (l->paced_us == 0)
		l->paced_us = now;
	return bytes_of(l, now - l->paced_us + PIECE_MS * 1000);
}

static size_t piece_bytes(const struct ct_listen *l)
{
	int64_t bytes = bytes_of(l, PIECE_MS * 1000);

	return bytes > 0 && bytes < PIECE_BYTES ? (size_t)bytes : PIECE_BYTES;
}

/* A frame is sent whole, but for what is left of one at the very end. */
static size_t whole_frames(const struct ct_listen *l, size_t n)
{
	size_t frame = (size_t)ct_source_format(l->source)->frame_bytes;

	return n > frame ? n - n % frame : n;
}

void ct_listen_pump(struct ct_listen *l)
{
	char piece[PIECE_BYTES];
	size_t room = piece_bytes(l);

	while (l->open && !l->closing && !l->cancelled) {
		int64_t left = due(l) - l->sent_to;
		size_t n = left < (int64_t)room ? (size_t)(left > 0 ? left : 0) : room;

		n = n > 0 ? ct_source_get(l->source, l->sent_to, piece, n) : 0;
		n = whole_frames(l, n);
		if (n > 0) {
			if (ct_ws_send_binary(l->ws, (struct ct_str){ piece, n }, NULL) != CT_OK)
				return; /* there will be room */
			l->sent_to += (int64_t)n;
			l->spoke_us = ct_clock_us();
			if (l->finalized) /* the pause is over: its time does not count */
				l->heard_us = l->spoke_us;
			l->finalized = false;
		} else {
			if (ct_source_has_ended(l->source, NULL) &&
			    l->sent_to >= ct_source_total(l->source))
				ct_listen_finish(l);
			return;
		}
	}
	if (l->cancelled)
		ct_listen_finish(l);
}

static void on_tick(void *user)
{
	struct ct_listen *l = user;
	int64_t now = ct_clock_us(), quiet = (now - l->spoke_us) / 1000;
	struct ct_err err = { 0 };

	if (!l->open)
		return;
	if (is_waited_for(l) && now - l->heard_us > idle_us(l)) {
		if (!is_all_heard(l))
			ct_fail(&err, CT_EIDLE, "%.*s said nothing for %.3g s",
				CT_STR_ARG(ct_listen_candidate(l)->service->endpoint.name),
				(double)idle_us(l) / 1e6);
		drop_link(l);
		ct_listen_closed(l, &err);
		return;
	}
	if (!l->closing && quiet >= QUIET_MS && !l->finalized && l->sent_to > l->from &&
	    ct_ws_unsent(l->ws) == 0) {
		l->finalized = true;
		say(l, CT_HEARING_FINALIZE);
	} else if (!l->closing && quiet >= KEEP_ALIVE_MS) {
		say(l, CT_HEARING_KEEP_ALIVE);
	}
	ct_timer_start(l->tick, TICK_MS);
	ct_listen_pump(l);
}

static void on_open(void *user, const struct ct_headers *headers)
{
	struct ct_listen *l = user;
	const struct ct_candidate *c = ct_listen_candidate(l);

	l->open = l->stood = l->was_open = true;
	l->opened_us = l->spoke_us = l->heard_us = ct_clock_us();
	l->entry->attempt.provider_request_id = l->provider_request_id =
		ct_arena_dup(&l->arena, ct_provider_request_id(headers));
	l->handler.on_open(l->user, c->service->endpoint.name, c->model_id);
	ct_timer_start(l->tick, TICK_MS);
	if (l->cancelled)
		ct_listen_finish(l);
	ct_listen_pump(l);
}

static void on_room(void *user)
{
	ct_listen_pump(user);
}

static void keep_text(struct ct_listen *l, struct ct_str text)
{
	if (l->text.len > 0)
		ct_buf_puts(&l->text, " ");
	ct_redact(l->app->redactor, text, &l->text);
}

/* A time in the source as this connection counts it; 0: no later than where it begins. */
static int64_t within_link(const struct ct_listen *l, int64_t us)
{
	us -= us_of(l, l->from);
	return us > SLACK_US ? us : 0;
}

/* What is new in a result, without what an earlier connection has heard already. */
static struct ct_str fresh_text(struct ct_listen *l, const struct ct_hearing *h)
{
	ct_buf_clear(&l->line);
	ct_hearing_text_from(h, within_link(l, l->skip_us[h->channel]),
			     within_link(l, l->covered_us[h->channel]), &l->line);
	return ct_str_trim(ct_buf_str(&l->line));
}

/* How far its channel has been heard now. */
static void acknowledge(struct ct_listen *l, const struct ct_hearing *h)
{
	int64_t begin_us = us_of(l, l->from), end_us = begin_us + h->end_us;
	int64_t word_us = ct_hearing_last_word_us(h);

	if (word_us >= 0 && begin_us + word_us > l->word_us[h->channel])
		l->word_us[h->channel] = begin_us + word_us;
	if (!is_container(l) && end_us > us_of(l, l->sent_to))
		end_us = us_of(l, l->sent_to);
	if (end_us > l->final_us[h->channel]) {
		l->final_us[h->channel] = end_us;
		l->progress = true;
		ct_source_forget(l->source, ct_listen_again_from(l));
	}
}

static void on_result(struct ct_listen *l, const struct ct_hearing *h)
{
	int64_t begin_us = us_of(l, l->from);
	struct ct_listen_event event = {
		.text = fresh_text(l, h),
		.is_final = h->is_final,
		.utterance_ends = h->is_final && h->utterance_ends,
		.start_ms = (begin_us + h->start_us) / 1000,
		.duration_ms = (h->end_us - h->start_us) / 1000,
		.confidence = h->confidence,
		.channel = h->channel,
	};

	if (h->channels > l->channels)
		l->channels = h->channels;
	if (h->is_final)
		acknowledge(l, h);
	if (h->is_final && event.text.len > 0)
		keep_text(l, event.text);
	if (event.text.len > 0 && l->first_heard_us == 0)
		l->first_heard_us = ct_clock_us();
	if (event.text.len > 0 || event.utterance_ends)
		l->handler.on_heard(l->user, &event);
}

static void take_id(struct ct_listen *l, struct ct_str id)
{
	if (id.len > 0 && !ct_str_eq(id, l->provider_request_id))
		l->entry->attempt.provider_request_id = l->provider_request_id =
			ct_arena_dup(&l->arena, id);
}

static void on_text(void *user, struct ct_str text)
{
	struct ct_listen *l = user;
	const struct ct_endpoint *e = &ct_listen_candidate(l)->service->endpoint;
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_hearing h;
	struct ct_err err = { 0 };

	l->heard_us = ct_clock_us();
	if (ct_hearing_read(text, &arena, &h, &err) != CT_OK) {
		ct_log(CT_LOG_INFO, "%.*s: %s is passed over", CT_STR_ARG(e->name), err.msg);
		return;
	}
	take_id(l, h.request_id);
	switch (h.type) {
	case CT_HEARING_RESULT:
		on_result(l, &h);
		break;
	case CT_HEARING_UTTERANCE_END:
		l->handler.on_heard(l->user, &(struct ct_listen_event){ .is_final = true,
									.utterance_ends = true,
									.confidence = -1 });
		break;
	case CT_HEARING_METADATA:
		l->complete = l->closing;
		if (l->complete)
			ct_ws_close(l->ws, CT_WS_NORMAL, NULL);
		break;
	case CT_HEARING_ERROR:
		ct_fail(&l->in_band, CT_EUPSTREAM, "%.*s: %.*s", CT_STR_ARG(e->name),
			CT_STR_ARG(h.text));
		break;
	case CT_HEARING_OTHER:
		break;
	}
}

static void on_binary(void *user, struct ct_str bytes)
{
	struct ct_listen *l = user;

	(void)bytes;
	l->heard_us = ct_clock_us();
}

/* It said itself what is wrong; whether another try may help says only the close frame behind it. */
static void judge_in_band(const struct ct_listen *l, const struct ct_ws_end *end,
			  struct ct_err *err)
{
	const struct ct_endpoint *e = &ct_listen_candidate(l)->service->endpoint;
	struct ct_err closed = { 0 };

	*err = l->in_band;
	if (end->code != CT_OK || ct_hearing_closed(e, end, &closed) != CT_EINVALID)
		return;
	err->code = closed.code;
	memcpy(err->hint, closed.hint, sizeof(err->hint));
}

/* What the end of the socket amounts to. */
static void judge(struct ct_listen *l, const struct ct_ws_end *end, struct ct_err *err)
{
	const struct ct_endpoint *e = &ct_listen_candidate(l)->service->endpoint;

	*err = end->err;
	if (l->complete || is_all_heard(l))
		*err = (struct ct_err){ 0 };
	else if (end->status > 0 && (end->status < 200 || end->status >= 300))
		ct_provider_error(e, end->status, end->headers, end->body,
				  ct_time_now().wall_ms, err);
	else if (l->in_band.code != CT_OK)
		judge_in_band(l, end, err);
	else if (end->code == CT_OK && ct_hearing_closed(e, end, err) == CT_OK)
		ct_fail(err, CT_ECUT, "%.*s closed the stream before %s", CT_STR_ARG(e->name),
			l->closing ? "all of it was heard" : "the sound was over");
}

/* Whose failure is it? What came from below knows only an address. */
static void name_provider(const struct ct_listen *l, struct ct_err *err)
{
	struct ct_str name = ct_listen_candidate(l)->service->endpoint.name;
	struct ct_err bare = *err;

	if (err->code != CT_OK && !ct_str_has(ct_str(bare.msg), name.ptr))
		snprintf(err->msg, sizeof(err->msg), "%.*s: %.*s", CT_STR_ARG(name),
			 (int)(sizeof(err->msg) - name.len - 3), bare.msg);
}

static void on_end(void *user, const struct ct_ws_end *end)
{
	struct ct_listen *l = user;
	struct ct_err err;

	if (end->headers != NULL && end->status > 0)
		take_id(l, ct_provider_request_id(end->headers));
	judge(l, end, &err);
	name_provider(l, &err);
	l->ws = NULL;
	l->open = false;
	ct_timer_stop(l->tick);
	ct_listen_closed(l, &err);
}

static void begin(struct ct_listen *l)
{
	l->from = l->sent_to = ct_listen_again_from(l);
	if (l->from < ct_source_kept_from(l->source)) {
		ct_log(CT_LOG_WARN, "%.3g s of sound are not there any more, and are left out",
		       (double)us_of(l, ct_source_kept_from(l->source) - l->from) / 1e6);
		l->from = l->sent_to = ct_source_kept_from(l->source);
	}
	memcpy(l->skip_us, l->word_us, sizeof(l->skip_us));
	memcpy(l->covered_us, l->final_us, sizeof(l->covered_us));
	l->open = l->stood = l->finalized = l->closing = l->complete = l->progress = false;
	l->first_heard_us = 0;
	l->in_band = (struct ct_err){ 0 };
}

int ct_listen_connect(struct ct_listen *l, struct ct_err *err)
{
	static const struct ct_ws_handler handler = { on_open, on_text, on_binary, on_room,
						      on_end };
	const struct ct_candidate *c = ct_listen_candidate(l);
	struct ct_ws_request request = { .options.max_unsent_bytes = UNSENT_BYTES,
					 .options.open_ms = l->options.call.first_ms,
					 .options.close_ms = CLOSE_MS };
	int rc;

	if (l->tick == NULL)
		l->tick = ct_timer_create(l->app->loop, on_tick, l);
	if (l->tick == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	begin(l);
	ct_arena_reset(&l->link);
	l->request->model = c->model_id;
	rc = ct_hearing_ask(&c->service->endpoint, l->request, l->options.interim, &l->link,
			    &request, err);
	if (rc == CT_OK)
		rc = ct_ws_connect(l->app->loop, &request, &handler, l, &l->ws, err);
	l->opened_us = ct_clock_us();
	return rc;
}
