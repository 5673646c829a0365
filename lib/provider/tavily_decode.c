/* Tavily's answers: one document each: wire/tavily. */
#include <math.h>

#include "provider/dialect.h"

static const struct ct_json *string_of(const struct ct_json *object, const char *key)
{
	const struct ct_json *value = ct_json_get(object, key);

	return ct_json_is(value, CT_JSON_STRING) ? value : NULL;
}

/* Where a result is from; empty: it does not say, or in no way that could be used. */
static struct ct_str address_of(const struct ct_json *item)
{
	struct ct_str url = ct_str_trim(ct_json_str(string_of(item, "url")));

	return url.len <= CT_FOUND_URL_MAX ? url : (struct ct_str){ NULL, 0 };
}

/* One of the list: it must say where it is from, all else may be missing. */
static int bring_one(struct ct_decoder *d, const struct ct_json *item, const char *text_key,
		     enum ct_found_form form, struct ct_err *err)
{
	const struct ct_json *score = ct_json_get(item, "score");
	struct ct_found found = {
		.title = ct_json_str(string_of(item, "title")),
		.url = address_of(item),
		.text = ct_json_str(string_of(item, text_key)),
		.score = ct_json_num(score, NAN),
	};

	found.has_score = !isnan(found.score);
	if (!found.has_score)
		found.score = 0;
	return ct_bring_found(d, &found, form, err);
}

static int bring_list(struct ct_decoder *d, const struct ct_json *list, const char *text_key,
		      enum ct_found_form form, struct ct_err *err)
{
	int64_t usable = 0, all = 0;
	int rc = CT_OK;

	for (const struct ct_json *item = ct_json_first(list); item != NULL && rc == CT_OK;
	     item = item->next) {
		bool good = address_of(item).len > 0;

		all++;
		usable += good;
		rc = good ? bring_one(d, item, text_key, form, err) : ct_bring_bad(d, err);
	}
	if (rc == CT_OK && usable == 0 && all > 0)
		rc = ct_fail(err, CT_EPROTO, "%.*s answered with results without addresses",
			     CT_STR_ARG(d->endpoint->name));
	return rc;
}

static int begin(struct ct_decoder *d, const struct ct_json *json, struct ct_err *err)
{
	return ct_bring_start(d, ct_json_str(string_of(json, "request_id")),
			      (struct ct_str){ NULL, 0 }, err);
}

/* Every answer has the list; a document without it is of another shape. */
static int search_chunk(struct ct_decoder *d, const struct ct_json *json, struct ct_str event,
			struct ct_err *err)
{
	const struct ct_json *list = ct_json_get(json, "results");

	(void)event;
	if (!ct_json_is(list, CT_JSON_ARRAY) || d->marked)
		return CT_OK;
	int rc = begin(d, json, err);
	if (rc == CT_OK)
		rc = bring_list(d, list, "content", CT_FOUND_SNIPPET, err);
	if (rc == CT_OK)
		rc = ct_bring_text(d, ct_json_str(string_of(json, "answer")), err);
	if (rc == CT_OK)
		rc = ct_bring_page(d, -1, (struct ct_str){ NULL, 0 }, err);
	ct_mark_end(d, CT_FINISH_STOP, ct_str("stop"));
	d->done = true;
	return rc;
}

/* What could not be read is in failed_results, with the reason: brought as a page without text. */
static int bring_failures(struct ct_decoder *d, const struct ct_json *list, struct ct_err *err)
{
	int rc = CT_OK;

	for (const struct ct_json *item = ct_json_first(list); item != NULL && rc == CT_OK;
	     item = item->next) {
		struct ct_found found = {
			.url = address_of(item),
			.error = ct_json_str(string_of(item, "error")),
		};
		if (found.error.len == 0)
			found.error = ct_str("it could not be read");
		if (found.url.len > 0)
			rc = ct_bring_found(d, &found, CT_FOUND_PAGE, err);
	}
	return rc;
}

static int extract_chunk(struct ct_decoder *d, const struct ct_json *json,
			 struct ct_str event, struct ct_err *err)
{
	const struct ct_json *list = ct_json_get(json, "results");
	const struct ct_json *failed = ct_json_get(json, "failed_results");

	(void)event;
	if (!ct_json_is(list, CT_JSON_ARRAY) || d->marked)
		return CT_OK;
	int rc = begin(d, json, err);
	if (rc == CT_OK)
		rc = bring_list(d, list, "raw_content", CT_FOUND_PAGE, err);
	if (rc == CT_OK)
		rc = bring_failures(d, failed, err);
	ct_mark_end(d, CT_FINISH_STOP, ct_str("stop"));
	d->done = true;
	return rc;
}

const struct ct_dialect ct_dialect_tavily_search = {
	.name = "tavily search",
	.chunk = search_chunk,
};

const struct ct_dialect ct_dialect_tavily_extract = {
	.name = "tavily extract",
	.chunk = extract_chunk,
};
