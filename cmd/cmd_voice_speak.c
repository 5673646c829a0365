#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd_voice.h"
#include "codec/sentences.h"
#include "codec/utf8.h"
#include "service/interrupt.h"
#include "service/voice.h"
#include "voice_sink.h"

enum { TEXT_BYTES = 1 << 20, PLAY_RATE = 24000 };

/* A text on its way to sound, part by part. */
struct speak {
	struct ct_voice voice;
	struct ct_buf text;
	const char *path; /* NULL: standard output, or */
	bool plays; /* a loudspeaker */
	struct ct_voice_sink sink;
	struct ct_str parts[CT_SPEECH_TEXT_BYTES / 64 + 1];
	size_t count;
	struct ct_buf document; /* --json: of the last answer */
	int64_t characters, cost_usd_nanos, duration_ms;
	bool cost_known;
};

static int read_text(struct ct_cli *cli, struct ct_buf *out, struct ct_err *err)
{
	size_t count = ct_args_word_count(cli->args);
	bool dash = false;

	for (size_t i = 0; i < count; i++) {
		const char *word = ct_args_word(cli->args, i);
		if (strcmp(word, "-") == 0 && !ct_args_after_dashes(cli->args, i)) {
			dash = true;
			continue;
		}
		if (out->len > 0)
			ct_buf_puts(out, " ");
		ct_buf_puts(out, word);
	}
	if (count == 0 && isatty(STDIN_FILENO))
		return ct_fail(err, CT_EUSAGE, "voice speak takes a text, or - to read one");
	if (dash && out->len > 0)
		ct_buf_puts(out, "\n\n");
	if (!dash && count > 0)
		return CT_OK;
	return ct_file_read_fd(STDIN_FILENO, "standard input", out, err);
}

static int check_text(struct ct_str text, struct ct_err *err)
{
	size_t good = ct_utf8_valid(text);

	if (good < text.len)
		return ct_fail(err, CT_EINVALID, "the text is not valid UTF-8 (byte %zu)",
			       good + 1);
	if (ct_str_trim(text).len == 0)
		return ct_fail(err, CT_EUSAGE, "there is nothing to speak");
	if (memchr(text.ptr, '\0', text.len) != NULL)
		return ct_fail(err, CT_EINVALID, "the text holds a NUL: that is no text");
	return CT_OK;
}

static bool has_suffix(const char *path, const char *suffix)
{
	struct ct_str name = ct_str(path);
	size_t len = strlen(suffix);

	return name.len > len && ct_str_is_nocase(ct_str_from(name, name.len - len), suffix);
}

/* What a name promises; NULL: nothing. */
static const char *encoding_of(const char *path)
{
	static const char *const known[][2] = {
		{ ".mp3", "mp3" },   { ".wav", "wav" },	     { ".opus", "opus" },
		{ ".ogg", "opus" },  { ".flac", "flac" },    { ".aac", "aac" },
		{ ".pcm", "linear16" }, { ".raw", "linear16" },
	};

	for (size_t i = 0; path != NULL && i < CT_COUNT(known); i++)
		if (has_suffix(path, known[i][0]))
			return known[i][1];
	return NULL;
}

/* Samples are bare unless they go into a file that promises a header. */
static void choose_encoding(struct speak *s)
{
	struct ct_speech *speech = &s->voice.speech;
	const char *given = ct_args_text(s->voice.cli->args, "encoding");
	const char *promised = encoding_of(s->path);

	if (given == NULL)
		given = promised != NULL ? promised : "mp3";
	speech->encoding = ct_str(given);
	bool samples = strcmp(given, "linear16") == 0 || strcmp(given, "mulaw") == 0 ||
		       strcmp(given, "alaw") == 0;
	speech->bare = samples && !(s->path != NULL && has_suffix(s->path, ".wav"));
	speech->sample_rate = ct_args_int(s->voice.cli->args, "sample-rate", 0);
	speech->voice = ct_str(ct_args_text(s->voice.cli->args, "voice"));
	if (s->plays) {
		speech->encoding = ct_str("linear16");
		speech->bare = true;
		speech->sample_rate = PLAY_RATE;
	}
}

/* What the bytes must be then; of bare samples nothing can be told. */
static enum ct_join_form form_of(const struct ct_speech *speech)
{
	static const struct {
		const char *encoding;
		enum ct_join_form form;
	} forms[] = { { "mp3", CT_JOIN_MP3 },
		      { "aac", CT_JOIN_AAC },
		      { "opus", CT_JOIN_OGG },
		      { "flac", CT_JOIN_FLAC } };

	if (speech->bare)
		return CT_JOIN_UNKNOWN;
	for (size_t i = 0; i < CT_COUNT(forms); i++)
		if (ct_str_is(speech->encoding, forms[i].encoding))
			return forms[i].form;
	return CT_JOIN_WAV;
}

static int split(struct speak *s, struct ct_err *err)
{
	size_t limit = ct_voice_text_limit(s->voice.cli->app, &s->voice.candidates);
	struct ct_str rest = ct_buf_str(&s->text);

	while (ct_str_trim(rest).len > 0) {
		if (s->count == CT_COUNT(s->parts))
			return ct_fail(err, CT_EINVALID, "the text is too long to be spoken");
		s->parts[s->count++] = ct_sentences_next(rest, limit, &rest);
	}
	return CT_OK;
}

/* Our own end: the sound cannot go on. */
static void stop(struct speak *s, int rc)
{
	if (rc == CT_OK)
		return;
	if (s->sink.closed)
		s->voice.cli->out.closed = true;
	ct_call_cancel(s->voice.call);
}

static void on_event(struct ct_voice *voice, const struct ct_call_event *event)
{
	struct speak *s = voice->user;

	if (voice->err->code != CT_OK)
		return;
	if (event->type == CT_CALL_AUDIO)
		stop(s, ct_voice_sink_write(&s->sink, event->audio, voice->err));
	else if (event->type == CT_CALL_RECOVERED && event->restart)
		stop(s, ct_voice_sink_again(&s->sink, voice->err));
}

static void count(struct speak *s, const struct ct_call_result *r)
{
	s->characters += r->usage.characters;
	s->duration_ms += r->duration_ms;
	s->cost_known = s->cost_known && r->cost_usd_nanos >= 0;
	s->cost_usd_nanos += r->cost_usd_nanos;
}

static void write_document(struct speak *s, const struct ct_call_result *r)
{
	struct ct_jw jw = ct_jw(&s->document);

	ct_buf_clear(&s->document);
	ct_jw_object(&jw);
	ct_jw_member_or_null(&jw, "output", ct_str(s->path));
	ct_jw_member(&jw, "encoding", s->voice.speech.encoding);
	ct_jw_member_int(&jw, "bytes", s->sink.bytes +
					       (s->sink.join.form == CT_JOIN_WAV ?
							CT_WAV_HEADER_BYTES : 0));
	ct_jw_member_int(&jw, "characters", s->characters);
	ct_jw_member_int(&jw, "parts", (int64_t)s->count);
	ct_jw_member_int(&jw, "duration_ms", s->duration_ms);
	ct_jw_key(&jw, "cost_usd");
	if (s->cost_known)
		ct_jw_num(&jw, (double)s->cost_usd_nanos / 1e9);
	else
		ct_jw_null(&jw);
	ct_voice_json(&jw, r);
	ct_jw_end_object(&jw);
}

static int on_answer(struct ct_voice *voice, const struct ct_call_result *r,
		     struct ct_err *err)
{
	struct speak *s = voice->user;
	int rc = err->code != CT_OK ? err->code : ct_voice_sink_end(&s->sink, err);

	count(s, r);
	ct_voice_stay(&voice->candidates, r);
	if (rc == CT_OK && voice->cli->out.json)
		write_document(s, r);
	return rc;
}

/* What was written before a later part failed is there: less than all is never a success. */
static int cut(struct speak *s, size_t part, struct ct_err *err)
{
	struct ct_err cause = *err;

	if (part == 0 || s->sink.seekable || err->code == CT_ECANCELLED || s->sink.closed)
		return err->code;
	ct_fail(err, CT_ECUT, "the sound was cut off after part %zu of %zu: %.300s", part, s->count,
		cause.msg);
	return CT_ECUT;
}

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	(void)cause;
	ct_play_stop(user);
}

/* All has come; what is still to be heard is waited for. */
static int play_on(struct speak *s, struct ct_err *err)
{
	struct ct_interrupt *interrupt = NULL;

	ct_interrupt_watch(s->voice.cli->app->loop, on_interrupt, s->sink.play, &interrupt, NULL);
	int rc = ct_play_end(s->sink.play, err);
	ct_interrupt_end(interrupt);
	return rc;
}

static int speak_all(struct speak *s, struct ct_err *err)
{
	struct ct_voice *voice = &s->voice;
	int rc = ct_voice_sink_open(&s->sink, s->path,
				    ct_str_is(voice->speech.encoding, "wav") ||
					    (s->path != NULL && has_suffix(s->path, ".wav")),
				    voice->speech.bare, s->count > 1, err);

	s->sink.join.wanted = form_of(&voice->speech);
	if (rc == CT_OK && s->plays)
		rc = ct_play_open(voice->cli->app, ct_args_text(voice->cli->args, "device"),
				  PLAY_RATE, &s->sink.play, err);
	voice->call_options.show = s->sink.seekable ? CT_SHOW_LIVE : CT_SHOW_PIPE;
	for (size_t i = 0; rc == CT_OK && i < s->count; i++) {
		voice->speech.text = s->parts[i];
		ct_voice_sink_begin(&s->sink);
		rc = ct_voice_ask(voice, err);
		if (rc != CT_OK)
			rc = cut(s, i, err);
	}
	if (rc == CT_OK)
		rc = s->plays ? play_on(s, err) : ct_voice_sink_keep(&s->sink, err);
	if (rc == CT_OK && voice->cli->out.json)
		ct_out_json(&voice->cli->out, &s->document);
	if (s->sink.closed)
		voice->cli->out.closed = true;
	ct_play_close(s->sink.play);
	ct_voice_sink_close(&s->sink);
	return rc;
}

/* Where the sound goes: never onto a terminal unless that is asked for. */
static int check_output(struct speak *s, struct ct_err *err)
{
	struct ct_cli *cli = s->voice.cli;
	struct ct_err why;

	s->path = ct_args_text(cli->args, "output");
	if (s->path != NULL && ct_args_count(cli->args, "device"))
		return ct_fail(err, CT_EUSAGE, "--output and --device do not go together");
	if (s->path != NULL && strcmp(s->path, "-") != 0) {
		if (ct_file_may_write(s->path, &why) != CT_OK)
			return ct_fail(err, CT_EUSAGE, "--output: %s", why.msg);
		return CT_OK;
	}
	if (cli->out.json)
		return ct_fail(err, CT_EUSAGE, "--json needs -o FILE: standard output is one or "
					       "the other");
	s->plays = s->path == NULL && (cli->out.is_tty || ct_args_count(cli->args, "device"));
	s->path = NULL;
	if (!s->plays)
		return CT_OK;
	if (ct_args_count(cli->args, "encoding") || ct_args_count(cli->args, "sample-rate"))
		return ct_fail(err, CT_EUSAGE, "sound that is played is in no encoding: "
					       "--encoding goes with -o");
	return CT_OK;
}

static int prepare(struct speak *s, struct ct_err *err)
{
	int rc = check_output(s, err);

	if (rc == CT_OK)
		rc = read_text(s->voice.cli, &s->text, err);
	if (rc == CT_OK)
		rc = ct_buf_check(&s->text, "the text", err);
	if (rc == CT_OK)
		rc = check_text(ct_buf_str(&s->text), err);
	if (rc == CT_OK)
		rc = ct_voice_init(&s->voice, s->voice.cli, CT_TASK_SPEAK, err);
	if (rc != CT_OK)
		return rc;
	s->voice.request.stream = true;
	choose_encoding(s);
	return split(s, err);
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	struct speak *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return ct_exit_status(ct_fail(err, CT_ENOMEM, "out of memory"));
	s->text = (struct ct_buf)CT_BUF_INIT(TEXT_BYTES);
	s->document = (struct ct_buf)CT_BUF_INIT(TEXT_BYTES);
	s->cost_known = true;
	s->voice.cli = cli;
	s->voice.user = s;
	s->voice.on_event = on_event;
	s->voice.on_answer = on_answer;
	rc = prepare(s, err);
	if (rc == CT_OK)
		rc = speak_all(s, err);
	ct_voice_fini(&s->voice);
	ct_buf_fini(&s->text);
	ct_buf_fini(&s->document);
	free(s);
	return ct_exit_status(rc);
}

static const struct ct_opt options[] = {
	CT_VOICE_OPTIONS,
	{ "voice", 0, CT_OPT_TEXT, "NAME", "Of a model that has several (openai: alloy, ...)" },
	{ "encoding", 0, CT_OPT_CHOICE, "NAME", "Of the sound; else by -o's suffix, else mp3",
	  .choices = "mp3|wav|opus|flac|aac|linear16|mulaw|alaw" },
	{ "sample-rate", 0, CT_OPT_INT, "N", "In Hz, where there is a choice", 1,
	  CT_SPEECH_RATE_MAX },
	{ "device", 0, CT_OPT_TEXT, "NAME", "Play it there, by ALSA's name; else `default`" },
	{ "output", 'o', CT_OPT_TEXT, "FILE", "Write there, renamed into place when whole",
	  .words = "file" },
	{ .name = NULL },
};

const struct ct_cmd ct_cmd_voice_speak = {
	.name = "speak",
	.args = "[OPTION]... TEXT...|-",
	.summary = "Say a text aloud",
	.details = "The words of TEXT are joined by a blank; `-`, or no TEXT, reads standard input. A "
		   "long text is spoken in parts that are put together.",
	.needs = CT_NEEDS_CATALOG,
	.options = options,
	.run = run,
};
