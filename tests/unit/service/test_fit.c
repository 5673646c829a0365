#include <criterion/criterion.h>

#include "leaks.h"
#include "service/fit.h"

TestSuite(fit, .fini = check_leaks);

enum { MESSAGES = 5 };

/* Three questions and two answers, 3000 bytes each: 1008 tokens by the estimate. */
static struct ct_request request_of(struct ct_message list[MESSAGES])
{
	static char text[3000];

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < MESSAGES; i++)
		list[i] = (struct ct_message){ .role = i % 2 ? CT_ROLE_ASSISTANT
							     : CT_ROLE_USER,
					       .text = { text, sizeof(text) } };
	return (struct ct_request){ .messages = list, .message_count = MESSAGES };
}

Test(fit, leaves_out_whole_turns_from_the_oldest_on)
{
	static const struct {
		int64_t context, max_input, max_output, max_tokens;
		size_t cut;
	} cases[] = {
		{ .context = 0, .cut = 0 }, /* not known */
		{ .context = 100000, .cut = 0 },
		{ .context = 10100, .cut = 0 }, /* half of it is for the answer */
		{ .context = 10080, .cut = 2 },
		{ .context = 6070, .cut = 2 },
		{ .context = 6060, .cut = 4 },
		{ .context = 10, .cut = 4 }, /* the last question stays */
		{ .context = 10080, .max_output = 1000, .cut = 0 },
		{ .context = 10080, .max_tokens = 1000, .cut = 0 },
		{ .context = 10080, .max_tokens = 1000, .max_output = 900, .cut = 0 },
		{ .context = 100000, .max_input = 5000, .cut = 2 },
	};
	struct ct_message list[MESSAGES];

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_request request = request_of(list);
		struct ct_model model = { .context = cases[i].context,
					  .max_input = cases[i].max_input,
					  .max_output = cases[i].max_output };
		request.max_tokens = cases[i].max_tokens;
		cr_assert_eq(ct_fit(&request, &model), cases[i].cut, "case %zu: %zu", i,
			     ct_fit(&request, &model));
	}
}

Test(fit, counts_the_system_prompt)
{
	struct ct_message list[MESSAGES];
	struct ct_request request = request_of(list);
	struct ct_model model = { .context = 10100 };

	cr_assert_eq(ct_fit(&request, &model), 0);
	request.system = list[0].text;
	cr_assert_eq(ct_fit(&request, &model), 2);
}

Test(fit, leaves_a_single_question_alone)
{
	struct ct_message list[MESSAGES];
	struct ct_request request = request_of(list);
	struct ct_model model = { .context = 10 };

	request.message_count = 1;
	cr_assert_eq(ct_fit(&request, &model), 0);
	request.message_count = 2; /* an answer that is gone on with */
	cr_assert_eq(ct_fit(&request, &model), 0);
	cr_assert_eq(ct_fit(&request, NULL), 0);
}
