#include "codec/media.h"

#include "base/defs.h"
#include "codec/utf8.h"

/* Bytes at a place that tell a format; two runs where one is shared by several. */
struct magic {
	struct ct_str head;
	size_t at; /* of more */
	struct ct_str more;
	struct ct_media media;
};

#define IMAGE(name, what) \
	{ \
		CT_MEDIA_IMAGE, "image/" name, what \
	}
#define AUDIO(name, what) \
	{ \
		CT_MEDIA_AUDIO, "audio/" name, what \
	}
#define OTHER(what) \
	{ \
		CT_MEDIA_OTHER, NULL, what \
	}
#define ANYTHING \
	{ \
		NULL, 0 \
	}

static const struct magic magics[] = {
	{ CT_STR("\x89PNG\r\n\x1a\n"), 12, CT_STR("IHDR"), IMAGE("png", "a PNG image") },
	{ CT_STR("\xff\xd8\xff"), 0, ANYTHING, IMAGE("jpeg", "a JPEG image") },
	{ CT_STR("GIF87a"), 0, ANYTHING, IMAGE("gif", "a GIF image") },
	{ CT_STR("GIF89a"), 0, ANYTHING, IMAGE("gif", "a GIF image") },
	{ CT_STR("RIFF"), 8, CT_STR("WEBP"), IMAGE("webp", "a WebP image") },
	{ CT_STR("%PDF-"), 0, ANYTHING, { CT_MEDIA_PDF, "application/pdf", "a PDF" } },
	{ CT_STR("RIFF"), 8, CT_STR("WAVE"), AUDIO("wav", "WAV audio") },
	{ CT_STR("ID3"), 0, ANYTHING, AUDIO("mpeg", "MP3 audio") },
	{ CT_STR("fLaC"), 0, ANYTHING, AUDIO("flac", "FLAC audio") },
	{ CT_STR("OggS"), 0, ANYTHING, AUDIO("ogg", "Ogg audio") },
	{ CT_STR("FORM"), 8, CT_STR("AIF"), AUDIO("aiff", "AIFF audio") },
	{ ANYTHING, 4, CT_STR("ftypM4A"), AUDIO("mp4", "M4A audio") },
	{ ANYTHING, 4, CT_STR("ftypM4B"), AUDIO("mp4", "M4A audio") },
	{ ANYTHING, 4, CT_STR("ftyphei"), OTHER("a HEIC image") },
	{ ANYTHING, 4, CT_STR("ftypavif"), OTHER("an AVIF image") },
	{ ANYTHING, 4, CT_STR("ftyp"), OTHER("a video") },
	{ CT_STR("\x1a\x45\xdf\xa3"), 0, ANYTHING, OTHER("a video") },
	{ CT_STR("RIFF"), 8, CT_STR("AVI "), OTHER("a video") },
	{ CT_STR("II*\0"), 0, ANYTHING, OTHER("a TIFF image") },
	{ CT_STR("MM\0*"), 0, ANYTHING, OTHER("a TIFF image") },
	{ CT_STR("PK\3\4"), 0, ANYTHING, OTHER("a ZIP archive or an office document") },
	{ CT_STR("\x1f\x8b"), 0, ANYTHING, OTHER("compressed data") },
	{ CT_STR("BZh"), 4, CT_STR("1AY&SY"), OTHER("compressed data") },
	{ CT_STR("\3757zXZ\0"), 0, ANYTHING, OTHER("compressed data") },
	{ CT_STR("\x28\xb5\x2f\xfd"), 0, ANYTHING, OTHER("compressed data") },
	{ CT_STR("7z\xbc\xaf\x27\x1c"), 0, ANYTHING, OTHER("an archive") },
	{ CT_STR("\177ELF"), 0, ANYTHING, OTHER("a program") },
	{ CT_STR("SQLite format 3\0"), 0, ANYTHING, OTHER("a database") },
	{ CT_STR("\xff\xfe"), 0, ANYTHING, OTHER("text in UTF-16, not UTF-8") },
	{ CT_STR("\xfe\xff"), 0, ANYTHING, OTHER("text in UTF-16, not UTF-8") },
};

static bool has_at(struct ct_str bytes, size_t at, struct ct_str part)
{
	return part.len == 0 || (bytes.len >= at + part.len &&
				 memcmp(bytes.ptr + at, part.ptr, part.len) == 0);
}

static const struct ct_media *by_magic(struct ct_str bytes)
{
	for (size_t i = 0; i < CT_COUNT(magics); i++)
		if (has_at(bytes, 0, magics[i].head) &&
		    has_at(bytes, magics[i].at, magics[i].more))
			return &magics[i].media;
	return NULL;
}

/*
 * Audio without a tag before it begins with a frame: 11 bits of sync, and fields some of whose
 * values do not exist. Layer III is MP3, "layer 0" is AAC in ADTS.
 */
static const struct ct_media *by_frame(struct ct_str bytes)
{
	static const struct ct_media mp3 = AUDIO("mpeg", "MP3 audio");
	static const struct ct_media aac = AUDIO("aac", "AAC audio");
	unsigned char b[4];

	if (bytes.len < sizeof(b))
		return NULL;
	memcpy(b, bytes.ptr, sizeof(b));
	if (b[0] != 0xFF || (b[1] & 0xE0) != 0xE0)
		return NULL;
	/* 12 bits of sync and layer 0; a rate index of 13 or more is none */
	if ((b[1] & 0xF6) == 0xF0)
		return (b[2] >> 2 & 15) < 13 ? &aac : NULL;
	bool version = (b[1] >> 3 & 3) != 1, layer_iii = (b[1] >> 1 & 3) == 1;
	bool rates = b[2] >> 4 != 15 && b[2] >> 4 != 0 && (b[2] >> 2 & 3) != 3;
	return version && layer_iii && rates ? &mp3 : NULL;
}

static bool has_nul(struct ct_str bytes)
{
	return bytes.len > 0 && memchr(bytes.ptr, '\0', bytes.len) != NULL;
}

struct ct_media ct_media_sniff(struct ct_str bytes)
{
	static const struct ct_media text = { CT_MEDIA_TEXT, "text/plain", "text" };
	static const struct ct_media binary = OTHER("binary data");
	static const struct ct_media other_text = OTHER("text that is not UTF-8");
	const struct ct_media *known = by_magic(bytes);

	if (known == NULL)
		known = by_frame(bytes);
	if (known != NULL)
		return *known;
	if (has_nul(bytes))
		return binary;
	if (ct_utf8_valid(bytes) == bytes.len)
		return text;
	/* in an older encoding nearly all is still letters, not control characters */
	size_t odd = 0;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.ptr[i];
		odd += c < ' ' && (c < '\t' || c > '\r') && c != 0x1B;
	}
	return odd == 0 ? other_text : binary;
}

bool ct_media_is_hopeless(struct ct_str head)
{
	const struct ct_media *known = by_magic(head);

	if (known == NULL)
		known = by_frame(head);
	return known != NULL ? known->kind == CT_MEDIA_OTHER : has_nul(head);
}

enum ct_media_kind ct_media_of_name(struct ct_str name)
{
	static const struct {
		const char *suffix;
		enum ct_media_kind kind;
	} known[] = {
		{ ".png", CT_MEDIA_IMAGE },  { ".jpg", CT_MEDIA_IMAGE },
		{ ".jpeg", CT_MEDIA_IMAGE }, { ".gif", CT_MEDIA_IMAGE },
		{ ".webp", CT_MEDIA_IMAGE }, { ".pdf", CT_MEDIA_PDF },
		{ ".wav", CT_MEDIA_AUDIO },  { ".mp3", CT_MEDIA_AUDIO },
		{ ".flac", CT_MEDIA_AUDIO }, { ".ogg", CT_MEDIA_AUDIO },
		{ ".opus", CT_MEDIA_AUDIO }, { ".m4a", CT_MEDIA_AUDIO },
		{ ".aac", CT_MEDIA_AUDIO },  { ".aiff", CT_MEDIA_AUDIO },
		{ ".txt", CT_MEDIA_TEXT },   { ".md", CT_MEDIA_TEXT },
	};

	for (size_t i = 0; i < CT_COUNT(known); i++) {
		size_t len = strlen(known[i].suffix);
		if (name.len > len &&
		    ct_str_is_nocase(ct_str_from(name, name.len - len), known[i].suffix))
			return known[i].kind;
	}
	return CT_MEDIA_OTHER;
}
