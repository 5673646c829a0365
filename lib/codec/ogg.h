/* Pages of Ogg (RFC 3533 §6): how long one is, and to which stream it belongs. */
#ifndef CT_CODEC_OGG_H
#define CT_CODEC_OGG_H

#include "base/str.h"

enum { CT_OGG_PAGE_MAX_BYTES = 27 + 255 + 255 * 255 };

/* Bytes of the page that begins here; 0: its head is not all there; SIZE_MAX: none begins here. */
size_t ct_ogg_page_bytes(struct ct_str at);

/* The stream that a whole page belongs to. */
uint32_t ct_ogg_serial(struct ct_str page);

/* Make it another's: its checksum is made anew. */
void ct_ogg_set_serial(char *page, size_t len, uint32_t serial);

/* The checksum of a page whose own field is zeros. */
uint32_t ct_ogg_checksum(struct ct_str page);

#endif
