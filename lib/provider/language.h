/* What Whisper calls a language, and what everybody else does. */
#ifndef CT_PROVIDER_LANGUAGE_H
#define CT_PROVIDER_LANGUAGE_H

#include "base/str.h"

/* "english": "en". Anything else as it is: most say a code of BCP 47 already. */
struct ct_str ct_language_code(struct ct_str name);

#endif
