#include "resilience/retry.h"

#include <stddef.h>

/* As the official clients have it: 0.5 s, doubled up to 8 s. */
enum { BACKOFF_BASE_MS = 500, BACKOFF_CAP_MS = 8000 };

int64_t ct_backoff_ms(int tries, uint32_t random)
{
	int64_t cap = BACKOFF_BASE_MS;

	for (int i = 1; i < tries && cap < BACKOFF_CAP_MS; i++)
		cap *= 2;
	if (cap > BACKOFF_CAP_MS)
		cap = BACKOFF_CAP_MS;
	return (int64_t)((uint64_t)random * (uint64_t)(cap + 1) >> 32);
}

/* What each failure is by itself, before retries and waits are counted. */
static const struct rule {
	int code;
	enum ct_action action;
	const char *reason;
} rules[] = {
	{ CT_ERATE, CT_RETRY, "rate limited" },
	{ CT_EUPSTREAM, CT_RETRY, "the provider failed" },
	{ CT_ECONNECT, CT_RETRY, "no connection" },
	{ CT_ECUT, CT_RETRY, "the answer was cut off" },
	{ CT_EPROTO, CT_RETRY, "the answer could not be understood" },
	{ CT_ETOOBIG, CT_RETRY, "the answer was larger than allowed" },
	{ CT_EFIRST, CT_NEXT, "silent: asking again would wait as long" },
	{ CT_EIDLE, CT_RETRY, "the answer stalled" },
	{ CT_EQUOTA, CT_NEXT, "out of quota: a retry cannot help" },
	{ CT_EAUTH, CT_NEXT, "the credentials were refused" },
	{ CT_ENOKEY, CT_NEXT, "no key" },
	{ CT_ECONFIG, CT_NEXT, "its key cannot be had" },
	{ CT_ENOMODEL, CT_NEXT, "the model is not known there" },
	{ CT_ECONTEXT, CT_NEXT, "the request is too long for this model" },
	{ CT_EFILTER, CT_STOP, "refused for its content" },
	{ CT_EINVALID, CT_STOP, "the request itself is refused" },
	{ CT_ELOCAL, CT_STOP, "our own side: nobody else could be reached either" },
	{ CT_ETIMEOUT, CT_STOP, "out of time" },
	{ CT_ECANCELLED, CT_STOP, "cancelled" },
};

static struct rule find_rule(int code)
{
	for (size_t i = 0; i < CT_COUNT(rules); i++)
		if (rules[i].code == code)
			return rules[i];
	return (struct rule){ code, CT_STOP, "cannot go on" };
}

/* The peer's own word overrides the table where a retry is a matter of opinion. */
static enum ct_action heed_peer(const struct ct_failure *f, enum ct_action action)
{
	bool opinion = action == CT_RETRY || (action == CT_STOP && f->code == CT_EINVALID);

	if (f->should_retry < 0 && action == CT_RETRY)
		return CT_NEXT;
	if (f->should_retry > 0 && opinion)
		return CT_RETRY;
	return action;
}

static bool is_bad_response(int code)
{
	return code == CT_EPROTO || code == CT_ETOOBIG;
}

static const char *no_more(const struct ct_failure *f, const struct ct_retry_policy *policy,
			   int64_t wait_ms)
{
	if (f->tries > policy->retries)
		return "no tries left";
	if (is_bad_response(f->code) && f->bad_responses > 1)
		return "not understood twice";
	if (wait_ms > policy->max_wait_ms)
		return "the wait asked for is longer than may be waited";
	if (wait_ms >= f->left_ms)
		return "no time left to wait";
	return NULL;
}

struct ct_decision ct_retry_decide(const struct ct_failure *f,
				   const struct ct_retry_policy *policy)
{
	struct rule rule = find_rule(f->code);
	enum ct_action action = heed_peer(f, rule.action);

	if (action != CT_RETRY)
		return (struct ct_decision){ action, 0,
					     action == rule.action ? rule.reason :
								     "it says not to retry" };

	int64_t wait = ct_backoff_ms(f->tries, f->random);
	if (f->retry_after_ms > 0)
		wait = f->retry_after_ms;
	const char *why_not = no_more(f, policy, wait);
	if (why_not != NULL)
		return (struct ct_decision){ CT_NEXT, 0, why_not };
	return (struct ct_decision){ CT_RETRY, wait, rule.reason };
}
