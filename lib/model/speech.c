#include "model/speech.h"

#include "model/request.h"

static int check_samples(const struct ct_speech *s, struct ct_err *err)
{
	if (s->sample_rate < 0 || s->sample_rate > CT_SPEECH_RATE_MAX)
		return ct_fail(err, CT_EINVALID, "a sample rate is from 1 to %d",
			       CT_SPEECH_RATE_MAX);
	if (s->channels < 0 || s->channels > CT_SPEECH_CHANNELS_MAX)
		return ct_fail(err, CT_EINVALID, "sound has from 1 to %d channels",
			       CT_SPEECH_CHANNELS_MAX);
	return CT_OK;
}

int ct_speech_check(const struct ct_request *request, struct ct_err *err)
{
	const struct ct_speech *s = request->speech;
	int rc = check_samples(s, err);

	if (rc != CT_OK)
		return rc;
	if (request->task == CT_TASK_SPEAK && s->text.len > CT_SPEECH_TEXT_BYTES)
		return ct_fail(err, CT_EINVALID, "more than %d bytes to speak at once",
			       CT_SPEECH_TEXT_BYTES);
	if (request->task == CT_TASK_SPEAK)
		return ct_str_trim(s->text).len > 0 ?
			       CT_OK :
			       ct_fail(err, CT_EINVALID, "there is nothing to speak");
	if (s->recording->url.len == 0 && s->recording->bytes <= 0)
		return ct_fail(err, CT_EINVALID, "the recording is empty");
	return CT_OK;
}

size_t ct_speech_characters(struct ct_str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
	return count;
}
