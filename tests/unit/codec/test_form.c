#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/form.h"
#include "leaks.h"

TestSuite(form, .fini = check_leaks);

#define BODY \
	"--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n" \
	"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.wav\"\r\n" \
	"content-type: audio/wav\r\n\r\nRIFF\r\n--c\r\n\r\n--b--\r\n"

Test(form, gives_its_parts_one_after_the_other)
{
	struct ct_str body = ct_str(BODY), b = ct_str("b");
	struct ct_form_part part;
	size_t at = 0;

	cr_assert_eq(ct_form_next(body, b, &at, &part), 1);
	cr_assert(ct_str_is(part.name, "model") && ct_str_is(part.value, "whisper-1"));
	cr_assert_null(part.filename.ptr);
	cr_assert_eq(ct_form_next(body, b, &at, &part), 1);
	cr_assert(ct_str_is(part.name, "file") && ct_str_is(part.filename, "a b.wav"));
	cr_assert(ct_str_is(part.type, "audio/wav"));
	cr_assert(ct_str_is(part.value, "RIFF\r\n--c\r\n"));
	cr_assert_eq(ct_form_next(body, b, &at, &part), 0);
}

Test(form, that_is_cut_anywhere_is_no_whole_one)
{
	struct ct_str body = ct_str(BODY), b = ct_str("b");

	for (size_t len = 0; len < body.len - 2; len++) {
		struct ct_form_part part;
		size_t at = 0;
		int more;
		do
			more = ct_form_next((struct ct_str){ body.ptr, len }, b, &at, &part);
		while (more == 1);
		cr_assert_eq(more, -1, "cut after %zu bytes", len);
	}
}

Test(form, boundary_is_found_in_any_spelling)
{
	static const struct {
		const char *type, *boundary;
	} cases[] = {
		{ "multipart/form-data; boundary=abc", "abc" },
		{ "Multipart/Form-Data; charset=utf-8; Boundary=\"a b;c\"", "a b;c" },
		{ "multipart/form-data;boundary=abc ; x=y", "abc" },
		{ "multipart/form-data", NULL },
		{ "multipart/form-data; boundary=", NULL },
		{ "multipart/form-data; boundary=\"abc", NULL },
		{ "application/json; boundary=abc", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_str found = ct_form_boundary(ct_str(cases[i].type));
		if (cases[i].boundary == NULL)
			cr_assert_null(found.ptr, "%s", cases[i].type);
		else
			cr_assert(ct_str_is(found, cases[i].boundary), "%s", cases[i].type);
	}
}
