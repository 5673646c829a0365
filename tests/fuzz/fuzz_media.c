/* Any bytes: they are something, the same each time, and a beginning is no surer than the whole. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/media.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_str bytes = { (const char *)data, size };
	struct ct_media media = ct_media_sniff(bytes);

	if (media.what == NULL || (media.mime == NULL) != (media.kind == CT_MEDIA_OTHER))
		abort();
	if (media.kind == CT_MEDIA_TEXT &&
	    (ct_utf8_valid(bytes) != size || (size > 0 && memchr(data, '\0', size))))
		abort();
	if (ct_media_is_hopeless(bytes) && media.kind != CT_MEDIA_OTHER)
		abort();
	ct_media_of_name(bytes);
	return 0;
}
