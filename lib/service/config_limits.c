/* Rate limits of providers and users: rate_limit and burst of a section, and the section `users`. */
#include <stdio.h>

#include "service/config_impl.h"

static const struct {
	const char *name;
	int64_t ms;
} periods[] = {
	{ "second", 1000 },
	{ "minute", 60 * 1000 },
	{ "hour", 3600 * 1000 },
	{ "day", CT_RATE_DAY_MS },
};

static int no_rate(struct ct_err *err)
{
	ct_hint(err, "as in 100/minute: from 1 to %d for each second, minute, hour or day",
		CT_RATE_MOST);
	return CT_ECONFIG;
}

/* "100/minute" */
static bool read_rate(struct ct_str text, struct ct_rate *rate)
{
	const char *slash = memchr(text.ptr, '/', text.len);
	size_t head = slash != NULL ? (size_t)(slash - text.ptr) : text.len;
	struct ct_str count = ct_str_trim((struct ct_str){ text.ptr, head });
	struct ct_str period = ct_str_trim(ct_str_from(text, head + 1));
	int64_t n;

	if (!ct_str_int(count, &n) || n < 1 || n > CT_RATE_MOST)
		return false;
	for (size_t i = 0; i < CT_COUNT(periods); i++) {
		if (!ct_str_is(period, periods[i].name))
			continue;
		rate->count = n;
		rate->period_ms = periods[i].ms;
		return true;
	}
	return false;
}

static int apply_rate(const struct ct_yaml *value, const char *what, struct ct_rate *rate,
		      struct ct_err *err)
{
	if (value->type != CT_YAML_TEXT) {
		ct_fail(err, CT_ECONFIG, "%s must be text, not %s", what,
			ct_yaml_type_name(value->type));
		return no_rate(err);
	}
	if (!read_rate(value->text, rate)) {
		ct_fail(err, CT_ECONFIG, "%s: '%s' is no rate", what, value->text.ptr);
		return no_rate(err);
	}
	return CT_OK;
}

static int apply_burst(const struct ct_yaml *value, const char *what, struct ct_rate *rate,
		       struct ct_err *err)
{
	if (value->type != CT_YAML_INT)
		return ct_fail(err, CT_ECONFIG, "%s must be a whole number, not %s", what,
			       ct_yaml_type_name(value->type));
	if (!ct_str_int(value->text, &rate->burst) || rate->burst < 1 ||
	    rate->burst > CT_RATE_MOST)
		return ct_fail(err, CT_ECONFIG, "%s: '%s' is no whole number from 1 to %d",
			       what, value->text.ptr, CT_RATE_MOST);
	return CT_OK;
}

int ct_limit_item(struct ct_config *config, const char *section,
		  const struct ct_yaml_item *item, struct ct_rate *rate, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf name = CT_BUF_INIT(4096), from = CT_BUF_INIT(8192),
		      what = CT_BUF_INIT(16384);

	if (item->value->type == CT_YAML_NULL)
		return CT_OK;
	ct_buf_printf(&name, "%s.%s", section, item->key.ptr);
	ct_buf_printf(&from, "%s:%d", config->path.ptr, item->line);
	ct_buf_printf(&what, "%s: %s", from.ptr, name.ptr);
	int rc = ct_buf_check(&what, "the name of a setting", err);
	if (rc == CT_OK)
		rc = ct_str_is(item->key, "burst") ?
			     apply_burst(item->value, what.ptr, rate, err) :
			     apply_rate(item->value, what.ptr, rate, err);
	return rc == CT_OK ? ct_config_note(config, ct_buf_str(&name), item->value->text,
					    ct_buf_str(&from), err) :
			     rc;
}

int ct_limit_finish(struct ct_config *config, const char *section, struct ct_rate *rate,
		    struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf name = CT_BUF_INIT(4096);
	char burst[24];

	if (rate->count == 0 && rate->burst == 0)
		return CT_OK;
	ct_buf_printf(&name, "%s.burst", section);
	if (rate->count == 0) {
		const struct ct_setting *s = ct_config_setting(config, name.ptr);
		ct_fail(err, CT_ECONFIG, "%.*s: %s stands without rate_limit",
			CT_STR_ARG(s->origin), name.ptr);
		return no_rate(err);
	}
	if (rate->burst > 0)
		return CT_OK;
	rate->burst = rate->count < CT_RATE_MOST / 2 ? 2 * rate->count : CT_RATE_MOST;
	snprintf(burst, sizeof(burst), "%lld", (long long)rate->burst);
	return ct_config_note(config, ct_buf_str(&name), ct_str(burst),
			      (struct ct_str)CT_STR("default"), err);
}

static int read_user(struct ct_config *config, const struct ct_yaml_item *item,
		     struct ct_err *err)
{
	static const char *const known[] = { "rate_limit", "burst", NULL };
	struct ct_user_limit *user = &config->users[config->user_count];
	CT_CLEANUP(ct_buf_fini) struct ct_buf where = CT_BUF_INIT(4096), what = CT_BUF_INIT(16384);
	const struct ct_yaml_item *i;

	if (item->key.len == 0 || item->key.len > 256)
		return ct_fail(err, CT_ECONFIG, "%s:%d: a user's id is of 1 to 256 bytes",
			       config->path.ptr, item->line);
	*user = (struct ct_user_limit){ .id = item->key };
	ct_buf_printf(&where, "users.%s", item->key.ptr);
	ct_buf_printf(&what, "%s:%d: %s", config->path.ptr, item->line, where.ptr);
	int rc = ct_config_map(config, item, what.ptr, &i, err);
	for (; rc == CT_OK && i != NULL; i = i->next)
		rc = ct_str_is(i->key, known[0]) || ct_str_is(i->key, known[1]) ?
			     ct_limit_item(config, where.ptr, i, &user->rate, err) :
			     ct_config_unknown(config, i, where.ptr, known, err);
	if (rc == CT_OK)
		rc = ct_limit_finish(config, where.ptr, &user->rate, err);
	config->user_count += rc == CT_OK;
	return rc;
}

int ct_users_file(struct ct_config *config, const struct ct_yaml_item *section,
		  struct ct_err *err)
{
	const struct ct_yaml_item *i;
	int rc = ct_config_map(config, section, "users", &i, err);

	if (rc != CT_OK || i == NULL)
		return rc;
	config->users = ct_arena_alloc(&config->arena,
				       section->value->count * sizeof(*config->users));
	if (config->users == NULL)
		return ct_config_no_memory(err);
	for (; rc == CT_OK && i != NULL; i = i->next)
		rc = read_user(config, i, err);
	return rc;
}

const struct ct_rate *ct_config_user_rate(const struct ct_config *config, struct ct_str user)
{
	const struct ct_rate *rate = NULL;

	for (size_t i = 0; i < config->user_count; i++) {
		if (user.len > 0 && ct_str_eq(config->users[i].id, user))
			return &config->users[i].rate;
		if (ct_str_is(config->users[i].id, "default"))
			rate = &config->users[i].rate;
	}
	return rate;
}

struct ct_str ct_rate_text(const struct ct_rate *rate, char out[CT_RATE_TEXT_SIZE])
{
	const char *period = "second";

	for (size_t i = 0; i < CT_COUNT(periods); i++)
		if (periods[i].ms == rate->period_ms)
			period = periods[i].name;
	snprintf(out, CT_RATE_TEXT_SIZE, "%lld/%s", (long long)rate->count, period);
	return ct_str(out);
}
