#include "provider/media.h"

#include <stdio.h>

#include "provider/dialect.h"
#include "provider/vendors.h"

enum { MB = 1 << 20, PREFIX_MAX = 64, NAME_SHOWN = 80 };

/* 0: no limit is known. Sources: wire/anthropic "Images and documents", wire/gemini "Errors". */
struct limits {
	const struct ct_dialect *dialect;
	bool audio; /* the protocol has a form for it */
	size_t image_base64_bytes, request_bytes;
	size_t images,
		images_small; /* most in a request; of a model of 200,000 tokens or fewer */
};

static const struct limits known[] = {
	{ &ct_dialect_claude, false, 10 * MB, 32 * MB, 600, 100 },
	{ &ct_dialect_gemini, true, 0, 20 * MB, 0, 0 },
	{ &ct_dialect_chat, true, 0, 50 * MB, 0, 0 },
	{ &ct_dialect_responses, false, 0, 50 * MB, 0, 0 },
};

enum { SMALL_CONTEXT = 200 * 1000 };

/* The limits on size are those of the vendors, not of whoever copies their protocol. */
static struct limits limits_of(const struct ct_endpoint *endpoint)
{
	const struct ct_dialect *dialect = endpoint->vendor->dialect(endpoint, CT_TASK_CHAT);
	struct limits none = { .audio = true };

	for (size_t i = 0; i < CT_COUNT(known); i++)
		if (known[i].dialect == dialect)
			none = known[i];
	if (endpoint->vendor == &ct_vendor_compatible ||
	    endpoint->vendor == &ct_vendor_huggingface)
		none.request_bytes = 0;
	return none;
}

static size_t base64_len(struct ct_str bytes)
{
	return (bytes.len + 2) / 3 * 4;
}

static const char *word(enum ct_medium medium)
{
	static const char *const words[] = { [CT_MEDIUM_IMAGE] = "images",
					     [CT_MEDIUM_PDF] = "PDF",
					     [CT_MEDIUM_AUDIO] = "audio" };

	return words[medium];
}

static enum ct_known takes(const struct ct_model *model, enum ct_medium medium)
{
	if (model == NULL)
		return CT_UNKNOWN;
	return medium == CT_MEDIUM_IMAGE ? model->vision
	       : medium == CT_MEDIUM_PDF ? model->pdf
					 : model->audio_in;
}

/* A name as it stands in a message: not longer than can be read. */
#define SHOWN(part) \
	(int)((part)->name.len < NAME_SHOWN ? (part)->name.len : NAME_SHOWN), \
		(part)->name.ptr

static int check_model(const struct ct_request *request, const struct ct_model *model,
		       const struct ct_part *part, struct ct_err *err)
{
	if (takes(model, part->medium) != CT_NO)
		return CT_OK;
	ct_fail(err, CT_EINVALID, "%.*s takes no %s: %.*s", CT_STR_ARG(request->model),
		word(part->medium), SHOWN(part));
	ct_hint(err, "`cartrita model list` shows which models do");
	return CT_EINVALID;
}

/* OpenAI's chat form names a format, of which there are two. */
static const char *chat_audio(struct ct_str mime)
{
	return ct_str_is(mime, "audio/wav")    ? "wav"
	       : ct_str_is(mime, "audio/mpeg") ? "mp3"
					       : NULL;
}

static int check_audio(const struct ct_endpoint *endpoint, const struct limits *limits,
		       const struct ct_part *part, struct ct_err *err)
{
	struct ct_str name = endpoint->name;

	if (part->medium != CT_MEDIUM_AUDIO)
		return CT_OK;
	if (limits->dialect == &ct_dialect_responses) {
		ct_fail(err, CT_EINVALID,
			"the Responses API of %.*s takes no audio: %.*s",
			CT_STR_ARG(name), SHOWN(part));
		ct_hint(err, "OPENAI_API=chat does, with a model that hears");
		return CT_EINVALID;
	}
	if (!limits->audio)
		return ct_fail(err, CT_EINVALID, "%.*s takes no audio: %.*s",
			       CT_STR_ARG(name), SHOWN(part));
	if (limits->dialect == &ct_dialect_chat && chat_audio(part->mime) == NULL)
		return ct_fail(err, CT_EINVALID, "%.*s takes wav and mp3, not %.*s: %.*s",
			       CT_STR_ARG(name), CT_STR_ARG(part->mime), SHOWN(part));
	return CT_OK;
}

static int check_size(const struct ct_endpoint *endpoint, const struct limits *limits,
		      const struct ct_part *part, struct ct_err *err)
{
	size_t most = limits->image_base64_bytes;

	if (part->medium != CT_MEDIUM_IMAGE || most == 0 ||
	    base64_len(part->bytes) <= most)
		return CT_OK;
	return ct_fail(err, CT_EINVALID,
		       "%.*s takes images of at most %zu MB in base64: %.*s has %.1f MB",
		       CT_STR_ARG(endpoint->name), most / MB, SHOWN(part),
		       (double)base64_len(part->bytes) / MB);
}

struct sums {
	size_t bytes, images, parts;
};

static int check_part(const struct ct_endpoint *endpoint,
		      const struct ct_request *request, const struct ct_model *model,
		      const struct ct_part *part, struct ct_err *err)
{
	struct limits limits = limits_of(endpoint);
	int rc = check_model(request, model, part, err);

	if (rc == CT_OK)
		rc = check_audio(endpoint, &limits, part, err);
	return rc == CT_OK ? check_size(endpoint, &limits, part, err) : rc;
}

static int check_sums(const struct ct_endpoint *endpoint, const struct ct_model *model,
		      const struct sums *sums, struct ct_err *err)
{
	struct limits limits = limits_of(endpoint);
	bool small =
		model != NULL && model->context > 0 && model->context <= SMALL_CONTEXT;
	size_t images = small ? limits.images_small : limits.images;

	if (images > 0 && sums->images > images)
		return ct_fail(err, CT_EINVALID, "%.*s takes at most %zu images, not %zu",
			       CT_STR_ARG(endpoint->name), images, sums->images);
	if (limits.request_bytes > 0 && sums->bytes > limits.request_bytes)
		return ct_fail(
			err, CT_EINVALID,
			"%.*s takes requests of at most %zu MB: this one, with its "
			"attachments in base64, has %.1f MB",
			CT_STR_ARG(endpoint->name), limits.request_bytes / MB,
			(double)sums->bytes / MB);
	return CT_OK;
}

int ct_media_check(const struct ct_endpoint *endpoint, const struct ct_request *request,
		   const struct ct_model *model, struct ct_err *err)
{
	struct sums sums = { .bytes = request->system.len };
	int rc = CT_OK;

	for (size_t i = 0; rc == CT_OK && i < request->message_count; i++) {
		const struct ct_message *m = &request->messages[i];
		sums.bytes += m->text.len;
		for (size_t p = 0; rc == CT_OK && p < m->part_count; p++) {
			rc = check_part(endpoint, request, model, &m->parts[p], err);
			sums.parts++;
			sums.images += m->parts[p].medium == CT_MEDIUM_IMAGE;
			sums.bytes += base64_len(m->parts[p].bytes);
		}
	}
	/* a request of text alone is the provider's to judge, as ever */
	return rc == CT_OK && sums.parts > 0 ? check_sums(endpoint, model, &sums, err)
					     : rc;
}

static void write_text(struct ct_jw *jw, const char *type, struct ct_str text)
{
	if (text.len == 0)
		return;
	ct_jw_object(jw);
	if (type != NULL)
		ct_jw_member(jw, "type", ct_str(type));
	ct_jw_member(jw, "text", text);
	ct_jw_end_object(jw);
}

void ct_media_write_claude(struct ct_jw *jw, const struct ct_message *m)
{
	ct_jw_array(jw);
	for (size_t i = 0; i < m->part_count; i++) {
		const struct ct_part *part = &m->parts[i];
		bool image = part->medium == CT_MEDIUM_IMAGE;
		ct_jw_object(jw);
		ct_jw_member(jw, "type", ct_str(image ? "image" : "document"));
		ct_jw_key(jw, "source");
		ct_jw_object(jw);
		ct_jw_member(jw, "type", ct_str("base64"));
		ct_jw_member(jw, "media_type", part->mime);
		ct_jw_key(jw, "data");
		ct_jw_base64(jw, "", part->bytes);
		ct_jw_end_object(jw);
		ct_jw_end_object(jw);
	}
	write_text(jw, "text", m->text);
	ct_jw_end_array(jw);
}

void ct_media_write_gemini(struct ct_jw *jw, const struct ct_message *m)
{
	ct_jw_array(jw);
	for (size_t i = 0; i < m->part_count; i++) {
		ct_jw_object(jw);
		ct_jw_key(jw, "inlineData");
		ct_jw_object(jw);
		ct_jw_member(jw, "mimeType", m->parts[i].mime);
		ct_jw_key(jw, "data");
		ct_jw_base64(jw, "", m->parts[i].bytes);
		ct_jw_end_object(jw);
		ct_jw_end_object(jw);
	}
	write_text(jw, NULL, m->text);
	ct_jw_end_array(jw);
}

static void write_data_url(struct ct_jw *jw, const char *key, const struct ct_part *part)
{
	char prefix[PREFIX_MAX];

	snprintf(prefix, sizeof(prefix), "data:%.*s;base64,", CT_STR_ARG(part->mime));
	ct_jw_key(jw, key);
	ct_jw_base64(jw, prefix, part->bytes);
}

static void write_chat_part(struct ct_jw *jw, const struct ct_part *part)
{
	static const char *const types[] = { [CT_MEDIUM_IMAGE] = "image_url",
					     [CT_MEDIUM_PDF] = "file",
					     [CT_MEDIUM_AUDIO] = "input_audio" };
	const char *type = types[part->medium], *format = chat_audio(part->mime);

	ct_jw_object(jw);
	ct_jw_member(jw, "type", ct_str(type));
	ct_jw_key(jw, type);
	ct_jw_object(jw);
	if (part->medium == CT_MEDIUM_IMAGE) {
		write_data_url(jw, "url", part);
	} else if (part->medium == CT_MEDIUM_PDF) {
		ct_jw_member(jw, "filename", part->name);
		write_data_url(jw, "file_data", part);
	} else {
		ct_jw_key(jw, "data");
		ct_jw_base64(jw, "", part->bytes);
		ct_jw_member(jw, "format", ct_str(format != NULL ? format : "wav"));
	}
	ct_jw_end_object(jw);
	ct_jw_end_object(jw);
}

void ct_media_write_chat(struct ct_jw *jw, const struct ct_message *m)
{
	ct_jw_array(jw);
	for (size_t i = 0; i < m->part_count; i++)
		write_chat_part(jw, &m->parts[i]);
	write_text(jw, "text", m->text);
	ct_jw_end_array(jw);
}

void ct_media_write_responses(struct ct_jw *jw, const struct ct_message *m)
{
	ct_jw_array(jw);
	for (size_t i = 0; i < m->part_count; i++) {
		const struct ct_part *part = &m->parts[i];
		bool image = part->medium == CT_MEDIUM_IMAGE;
		ct_jw_object(jw);
		ct_jw_member(jw, "type", ct_str(image ? "input_image" : "input_file"));
		if (!image)
			ct_jw_member(jw, "filename", part->name);
		write_data_url(jw, image ? "image_url" : "file_data", part);
		ct_jw_end_object(jw);
	}
	write_text(jw, "input_text", m->text);
	ct_jw_end_array(jw);
}
