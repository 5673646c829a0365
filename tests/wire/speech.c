/*
 * Every recorded answer of speech below a folder, decoded in pieces of several sizes: transcripts
 * are those that the document holds, with as many words; sound is what was sent, byte by byte.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "codec/json.h"
#include "provider/decoder.h"
#include "provider/vendors.h"

enum { FILE_MAX_BYTES = 64 << 20 };

struct heard {
	struct ct_buf text;
	int64_t words;
};

static int hear(void *user, const struct ct_event *event, struct ct_err *err)
{
	struct heard *h = user;

	(void)err;
	h->words += event->type == CT_EVENT_WORD;
	ct_buf_add(&h->text, event->type == CT_EVENT_AUDIO ? event->audio : event->text);
	return CT_OK;
}

static int decode(const struct ct_vendor *vendor, enum ct_task task, struct ct_str body,
		  size_t step, struct heard *h)
{
	struct ct_endpoint endpoint = { .name = CT_STR("recorded"), .vendor = vendor };
	struct ct_decoder *d = ct_decoder_create(&endpoint, task, hear, h);
	int rc = CT_OK;

	for (size_t at = 0; at < body.len && rc == CT_OK; at += step) {
		struct ct_str rest = ct_str_from(body, at);
		if (rest.len > step)
			rest.len = step;
		rc = ct_decoder_feed(d, rest, NULL);
	}
	if (rc == CT_OK)
		rc = ct_decoder_finish(d, NULL);
	ct_decoder_destroy(d);
	return rc;
}

/* The transcript of a document, at whichever of these it stands. */
static struct ct_str text_in(const struct ct_json *json)
{
	struct ct_str deepgram =
		ct_json_str_at(json, "results.channels.0.alternatives.0.transcript");

	return deepgram.len > 0 ? deepgram : ct_str_trim(ct_json_str_at(json, "text"));
}

static int64_t words_in(const struct ct_json *json)
{
	const struct ct_json *w =
		ct_json_first(ct_json_at(json, "results.channels.0.alternatives.0.words"));
	int64_t count = 0;

	if (w == NULL)
		w = ct_json_first(ct_json_get(json, "words"));
	for (; w != NULL; w = w->next)
		count++;
	return count;
}

static bool is_right(enum ct_task task, struct ct_str body, struct ct_arena *arena,
		     const struct heard *h)
{
	const struct ct_json *json;
	struct ct_str text = ct_buf_str(&h->text);

	if (task == CT_TASK_SPEAK)
		return ct_str_eq(text, body);
	if (ct_json_parse(arena, body, CT_JSON_LENIENT, &json, NULL) != CT_OK)
		return text.len > 0; /* events: no document to compare with */
	return h->words == words_in(json) && text.len >= text_in(json).len &&
	       memcmp(text.ptr, text_in(json).ptr, text_in(json).len) == 0;
}

static int check(const char *path, const struct ct_vendor *vendor)
{
	static const size_t steps[] = { 1, 7, 1000, FILE_MAX_BYTES };
	CT_CLEANUP(ct_buf_fini) struct ct_buf file = CT_BUF_INIT(FILE_MAX_BYTES);
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *json;
	int failures = 0;

	if (ct_file_read(path, &file, NULL) != CT_OK ||
	    ct_json_parse(&arena, ct_buf_str(&file), 0, &json, NULL) != CT_OK)
		return 1;
	struct ct_str kind = ct_json_str_at(json, "kind");
	struct ct_str body = ct_json_str_at(json, "response.body");
	enum ct_task task = ct_str_is(kind, "tts") ? CT_TASK_SPEAK : CT_TASK_TRANSCRIBE;
	if (ct_json_int_at(json, "response.status", 0) != 200 || body.len == 0 ||
	    !(ct_str_is(kind, "tts") || ct_str_is(kind, "stt")))
		return 0;
	for (size_t i = 0; i < CT_COUNT(steps); i++) {
		struct heard h = { .text = CT_BUF_INIT(FILE_MAX_BYTES) };
		int rc = decode(vendor, task, body, steps[i], &h);
		if (rc != CT_OK || !is_right(task, body, &arena, &h)) {
			printf("%s, pieces of %zu: %d, %.300s\n", path, steps[i], rc, h.text.ptr);
			failures++;
		}
		ct_buf_fini(&h.text);
	}
	return failures;
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *folder;
		const struct ct_vendor *vendor;
	} folders[] = {
		{ "deepgram", &ct_vendor_deepgram },
		{ "openai", &ct_vendor_openai },
		{ "openai-compatible", &ct_vendor_compatible },
	};
	const char *own = getenv("CARTRITA_RECORDINGS");
	int failures = 0, found = 0;

	for (size_t i = 0; i < CT_COUNT(folders) && argc > 1; i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", own != NULL ? own : argv[1],
			 folders[i].folder);
		DIR *dir = opendir(path);
		struct dirent *entry;
		while (dir != NULL && (entry = readdir(dir)) != NULL) {
			char file[8192];
			if (strstr(entry->d_name, "-stt-") == NULL &&
			    strstr(entry->d_name, "-tts-") == NULL)
				continue;
			snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
			failures += check(file, folders[i].vendor);
			found++;
		}
		if (dir != NULL)
			closedir(dir);
	}
	printf("%d recordings, %d failures\n", found, failures);
	return found == 0 ? 77 : failures > 0;
}
