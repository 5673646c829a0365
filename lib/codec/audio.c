#include "codec/audio.h"

#include "base/defs.h"

struct magic {
	struct ct_str head;
	size_t at; /* of more */
	struct ct_str more;
	struct ct_audio audio;
};

#define ANYTHING \
	{ \
		NULL, 0 \
	}

static const struct magic magics[] = {
	{ CT_STR("RIFF"), 8, CT_STR("WAVE"), { "audio/wav", "wav" } },
	{ CT_STR("RF64"), 8, CT_STR("WAVE"), { "audio/wav", "wav" } },
	{ CT_STR("BW64"), 8, CT_STR("WAVE"), { "audio/wav", "wav" } },
	{ CT_STR("riff\x2e\x91\xcf\x11"), 0, ANYTHING, { "audio/x-w64", "w64" } },
	{ CT_STR("fLaC"), 0, ANYTHING, { "audio/flac", "flac" } },
	{ CT_STR("OggS"), 28, CT_STR("\x80theora"), { "video/ogg", "ogv" } },
	{ CT_STR("OggS"), 28, CT_STR("OpusHead"), { "audio/ogg", "opus" } },
	{ CT_STR("OggS"), 0, ANYTHING, { "audio/ogg", "ogg" } },
	{ CT_STR("#!AMR-WB\n"), 0, ANYTHING, { "audio/amr-wb", "awb" } },
	{ CT_STR("#!AMR-WB_MC"), 0, ANYTHING, { "audio/amr-wb", "awb" } },
	{ CT_STR("#!AMR"), 0, ANYTHING, { "audio/amr", "amr" } },
	{ CT_STR("FORM"), 8, CT_STR("AIFF"), { "audio/aiff", "aiff" } },
	{ CT_STR("FORM"), 8, CT_STR("AIFC"), { "audio/aiff", "aifc" } },
	{ CT_STR("caff"), 0, ANYTHING, { "audio/x-caf", "caf" } },
	{ CT_STR(".snd"), 0, ANYTHING, { "audio/basic", "au" } },
	{ CT_STR("ADIF"), 0, ANYTHING, { "audio/aac", "aac" } },
	{ CT_STR("MAC "), 0, ANYTHING, { "audio/x-ape", "ape" } },
	{ CT_STR("wvpk"), 0, ANYTHING, { "audio/x-wavpack", "wv" } },
	{ CT_STR("\x30\x26\xb2\x75\x8e\x66\xcf\x11"), 0, ANYTHING, { "audio/x-ms-wma", "wma" } },
	{ ANYTHING, 4, CT_STR("ftypM4A"), { "audio/mp4", "m4a" } },
	{ ANYTHING, 4, CT_STR("ftypM4B"), { "audio/mp4", "m4b" } },
	{ ANYTHING, 4, CT_STR("ftypM4P"), { "audio/mp4", "m4a" } },
	{ ANYTHING, 4, CT_STR("ftypqt"), { "video/quicktime", "mov" } },
	{ ANYTHING, 4, CT_STR("ftyp3g"), { "video/3gpp", "3gp" } },
	{ CT_STR("RIFF"), 8, CT_STR("AVI "), { "video/x-msvideo", "avi" } },
	{ CT_STR("FLV\1"), 0, ANYTHING, { "video/x-flv", "flv" } },
	{ CT_STR("\0\0\1\xba"), 0, ANYTHING, { "video/mpeg", "mpeg" } },
	{ CT_STR("\0\0\1\xb3"), 0, ANYTHING, { "video/mpeg", "mpeg" } },
};

static const struct ct_audio mp3 = { "audio/mpeg", "mp3" }, aac = { "audio/aac", "aac" },
			     flac = { "audio/flac", "flac" }, film = { "video/mp4", "mp4" },
			     webm = { "audio/webm", "webm" },
			     matroska = { "video/x-matroska", "mkv" },
			     transport = { "video/mp2t", "ts" };

static bool has_at(struct ct_str bytes, size_t at, struct ct_str part)
{
	return part.len == 0 || (bytes.len >= at + part.len &&
				 memcmp(bytes.ptr + at, part.ptr, part.len) == 0);
}

static unsigned byte_at(struct ct_str s, size_t at)
{
	return (unsigned char)s.ptr[at];
}

/* ISO/IEC 13818-7: 12 bits of sync, layer 0, a length of 13 bits. */
static size_t adts_bytes(struct ct_str at)
{
	unsigned rate = byte_at(at, 2) >> 2 & 15;
	size_t bytes = (byte_at(at, 3) & 3) << 11 | byte_at(at, 4) << 3 | byte_at(at, 5) >> 5;

	if (byte_at(at, 0) != 0xFF || (byte_at(at, 1) & 0xF6) != 0xF0 || rate >= 13)
		return 0;
	return bytes > 7 ? bytes : 0;
}

/* ISO/IEC 11172-3 and 13818-3: rates in kbit/s by version and layer. */
static unsigned bit_rate(bool mpeg1, unsigned layer, unsigned index)
{
	static const unsigned short rates[5][16] = {
		{ 0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0 },
		{ 0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0 },
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0 },
		{ 0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0 },
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0 },
	};

	if (mpeg1)
		return rates[layer - 1][index];
	return rates[layer == 1 ? 3 : 4][index];
}

size_t ct_mpeg_frame_bytes(struct ct_str at, bool adts)
{
	static const unsigned short sample_rates[3] = { 44100, 48000, 32000 };

	if (at.len < 7)
		return 0;
	if (adts)
		return adts_bytes(at);
	unsigned version = byte_at(at, 1) >> 3 & 3, layer = 4 - (byte_at(at, 1) >> 1 & 3);
	unsigned rate_index = byte_at(at, 2) >> 2 & 3, padding = byte_at(at, 2) >> 1 & 1;
	if (byte_at(at, 0) != 0xFF || (byte_at(at, 1) & 0xE0) != 0xE0 || version == 1 ||
	    layer == 4 || rate_index == 3)
		return 0;
	bool mpeg1 = version == 3;
	unsigned bits = bit_rate(mpeg1, layer, byte_at(at, 2) >> 4) * 1000;
	unsigned rate = sample_rates[rate_index] >> (mpeg1 ? 0 : version == 2 ? 1 : 2);
	if (layer == 1)
		return bits == 0 ? 0 : (12 * bits / rate + padding) * 4;
	return (mpeg1 || layer == 2 ? 144 : 72) * bits / rate + (bits == 0 ? 0 : padding);
}

size_t ct_id3_bytes(struct ct_str head)
{
	size_t bytes = 0;

	if (head.len < 10 || !ct_str_starts(head, "ID3"))
		return 0;
	for (size_t i = 6; i < 10; i++) {
		if (byte_at(head, i) >= 0x80)
			return 0;
		bytes = bytes << 7 | byte_at(head, i);
	}
	return bytes + 10 + (byte_at(head, 5) & 0x10 ? 10 : 0);
}

/* A frame where one begins, and, as far as can be seen, another behind it: two bytes of sync are in
 * much that is no sound. */
static const struct ct_audio *by_frame(struct ct_str bytes)
{
	for (int adts = 0; adts < 2; adts++) {
		size_t first = ct_mpeg_frame_bytes(bytes, adts);
		struct ct_str next = ct_str_from(bytes, first);
		if (first == 0)
			continue;
		/* a lone frame of another layer than III is a byte order mark, or chance */
		bool layer_iii = (byte_at(bytes, 1) >> 1 & 3) == 1;
		if (next.len < 7 ? adts || layer_iii : ct_mpeg_frame_bytes(next, adts) > 0)
			return adts ? &aac : &mp3;
	}
	return NULL;
}

/* A tag stands before MP3, and sometimes before something else. */
static const struct ct_audio *behind_tag(struct ct_str bytes)
{
	struct ct_str rest = ct_str_from(bytes, ct_id3_bytes(bytes));

	if (ct_id3_bytes(bytes) == 0)
		return NULL;
	if (ct_str_starts(rest, "fLaC"))
		return &flac;
	return by_frame(rest) == &aac ? &aac : &mp3;
}

/* EBML's DocType, among the first elements. */
static const struct ct_audio *by_doctype(struct ct_str bytes)
{
	struct ct_str first = { bytes.ptr, bytes.len < 64 ? bytes.len : 64 };

	if (!has_at(bytes, 0, (struct ct_str)CT_STR("\x1a\x45\xdf\xa3")))
		return NULL;
	return ct_str_has(first, "webm") ? &webm : &matroska;
}

/* Packets of 188 bytes, each with its sync byte. */
static bool is_transport(struct ct_str bytes)
{
	size_t count = 0;

	while (count < 4 && bytes.len > count * 188 && byte_at(bytes, count * 188) == 0x47)
		count++;
	return count == 4;
}

const struct ct_audio *ct_audio_sniff(struct ct_str head)
{
	const struct ct_audio *found;

	for (size_t i = 0; i < CT_COUNT(magics); i++)
		if (has_at(head, 0, magics[i].head) && has_at(head, magics[i].at, magics[i].more))
			return &magics[i].audio;
	found = behind_tag(head);
	if (found == NULL)
		found = by_doctype(head);
	/* pictures in the same container (HEIC, AVIF) have no sound */
	if (found == NULL && has_at(head, 4, (struct ct_str)CT_STR("ftyp")) &&
	    !has_at(head, 8, (struct ct_str)CT_STR("hei")) &&
	    !has_at(head, 8, (struct ct_str)CT_STR("avif")))
		found = &film;
	if (found == NULL && is_transport(head))
		found = &transport;
	return found != NULL ? found : by_frame(head);
}

bool ct_audio_has_header(const struct ct_audio *audio)
{
	return audio != NULL && strcmp(audio->mime, "audio/mpeg") != 0 &&
	       strcmp(audio->mime, "audio/aac") != 0 && strcmp(audio->mime, "video/mp2t") != 0;
}

const struct ct_audio *ct_audio_of_name(struct ct_str name)
{
	static const struct ct_audio more[] = {
		{ "audio/mpeg", "mp3" },  { "audio/aac", "aac" },   { "audio/webm", "webm" },
		{ "video/mp4", "mp4" },	  { "audio/mpeg", "mpga" }, { "audio/ogg", "oga" },
		{ "audio/aiff", "aif" },  { "audio/wav", "wave" },  { "video/x-matroska", "mkv" },
		{ "audio/3gpp", "3gpp" }, { "video/mpeg", "mpg" },
	};
	const char *dot = memrchr(name.ptr != NULL ? name.ptr : "", '.', name.len);
	struct ct_str suffix = { NULL, 0 };

	if (dot != NULL)
		suffix = ct_str_from(name, (size_t)(dot - name.ptr) + 1);
	for (size_t i = 0; i < CT_COUNT(magics) && suffix.len > 0; i++)
		if (ct_str_is_nocase(suffix, magics[i].audio.suffix))
			return &magics[i].audio;
	for (size_t i = 0; i < CT_COUNT(more) && suffix.len > 0; i++)
		if (ct_str_is_nocase(suffix, more[i].suffix))
			return &more[i];
	return NULL;
}
