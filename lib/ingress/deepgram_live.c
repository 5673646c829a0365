#include "ingress/deepgram_live.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "codec/sha256.h"

enum {
	HALVES = 4, /* half seconds of one final result, at most */
	HEADER_MAX = 64 << 10, /* of a WAV, up to its samples */
	OTHER_BYTES_PER_HALF = 2000,
	RATE_MAX = 768000,
	CHANNELS_MAX = 64,
	SCALE = 32768,
	MESSAGE_MAX = 64 << 10,
};

struct word {
	double start, end; /* s */
	int level; /* percent */
};

struct ct_live {
	struct ct_live_options options;
	struct ct_str id;
	ct_live_fn *fn;
	void *user;
	struct ct_buf out;
	struct ct_buf header; /* of a WAV, until its samples begin */
	struct ct_sha256 sha;
	bool begun, in_header, samples; /* samples: of 16 bits */
	int64_t rate, channels;

	size_t half_bytes; /* of the half second at hand: so many */
	size_t got; /* ... of them came */
	int peak; /* ... loudest */
	unsigned char odd; /* the first byte of a sample */
	double at; /* where it begins, s */
	double start; /* of the result at hand */
	struct word words[HALVES];
	int count, halves;
	bool speaking, told_end;
	double silent; /* s since the last word */
	double last_word_end;
	int64_t said; /* words in final results */
};

static bool query_value(struct ct_str query, const char *name, struct ct_str *out)
{
	size_t len = strlen(name);

	while (query.len > 0) {
		const char *amp = memchr(query.ptr, '&', query.len);
		struct ct_str pair = { query.ptr, amp ? (size_t)(amp - query.ptr) : query.len };

		query = ct_str_from(query, pair.len + 1);
		if (ct_str_starts(pair, name) && pair.len > len && pair.ptr[len] == '=') {
			*out = ct_str_from(pair, len + 1);
			return true;
		}
	}
	return false;
}

static int read_number(struct ct_str query, const char *name, int64_t max, int64_t *out,
		       struct ct_err *err)
{
	struct ct_str value;

	if (!query_value(query, name, &value))
		return CT_OK;
	if (ct_str_int(value, out) && *out >= 1 && *out <= max)
		return CT_OK;
	return ct_fail(err, CT_EINVALID, "[sandbox] %s is a number from 1 to %lld", name,
		       (long long)max);
}

static bool is_true(struct ct_str query, const char *name)
{
	struct ct_str value;

	return query_value(query, name, &value) && ct_str_is(value, "true");
}

static bool is_encoding(struct ct_str name)
{
	static const char *const known[] = { "linear16", "linear32", "flac", "alaw",
					     "mulaw",	 "amr-nb",   "amr-wb", "opus",
					     "ogg-opus", "speex",    "g729" };

	for (size_t i = 0; i < CT_COUNT(known); i++)
		if (ct_str_is(name, known[i]))
			return true;
	return false;
}

static bool is_raw(struct ct_str encoding)
{
	return ct_str_starts(encoding, "linear") || ct_str_is(encoding, "alaw") ||
	       ct_str_is(encoding, "mulaw");
}

int ct_live_read(struct ct_str query, struct ct_arena *arena, struct ct_live_options *out,
		 struct ct_err *err)
{
	struct ct_str value = { NULL, 0 };
	int rc;

	*out = (struct ct_live_options){ .channels = 1 };
	if (query_value(query, "model", &value))
		out->model = ct_arena_dup(arena, value);
	if (query_value(query, "encoding", &value))
		out->encoding = ct_arena_dup(arena, value);
	if (out->encoding.len > 0 && !is_encoding(out->encoding))
		return ct_fail(err, CT_EINVALID, "[sandbox] unknown encoding");
	rc = read_number(query, "sample_rate", RATE_MAX, &out->sample_rate, err);
	if (rc == CT_OK)
		rc = read_number(query, "channels", CHANNELS_MAX, &out->channels, err);
	if (rc == CT_OK)
		rc = read_number(query, "utterance_end_ms", 60000, &out->utterance_end_ms, err);
	if (rc != CT_OK)
		return rc;
	if (is_raw(out->encoding) && out->sample_rate == 0)
		return ct_fail(err, CT_EINVALID, "[sandbox] encoding needs sample_rate");
	out->interim = is_true(query, "interim_results");
	out->vad_events = is_true(query, "vad_events");
	if (out->utterance_end_ms > 0 && (out->utterance_end_ms < 1000 || !out->interim))
		return ct_fail(err, CT_EINVALID,
			       "[sandbox] utterance_end_ms is 1000 or more, with interim_results");
	return CT_OK;
}

/* Samples of that many bits, or bytes of whatever it is. */
static void set_format(struct ct_live *live, int64_t rate, int64_t channels, int64_t bits)
{
	live->samples = bits == 16;
	live->rate = rate;
	live->channels = channels;
	live->half_bytes = bits > 0 ? (size_t)((rate * channels * (bits / 8) + 1) / 2)
				    : OTHER_BYTES_PER_HALF;
	if (live->half_bytes == 0)
		live->half_bytes = 1;
	if (live->samples)
		live->half_bytes += live->half_bytes % 2;
}

static void set_raw_format(struct ct_live *live)
{
	const struct ct_live_options *o = &live->options;
	int64_t bits = ct_str_is(o->encoding, "linear16") ? 16
		       : ct_str_is(o->encoding, "linear32") ? 32
		       : is_raw(o->encoding)		? 8
							: 0;

	set_format(live, o->sample_rate, o->channels, bits);
}

struct ct_live *ct_live_create(const struct ct_live_options *options, struct ct_str id,
			       ct_live_fn *fn, void *user)
{
	struct ct_live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return NULL;
	live->options = *options;
	live->id = id;
	live->fn = fn;
	live->user = user;
	live->out = (struct ct_buf)CT_BUF_INIT(MESSAGE_MAX);
	live->header = (struct ct_buf)CT_BUF_INIT(HEADER_MAX);
	live->told_end = true;
	ct_sha256_begin(&live->sha);
	set_raw_format(live);
	return live;
}

void ct_live_destroy(struct ct_live *live)
{
	if (live == NULL)
		return;
	ct_buf_fini(&live->out);
	ct_buf_fini(&live->header);
	free(live);
}

int64_t ct_live_words(const struct ct_live *live)
{
	return live->said;
}

static struct ct_jw begin(struct ct_live *live, const char *type)
{
	struct ct_jw jw;

	ct_buf_clear(&live->out);
	jw = ct_jw(&live->out);
	ct_jw_object(&jw);
	ct_jw_member(&jw, "type", ct_str(type));
	return jw;
}

static void say(struct ct_live *live, struct ct_jw *jw)
{
	ct_jw_end_object(jw);
	if (!live->out.failed)
		live->fn(live->user, ct_buf_str(&live->out));
}

static void num(struct ct_jw *jw, const char *key, double value)
{
	ct_jw_key(jw, key);
	ct_jw_num(jw, value);
}

static void numbers(struct ct_jw *jw, const char *key, int a, int b)
{
	ct_jw_key(jw, key);
	ct_jw_array(jw);
	ct_jw_int(jw, a);
	ct_jw_int(jw, b);
	ct_jw_end_array(jw);
}

static void write_words(struct ct_live *live, struct ct_jw *jw)
{
	char text[32];

	ct_jw_key(jw, "words");
	ct_jw_array(jw);
	for (int i = 0; i < live->count; i++) {
		const struct word *w = &live->words[i];

		snprintf(text, sizeof(text), "sandbox%d", w->level);
		ct_jw_object(jw);
		ct_jw_member(jw, "word", ct_str(text));
		num(jw, "start", w->start);
		num(jw, "end", w->end);
		num(jw, "confidence", 0.99);
		ct_jw_member(jw, "punctuated_word", ct_str(text));
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void write_alternative(struct ct_live *live, struct ct_jw *jw)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(1024);

	for (int i = 0; i < live->count; i++)
		ct_buf_printf(&text, "%ssandbox%d", i > 0 ? " " : "", live->words[i].level);
	ct_jw_object(jw);
	ct_jw_member(jw, "transcript", ct_buf_str(&text));
	num(jw, "confidence", live->count > 0 ? 0.99 : 0);
	write_words(live, jw);
	ct_jw_end_object(jw);
}

static void write_metadata(struct ct_live *live, struct ct_jw *jw)
{
	ct_jw_key(jw, "metadata");
	ct_jw_object(jw);
	ct_jw_member(jw, "request_id", live->id);
	ct_jw_key(jw, "model_info");
	ct_jw_object(jw);
	ct_jw_member(jw, "name", ct_str("sandbox, no real model"));
	ct_jw_member(jw, "version", ct_str("1"));
	ct_jw_member(jw, "arch", ct_str("sandbox"));
	ct_jw_end_object(jw);
	ct_jw_member(jw, "model_uuid", ct_str("00000000-0000-0000-0000-000000000000"));
	ct_jw_end_object(jw);
}

/* From the start of the result at hand to `to`. */
static void result(struct ct_live *live, double to, bool final, bool speech_final, bool finalize)
{
	struct ct_jw jw = begin(live, "Results");

	numbers(&jw, "channel_index", 0, 1);
	num(&jw, "duration", to - live->start);
	num(&jw, "start", live->start);
	ct_jw_member_bool(&jw, "is_final", final);
	ct_jw_member_bool(&jw, "speech_final", speech_final);
	ct_jw_member_bool(&jw, "from_finalize", finalize);
	ct_jw_key(&jw, "channel");
	ct_jw_object(&jw);
	ct_jw_key(&jw, "alternatives");
	ct_jw_array(&jw);
	write_alternative(live, &jw);
	ct_jw_end_array(&jw);
	ct_jw_end_object(&jw);
	write_metadata(live, &jw);
	say(live, &jw);
	if (!final)
		return;
	live->said += live->count;
	live->start = to;
	live->count = live->halves = 0;
}

static void start_speech(struct ct_live *live)
{
	if (!live->speaking && live->options.vad_events) {
		struct ct_jw jw = begin(live, "SpeechStarted");

		numbers(&jw, "channel", 0, 1);
		num(&jw, "timestamp", live->at);
		say(live, &jw);
	}
	live->speaking = true;
	live->told_end = false;
	live->silent = 0;
}

static void end_utterance(struct ct_live *live)
{
	if (live->told_end || live->options.utterance_end_ms == 0 ||
	    live->silent * 1000 < (double)live->options.utterance_end_ms)
		return;
	live->told_end = true;

	struct ct_jw jw = begin(live, "UtteranceEnd");

	numbers(&jw, "channel", 0, 1);
	num(&jw, "last_word_end", live->last_word_end);
	say(live, &jw);
}

/* A half second (or what there is of it) has been heard. */
static void hear_half(struct ct_live *live)
{
	double length = 0.5 * (double)live->got / (double)live->half_bytes;
	double to = live->at + length;
	bool ended = false;

	live->halves++;
	if (live->peak > 0) {
		start_speech(live);
		live->words[live->count++] =
			(struct word){ live->at, to, (live->peak * 100 + SCALE / 2) / SCALE };
		live->last_word_end = to;
	} else {
		ended = live->speaking;
		live->speaking = false;
		live->silent += length;
	}
	live->at = to;
	live->got = 0;
	live->peak = 0;
	if (live->halves == HALVES || ended)
		result(live, to, true, ended, false);
	else if (live->options.interim)
		result(live, to, false, false, false);
	end_utterance(live);
}

static int level_of(struct ct_live *live, unsigned char byte)
{
	int sample;

	if (!live->samples)
		return byte * 128;
	if (live->got % 2 == 0) {
		live->odd = byte;
		return 0;
	}
	sample = (int16_t)(uint16_t)(byte << 8 | live->odd);
	return abs(sample);
}

static void hear(struct ct_live *live, struct ct_str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		int level = level_of(live, (unsigned char)bytes.ptr[i]);

		if (level > live->peak)
			live->peak = level;
		if (++live->got == live->half_bytes)
			hear_half(live);
	}
}

static int64_t little(const char *at, int bytes)
{
	int64_t value = 0;

	for (int i = bytes - 1; i >= 0; i--)
		value = value << 8 | (unsigned char)at[i];
	return value;
}

/* RIFF: chunks of a name, a length and so many bytes. The offset of the samples; 0: not there yet. */
static size_t find_samples(struct ct_live *live)
{
	struct ct_str wav = ct_buf_str(&live->header);
	size_t at = 12;

	while (at + 8 <= wav.len) {
		int64_t size = little(wav.ptr + at + 4, 4);

		if (memcmp(wav.ptr + at, "data", 4) == 0)
			return at + 8;
		if (memcmp(wav.ptr + at, "fmt ", 4) == 0 && size >= 16 && at + 24 <= wav.len) {
			int64_t channels = little(wav.ptr + at + 10, 2);
			int64_t rate = little(wav.ptr + at + 12, 4);

			if (channels >= 1 && channels <= CHANNELS_MAX && rate >= 1 && rate <= RATE_MAX)
				set_format(live, rate, channels, little(wav.ptr + at + 22, 2));
		}
		at += 8 + (size_t)size + (size_t)(size & 1);
	}
	return 0;
}

void ct_live_audio(struct ct_live *live, struct ct_str bytes)
{
	size_t from;

	ct_sha256_add(&live->sha, bytes);
	if (!live->begun) {
		live->begun = true;
		live->in_header = live->options.encoding.len == 0;
	}
	if (!live->in_header) {
		hear(live, bytes);
		return;
	}
	ct_buf_add(&live->header, bytes);
	if (live->header.len < 12 && !live->header.failed)
		return;
	from = memcmp(live->header.ptr, "RIFF", 4) == 0 ? find_samples(live) : 0;
	if (from == 0 && memcmp(live->header.ptr, "RIFF", 4) == 0 && !live->header.failed)
		return;
	live->in_header = false;
	hear(live, ct_str_from(ct_buf_str(&live->header), from));
	if (live->header.failed)
		hear(live, bytes);
	ct_buf_clear(&live->header);
}

static void finalize(struct ct_live *live)
{
	if (live->got > 0)
		hear_half(live);
	result(live, live->at, true, true, true);
	live->speaking = false;
}

static void close_stream(struct ct_live *live)
{
	char hash[CT_SHA256_HEX_SIZE];

	if (live->got > 0)
		hear_half(live);
	if (live->halves > 0)
		result(live, live->at, true, true, false);

	struct ct_jw jw = begin(live, "Metadata");

	ct_jw_member(&jw, "transaction_key", ct_str("deprecated"));
	ct_jw_member(&jw, "request_id", live->id);
	ct_jw_member(&jw, "sha256", ct_str(ct_sha256_end_hex(&live->sha, hash)));
	ct_jw_member(&jw, "created", ct_str("2026-01-01T00:00:00.000Z"));
	num(&jw, "duration", live->at);
	ct_jw_member_int(&jw, "channels", live->channels > 0 ? live->channels : 1);
	say(live, &jw);
}

int ct_live_command(struct ct_live *live, struct ct_str json, bool *closes, struct ct_err *err)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *tree = NULL;
	struct ct_str type;

	*closes = false;
	if (ct_json_parse(&arena, json, CT_JSON_LENIENT, &tree, err) != CT_OK)
		return CT_EINVALID;
	type = ct_json_str_at(tree, "type");
	if (ct_str_is(type, "KeepAlive"))
		return CT_OK;
	if (ct_str_is(type, "Finalize")) {
		finalize(live);
		return CT_OK;
	}
	if (ct_str_is(type, "CloseStream")) {
		close_stream(live);
		*closes = true;
		return CT_OK;
	}
	return ct_fail(err, CT_EINVALID, "unknown message type");
}
