#include <sys/stat.h>

#include "base/file.h"
#include "cmd_voice.h"
#include "codec/utf8.h"
#include "service/recording.h"
#include "service/subtitle.h"
#include "service/voice.h"

enum { TEXT_BYTES = 256 << 20 };

enum format { TEXT, JSON, SRT, VTT };

/* One transcript on its way to where it goes. */
struct transcribe {
	struct ct_voice voice;
	struct ct_recording_file file;
	enum format format;
};

static enum format format_of(struct ct_cli *cli)
{
	const char *name = ct_args_text(cli->args, "format");

	if (name == NULL)
		return cli->out.json ? JSON : TEXT;
	switch (name[0]) {
	case 'j':
		return JSON;
	case 's':
		return SRT;
	case 'v':
		return VTT;
	default:
		return TEXT;
	}
}

static void number_or_null(struct ct_jw *jw, const char *key, double value)
{
	ct_jw_key(jw, key);
	if (value >= 0)
		ct_jw_num(jw, value);
	else
		ct_jw_null(jw);
}

static void time_or_null(struct ct_jw *jw, const char *key, int64_t ms)
{
	ct_jw_key(jw, key);
	if (ms >= 0)
		ct_jw_int(jw, ms);
	else
		ct_jw_null(jw);
}

static void write_heard(struct ct_jw *jw, const char *key, const char *name,
			const struct ct_heard_list *list)
{
	ct_jw_key(jw, key);
	ct_jw_array(jw);
	for (size_t i = 0; i < list->count; i++) {
		const struct ct_heard *h = &list->list[i];
		ct_jw_object(jw);
		ct_jw_member(jw, name, h->text);
		time_or_null(jw, "start_ms", h->start_ms);
		time_or_null(jw, "end_ms", h->end_ms);
		number_or_null(jw, "confidence", h->confidence);
		if (h->speaker >= 0)
			ct_jw_member_int(jw, "speaker", h->speaker);
		if (h->channel > 0)
			ct_jw_member_int(jw, "channel", h->channel);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void write_document(struct transcribe *t, const struct ct_call_result *r,
			   struct ct_buf *out)
{
	const struct ct_transcript *heard = &r->answer->transcript;
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "transcript", ct_buf_str(&r->answer->text));
	number_or_null(&jw, "confidence", heard->known ? heard->confidence : -1);
	ct_jw_member_or_null(&jw, "language",
			     ct_voice_language(t->voice.cli->app, r, &t->voice.speech));
	time_or_null(&jw, "duration_ms", ct_voice_duration(r));
	write_heard(&jw, "words", "word", &heard->words);
	if (heard->passages.count > 0)
		write_heard(&jw, "passages", "text", &heard->passages);
	if (heard->analysis.len > 0) {
		ct_jw_key(&jw, "analysis");
		ct_jw_raw(&jw, heard->analysis);
	}
	ct_voice_json(&jw, r);
	ct_jw_end_object(&jw);
	ct_buf_puts(out, "\n");
}

/* Words with their times, one a line: seconds, a tab, … */
static void write_words(const struct ct_heard_list *words, struct ct_buf *out)
{
	for (size_t i = 0; i < words->count; i++) {
		const struct ct_heard *h = &words->list[i];
		ct_buf_printf(out, "%.3f\t%.3f\t%.*s", (double)h->start_ms / 1000,
			      (double)h->end_ms / 1000, CT_STR_ARG(h->text));
		if (h->speaker >= 0)
			ct_buf_printf(out, "\tSpeaker %d", h->speaker);
		ct_buf_puts(out, "\n");
	}
}

/* What each of them says, until another one speaks. */
static void write_speakers(const struct ct_heard_list *list, struct ct_buf *out)
{
	const struct ct_heard *before = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct ct_heard *h = &list->list[i];
		bool same = before != NULL && before->speaker == h->speaker &&
			    before->channel == h->channel;
		if (!same)
			ct_buf_printf(out, "%s%s %d:", before != NULL ? "\n" : "",
				      h->speaker < 0 ? "Channel" : "Speaker",
				      h->speaker < 0 ? h->channel : h->speaker);
		ct_buf_printf(out, " %.*s", CT_STR_ARG(h->text));
		before = h;
	}
	if (before != NULL)
		ct_buf_puts(out, "\n");
}

static bool has_times(const struct ct_heard_list *list)
{
	return list->count > 0 && list->list[0].start_ms >= 0;
}

/* Does it say of anybody who it is? */
static bool has_speakers(const struct ct_heard_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->list[i].speaker >= 0 || list->list[i].channel > 0)
			return true;
	return false;
}

static int write_plain(struct transcribe *t, const struct ct_call_result *r,
		       struct ct_buf *out, struct ct_err *err)
{
	const struct ct_transcript *heard = &r->answer->transcript;
	const struct ct_heard_list *spoken =
		heard->words.count > 0 ? &heard->words : &heard->passages;
	struct ct_str text = ct_str_trim(ct_buf_str(&r->answer->text));
	struct ct_cli *cli = t->voice.cli;

	if (ct_args_count(cli->args, "words") > 0) {
		if (!has_times(spoken) && text.len > 0)
			return ct_fail(err, CT_EPROTO,
				       "the transcript came without times");
		write_words(spoken, out);
		return CT_OK;
	}
	if (t->voice.speech.diarize && has_speakers(spoken)) {
		write_speakers(spoken, out);
		return CT_OK;
	}
	if (t->voice.speech.diarize && text.len > 0 && cli->verbose >= 0)
		ct_out_notice(&cli->out, "the transcript came without speakers");
	if (text.len > 0) {
		ct_buf_add(out, text);
		ct_buf_puts(out, "\n");
	}
	return CT_OK;
}

static int put(struct transcribe *t, const struct ct_buf *text, struct ct_err *err)
{
	struct ct_cli *cli = t->voice.cli;
	const char *path = ct_args_text(cli->args, "output");
	int rc = ct_buf_check(text, "the transcript", err);

	if (rc != CT_OK)
		return rc;
	if (path == NULL || strcmp(path, "-") == 0) {
		ct_out_write(&cli->out, ct_buf_str(text));
		return CT_OK;
	}
	mode_t mask = umask(0);
	umask(mask);
	return ct_file_write(path, ct_buf_str(text), 0666 & ~mask, err);
}

/* What a provider heard may hold what a terminal takes for orders. */
static int put_text(struct transcribe *t, const struct ct_buf *text, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf plain = CT_BUF_INIT(TEXT_BYTES);

	if (t->format == JSON)
		return put(t, text, err);
	ct_utf8_printable(ct_buf_str(text), &plain);
	return put(t, &plain, err);
}

static int on_answer(struct ct_voice *voice, const struct ct_call_result *r,
		     struct ct_err *err)
{
	struct transcribe *t = voice->user;
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	int rc = CT_OK;

	switch (t->format) {
	case JSON:
		write_document(t, r, &text);
		break;
	case TEXT:
		rc = write_plain(t, r, &text, err);
		break;
	default:
		rc = ct_subtitle_write(&r->answer->transcript,
				       t->format == SRT ? CT_SUBTITLE_SRT : CT_SUBTITLE_VTT,
				       ct_buf_str(&r->answer->text), &text, err);
		break;
	}
	if (t->format != JSON && voice->cli->verbose >= 0 &&
	    ct_str_trim(ct_buf_str(&r->answer->text)).len == 0)
		ct_out_notice(&voice->cli->out, "nothing was heard in it");
	return rc == CT_OK ? put_text(t, &text, err) : rc;
}

/* How bare samples are written; without a rate they mean nothing. */
static int read_samples(struct transcribe *t, struct ct_err *err)
{
	struct ct_cli *cli = t->voice.cli;
	struct ct_speech *s = &t->voice.speech;

	s->encoding = ct_str(ct_args_text(cli->args, "encoding"));
	s->sample_rate = ct_args_int(cli->args, "sample-rate", 0);
	s->channels = ct_args_int(cli->args, "channels", 0);
	if (s->encoding.len == 0 && (s->sample_rate > 0 || s->channels > 0))
		return ct_fail(err, CT_EUSAGE, "--sample-rate and --channels go with --encoding");
	bool samples = ct_str_is(s->encoding, "linear16") || ct_str_is(s->encoding, "mulaw") ||
		       ct_str_is(s->encoding, "alaw");
	if (samples && s->sample_rate == 0)
		return ct_fail(err, CT_EUSAGE, "--encoding %.*s needs --sample-rate",
			       CT_STR_ARG(s->encoding));
	return CT_OK;
}

static int read_speech(struct transcribe *t, struct ct_err *err)
{
	struct ct_cli *cli = t->voice.cli;
	struct ct_speech *s = &t->voice.speech;
	const char *language = ct_args_text(cli->args, "language");
	int rc = read_samples(t, err);

	if (rc != CT_OK)
		return rc;
	if (language != NULL && strcmp(language, "detect") == 0)
		s->detect_language = true;
	else
		s->language = ct_str(language);
	s->diarize = ct_args_count(cli->args, "diarize") > 0;
	s->words = ct_args_count(cli->args, "words") > 0 || t->format == SRT || t->format == VTT;
	s->recording = &t->file.recording;
	ct_voice_choose_models(cli->app, &t->voice.request, &t->voice.candidates);
	return ct_recording_open(&t->file, ct_args_word(cli->args, 0), s->encoding.len > 0, err);
}

/* --json promises one document on standard output, and nothing else there. */
static int check_json(struct ct_cli *cli, enum format format, struct ct_err *err)
{
	if (!cli->out.json)
		return CT_OK;
	if (format != JSON)
		return ct_fail(err, CT_EUSAGE, "--json and --format %s do not go together",
			       ct_args_text(cli->args, "format"));
	if (ct_args_count(cli->args, "output") == 0)
		return CT_OK;
	ct_fail(err, CT_EUSAGE, "--json and --output do not go together");
	ct_hint(err, "--format json --output FILE writes the document there");
	return CT_EUSAGE;
}

static int check_output(struct ct_cli *cli, struct ct_err *err)
{
	const char *path = ct_args_text(cli->args, "output");
	struct ct_err why;

	if (path == NULL || strcmp(path, "-") == 0 || ct_file_may_write(path, &why) == CT_OK)
		return CT_OK;
	return ct_fail(err, CT_EUSAGE, "--output: %s", why.msg);
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	struct transcribe t = { .file = CT_RECORDING_FILE_INIT, .format = format_of(cli) };
	int rc = CT_OK;

	if (ct_args_word_count(cli->args) != 1)
		return ct_exit_status(ct_fail(err, CT_EUSAGE,
					      "voice transcribe takes one file, URL or -"));
	rc = check_json(cli, t.format, err);
	if (rc == CT_OK)
		rc = check_output(cli, err);
	if (rc == CT_OK)
		rc = ct_voice_init(&t.voice, cli, CT_TASK_TRANSCRIBE, err);
	t.voice.user = &t;
	t.voice.on_answer = on_answer;
	if (rc == CT_OK)
		rc = read_speech(&t, err);
	if (rc == CT_OK)
		rc = ct_voice_ask(&t.voice, err);
	ct_recording_fini(&t.file);
	ct_voice_fini(&t.voice);
	return ct_exit_status(rc);
}

static const struct ct_opt options[] = {
	CT_VOICE_OPTIONS,
	{ "language", 0, CT_OPT_TEXT, "CODE", "The language spoken, or `detect`" },
	{ "diarize", 0, CT_OPT_FLAG, NULL, "Tell speakers apart" },
	{ "words", 0, CT_OPT_FLAG, NULL, "Each word with its times" },
	{ "format", 0, CT_OPT_CHOICE, "FORMAT", "How it is written; srt and vtt are subtitles",
	  .choices = "text|json|srt|vtt" },
	{ "output", 'o', CT_OPT_TEXT, "FILE", "Write there, renamed into place when whole",
	  .words = "file" },
	{ "encoding", 0, CT_OPT_CHOICE, "NAME", "Of samples without a header",
	  .choices = "linear16|linear32|flac|mulaw|alaw|amr-nb|amr-wb|opus|ogg-opus|speex|g729" },
	{ "sample-rate", 0, CT_OPT_INT, "N", "Of those, in Hz", 1, CT_SPEECH_RATE_MAX },
	{ "channels", 0, CT_OPT_INT, "N", "Of those; else 1", 1, CT_SPEECH_CHANNELS_MAX },
	{ .name = NULL },
};

const struct ct_cmd ct_cmd_voice_transcribe = {
	.name = "transcribe",
	.args = "[OPTION]... FILE|URL|-",
	.summary = "Write down what is said in a recording",
	.details = "The format is told from the bytes; a URL is fetched by the provider itself. `-` is "
		   "standard input.",
	.needs = CT_NEEDS_CATALOG,
	.options = options,
	.words = "file",
	.run = run,
};
