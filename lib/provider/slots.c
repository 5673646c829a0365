/* Tool calls and content blocks while their pieces arrive. */
#include <stdlib.h>

#include "provider/dialect.h"

struct ct_slot *ct_slot_find(struct ct_decoder *d, int64_t key)
{
	/* from the newest: pieces nearly always belong to the last one */
	for (size_t i = d->slot_count; i-- > 0;)
		if (d->slots[i].key == key)
			return &d->slots[i];
	return NULL;
}

static bool room_for_one(struct ct_decoder *d)
{
	if (d->slot_count < d->slot_cap)
		return true;

	size_t cap = d->slot_cap == 0 ? 8 : d->slot_cap * 2;
	struct ct_slot *slots = realloc(d->slots, cap * sizeof(*slots));
	if (slots == NULL)
		return false;
	d->slots = slots;
	d->slot_cap = cap;
	return true;
}

struct ct_slot *ct_slot(struct ct_decoder *d, int64_t key, struct ct_err *err)
{
	struct ct_slot *slot = ct_slot_find(d, key);

	if (slot != NULL)
		return slot;
	if (d->slot_count == CT_CALLS_MAX) {
		ct_fail(err, CT_ETOOBIG, "more than %d parts in one answer",
			CT_CALLS_MAX);
		return NULL;
	}
	if (!room_for_one(d)) {
		ct_fail(err, CT_ENOMEM, "out of memory");
		return NULL;
	}
	slot = &d->slots[d->slot_count++];
	*slot = (struct ct_slot){
		.key = key,
		.id = CT_BUF_INIT(CT_RAW_MAX_BYTES),
		.name = CT_BUF_INIT(CT_RAW_MAX_BYTES),
		.args = CT_BUF_INIT(CT_EVENT_MAX_BYTES),
		.extra = CT_BUF_INIT(CT_EVENT_MAX_BYTES),
		.start = CT_BUF_INIT(CT_EVENT_MAX_BYTES),
		.open = true,
	};
	return slot;
}

int ct_bring_slot(struct ct_decoder *d, struct ct_slot *slot, struct ct_err *err)
{
	struct ct_tool_call call = { ct_buf_str(&slot->id), ct_buf_str(&slot->name),
				     ct_buf_str(&slot->args) };

	if (slot->emitted)
		return CT_OK;
	slot->emitted = true;
	/* what has neither a name nor arguments is an index that was skipped */
	if (call.name.len == 0 && call.arguments.len == 0)
		return CT_OK;
	int rc = ct_buf_check(&slot->args, "the arguments of a tool call", err);
	if (rc == CT_OK)
		rc = ct_buf_check(&slot->id, "the id of a tool call", err);
	if (rc == CT_OK)
		rc = ct_buf_check(&slot->name, "the name of a tool", err);
	return rc == CT_OK ? ct_bring_call(d, &call, err) : rc;
}

int ct_bring_slots(struct ct_decoder *d, struct ct_err *err)
{
	int rc = CT_OK;

	for (size_t i = 0; i < d->slot_count && rc == CT_OK; i++)
		rc = ct_bring_slot(d, &d->slots[i], err);
	return rc;
}

void ct_slots_clear(struct ct_decoder *d)
{
	for (size_t i = 0; i < d->slot_count; i++) {
		ct_buf_fini(&d->slots[i].id);
		ct_buf_fini(&d->slots[i].name);
		ct_buf_fini(&d->slots[i].args);
		ct_buf_fini(&d->slots[i].extra);
		ct_buf_fini(&d->slots[i].start);
	}
	d->slot_count = 0;
}
