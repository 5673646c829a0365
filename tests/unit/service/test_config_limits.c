#include "scratch.h"
#include "service/config.h"

TestSuite(config_limits, .init = scratch_make, .fini = scratch_end);

static struct ct_config *load(const char *text)
{
	struct ct_config *config = NULL;
	struct ct_err err = { 0 };
	int rc = ct_config_load(scratch_write("c.yaml", text, 0600), NULL, &config, &err);

	cr_assert_eq(rc, CT_OK, "%s", err.msg);
	return config;
}

static void expect_rate(const struct ct_rate *rate, int64_t count, int64_t period_ms,
			int64_t burst)
{
	cr_assert_eq(rate->count, count);
	cr_assert_eq(rate->period_ms, period_ms);
	cr_assert_eq(rate->burst, burst);
}

Test(config_limits, are_off_where_nobody_sets_them)
{
	struct ct_config *config = load("");

	for (size_t i = 0; i < config->service_count; i++)
		expect_rate(&config->services[i].rate, 0, 0, 0);
	cr_assert_null(ct_config_user_rate(config, ct_str("ann")));
	ct_config_destroy(config);
}

Test(config_limits, have_a_burst_of_twice_the_rate_unless_told)
{
	struct ct_config *config = load("providers:\n"
					"  openai: {rate_limit: 100/minute}\n"
					"  gemini: {rate_limit: ' 500 / hour ', burst: 3}\n"
					"  claude: {rate_limit: 1000000/day}\n"
					"  x: {kind: openai, base_url: 'http://x', burst: 1, "
					"rate_limit: 1/second}\n"
					"  huggingface: {rate_limit: null, burst: ~}\n");

	expect_rate(&ct_config_service(config, ct_str("openai"))->rate, 100, 60000, 200);
	expect_rate(&ct_config_service(config, ct_str("gemini"))->rate, 500, 3600000, 3);
	expect_rate(&ct_config_service(config, ct_str("claude"))->rate, 1000000, 86400000, 1000000);
	expect_rate(&ct_config_service(config, ct_str("x"))->rate, 1, 1000, 1);
	expect_rate(&ct_config_service(config, ct_str("huggingface"))->rate, 0, 0, 0);
	const struct ct_setting *s = ct_config_setting(config, "providers.openai.burst");
	cr_assert(ct_str_is(s->value, "200") && ct_str_is(s->origin, "default"));
	s = ct_config_setting(config, "providers.gemini.burst");
	cr_assert(ct_str_is(s->value, "3") && ct_str_has(s->origin, "c.yaml:3"));
	cr_assert(ct_str_is(ct_config_setting(config, "providers.openai.rate_limit")->value,
			    "100/minute"));
	ct_config_destroy(config);
}

Test(config_limits, of_a_user_are_his_own_or_everybodys)
{
	struct ct_config *config = load("users:\n  default: {rate_limit: 5/minute}\n"
					"  ann: {rate_limit: 1/second, burst: 1}\n  boss: {}\n"
					"  42: {rate_limit: 7/day}\n");
	struct ct_str nobody = { NULL, 0 };

	expect_rate(ct_config_user_rate(config, ct_str("ann")), 1, 1000, 1);
	expect_rate(ct_config_user_rate(config, ct_str("ben")), 5, 60000, 10);
	expect_rate(ct_config_user_rate(config, ct_str("42")), 7, 86400000, 14);
	expect_rate(ct_config_user_rate(config, ct_str("boss")), 0, 0, 0);
	expect_rate(ct_config_user_rate(config, nobody), 5, 60000, 10);
	ct_config_destroy(config);
}

Test(config_limits, read_as_they_were_written)
{
	static const struct ct_rate rates[] = { { 5, 1000, 1 }, { 100, 60000, 9 }, { 1, 86400000, 1 } };
	static const char *const texts[] = { "5/second", "100/minute", "1/day" };
	char out[CT_RATE_TEXT_SIZE];

	for (size_t i = 0; i < CT_COUNT(rates); i++)
		cr_assert(ct_str_is(ct_rate_text(&rates[i], out), texts[i]), "%s", out);
}
