/*
 * Any bytes as a recording, and as one or two parts of a sound: nothing is read past the end, a
 * format is the same each time, and what is joined is the same whatever the pieces. The first byte
 * says how: bare, one part or two, size of the pieces; the second where the first part ends.
 */
#include <stdint.h>
#include <stdlib.h>

#include "codec/audio.h"
#include "codec/join.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static int add(struct ct_join *join, struct ct_str part, size_t step, struct ct_buf *out)
{
	int rc = CT_OK;

	for (size_t at = 0; at < part.len && rc == CT_OK; at += step) {
		struct ct_str rest = ct_str_from(part, at);
		if (rest.len > step)
			rest.len = step;
		rc = ct_join_add(join, rest, out, NULL);
	}
	return rc == CT_OK ? ct_join_end(join, out, NULL) : rc;
}

static int join(const struct ct_str parts[2], size_t count, bool bare, size_t step,
		struct ct_buf *out)
{
	char header[CT_WAV_HEADER_BYTES];
	struct ct_join j;

	ct_join_init(&j, bare, count > 1);
	int rc = add(&j, parts[0], step, out);
	if (rc == CT_OK && count > 1)
		rc = add(&j, parts[1], step, out);
	if (rc == CT_OK && j.form == CT_JOIN_WAV)
		insist(j.samples == out->len);
	ct_join_header(&j, header);
	ct_join_fini(&j);
	return rc;
}

static void look(struct ct_str bytes)
{
	const struct ct_audio *audio = ct_audio_sniff(bytes);
	struct ct_wav wav;
	uint64_t count;
	size_t at;

	insist(audio == ct_audio_sniff(bytes));
	insist(audio == NULL || (audio->mime[0] != '\0' && audio->suffix[0] != '\0'));
	if (ct_wav_read(bytes, &wav, &at, &count) == CT_WAV_READY)
		insist(at <= bytes.len && wav.channels > 0 && wav.rate > 0);
	ct_mpeg_frame_bytes(bytes, false);
	ct_mpeg_frame_bytes(bytes, true);
	ct_id3_bytes(bytes);
	ct_audio_of_name(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_buf whole = CT_BUF_INIT(1 << 20), pieces = CT_BUF_INIT(1 << 20);

	if (size < 2)
		return 0;
	struct ct_str body = { (const char *)data + 2, size - 2 };
	size_t first = data[0] & 2 ? body.len * data[1] / 255 : body.len;
	struct ct_str parts[2] = { { body.ptr, first }, ct_str_from(body, first) };
	size_t count = data[0] & 2 ? 2 : 1;

	look(body);
	int rc = join(parts, count, data[0] & 1, size, &whole);
	insist(rc == join(parts, count, data[0] & 1, data[0] / 4 % 32 + 1u, &pieces));
	insist(rc != CT_OK || (whole.len == pieces.len &&
			       memcmp(whole.ptr, pieces.ptr, whole.len) == 0));
	ct_buf_fini(&whole);
	ct_buf_fini(&pieces);
	return 0;
}
