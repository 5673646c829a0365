/*
 * The catalogue that is compiled in, found line by line: reading all of it as JSON takes longer
 * than the rest of a start.
 */
#include <stdlib.h>

#include "codec/json.h"
#include "service/catalog_impl.h"

static int fail_line(int line, struct ct_err *err)
{
	return ct_fail(err, CT_ECONFIG, "models.json:%d: is not a line of a catalogue", line);
}

static struct ct_str next_line(struct ct_str *text)
{
	const char *end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
	struct ct_str line = { text->ptr, end != NULL ? (size_t)(end - text->ptr) : text->len };

	*text = ct_str_from(*text, line.len + (end != NULL));
	return line;
}

/* Behind head, the text up to the next quotation mark, which goes with it; {NULL, 0}: it is not so. */
static struct ct_str take_text(struct ct_str *line, const char *head)
{
	struct ct_str rest = ct_str_from(*line, strlen(head));
	const char *end =
		ct_str_starts(*line, head) && rest.len > 0 ? memchr(rest.ptr, '"', rest.len) : NULL;

	if (end == NULL)
		return (struct ct_str){ NULL, 0 };
	size_t len = (size_t)(end - rest.ptr);
	*line = ct_str_from(rest, len + 1);
	return (struct ct_str){ rest.ptr, len };
}

static struct ct_str without_comma(struct ct_str line)
{
	line.len -= line.len > 0 && line.ptr[line.len - 1] == ',';
	return line;
}

/* {"id":"…","provider":"…",… */
static int take_model(struct ct_catalog *catalog, struct ct_str line, bool gone, int number,
		      struct ct_err *err)
{
	struct ct_str rest = line, id = take_text(&rest, "{\"id\":\"");
	struct ct_str provider = take_text(&rest, ",\"provider\":\"");

	if (id.len == 0 || provider.len == 0)
		return fail_line(number, err);
	struct ct_catalog_slot *slot = ct_catalog_add(catalog, provider, id);
	if (slot == NULL)
		return ct_fail(err, CT_ENOMEM, "cannot load the catalogue: out of memory");
	slot->line = without_comma(line);
	slot->gone = gone;
	return CT_OK;
}

static int take_defaults(struct ct_catalog *catalog, struct ct_str line, int number,
			 struct ct_err *err)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena scratch = { 0 };
	struct ct_str text = without_comma(ct_str_from(line, strlen("\"defaults\":")));
	const struct ct_json *value;

	if (ct_json_parse(&scratch, text, CT_JSON_STRICT, &value, NULL) != CT_OK)
		return fail_line(number, err);
	return ct_catalog_read_defaults(catalog, NULL, value, err);
}

int ct_catalog_scan(struct ct_catalog *catalog, struct ct_str text, struct ct_err *err)
{
	bool gone = false;
	int rc = CT_OK;

	for (int number = 1; rc == CT_OK && text.len > 0; number++) {
		struct ct_str line = next_line(&text);
		if (ct_str_starts(line, "{\"id\""))
			rc = take_model(catalog, line, gone, number, err);
		else if (ct_str_starts(line, "\"defaults\":"))
			rc = take_defaults(catalog, line, number, err);
		else if (ct_str_starts(line, "\"retired\":["))
			gone = true;
		else if (!ct_str_starts(line, "{\"date\":") && !ct_str_starts(line, "\"models\":[") &&
			 !ct_str_starts(line, "]"))
			rc = fail_line(number, err);
	}
	return rc;
}
