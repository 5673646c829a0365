/* What rendering an answer costs, in pieces as a stream brings them; flat in the answer's length. */
#include <stdio.h>

#include "base/clock.h"
#include "markdown.h"

enum { PIECE = 5, TRIES = 5 };

static const char answer[] =
	"## Why the sky is *blue*\n\n"
	"Sunlight is **scattered** by the molecules of the air, and `blue` light more than red "
	"([Rayleigh](https://en.wikipedia.org/wiki/Rayleigh_scattering)): its wave is shorter.\n\n"
	"1. **Sunlight** holds all colours.\n2. The air scatters short waves more:\n"
	"   - blue about ten times as much as red\n   - violet even more, but eyes see less of it\n\n"
	"```python\ndef scattered(wavelength):\n    return wavelength ** -4\n```\n\n"
	"| colour | nm | scattered |\n|---|--:|--:|\n| red | 700 | 1 |\n| blue | 450 | 5.9 |\n\n"
	"> At sunset the light's way is longer, and what is left of it is red.\n\n";

static double us_of(const struct ct_buf *text)
{
	static const struct ct_markdown_style style = { 80, true, true };
	struct ct_buf out = CT_BUF_INIT(256 << 20);
	int64_t best = INT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		struct ct_markdown *md = ct_markdown_create(&style);
		int64_t from = ct_clock_us();
		ct_buf_clear(&out);
		for (size_t at = 0; at < text->len; at += PIECE)
			ct_markdown_feed(md,
					 (struct ct_str){ text->ptr + at,
							  text->len - at < PIECE ?
								  text->len - at :
								  PIECE },
					 &out);
		ct_markdown_finish(md, &out);
		int64_t us = ct_clock_us() - from;
		best = us < best ? us : best;
		ct_markdown_destroy(md);
	}
	ct_buf_fini(&out);
	return (double)best;
}

int main(void)
{
	struct ct_buf text = CT_BUF_INIT(256 << 20);

	for (size_t kb = 1; kb <= 1024; kb *= 32) {
		while (text.len < kb * 1024)
			ct_buf_puts(&text, answer);
		printf("markdown: %7zu bytes in pieces of %d: %.1f us per KB\n", text.len, PIECE,
		       us_of(&text) * 1024 / (double)text.len);
	}
	ct_buf_fini(&text);
	return 0;
}
