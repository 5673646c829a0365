#include "cmd_voice.h"

#include "codec/utf8.h"
#include "service/call_json.h"
#include "service/interrupt.h"
#include "service/listen.h"

enum { LINE_BYTES = 64 << 20 };

/* What is being listened to, and the line that is being said. */
struct hearing {
	struct ct_voice voice;
	struct ct_listen_options options;
	struct ct_listen *listen; /* under way */
	struct ct_buf line; /* final words of this utterance that stand in no line of stdout yet */
	struct ct_buf scratch;
	bool rewrites; /* the line on the terminal changes while it is said */
	bool in_line; /* words stand in a line that has no end yet */
	bool heard; /* anything */
	int code;
	struct ct_err *err;
};

static void put(struct hearing *h, struct ct_str text)
{
	ct_out_write(&h->voice.cli->out, text);
}

/* The end of what fits in the width, over what stood there. */
static void show_line(struct hearing *h, struct ct_str interim)
{
	struct ct_out *out = &h->voice.cli->out;
	int width = out->width > 1 ? out->width - 1 : 79;
	struct ct_str text;

	ct_buf_clear(&h->scratch);
	ct_utf8_printable(ct_buf_str(&h->line), &h->scratch);
	if (h->scratch.len > 0 && interim.len > 0)
		ct_buf_puts(&h->scratch, " ");
	ct_utf8_printable(interim, &h->scratch);
	text = ct_buf_str(&h->scratch);
	while (ct_text_width(text) > width && text.len > 0) {
		const char *blank = memchr(text.ptr, ' ', text.len);
		text = ct_str_from(text, blank ? (size_t)(blank - text.ptr) + 1 : text.len);
	}
	ct_out_printf(out, "\r\033[K%.*s", CT_STR_ARG(text));
	h->in_line = true;
	ct_out_flush(out);
}

static void add_to_line(struct hearing *h, struct ct_str text)
{
	if (h->line.len > 0)
		ct_buf_puts(&h->line, " ");
	ct_buf_add(&h->line, text);
}

static void end_line(struct hearing *h)
{
	struct ct_out *out = &h->voice.cli->out;

	if (h->rewrites && (h->in_line || h->line.len > 0)) {
		ct_buf_clear(&h->scratch);
		ct_utf8_printable(ct_buf_str(&h->line), &h->scratch);
		ct_out_printf(out, "\r\033[K%s", h->scratch.ptr);
	}
	if (h->rewrites ? h->line.len > 0 : h->in_line)
		put(h, ct_str("\n"));
	ct_buf_clear(&h->line);
	h->in_line = false;
	ct_out_flush(out);
}

/* A script gets each final piece as soon as there is one. */
static void append(struct hearing *h, struct ct_str text)
{
	if (h->in_line)
		put(h, ct_str(" "));
	ct_buf_clear(&h->scratch);
	if (h->voice.cli->out.is_tty)
		ct_utf8_printable(text, &h->scratch);
	else
		ct_buf_add(&h->scratch, text);
	put(h, ct_buf_str(&h->scratch));
	h->in_line = true;
	ct_out_flush(&h->voice.cli->out);
}

static void print_text(struct hearing *h, const struct ct_listen_event *event)
{
	bool is_final = event->is_final && event->text.len > 0;

	if (is_final && h->rewrites)
		add_to_line(h, event->text);
	else if (is_final)
		append(h, event->text);
	if (event->utterance_ends)
		end_line(h);
	else if (h->rewrites && event->text.len > 0)
		show_line(h, event->is_final ? ct_str("") : event->text);
}

static void print_json(struct hearing *h, const struct ct_listen_event *event)
{
	struct ct_jw jw = ct_jw(&h->scratch);

	if (event->text.len == 0)
		return;
	ct_buf_clear(&h->scratch);
	ct_jw_object(&jw);
	ct_jw_member(&jw, "type", ct_str("transcript"));
	ct_jw_member(&jw, "text", event->text);
	ct_jw_member_bool(&jw, "is_final", event->is_final);
	ct_jw_member_int(&jw, "start_ms", event->start_ms);
	ct_jw_member_int(&jw, "duration_ms", event->duration_ms);
	ct_jw_key(&jw, "confidence");
	if (event->confidence >= 0)
		ct_jw_num(&jw, event->confidence);
	else
		ct_jw_null(&jw);
	ct_jw_member_bool(&jw, "speech_final", event->utterance_ends);
	ct_jw_member_int(&jw, "channel", event->channel);
	ct_jw_end_object(&jw);
	ct_out_json(&h->voice.cli->out, &h->scratch);
	ct_out_flush(&h->voice.cli->out);
}

static void on_heard(void *user, const struct ct_listen_event *event)
{
	struct hearing *h = user;

	h->heard = h->heard || (event->is_final && event->text.len > 0);
	if (h->voice.cli->out.json)
		print_json(h, event);
	else
		print_text(h, event);
	if (h->voice.cli->out.closed)
		ct_listen_cancel(h->listen);
}

static void on_open(void *user, struct ct_str provider, struct ct_str model)
{
	struct hearing *h = user;
	struct ct_out *out = &h->voice.cli->out;

	if (out->err_is_tty && h->options.source.what == NULL && h->voice.cli->verbose >= 0)
		ct_out_notice(out, "%.*s listens (%.*s); Ctrl-C ends it", CT_STR_ARG(provider),
			      CT_STR_ARG(model));
}

static void on_break(void *user)
{
	struct hearing *h = user;

	if (h->voice.cli->out.is_tty && !h->voice.cli->out.json)
		end_line(h);
}

static void print_failure(struct hearing *h, const struct ct_listen_result *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf attempts = CT_BUF_INIT(LINE_BYTES);
	struct ct_jw jw = ct_jw(&attempts);

	ct_attempts_json(&jw, r->attempts, r->attempt_count, CT_ATTEMPTS_FULL);
	ct_out_error_json(&h->voice.cli->out, &r->err,
			  &(struct ct_error_extra){ r->provider, r->request_id,
						    r->provider_request_id,
						    { NULL, 0 },
						    ct_buf_str(&attempts) });
}

static void on_done(void *user, const struct ct_listen_result *r)
{
	struct hearing *h = user;
	struct ct_cli *cli = h->voice.cli;

	if (!cli->out.json)
		end_line(h);
	h->listen = NULL;
	h->code = r->code;
	if (r->code != CT_OK) {
		*h->err = r->err;
		if (cli->out.json)
			print_failure(h, r);
	} else if (!h->heard && cli->verbose >= 0) {
		ct_out_notice(&cli->out, "nothing was heard in it");
	}
}

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	struct hearing *h = user;

	if (cause == CT_INTERRUPT_READER)
		h->voice.cli->out.closed = true;
	if (h->listen != NULL)
		ct_listen_cancel(h->listen);
}

static int read_options(struct hearing *h, struct ct_err *err)
{
	struct ct_args *args = h->voice.cli->args;
	struct ct_listen_options *o = &h->options;
	bool samples;

	o->source.what = ct_args_text(args, "source");
	o->source.encoding = ct_str(ct_args_text(args, "encoding"));
	o->source.sample_rate = ct_args_int(args, "sample-rate", 0);
	o->source.channels = ct_args_int(args, "channels", 0);
	o->interim = ct_args_count(args, "interim") > 0;
	o->realtime = ct_args_count(args, "realtime") > 0;
	o->call = h->voice.call_options;
	if (ct_args_text(args, "timeout") == NULL)
		o->call.timeout_ms = 0;
	h->voice.speech.language = ct_str(ct_args_text(args, "language"));
	h->rewrites = o->interim && h->voice.cli->out.is_tty && !h->voice.cli->out.json;
	samples = ct_str_is(o->source.encoding, "linear16") ||
		  ct_str_is(o->source.encoding, "linear32") ||
		  ct_str_is(o->source.encoding, "mulaw") || ct_str_is(o->source.encoding, "alaw");
	if (samples && o->source.sample_rate == 0)
		return ct_fail(err, CT_EUSAGE, "--encoding %.*s needs --sample-rate",
			       CT_STR_ARG(o->source.encoding));
	return CT_OK;
}

static int listen_to_it(struct hearing *h, struct ct_err *err)
{
	static const struct ct_listen_handler handler = { on_heard, on_open, on_break, on_done };
	struct ct_voice *v = &h->voice;
	struct ct_interrupt *interrupt = NULL;
	struct ct_listen *listen;
	int rc = ct_listen_choose(v->cli->app, &v->candidates, err);

	if (rc == CT_OK)
		rc = read_options(h, err);
	if (rc == CT_OK)
		rc = ct_listen_start(v->cli->app, &v->request, &v->speech, &v->candidates,
				     &h->options, &handler, h, &listen, err);
	if (rc != CT_OK)
		return rc;
	h->listen = listen;
	ct_interrupt_watch(v->cli->app->loop, on_interrupt, h, &interrupt, NULL);
	ct_listen_wait(listen);
	ct_interrupt_end(interrupt);
	return h->code;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	struct hearing h = { .err = err,
			     .line = CT_BUF_INIT(LINE_BYTES),
			     .scratch = CT_BUF_INIT(LINE_BYTES) };
	int rc;

	if (ct_args_word_count(cli->args) > 0) {
		rc = ct_fail(err, CT_EUSAGE, "voice listen takes no arguments");
		ct_hint(err, "--source %.200s", ct_args_word(cli->args, 0));
		return ct_exit_status(rc);
	}
	rc = ct_voice_init(&h.voice, cli, CT_TASK_TRANSCRIBE, err);
	if (rc == CT_OK)
		rc = listen_to_it(&h, err);
	ct_voice_fini(&h.voice);
	ct_buf_fini(&h.line);
	ct_buf_fini(&h.scratch);
	return ct_exit_status(rc);
}

static const struct ct_opt options[] = {
	{ "source", 0, CT_OPT_TEXT, "FILE|-|DEVICE",
	  "Listen to that; else what is piped in, or the microphone", .words = "file" },
	{ "interim", 0, CT_OPT_FLAG, NULL, "Also what may still change" },
	{ "realtime", 0, CT_OPT_FLAG, NULL, "Send a file as fast as it is spoken" },
	{ "language", 0, CT_OPT_TEXT, "CODE", "The language spoken" },
	{ "encoding", 0, CT_OPT_CHOICE, "NAME", "Of samples without a header",
	  .choices = "linear16|linear32|flac|mulaw|alaw|amr-nb|amr-wb|opus|ogg-opus|speex|g729" },
	{ "sample-rate", 0, CT_OPT_INT, "N", "Of those, in Hz; of a microphone, else 16000", 1,
	  CT_SPEECH_RATE_MAX },
	{ "channels", 0, CT_OPT_INT, "N", "Likewise; else 1", 1, CT_SPEECH_CHANNELS_MAX },
	{ "provider", 'p', CT_OPT_TEXT, "NAME", "Ask this provider first", .words = "provider:voice" },
	{ "model", 'm', CT_OPT_TEXT, "ID", "A model, an alias, or provider/model",
	  .words = "model" },
	{ "option", 0, CT_OPT_LIST, "KEY=VALUE", "To the provider as it is (repeatable)" },
	{ "no-fallback", 0, CT_OPT_FLAG, NULL, "Only the first provider" },
	{ "fallback", 0, CT_OPT_TEXT, "LIST", "Then these: names or provider/model, by commas",
	  .words = "provider:voice" },
	{ "timeout", 0, CT_OPT_NUM, "S", "For all of it; else as long as it takes", 0.001, 604800 },
	{ "idle-timeout", 0, CT_OPT_NUM, "S", "Without a word about sound that was sent; else 30",
	  0.001, 86400 },
	{ "retries", 0, CT_OPT_INT, "N",
	  "Connections that fail in a row; else 2, five times as many once one stood", 0, 20 },
	{ "user", 0, CT_OPT_TEXT, "ID", "Whom the log and quotas name" },
	{ "no-log", 0, CT_OPT_FLAG, NULL, "Record metrics, not content" },
	{ .name = NULL },
};

const struct ct_cmd ct_cmd_voice_listen = {
	.name = "listen",
	.args = "[OPTION]...",
	.summary = "Write down what is being said, live",
	.details = "A connection that breaks is made again, and the sound that was not heard yet is sent "
		   "again. Ctrl-C ends it, after the last words.",
	.needs = CT_NEEDS_CATALOG,
	.options = options,
	.run = run,
};
