/* /set: what the next questions are asked with. */
#include <stdio.h>

#include "repl.h"

enum { VALUE_BYTES = 64 };

enum kind { KIND_INT, KIND_NUM, KIND_SECONDS, KIND_BOOL, KIND_CHOICE };

enum which {
	TEMPERATURE,
	TOP_P,
	MAX_TOKENS,
	SEED,
	EFFORT,
	REASONING,
	FALLBACK,
	TIMEOUT,
	FIRST_TIMEOUT,
	IDLE_TIMEOUT,
	RETRIES,
	RAW,
	WEB,
};

static const struct setting {
	const char *name;
	enum which which;
	enum kind kind;
	double min, max;
	const char *choices;
} settings[] = {
	{ "temperature", TEMPERATURE, KIND_NUM, 0, 2, NULL },
	{ "top-p", TOP_P, KIND_NUM, 0, 1, NULL },
	{ "max-tokens", MAX_TOKENS, KIND_INT, 1, 1e9, NULL },
	{ "seed", SEED, KIND_INT, -9e15, 9e15, NULL },
	{ "effort", EFFORT, KIND_CHOICE, 0, 0, "none|minimal|low|medium|high|xhigh|max" },
	{ "reasoning", REASONING, KIND_BOOL, 0, 0, "on|off" },
	{ "fallback", FALLBACK, KIND_BOOL, 0, 0, "on|off" },
	{ "timeout", TIMEOUT, KIND_SECONDS, 0.001, 86400, NULL },
	{ "first-token-timeout", FIRST_TIMEOUT, KIND_SECONDS, 0.001, 86400, NULL },
	{ "idle-timeout", IDLE_TIMEOUT, KIND_SECONDS, 0.001, 86400, NULL },
	{ "retries", RETRIES, KIND_INT, 0, 20, NULL },
	{ "raw", RAW, KIND_BOOL, 0, 0, "on|off" },
	{ "web", WEB, KIND_BOOL, 0, 0, "on|off" },
};

const char *ct_repl_setting(size_t index, const char **choices)
{
	*choices = index < CT_COUNT(settings) ? settings[index].choices : NULL;
	return index < CT_COUNT(settings) ? settings[index].name : NULL;
}

static const struct setting *find(struct ct_str name, struct ct_err *err)
{
	const char *nearest = NULL;
	unsigned least = 4;

	for (size_t i = 0; i < CT_COUNT(settings); i++) {
		unsigned d = ct_str_distance(name, ct_str(settings[i].name));
		if (d == 0)
			return &settings[i];
		if (d < least) {
			least = d;
			nearest = settings[i].name;
		}
	}
	ct_fail(err, CT_EUSAGE, "unknown setting '%.*s'", (int)(name.len < 60 ? name.len : 60),
		name.ptr);
	if (nearest != NULL)
		ct_hint(err, "Did you mean '%s'?", nearest);
	else
		ct_hint(err, "/set alone lists them.");
	return NULL;
}

/* A setting's present value in words, into buf. */
static const char *show(const struct ct_repl *r, enum which which, char buf[VALUE_BYTES])
{
	const struct ct_request *q = &r->in.request;
	const struct ct_call_options *o = &r->options;
	double n = -1;

	switch (which) {
	case TEMPERATURE:
		n = q->has_temperature ? q->temperature : -1;
		break;
	case TOP_P:
		n = q->has_top_p ? q->top_p : -1;
		break;
	case MAX_TOKENS:
		n = q->max_tokens > 0 ? (double)q->max_tokens : -1;
		break;
	case SEED:
		snprintf(buf, VALUE_BYTES, "%lld", (long long)q->seed);
		return q->has_seed ? buf : "default";
	case EFFORT:
		snprintf(buf, VALUE_BYTES, "%.*s", CT_STR_ARG(q->effort));
		return q->effort.len > 0 ? buf : "default";
	case REASONING:
		return q->reasoning ? "on" : "off";
	case FALLBACK:
		return r->in.choice.no_fallback ? "off" : "on";
	case TIMEOUT:
		n = (double)o->timeout_ms / 1000;
		break;
	case FIRST_TIMEOUT:
		n = o->first_ms > 0 ? (double)o->first_ms / 1000 : -1;
		break;
	case IDLE_TIMEOUT:
		n = o->idle_ms > 0 ? (double)o->idle_ms / 1000 : -1;
		break;
	case RETRIES:
		n = (double)o->retries;
		break;
	case RAW:
		return r->raw ? "on" : "off";
	case WEB:
		return r->web ? "on" : "off";
	}
	snprintf(buf, VALUE_BYTES, "%.15g", n);
	return n < 0 ? "default" : buf;
}

static void apply_bool(struct ct_repl *r, enum which which, bool on)
{
	if (which == REASONING)
		r->in.request.reasoning = on;
	else if (which == FALLBACK)
		r->in.choice.no_fallback = !on;
	else if (which == WEB)
		r->web = on;
	else
		r->raw = on;
}

static void apply_number(struct ct_repl *r, enum which which, double n)
{
	struct ct_request *q = &r->in.request;
	struct ct_call_options *o = &r->options;

	if (which == TEMPERATURE) {
		q->has_temperature = true;
		q->temperature = n;
	} else if (which == TOP_P) {
		q->has_top_p = true;
		q->top_p = n;
	} else if (which == MAX_TOKENS) {
		q->max_tokens = (int64_t)n;
	} else if (which == SEED) {
		q->has_seed = true;
		q->seed = (int64_t)n;
	} else if (which == TIMEOUT) {
		o->timeout_ms = (int64_t)(n * 1000 + 0.5);
	} else if (which == FIRST_TIMEOUT) {
		o->first_ms = (int64_t)(n * 1000 + 0.5);
	} else if (which == IDLE_TIMEOUT) {
		o->idle_ms = (int64_t)(n * 1000 + 0.5);
	} else if (which == RETRIES) {
		o->retries = (int64_t)n;
	}
}

static void apply_default(struct ct_repl *r, enum which which)
{
	struct ct_call_options defaults = ct_call_defaults(r->cli->app->config);
	struct ct_request *q = &r->in.request;

	q->has_temperature = q->has_temperature && which != TEMPERATURE;
	q->has_top_p = q->has_top_p && which != TOP_P;
	q->has_seed = q->has_seed && which != SEED;
	if (which == MAX_TOKENS)
		q->max_tokens = 0;
	else if (which == EFFORT)
		q->effort = (struct ct_str){ NULL, 0 };
	else if (which == TIMEOUT)
		r->options.timeout_ms = defaults.timeout_ms;
	else if (which == FIRST_TIMEOUT)
		r->options.first_ms = defaults.first_ms;
	else if (which == IDLE_TIMEOUT)
		r->options.idle_ms = defaults.idle_ms;
	else if (which == RETRIES)
		r->options.retries = defaults.retries;
	else if (which == REASONING || which == RAW || which == WEB || which == FALLBACK)
		apply_bool(r, which, which == FALLBACK);
}

/* The choice that value is, as a string that lasts; {NULL, 0}: none. */
static struct ct_str choice_of(const char *choices, struct ct_str value)
{
	for (const char *at = choices; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, "|");
		if (ct_str_eq(value, (struct ct_str){ at, len }))
			return (struct ct_str){ at, len };
		at += len + (at[len] == '|');
	}
	return (struct ct_str){ NULL, 0 };
}

static int apply(struct ct_repl *r, const struct setting *s, struct ct_str value,
		 struct ct_err *err)
{
	struct ct_str choice = choice_of(s->choices, value);
	int64_t whole = 0;
	double n = 0;
	bool number = s->kind == KIND_INT ? ct_str_int(value, &whole) : ct_str_num(value, &n);

	if (ct_str_is(value, "default")) {
		apply_default(r, s->which);
		return CT_OK;
	}
	if (s->choices != NULL && choice.ptr == NULL)
		return ct_fail(err, CT_EUSAGE, "%s must be one of %s, or default", s->name,
			       s->choices);
	if (s->kind == KIND_BOOL) {
		apply_bool(r, s->which, ct_str_is(choice, "on"));
		return CT_OK;
	}
	if (s->kind == KIND_CHOICE) {
		r->in.request.effort = choice;
		return CT_OK;
	}
	n = s->kind == KIND_INT ? (double)whole : n;
	if (!number || n < s->min || n > s->max)
		return ct_fail(err, CT_EUSAGE, "%s must be from %.15g to %.15g, or default",
			       s->name, s->min, s->max);
	apply_number(r, s->which, n);
	return CT_OK;
}

int ct_repl_set(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	char buf[VALUE_BYTES];
	const char *blank = args.len > 0 ? memchr(args.ptr, ' ', args.len) : NULL;
	struct ct_str name = args, value = { NULL, 0 };

	if (args.len == 0) {
		for (size_t i = 0; i < CT_COUNT(settings); i++)
			ct_out_printf(&r->cli->out, "  %-20s %s\n", settings[i].name,
				      show(r, settings[i].which, buf));
		return CT_OK;
	}
	if (blank != NULL) {
		name.len = (size_t)(blank - args.ptr);
		value = ct_str_trim(ct_str_from(args, name.len));
	}
	const struct setting *s = find(name, err);
	if (s == NULL)
		return CT_EUSAGE;
	int rc = value.len > 0 ? apply(r, s, value, err) : CT_OK;
	if (rc == CT_OK)
		ct_out_printf(&r->cli->out, "  %s %s\n", s->name, show(r, s->which, buf));
	return rc;
}

int ct_repl_web(struct ct_repl *r, struct ct_str args, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf set = CT_BUF_INIT(1024);

	if (args.len > 512)
		return ct_fail(err, CT_EUSAGE, "web must be one of on|off");
	ct_buf_printf(&set, "web %.*s", CT_STR_ARG(args));
	return ct_repl_set(r, ct_str_trim(ct_buf_str(&set)), err);
}
