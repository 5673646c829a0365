#include "provider/language.h"

#include "base/defs.h"

/* The languages that Whisper tells apart, as its tokenizer names them, and their ISO 639 codes. */
static const char *const languages[][2] = {
	{ "afrikaans", "af" },	 { "albanian", "sq" },
	{ "amharic", "am" },	 { "arabic", "ar" },
	{ "armenian", "hy" },	 { "assamese", "as" },
	{ "azerbaijani", "az" }, { "bashkir", "ba" },
	{ "basque", "eu" },	 { "belarusian", "be" },
	{ "bengali", "bn" },	 { "bosnian", "bs" },
	{ "breton", "br" },	 { "bulgarian", "bg" },
	{ "cantonese", "yue" },	 { "catalan", "ca" },
	{ "chinese", "zh" },	 { "croatian", "hr" },
	{ "czech", "cs" },	 { "danish", "da" },
	{ "dutch", "nl" },	 { "english", "en" },
	{ "estonian", "et" },	 { "faroese", "fo" },
	{ "finnish", "fi" },	 { "french", "fr" },
	{ "galician", "gl" },	 { "georgian", "ka" },
	{ "german", "de" },	 { "greek", "el" },
	{ "gujarati", "gu" },	 { "haitian creole", "ht" },
	{ "hausa", "ha" },	 { "hawaiian", "haw" },
	{ "hebrew", "he" },	 { "hindi", "hi" },
	{ "hungarian", "hu" },	 { "icelandic", "is" },
	{ "indonesian", "id" },	 { "italian", "it" },
	{ "japanese", "ja" },	 { "javanese", "jv" },
	{ "kannada", "kn" },	 { "kazakh", "kk" },
	{ "khmer", "km" },	 { "korean", "ko" },
	{ "lao", "lo" },	 { "latin", "la" },
	{ "latvian", "lv" },	 { "lingala", "ln" },
	{ "lithuanian", "lt" },	 { "luxembourgish", "lb" },
	{ "macedonian", "mk" },	 { "malagasy", "mg" },
	{ "malay", "ms" },	 { "malayalam", "ml" },
	{ "maltese", "mt" },	 { "maori", "mi" },
	{ "marathi", "mr" },	 { "mongolian", "mn" },
	{ "myanmar", "my" },	 { "nepali", "ne" },
	{ "norwegian", "no" },	 { "nynorsk", "nn" },
	{ "occitan", "oc" },	 { "pashto", "ps" },
	{ "persian", "fa" },	 { "polish", "pl" },
	{ "portuguese", "pt" },	 { "punjabi", "pa" },
	{ "romanian", "ro" },	 { "russian", "ru" },
	{ "sanskrit", "sa" },	 { "serbian", "sr" },
	{ "shona", "sn" },	 { "sindhi", "sd" },
	{ "sinhala", "si" },	 { "slovak", "sk" },
	{ "slovenian", "sl" },	 { "somali", "so" },
	{ "spanish", "es" },	 { "sundanese", "su" },
	{ "swahili", "sw" },	 { "swedish", "sv" },
	{ "tagalog", "tl" },	 { "tajik", "tg" },
	{ "tamil", "ta" },	 { "tatar", "tt" },
	{ "telugu", "te" },	 { "thai", "th" },
	{ "tibetan", "bo" },	 { "turkish", "tr" },
	{ "turkmen", "tk" },	 { "ukrainian", "uk" },
	{ "urdu", "ur" },	 { "uzbek", "uz" },
	{ "vietnamese", "vi" },	 { "welsh", "cy" },
	{ "yiddish", "yi" },	 { "yoruba", "yo" },
};

struct ct_str ct_language_code(struct ct_str name)
{
	for (size_t i = 0; i < CT_COUNT(languages); i++)
		if (ct_str_is_nocase(name, languages[i][0]))
			return ct_str(languages[i][1]);
	return name;
}
