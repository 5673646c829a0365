/* Any bytes as a message of a live transcription: what is read of it is within what came. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/utf8.h"
#include "provider/hearing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(1 << 20);
	struct ct_hearing h;
	char *bytes = malloc(size + 1);

	need(bytes != NULL);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)data[i];
	if (ct_hearing_read((struct ct_str){ bytes, size }, &arena, &h, NULL) == CT_OK) {
		need(h.start_us >= 0 && h.end_us >= h.start_us);
		need(h.channels >= 1 && h.channels <= CT_HEARING_CHANNELS_MAX);
		need(h.channel >= 0 && h.channel < h.channels);
		for (int64_t from = 0; from < 4000000; from += 500000) {
			ct_buf_clear(&text);
			ct_hearing_text_from(&h, from, from / 2, &text);
			need(ct_utf8_valid(ct_buf_str(&text)) == text.len);
		}
	}
	free(bytes);
	return 0;
}
