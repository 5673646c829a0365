#include "provider/parts.h"

enum { STEPS_MAX = 64 };

struct step {
	struct ct_str name; /* of a member, or the digits of an index */
	bool is_index;
};

struct path {
	struct step steps[STEPS_MAX];
	size_t count;
};

/* "$.a[0]['b c'].d". What cannot be understood ends the path where it stands. */
static struct path read_path(struct ct_str text)
{
	struct path path = { .count = 0 };
	size_t at = 1;

	while (at < text.len && path.count < STEPS_MAX) {
		bool bracket = text.ptr[at] == '[';
		bool quoted =
			bracket && at + 1 < text.len && strchr("'\"", text.ptr[at + 1]);
		size_t from = at + (quoted ? 2 : 1), to = from;

		while (to < text.len && (bracket ? text.ptr[to] != ']'
						 : strchr(".[", text.ptr[to]) == NULL))
			to++;
		path.steps[path.count++] = (struct step){
			.name = { text.ptr + from,
				  to - from - (quoted && to > from ? 1 : 0) },
			.is_index = bracket && !quoted,
		};
		at = to + (bracket ? 1 : 0);
	}
	return path;
}

static void put(struct ct_slot *slot, const char *text)
{
	ct_buf_puts(&slot->args, text);
}

static void end_string(struct ct_slot *slot)
{
	if (slot->open)
		put(slot, "\"");
	slot->open = false;
}

/* Close what holds the steps of path beyond the first `keep`. */
static void close_to(struct ct_slot *slot, const struct path *path, size_t keep)
{
	for (size_t i = path->count; i-- > keep;)
		put(slot, path->steps[i].is_index ? "]" : "}");
}

static void put_string(struct ct_slot *slot, struct ct_str text, bool quotes)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf json = CT_BUF_INIT(CT_EVENT_MAX_BYTES);
	struct ct_jw jw = ct_jw(&json);

	ct_jw_str(&jw, text);
	if (json.failed)
		slot->args.failed = json.failed;
	else
		ct_buf_append(&slot->args, json.ptr + (quotes ? 0 : 1),
			      json.len - (quotes ? 0 : 2));
}

/* Go from the place of the last part to that of this one. */
static void go_to(struct ct_slot *slot, const struct path *to)
{
	struct path from = read_path(ct_buf_str(&slot->extra));
	size_t same = 0;

	while (same + 1 < to->count && same + 1 < from.count &&
	       to->steps[same].is_index == from.steps[same].is_index &&
	       ct_str_eq(to->steps[same].name, from.steps[same].name))
		same++;
	close_to(slot, &from, same + 1);
	if (from.count > 0)
		put(slot, ",");
	for (size_t i = same; i < to->count; i++) {
		if (i > same || from.count == 0)
			put(slot, to->steps[i].is_index ? "[" : "{");
		if (to->steps[i].is_index)
			continue;
		put_string(slot, to->steps[i].name, true);
		put(slot, ":");
	}
}

void ct_parts_add(struct ct_slot *slot, const struct ct_json *part)
{
	static const char *const plain[] = { "numberValue", "boolValue", "nullValue" };
	struct ct_str where = ct_json_str_at(part, "jsonPath");
	const struct ct_json *text = ct_json_get(part, "stringValue");
	struct path path = read_path(where);

	if (path.count == 0)
		return;
	if (!slot->open || !ct_str_eq(where, ct_buf_str(&slot->extra))) {
		end_string(slot);
		go_to(slot, &path);
		ct_buf_clear(&slot->extra);
		ct_buf_add(&slot->extra, where);
		slot->open = ct_json_is(text, CT_JSON_STRING);
		put(slot, slot->open ? "\"" : "");
	}
	if (slot->open) {
		put_string(slot, ct_json_str(text), false);
		if (!ct_json_true(ct_json_get(part, "willContinue")))
			end_string(slot);
		return;
	}
	for (size_t i = 0; i < CT_COUNT(plain); i++) {
		const struct ct_json *value = ct_json_get(part, plain[i]);
		if (value == NULL)
			continue;
		if (i == 2)
			put(slot, "null");
		else
			ct_buf_add(&slot->args, value->text);
		return;
	}
	put(slot, "null");
}

void ct_parts_end(struct ct_slot *slot)
{
	struct path path = read_path(ct_buf_str(&slot->extra));

	end_string(slot);
	close_to(slot, &path, 0);
	ct_buf_clear(&slot->extra);
}
